// What commands print: tables, JSON, notes and progress. Only the main thread prints, but progress may be
// reported by any one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/database.h"

namespace cairn::cli {

// Writes text to standard output; a final newline is added when it lacks one. Failures are remembered for
// finish_output.
void print(std::string_view text);
// Writes `cairn: <line>` to standard error.
void print_note(std::string_view line);
// Writes `Error: <message>` to standard error.
void print_error(std::string_view message);
// Writes a line to standard error as it is: headings and usage texts, which are no part of an answer.
void print_line_to_stderr(std::string_view line);
// Flushes standard output. Errors: io, when anything that was printed did not arrive.
Status finish_output();

// True when standard output is a terminal and NO_COLOR is not set.
bool use_color();

// Rows of text under a heading, columns aligned by characters.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }
    // One line per row; the heading is emphasized on a terminal.
    std::string render() const;

  private:
    std::vector<std::string> heading_;
    std::vector<std::vector<std::string>> rows_;
};

// Name and value in two columns, without a heading.
std::string render_pairs(const std::vector<std::pair<std::string, std::string>>& pairs);

// At most `limit` characters of text, on one line; what is cut is shown as "…".
std::string shorten(std::string_view text, std::size_t limit);
// The last characters of a CID, enough to tell the commits of a document apart.
std::string short_cid(std::string_view cid);
// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number);

// Progress on standard error when that is a terminal; answers false after an interrupt (Ctrl-C), so that the
// work stops cleanly.
Progress make_progress(std::string label);

}  // namespace cairn::cli
