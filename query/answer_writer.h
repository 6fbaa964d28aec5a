// Writes documents as JSON straight from row bytes: first all relations of a batch of rows are resolved,
// level by level, then the text is written in one pass. Belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/select.h"

namespace cairn::query {

class AnswerWriter {
  public:
    AnswerWriter(const ExecutionContext& context, const SelectPlan& plan, bool show_deleted)
        : context_(context), reads_{context.view(), context.catalog(), show_deleted}, plan_(plan) {}

    // Appends the rows, with a comma before each but the first of all calls.
    Status write_rows(const std::vector<Row>& rows, bool rendered_deleted, bool& first, std::string& out);

  private:
    // What one output item needs for the rows of its level.
    struct Resolved;
    struct Level {
        const SelectPlan* plan = nullptr;
        const Collection* collection = nullptr;
        const std::vector<Row>* rows = nullptr;
        std::vector<Resolved> items;  // parallel to plan->items
    };
    struct Resolved {
        std::unique_ptr<Related> related;
        std::unique_ptr<Level> child;
        std::vector<std::uint64_t> counts;
        bool single = false;
        const Field* field = nullptr;
    };

    Status resolve(Level& level);
    Status resolve_relation(const Level& level, const OutputItem& item, Resolved& resolved);
    Status resolve_count(const Level& level, const OutputItem& item, Resolved& resolved);
    Status write_object(const Level& level, std::size_t row, bool rendered_deleted, std::string& out);
    Status write_item(const Level& level, const OutputItem& item, const Resolved& resolved, std::size_t row,
                      bool rendered_deleted, std::string& out);
    void notice_unwritable(const Field& field, const Row& row, double number);
    Status write_related(const Resolved& resolved, std::size_t row, std::string& out);

    const ExecutionContext& context_;
    ReadContext reads_;
    const SelectPlan& plan_;
};

// Appends a stored slot value as JSON. A number that JSON cannot express (infinite, or not a number) becomes
// null and is given in unwritable.
Status append_stored_json(std::string_view raw, FieldKind kind, std::string& out,
                          std::optional<double>& unwritable);

}  // namespace cairn::query
