// Collection deltas (spec/blocks.md section 9.4).
//
//     state: none
//     apply: nothing
//
// Laws. There is nothing that could diverge. A collection block only moves the heads of its collection
// (crdt/heads.h) and brings the composite that it links to.
#pragma once

namespace cairn::crdt {

// The state of a collection as such. The type exists so that the four kinds of delta can be treated alike.
struct CollectionState {
    friend bool operator==(const CollectionState&, const CollectionState&) = default;
};

constexpr CollectionState apply_collection(CollectionState state) {
    return state;
}

}  // namespace cairn::crdt
