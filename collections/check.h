// fsck: the whole log against the rules of the format, and the projections against the log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"

namespace cairn {

struct CheckSummary {
    std::uint64_t events = 0, blocks = 0, documents = 0, index_entries = 0;
    std::vector<std::string> problems;  // one line each, at most max_problems
};
using CheckProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// Every event: record format, canonical blocks, each field block's digest as its composite links it, document
// ids, parents in earlier events, heights, signatures; positions without gaps. Then the projections as
// verify_projections. Errors: io; unsupported when the callback stops it. What is wrong in the store is a
// problem in the summary.
Result<CheckSummary> check_store(Store& store, const std::filesystem::path& scratch, std::size_t max_problems,
                                 const CheckProgress& progress);

}  // namespace cairn
