// Limits on what comes from outside. Each has a test at the limit and one past it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cairn::limits {

inline constexpr std::size_t kMaxBlockBytes = 16u << 20;      // one block
inline constexpr std::size_t kMaxBlockLinks = 1u << 16;       // heads plus links of one block
inline constexpr std::size_t kMaxCborNesting = 128;           // arrays and maps within field bytes
inline constexpr std::size_t kMaxRequestBytes = 8u << 20;     // one GraphQL request text
inline constexpr std::size_t kMaxSdlBytes = 8u << 20;         // one SDL text
inline constexpr std::size_t kMaxSyntaxDepth = 200;           // nesting of selections, values, types
inline constexpr std::size_t kMaxSyntaxTokens = 2'000'000;    // tokens of one document
inline constexpr std::size_t kMaxJsonNesting = 512;           // nesting of a JSON document
inline constexpr std::uint64_t kMaxGraphSteps = 100'000'000;  // vertices one DAG walk may visit
inline constexpr std::size_t kMaxMergeBlocks = 4'000'000;     // blocks in one call of merge
inline constexpr std::size_t kMaxPastBytes = 256u << 20;      // memory of what differs at a log position

inline constexpr std::size_t kMaxJoinedPairs = 1u << 26;  // pairs of documents that one join lists

}  // namespace cairn::limits
