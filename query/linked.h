// Pairs of many-to-many relations, read from the relation index of their junctions, whose entries hold the
// document on the other side (collections/README.md "Many-to-many"). Belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cairn/error.h"
#include "query/related.h"

namespace cairn::query {

struct LinkedPair {
    std::uint32_t parent = 0;  // position in the list of parents
    DocId other;
};

// What each parent is linked with by the field, a side of a many-to-many relation: grouped by nothing, and a
// pair that the junction holds twice stands twice. Whether the other document exists is not looked at.
// Errors: io, corruption, a request's limits.
Result<std::vector<LinkedPair>> list_links(const ReadContext& context, const Field& field,
                                           std::span<const DocId> parents);

// The same seen from the other side: documents of the field's own collection that are linked with the given
// ones, in their order; with repetitions.
Result<std::vector<DocId>> linked_parents(const ReadContext& context, const Field& field,
                                          std::span<const DocId> others);

}  // namespace cairn::query
