// Aggregates over the elements of inline arrays (spec/query.md 8.4) and the similarity of vectors (section
// 9). Pure.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "cairn/error.h"
#include "query/aggregates.h"
#include "query/filter.h"
#include "query/list_window.h"
#include "query/variables.h"

namespace cairn::query {

// What an aggregate takes of an array.
struct ElementSelector {
    std::unique_ptr<Filter> filter;  // may be nullptr
    std::optional<bool> descending;  // the order, if any
    ListWindow window;
};
// selector is the object given for the array, with variables in it. Errors: those of filters.
Result<ElementSelector> read_element_selector(FieldKind array, const AstValue* selector,
                                              const VariableValues& variables);

// Adds the chosen elements of a stored array. Errors: corruption; those of filters.
Status add_elements(const ElementSelector& selector, std::string_view raw, FieldKind array, AggregateOp op,
                    Accumulator& into);

// The dot product of a stored array with a vector of the same element kind: an integer for integers, in 32
// bits for Float32, null elements count as 0. Arrays that may hold null give 0 (section 9). Errors:
// invalid_argument when the lengths differ.
Result<Number> dot_product(std::string_view raw, FieldKind array, const Value::Array& vector);

}  // namespace cairn::query
