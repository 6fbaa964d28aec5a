// The materializer: the only writer of projections. A local mutation, a merge and a rebuild all pass their
// blocks through it.
//
// I1  A projection is a function of the set of applied events: rows and indexes do not depend on the order in
// which concurrent events
//     came (float counters up to rounding: their sum is taken in order of arrival, spec/blocks.md 9.2).
// I2  Row, heads, relation entries and index entries of a document change in one batch.
// I3  A relation entry exists exactly for every active document whose key field holds a document id in its
// usual form; an index
//     entry exactly as spec/schema.md section 15 says, for active documents.
// I4  Head sets follow spec/blocks.md 7.3; parents of an applied block are always known here.
//
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/document_state.h"
#include "collections/projection_sink.h"
#include "collections/storage.h"
#include "dag/block.h"

namespace cairn {

// Updates a head set by spec/blocks.md 7.3; every parent of the block must be known here (I4).
void advance_heads(crdt::HeadSet& heads, const dag::Digest& digest, const dag::BlockView& block);

// Applies a composite (spec/blocks.md 9.3) and its heads.
void apply_composite(DocumentState& state, const dag::Digest& digest, const dag::BlockView& block);

struct FieldApplication {
    bool count_value = true;      // false: a counter block whose value was added before; only heads change
    std::string_view plain_data;  // field bytes after decryption
};
// Applies a field block (9.1, 9.2) and its heads. A field that the collection's active version does not have
// is ignored with its head (10.2). Errors: corruption (data not of the field's kind), invalid_argument (a P
// counter's negative increment, with the reference's text).
Status apply_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
                   const dag::BlockView& block, const FieldApplication& how);

// Writes the state of one document to the projections: row, heads, relation entries, index entries; only what
// changed. The state then counts as stored. Errors: corruption, internal (the collection is not active).
Status store_document(const Catalog& catalog, DocumentState& state, ProjectionSink& sink);

// Takes a stored document out of the projections: its row, heads, relation and index entries. Errors:
// corruption, internal (the collection is not active).
Status remove_document(const Catalog& catalog, const DocumentState& state, ProjectionSink& sink);

// The keys of all entries of one index for a row; for unique indexes without the document id at the end they
// are the conflict prefixes. complete is false for entries with a null field (no uniqueness).
struct IndexEntry {
    std::string values;  // encoded values only
    bool has_null = false;
    bool repeats = false;  // a scalar that stands several times in an array of a JSON field
};
Result<std::vector<IndexEntry>> index_entries(const Collection& collection, const IndexDescription& index,
                                              const std::vector<Slot>& slots, const DocId& id);

// An entry of the relation index.
struct RelationEntry {
    std::uint32_t field = 0;  // number of the key field
    DocId target;
    std::string_view far;  // in a junction: the id in its other key, within the slots; else empty
    friend bool operator==(const RelationEntry&, const RelationEntry&) = default;
};
// Those of a row, in field order; valid as long as the slots.
std::vector<RelationEntry> relation_entries(const Collection& collection, const std::vector<Slot>& slots);

}  // namespace cairn
