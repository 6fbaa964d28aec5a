#include "query/suggestions.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cairn::query {

namespace {

// Nobody mistypes a name of this length, and distances to it would be costly.
constexpr std::size_t kLongestGiven = 200;
constexpr std::size_t kMostSuggestions = 5;

// Levenshtein distance, row by row.
std::size_t distance(std::string_view a, std::string_view b, std::vector<std::size_t>& row) {
    row.resize(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view given, const std::vector<std::string_view>& candidates) {
    if (given.size() > kLongestGiven) return {};
    std::vector<std::pair<std::size_t, std::string_view>> near;
    std::vector<std::size_t> row;
    for (std::string_view candidate : candidates) {
        std::size_t threshold = std::max({given.size() / 2, candidate.size() / 2, std::size_t{1}});
        std::size_t shorter = std::min(given.size(), candidate.size());
        if (std::max(given.size(), candidate.size()) - shorter > threshold) continue;
        std::size_t d = distance(given, candidate, row);
        if (d <= threshold) near.emplace_back(d, candidate);
    }
    if (near.empty()) return {};
    std::sort(near.begin(), near.end());
    near.resize(std::min(near.size(), kMostSuggestions));
    std::string text = " Did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) {
        bool last = i + 1 == near.size();
        if (i > 0) text += near.size() > 2 ? ", " : " ";
        if (i > 0 && last) text += "or ";
        text += '"';
        text += near[i].second;
        text += '"';
    }
    return text + "?";
}

}  // namespace cairn::query
