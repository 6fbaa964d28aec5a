// Writes documents as JSON straight from row bytes: once a level is resolved, the text is written in one
// pass. Belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/levels.h"

namespace cairn::query {

class AnswerWriter {
  public:
    AnswerWriter(Resolver& resolver, const SelectPlan& plan) : resolver_(resolver), plan_(plan) {}

    // Appends documents, with a comma before each but the first of all calls.
    Status write_rows(const std::vector<Row>& rows, bool rendered_deleted, bool& first, std::string& out);
    // Appends one row of a resolved level.
    Status write_row(const Level& level, std::size_t row, std::string& out) {
        return write_object(level, row, false, out);
    }
    // Appends rows of a resolved level, with commas between them.
    Status write_level(const Level& level, const std::vector<std::uint32_t>& rows, std::string& out);

  private:
    Status write_object(const Level& level, std::size_t row, bool rendered_deleted, std::string& out);
    Status write_item(const Level& level, std::size_t item, std::size_t row, bool rendered_deleted,
                      std::string& out);
    Status write_lists(const ResolvedItem& resolved, std::size_t row, std::string& out);
    void notice_unwritable(const Field& field, const Row& row, double number);

    Resolver& resolver_;
    const SelectPlan& plan_;
};

// Appends a stored slot value as JSON. A number that JSON cannot express (infinite, or not a number) becomes
// null and is given in unwritable.
Status append_stored_json(std::string_view raw, FieldKind kind, std::string& out,
                          std::optional<double>& unwritable);

// Appends a computed value; one that JSON cannot express becomes null with a notice (spec/query.md Q34). name
// is that of its field.
void append_number(const Number& number, std::string_view name, const ExecutionContext& context,
                   std::string& out);

}  // namespace cairn::query
