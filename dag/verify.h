// Verification of stored or received blocks: bytes against their digest, and the DAG below some roots as a
// whole. Thread-safe as far as the source is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "dag/cid.h"
#include "dag/graph.h"
#include "dag/limits.h"

namespace cairn::dag {

// Whether bytes are a block (of a document, field or collection) with this digest, in canonical form. Errors,
// naming the CID: corruption, limit_exceeded.
Status verify_block_bytes(const Digest& digest, Bytes bytes);

struct VerifyOptions {
    bool signatures = true;  // also verify signatures, with the signature blocks of the source
    std::uint64_t budget = limits::kMaxGraphSteps;  // blocks that may be read
    std::size_t max_problems = 1000;                // the list ends there, with one more line that says so
};

struct VerifyReport {
    std::vector<std::string> problems;  // one line each, beginning with the CID of the block
    std::uint64_t blocks = 0;           // that were read and decoded
    std::uint64_t signatures = 0;       // that were right
    bool ok() const { return problems.empty(); }
};

// Checks every block reachable from roots through heads and links, each once:
//   V1  it is there, its bytes hash to its digest and are canonical;
//   V2  its heads are of its own kind (fields, composites, collection blocks);
//   V3  its height is 1 + the greatest height of its heads, or 1 without heads;
//   V4  only composites and collection blocks have links; a composite's lead to field blocks of the name and
//   docID that
//       it gives, a collection block's to one composite;
//   V5  no block is its own ancestor;
//   V6  a signature it links to is there and right.
// What is wrong in blocks is a problem in the report. Errors: io of the source, limit_exceeded for the
// budget.
Result<VerifyReport> verify_dag(BlockSource& source, std::span<const Digest> roots,
                                const VerifyOptions& options = {});

}  // namespace cairn::dag
