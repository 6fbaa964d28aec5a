#include "crdt/composite.h"

#include <algorithm>

#include "dag/block.h"

namespace cairn::crdt {

DocumentState apply_composite(DocumentState state, std::uint64_t status) {
    return std::max(state, status == dag::kStatusDeleted ? DocumentState::deleted : DocumentState::active);
}

}  // namespace cairn::crdt
