// Secondary indexes in queries (spec/query.md section 13): which index serves a filter or an order, which of
// its keys are read, and the order in which it gives documents. An index never changes which documents a
// select gives, so one is only taken when every document that can match has an entry in what is read. Plans
// are pure; reading belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "query/filter.h"
#include "query/related.h"

namespace cairn::query {

// Keys of the index family from begin on and before end.
struct KeyRange {
    std::string begin, end;
};

// A field of the documents, or their id (-1), in the order of an index.
struct IndexOrderKey {
    int field = -1;
    bool descending = false;
};

struct IndexAccess {
    const IndexDescription* index = nullptr;
    std::vector<KeyRange> ranges;  // disjoint, in the order in which they are read
    bool is_whole = false;         // the ranges are all of the index
    bool repeats = false;          // a document may have several entries in the ranges
    bool reversed = false;         // read from the last key to the first
    // The order of the documents as keys, the id last; empty when only reading the index gives it (values in
    // the order of an _in, elements of arrays, leaves of JSON).
    std::vector<IndexOrderKey> order;
};

// The access that serves a filter: of the indexes whose first field has a condition that holds for all
// matches, the first by name. Nothing when there is none.
std::optional<IndexAccess> index_for_filter(const Catalog& catalog, int collection, const Filter& filter);
// The access that gives an order: the first created index whose fields begin with the keys, all in its
// directions or all against them.
std::optional<IndexAccess> index_for_order(const Catalog& catalog, int collection,
                                           const std::vector<IndexOrderKey>& order);
// The same of an index that has no other fields: documents with equal keys come in the order of their ids,
// or, where it is read from its end, against it.
std::optional<IndexAccess> index_of_order(const Catalog& catalog, int collection,
                                          const std::vector<IndexOrderKey>& order);
// Whether an access gives an order too; then it is turned around where it must be.
bool serves_order(const std::vector<IndexOrderKey>& order, IndexAccess& access);
// The order of the children of one parent: that of the first created index that begins with their key field,
// by its further fields and then by id; empty when there is none (spec/query.md 13.6).
std::vector<IndexOrderKey> foreign_key_order(const Catalog& catalog, int collection, int key_field);

// The first created index that begins with a field and has an entry for each document, one for each value;
// nullptr when there is none.
const IndexDescription* index_led_by(const Catalog& catalog, int collection, int field);

// Whether the ranges have at most so many entries.
Result<bool> has_few_entries(const ReadView& view, const IndexAccess& access, std::uint64_t most);
// Calls visit(id) for each document that has an entry in the ranges, once, in their order; visit returns
// false to stop.
Status visit_index(const ReadView& view, const IndexAccess& access,
                   const std::function<Result<bool>(const DocId&)>& visit);

}  // namespace cairn::query
