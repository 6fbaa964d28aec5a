#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace cairn::cli {

namespace {

bool output_failed = false;
std::atomic<bool> interrupted = false;

void on_interrupt(int) {
    interrupted = true;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void append_padded(std::string& line, const std::string& cell, std::size_t width, bool last) {
    line += cell;
    if (!last) line.append(width - width_of(cell) + 2, ' ');
}

std::string render_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
    std::string line;
    std::size_t column = 0;
    for (const auto& cell : row) {
        append_padded(line, cell, widths[column], column + 1 == row.size());
        ++column;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace

void print(std::string_view text) {
    const bool newline = !text.ends_with('\n');
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) output_failed = true;
    if (newline && std::fputc('\n', stdout) == EOF) output_failed = true;
}

void print_note(std::string_view line) {
    fmt::print(stderr, "cairn: {}\n", line);
}

void print_line_to_stderr(std::string_view line) {
    fmt::print(stderr, "{}{}", line, line.ends_with('\n') ? "" : "\n");
}

void print_error(std::string_view message) {
    fmt::print(stderr, "Error: {}\n", message);
}

Status finish_output() {
    if (std::fflush(stdout) != 0) output_failed = true;
    if (output_failed) return fail(ErrorCode::io, "cannot write to standard output");
    return {};
}

bool use_color() {
    const char* no_color = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string Table::render() const {
    std::vector<std::size_t> widths(heading_.size());
    std::ranges::transform(heading_, widths.begin(), width_of);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    const std::string heading = render_row(heading_, widths);
    std::string text = use_color() ? fmt::format("\x1b[1m{}\x1b[0m\n", heading) : heading + "\n";
    for (const auto& row : rows_) text += render_row(row, widths) + "\n";
    return text;
}

std::string render_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::size_t width = 0;
    for (const auto& [name, value] : pairs) width = std::max(width, width_of(name));
    std::string text;
    for (const auto& [name, value] : pairs) text += render_row({name, value}, {width, 0}) + "\n";
    return text;
}

std::string shorten(std::string_view text, std::size_t limit) {
    std::string result;
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80 && ++characters > limit) return result + "…";
        result += byte < 0x20 ? ' ' : text[i];
    }
    return result;
}

std::string short_cid(std::string_view cid) {
    constexpr std::size_t kShown = 12;
    return std::string(cid.size() > kShown ? cid.substr(cid.size() - kShown) : cid);
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
    return digits;
}

Progress make_progress(std::string label) {
    std::signal(SIGINT, on_interrupt);
    const bool terminal = isatty(STDERR_FILENO) == 1;
    return [label = std::move(label), terminal](std::uint64_t done, std::uint64_t total) {
        if (terminal) {
            const double percent =
                total == 0 ? 100.0 : 100.0 * static_cast<double>(done) / static_cast<double>(total);
            fmt::print(stderr, "\r{} {:5.1f} % ({} of {}){}", label, percent, grouped(done), grouped(total),
                       done >= total ? "\n" : "");
            std::fflush(stderr);
        }
        return !interrupted.load();
    };
}

}  // namespace cairn::cli
