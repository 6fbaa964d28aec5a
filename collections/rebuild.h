// Making all projections again from the log, in place or beside the live ones.
//
// I1  A rebuild reads nothing but the log, the catalog and the encryption keys.
// I2  In place it is resumable: each chunk's files and the position they reach are taken in atomically; a
// store whose rebuild
//     was cut off goes on with it when it is opened for writing.
// I3  Nothing is dropped before the whole log was found readable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"

namespace cairn {

struct RebuildSummary {
    std::uint64_t events = 0, documents = 0;
    std::vector<std::string> differences;  // verify: one line per key that differs
};
using RebuildProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// Drops rows, heads, relations and indexes and makes them again. Waits for running requests and keeps others
// out. Errors: conflict (a transaction of begin_snapshot is open), io, corruption, unsupported ("stopped" by
// the callback; the rebuild goes on when the store is opened again).
Result<RebuildSummary> rebuild_projections(Store& store, const RebuildProgress& progress);

// Goes on with a rebuild that was cut off; does nothing when there is none.
Status resume_rebuild(Store& store);

// Keeps writers out and readers in. Makes the projections of the present log in a scratch folder (in memory
// when that is empty), compares them with the live ones and deletes them. At most max_differences lines are
// reported.
Result<RebuildSummary> verify_projections(Store& store, const std::filesystem::path& scratch,
                                          std::size_t max_differences, const RebuildProgress& progress);

}  // namespace cairn
