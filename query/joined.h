// The documents that join fields (@join) give, for all parents of a batch at once: the distinct values of the
// parents are looked up by document id, in an index or in the relation index where few documents are wanted,
// else the other collection is scanned once with a hash join. Belong to one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "query/related.h"

namespace cairn::query {

// field is a join field of the parents' collection, a place in its fields. Of a single field only the first
// document by id that has the value is joined. A filter (may be nullptr) is on the joined documents. Errors:
// io, corruption, those of filters, limit_exceeded when more than limits::kMaxJoinedPairs would be listed.
Result<Related> fetch_joined(const ReadContext& context, int collection, int field,
                             const std::vector<Row>& parents, const Filter* filter);

// How many documents are joined to each parent.
Result<std::vector<std::uint64_t>> count_joined(const ReadContext& context, int collection, int field,
                                                const std::vector<Row>& parents);

// Whether any document that satisfies the filter is joined to each parent; lists nothing.
Result<std::vector<char>> have_joined(const ReadContext& context, int collection, int field,
                                      const std::vector<Row>& parents, const Filter* filter);

}  // namespace cairn::query
