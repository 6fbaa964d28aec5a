// The documents of a store as they were at a position of its log: a read-only transaction in which every
// document with events from that position on is put back, over the state that a transaction sees now.
//
// Position n is the state after the first n events (0 … n-1) of this store's log; Database::position() is the
// last one. It is about this log: two stores that hold the same commits may have received them in another
// order.
//
// A1  Rows, deleted rows, heads, relation and index entries, and the heads of branchable collections are what
// a rebuild of the first n events gives; the materializer writes them.
// A2  They are seen through the returned transaction alone and cannot be stored: it has no writer.
// A3  The work is that of the events since and of the histories of their documents; what did not change
// since is read where it lies.
// A4  The catalog, and which encryption keys are known, have no positions: they are the present ones.
#pragma once

#include <cstdint>
#include <memory>

#include "cairn/error.h"
#include "collections/store.h"
#include "dag/limits.h"

namespace cairn {

// now must outlive the result, which shares its snapshot, budget and catalog; now's own changes are of no
// position and not seen. Belongs to one thread. Errors: invalid_argument (a position beyond the log; now has
// changed the catalog), limit_exceeded (the budget; what is put back takes more than max_bytes of memory),
// corruption, io.
Result<std::unique_ptr<const StoreTransaction>> open_as_of(const StoreTransaction& now,
                                                           std::uint64_t position,
                                                           std::size_t max_bytes = limits::kMaxPastBytes);

}  // namespace cairn
