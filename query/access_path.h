// How a select comes to its documents: by a scan, by an index, or from the documents that they are related
// to; and the order that an index in use gives them (spec/query.md 4.2 and 13). Belongs to one execution.
//
// The order is part of the answer, how rows are reached is not: where an index would have to be read for a
// large part of a collection, the collection is scanned and sorted by the fields of the index instead.
#pragma once

#include <optional>
#include <vector>

#include "query/index_access.h"
#include "query/select_arguments.h"

namespace cairn::query {

struct AccessPath {
    // At most one of the two is there; neither: a scan, or the select's own ids.
    std::optional<IndexAccess> index;
    std::optional<std::vector<DocId>> ids;  // in this order
    bool is_scan() const { return !index && !ids; }
};

// Sets the path of a select and makes its order complete: keys that an index in use adds, or none left when
// reading gives the order. With a groupBy the order is that of the groups and stays as it is.
Status choose_path(const ReadContext& reads, int collection, SelectArguments& arguments);

// An order by fields of the documents themselves; nothing when a key is something else.
std::optional<std::vector<IndexOrderKey>> local_order(const std::vector<SelectArguments::OrderKey>& order);

// Whether so many documents read by an index cost less than a scan of all.
Result<bool> is_small_share(const ReadContext& reads, int collection, std::uint64_t documents);

// Whether an index of the collection has all the keys of an order.
bool is_order_of_index(const Catalog& catalog, int collection,
                       const std::vector<SelectArguments::OrderKey>& order);

// Calls visit for the documents on a path that is no scan, in its order; of those in `only`, when given
// (sorted).
Status visit_path(const ReadContext& reads, int collection, const AccessPath& path,
                  const std::optional<std::vector<DocId>>& only, const RowVisitor& visit);

// Adds the order in which the documents pointing at one parent come, when an index begins with their key
// (spec/query.md 13.6). field is the relation of the parents' collection.
void add_list_order(const Catalog& catalog, const Field& field, SelectArguments& arguments);

}  // namespace cairn::query
