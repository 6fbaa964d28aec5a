// Merging blocks of other stores (spec/blocks.md section 10.2).
//
// I1  A merge is one transaction: all that can be applied is, or nothing (on an error).
// I2  Each composite and collection block is applied once in a store's life, after all its parents; the value
// of a counter block is
//     added once.
// I3  Nothing is guessed: a block with an ancestor, field block, signature or composite key that is neither
// here nor given is held
//     back, and what it lacks is reported by CID.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"

namespace cairn {

struct MergeSummary {
    std::uint64_t blocks_received = 0;  // distinct ones
    std::uint64_t blocks_applied = 0;
    std::uint64_t commits_applied = 0;
    std::vector<dag::Digest> missing;  // distinct, in order of discovery
};

struct MergeOptions {
    // Root of the collection for blocks whose version id is not known here; empty: such blocks are refused.
    std::string_view collection_root;
    // When set, only these heads (with all they need) are merged, in this order; otherwise everything given.
    std::optional<std::vector<dag::Digest>> heads;
};

// Errors: corruption (a block that is not canonical, a wrong signature, a cipher text that does not
// authenticate, a field block of another document), not_found (unknown version id), limit_exceeded, conflict,
// io. Nothing is written then.
Result<MergeSummary> merge_blocks(Store& store, std::span<const std::string_view> blocks,
                                  const MergeOptions& options = {});

}  // namespace cairn
