// The keys of an index that a condition can hold for (spec/query.md 13.2, step 4). Pure. Internal to
// index_access.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collections/catalog.h"
#include "query/filter.h"

namespace cairn::query {

// Encoded values of one field of an index: from low on and before high; an empty high has no end.
struct ValueInterval {
    std::string low, high;
};

// What the conditions on one field of an index leave of it.
struct FieldRange {
    std::vector<ValueInterval> intervals;  // in the order in which they are read
    bool is_whole = false;                 // every value
    bool is_exact = false;                 // one value: further fields may narrow it
    bool listed = false;                   // values in the order of an _in
    bool repeats = false;                  // a document may have several entries
};

// Conditions that are all required of a match: the filter itself, members of conjunctions.
std::vector<const Filter*> required_conditions(const Filter& filter);

// The range of a field from the conditions on it among those required; nothing when they restrict nothing, or
// when a match may lack an entry (a field of arrays or JSON without a condition that wants an element or
// leaf).
std::optional<FieldRange> range_of_field(const Field& field, int field_index, bool descending,
                                         const std::vector<const Filter*>& required);

// The first text after all that start with a prefix; empty when there is none.
std::string after_prefix(std::string prefix);

}  // namespace cairn::query
