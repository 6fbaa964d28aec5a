// The part of a secondary index in which a page of a root connection lies. Plans are pure; belongs to one
// execution.
//
// An index that has the fields of the connection's order and no others gives the documents of one value in
// the order of their ids (or against it, where it is read from its end). Where the order wants ties the other
// way round, the documents of the cursors' values are read whole and sorted.
#pragma once

#include <optional>
#include <vector>

#include "query/connection_arguments.h"
#include "query/index_access.h"

namespace cairn::query {

struct PageIndex {
    IndexAccess access;       // what lies between the cursors, from the page's beginning on
    bool is_exact = false;    // ties come in the order of the connection too
    KeyRange behind, before;  // what the index has past the end of that, and before its beginning
};

// Nothing when no index gives the connection's order, when it is that of ids, or when the cursors stand the
// wrong way round.
Result<std::optional<PageIndex>> index_of_page(const Catalog& catalog, int collection,
                                               const ConnectionArguments& given);

}  // namespace cairn::query
