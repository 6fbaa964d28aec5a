// Sort keys of rows: null lowest, then by kind (spec/query.md 4.6); ties keep the incoming order. Belong to
// one thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "collections/catalog.h"
#include "query/aggregates.h"
#include "query/row_set.h"

namespace cairn::query {

// One key of one row, decoded for comparison. Texts are views into the row's bytes.
struct SortKey {
    bool present = false;
    bool floating = false;  // of a computed value
    union {
        std::int64_t integer;
        double number;
        Instant instant;
    };
    std::string_view text;
    SortKey() : integer(0) {}
};

// The key of a field; for arrays and JSON objects only its presence counts. JSON scalars are kept as text and
// decoded on comparison.
SortKey sort_key(const RowView& row, const Field& field);
// The key of a computed value; its kind in comparisons is FieldKind::none.
SortKey sort_key(const Number& number);
// Appends the bytes that a secondary index has for the key of a field that is neither array nor JSON. Errors:
// corruption when the key's text is no stored value of the kind.
Status append_index_key(const SortKey& key, FieldKind kind, bool descending, std::string& out);
// Negative, zero or positive; both keys are of the field.
int compare_sort_keys(const SortKey& a, const SortKey& b, FieldKind kind);

}  // namespace cairn::query
