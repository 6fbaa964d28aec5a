#include "cli/suggest.h"

#include <algorithm>
#include <numeric>

namespace cairn::cli {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Rows of the table of distances between prefixes: two before, one before, this one.
    std::vector<std::size_t> older(b.size() + 1);
    std::vector<std::size_t> old(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        older.swap(old);
        old.swap(row);
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = old[j] + (a[i] == b[j] ? 0 : 1);
            row[j + 1] = std::min({replaced, row[j] + 1, old[j + 1] + 1});
            const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
            if (swapped) row[j + 1] = std::min(row[j + 1], older[j - 1] + 1);
        }
    }
    return row.back();
}

std::string nearest_name(std::string_view given, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongestName = 64;
    if (given.size() > kLongestName) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(given.size() / 3, 1) + 1;
    for (const auto& candidate : candidates) {
        const std::size_t distance = edit_distance(given, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace cairn::cli
