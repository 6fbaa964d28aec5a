#include "crdt/lww.h"

namespace cairn::crdt {

bool lww_wins(std::optional<std::string_view> stored_bytes, std::uint64_t stored_priority,
              std::optional<std::string_view> new_bytes, std::uint64_t new_priority) {
    if (new_priority != stored_priority) return new_priority > stored_priority;
    // string_view compares as unsigned bytes, a prefix before what it begins.
    return new_bytes.value_or(kNullFieldBytes) > stored_bytes.value_or(kNullFieldBytes);
}

LwwState apply_lww(const LwwState& state, const LwwDelta& delta) {
    if (!lww_wins(state.bytes, state.priority, delta.bytes, delta.priority)) return state;
    LwwState next{.bytes = delta.bytes, .priority = delta.priority};
    if (delta.bytes == kNullFieldBytes) next.bytes.reset();
    return next;
}

}  // namespace cairn::crdt
