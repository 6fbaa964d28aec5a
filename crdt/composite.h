// Composite deltas: whether a document exists (spec/blocks.md section 9.3).
//
//     state: unknown, active or deleted
//     apply (status): if status = 2 or state = deleted: deleted, else active
//
// Laws. Applying takes the greater one of unknown < active < deleted, so it is commutative, associative and
// idempotent: delete wins whatever the order, the priorities and however often a delta comes. Nothing brings
// a document back. Field values and heads of a deleted document go on being merged.
//
// The document's current version is that of the composite applied last. It is not part of the state here: it
// depends on the order, and stores that applied the same blocks in another order may name another version.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>

namespace cairn::crdt {

enum class DocumentState : std::uint8_t { unknown = 0, active = 1, deleted = 2 };

// The state after a composite delta with this status. What is not 2 counts as active, as in the reference.
DocumentState apply_composite(DocumentState state, std::uint64_t status);

}  // namespace cairn::crdt
