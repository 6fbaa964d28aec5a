// Arguments of one connection, evaluated: which documents, in which order, and which page of them. Belong to
// one execution.
#pragma once

#include <cstdint>
#include <optional>

#include "query/cursor.h"
#include "query/select_arguments.h"

namespace cairn::query {

struct ConnectionArguments {
    SelectArguments select;  // filter, ids and showDeleted; no order, no window, no path
    KeysetOrder order;
    std::optional<Cursor> after, before;
    std::optional<std::uint64_t> size;  // of the page; none: everything
    bool backward = false;              // the page is the end of what lies between the cursors
};

// Errors: those of evaluate_arguments; invalid_argument for a negative or repeated size, cursors that are
// none or belong elsewhere, and orders by computed values, with the value.
Result<ConnectionArguments> evaluate_connection(const ExecutionContext& context, const ConnectionPlan& plan);
// Its select arguments alone, once more: a pass over the documents takes them apart.
Result<SelectArguments> evaluate_connection_select(const ExecutionContext& context,
                                                   const ConnectionPlan& plan);

}  // namespace cairn::query
