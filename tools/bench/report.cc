#include "bench/report.h"

#include <fmt/format.h>

namespace cairn::bench {

namespace {

std::string number(double value) {
    return value < 100 ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
}

std::string with_spread(const Series& series) {
    return series.empty() ? "-" : fmt::format("{} ±{:.0f}%", number(series.median()), 50 * series.spread());
}

std::string plain(const Series& series) {
    return series.empty() ? "-" : number(series.median());
}

std::string describe(const Figure& figure) {
    std::string text = figure.us.empty() ? "" : fmt::format("per {}", figure.unit);
    for (const auto& [name, value] : figure.extra)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, number(value));
    if (!figure.rival.empty()) text += fmt::format("; rival: {}", figure.rival);
    return text;
}

std::string json_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
}

void add_member(std::string& out, std::string_view name, const Series& series) {
    if (!series.empty())
        out += fmt::format("{}\"{}\": {:.4g}", out.size() > 1 ? ", " : "", name, series.median());
}

std::string json_of(const Figure& figure) {
    std::string out = "{";
    add_member(out, "us", figure.us);
    add_member(out, "rival_us", figure.rival_us);
    add_member(out, "ratio", figure.ratio);
    add_member(out, "floor_us", figure.floor_us);
    add_member(out, "floor_ratio", figure.floor_ratio);
    if (!figure.us.empty())
        out += fmt::format("{}\"spread\": {:.3f}", out.size() > 1 ? ", " : "", figure.us.spread());
    for (const auto& [name, value] : figure.extra) {
        out += fmt::format("{}\"{}\": {:.6g}", out.size() > 1 ? ", " : "", name, value);
    }
    if (!figure.error.empty())
        out += fmt::format("{}\"error\": {}", out.size() > 1 ? ", " : "", json_string(figure.error));
    return out + "}";
}

}  // namespace

std::string render_table(const std::vector<Figure>& figures) {
    std::string text = fmt::format("{:<18}{:>16}{:>16}{:>8}{:>14}{:>8}  {}\n", "workload", "us", "rival us",
                                   "ratio", "floor us", "ratio", "what");
    for (const auto& figure : figures) {
        if (!figure.error.empty()) {
            text += fmt::format("{:<18}failed: {}\n", figure.id, figure.error);
            continue;
        }
        text += fmt::format("{:<18}{:>16}{:>16}{:>8}{:>14}{:>8}  {}\n", figure.id, with_spread(figure.us),
                            with_spread(figure.rival_us), plain(figure.ratio), with_spread(figure.floor_us),
                            plain(figure.floor_ratio), describe(figure));
    }
    return text;
}

std::string render_json(const std::vector<Figure>& figures, double scale, int rounds) {
    std::string text = fmt::format("{{\"scale\": {}, \"rounds\": {}, \"workloads\": {{", scale, rounds);
    for (std::size_t i = 0; i < figures.size(); ++i) {
        text += fmt::format("{}\n  \"{}\": {}", i == 0 ? "" : ",", figures[i].id, json_of(figures[i]));
    }
    return text + "\n}}\n";
}

}  // namespace cairn::bench
