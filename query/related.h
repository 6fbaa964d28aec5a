// Related documents of a batch of rows, found in batches: by sorted MultiGet, by prefix scans of the relation
// index, or by one scan of the other collection with a hash join, whichever is estimated cheaper (design
// section 6). Belong to one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"
#include "query/filter.h"
#include "query/row_set.h"

namespace cairn::query {

struct ReadContext {
    const ReadView& view;
    const Catalog& catalog;
    bool show_deleted = false;
};

// The related documents of parent i are children.rows[items[offsets[i]]] … children.rows[items[offsets[i + 1]
// - 1]], in document id order. Children are distinct.
struct Related {
    RowSet children;
    std::vector<std::uint32_t> offsets, items;
    std::size_t count(std::size_t parent) const { return offsets[parent + 1] - offsets[parent]; }
};

// field is a relation object field of the parents' collection; filter (may be nullptr) restricts the
// children. Errors: io, corruption, those of filters.
Result<Related> fetch_related(const ReadContext& context, int collection, int field,
                              const std::vector<Row>& parents, const Filter* filter);

// How many documents are related to each parent, without reading them: for a many relation without a filter.
Result<std::vector<std::uint64_t>> count_related(const ReadContext& context, int collection, int field,
                                                 const std::vector<Row>& parents);

// keep[i] is cleared for rows that do not satisfy the filter; relations inside are resolved for the rows that
// are still kept.
Status filter_rows(const ReadContext& context, int collection, const Filter& filter,
                   const std::vector<Row>& rows, std::vector<char>& keep);

// Calls visit(id, deleted, row bytes) for every document of a collection in document id order; visit returns
// false to stop.
using RowVisitor = std::function<Result<bool>(const DocId&, bool deleted, std::string_view row)>;
Status scan_rows(const ReadContext& context, int collection, const RowVisitor& visit);

// Reads documents by id (any order, distinct) and calls visit for those that exist, in document id order.
Status get_rows(const ReadContext& context, int collection, std::vector<DocId> ids, const RowVisitor& visit);

}  // namespace cairn::query
