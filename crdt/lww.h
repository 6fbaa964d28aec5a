// Last-writer-wins fields (spec/blocks.md section 9.1).
//
//     state: field bytes, or none when null; priority, 0 when never set
//     apply (v, p):
//         if p < state.priority: keep
//         if p = state.priority and v <= state.bytes, bytewise, none counting as f6: keep
//         else: state = (v, p), f6 being kept as none
//
// Laws. Applying takes the greater of two pairs (priority, bytes) in one total order, so it is commutative,
// associative and idempotent: states converge whatever the order and however often a delta comes. Neither
// CIDs nor authors play a part.
//
// Pure functions, thread-safe, no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::crdt {

// Field bytes of null.
inline constexpr std::string_view kNullFieldBytes = "\xf6";

struct LwwState {
    std::optional<std::string_view> bytes{};  // canonical CBOR; none for null and before the first delta
    std::uint64_t priority = 0;
    friend bool operator==(const LwwState&, const LwwState&) = default;
};

struct LwwDelta {
    std::string_view bytes{};  // canonical CBOR, f6 for null
    std::uint64_t priority = 0;
};

// Whether the new value replaces the stored one. For callers that keep their state in another form;
// stored_bytes is only looked at when the priorities are equal. new_bytes may be given as f6 or as none for
// null.
bool lww_wins(std::optional<std::string_view> stored_bytes, std::uint64_t stored_priority,
              std::optional<std::string_view> new_bytes, std::uint64_t new_priority);

// The state after the delta. Its bytes are a view of those of the state or of the delta.
LwwState apply_lww(const LwwState& state, const LwwDelta& delta);

}  // namespace cairn::crdt
