// Head sets: the newest blocks of a document, a field or a branchable collection (spec/blocks.md
// section 7.3).
//
//     state: a set H of (CID, height)
//     apply block B:
//         if B has no heads: add B
//         for l of B's heads, then of its links:
//             if l in H: remove it, add B
//             else if block l is known: add B
//     In effect: H loses B's parents and gains B, unless none of what B names is known.
//
// Laws. When every block comes once and after its parents, the set after any such order is the set of blocks
// that no other one names as head: the order does not matter. It is not idempotent: a block that comes again
// beside its own descendant becomes a head again. The caller skips what is already in the history of the set,
// except where section 10.2 wants the repetition (field blocks that two composites link to).
//
// Pure functions, thread-safe.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <utility>

#include "cairn/error.h"
#include "dag/block.h"
#include "dag/cid.h"

namespace cairn::crdt {

struct Head {
    dag::Digest digest{};
    std::uint64_t height = 0;
    friend bool operator==(const Head&, const Head&) = default;
};

// Sorted by the text of the CID (dag::TextOrder), each digest once. Nearly always one head, rarely a few.
using HeadSet = boost::container::small_vector<Head, 1>;

bool contains_head(const HeadSet& heads, const dag::Digest& digest);
// Adds a head at its place, or sets the height of the one that is there.
void add_head(HeadSet& heads, const Head& head);
// Removes a head and says whether it was there.
bool remove_head(HeadSet& heads, const dag::Digest& digest);

// 1 + the greatest height, 1 for an empty set: the height of a new block (section 7.2). A height of 2^64-1,
// which only a foreign block can have, stays.
std::uint64_t next_height(const HeadSet& heads);
// The heads of a new block, in the order in which they are stored.
std::vector<dag::Digest> head_digests(const HeadSet& heads);

// The set after block. is_known(digest) -> Result<bool> says whether a block is in the store; it is asked
// only when no parent of block is a head, until it says yes. Errors: those of is_known.
template <typename IsKnown>
Result<HeadSet> apply_heads(HeadSet heads, const dag::Digest& digest, const dag::BlockView& block,
                            IsKnown&& is_known) {
    bool add = block.heads.empty();
    for (const dag::Digest& parent : block.heads) add |= remove_head(heads, parent);
    for (const dag::NamedLink& link : block.links) add |= remove_head(heads, link.digest);
    for (std::size_t i = 0; !add && i < block.heads.size(); ++i) {
        CAIRN_ASSIGN(add, is_known(block.heads[i]));
    }
    for (std::size_t i = 0; !add && i < block.links.size(); ++i) {
        CAIRN_ASSIGN(add, is_known(block.links[i].digest));
    }
    if (add) add_head(heads, {digest, block.priority});
    return heads;
}

}  // namespace cairn::crdt
