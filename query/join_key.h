// What a join compares (@join): the value of a field as bytes that are the same for two documents exactly
// when their values join. Numbers are compared as numbers whatever their kinds, ids with texts as texts,
// instants as instants. Null and NaN join with nothing. Belongs to one thread.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "collections/catalog.h"
#include "collections/doc_id.h"
#include "collections/row.h"

namespace cairn::query {

// Reads the keys of one side.
class JoinKey {
  public:
    // field: that of the side; other: the one that it is compared with. Both must outlive this.
    JoinKey(const Field& field, const Field& other);

    // Views into the id, the row, or this object; valid until the next call. Nothing for what joins with
    // nothing.
    std::optional<std::string_view> read(const DocId& id, const RowView& row);

    // The value as one of the other field's kind, as indexes hold it; nothing when no value of that kind
    // equals it. Errors: corruption.
    Result<std::optional<Value>> value(const DocId& id, const RowView& row) const;

  private:
    enum class Form : std::uint8_t { doc_id, stored, text_of_id, integer, float64, float32, instant };
    static Form form_of(const Field& field, const Field& other);
    std::string_view of_number(std::int64_t number);
    std::optional<std::string_view> of_number(double number);

    const Field& field_;
    const Field& other_;
    const Form form_;
    std::array<char, 16> bytes_{};
};

}  // namespace cairn::query
