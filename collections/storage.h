// The RocksDB side of a store: families, options, reads through a snapshot with uncommitted changes over it,
// and atomic writes. Knows nothing about documents. A Storage is used by any number of threads; a ReadView
// belongs to one thread at a time.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/utilities/write_batch_with_index.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "collections/keys.h"
#include "collections/row_pages.h"
#include "collections/work_budget.h"

namespace cairn {

enum class SyncMode : std::uint8_t { full, process, memory };

struct StorageOptions {
    SyncMode sync = SyncMode::full;
    bool create_if_missing = true;
    bool read_only = false;
    bool in_memory = false;  // in an environment of its own, whose files are in memory
    std::size_t block_cache_bytes = std::size_t{128} << 20;
    rocksdb::Env* env = nullptr;  // not owned; the default environment when null
    std::function<void(std::string_view)> log;
};

inline rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string_view view(const rocksdb::Slice& s) {
    return {s.data(), s.size()};
}

// Turns a RocksDB status into an error; what was being done comes first in the message.
std::unexpected<Error> rocksdb_error(const rocksdb::Status& status, std::string_view doing);

// While it lives, RocksDB does not count what this thread compares and reads. Nobody here asks for the
// counts, and they cost up to a tenth of a write (README "Decisions").
class UncountedScope {
  public:
    UncountedScope() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }
    ~UncountedScope() { rocksdb::SetPerfLevel(before_); }
    UncountedScope(const UncountedScope&) = delete;
    UncountedScope& operator=(const UncountedScope&) = delete;

  private:
    const rocksdb::PerfLevel before_ = rocksdb::GetPerfLevel();
};

class Storage;

// What an iterator is for: any range of keys in order; the same with read-ahead; or keys below one seek's
// short prefix in the heads and relations families (whole document id; relation field and target), which must
// not be left.
enum class ScanKind : std::uint8_t { range, long_range, within_prefix };

// A consistent view: a snapshot (or the newest state when it has none) with the changes of one transaction
// over it.
class ReadView {
  public:
    ReadView(const Storage& storage, const rocksdb::Snapshot* snapshot, rocksdb::WriteBatchWithIndex* changes)
        : storage_(&storage), changes_(changes) {
        options_.snapshot = snapshot;
        options_.verify_checksums = true;
    }
    // False when the key is absent. Errors: io, corruption.
    Result<bool> get(Family family, std::string_view key, rocksdb::PinnableSlice& value) const;
    // Reads many keys at once, sorted or not; values[i] is empty-and-unset (found[i] false) when absent.
    Status multi_get(Family family, const std::vector<rocksdb::Slice>& keys,
                     std::vector<rocksdb::PinnableSlice>& values, std::vector<char>& found) const;
    // An iterator over keys that start with the prefix, not yet positioned; must not outlive the view. Its
    // upper bound is the prefix's end, so that Valid() is the only test needed.
    struct PrefixIterator {
        std::string upper;
        rocksdb::Slice upper_slice;
        std::unique_ptr<rocksdb::Iterator> it;
    };
    std::unique_ptr<PrefixIterator> iterate(Family family, std::string_view prefix,
                                            ScanKind kind = ScanKind::range) const;
    const Storage& storage() const { return *storage_; }
    // Pages of rows as of this view's snapshot; null when it has none, or changes over it that may touch any
    // row. Rows for which changes_row() holds must not be taken from them.
    RowPages* row_pages() const;
    bool has_changes() const { return changes_ != nullptr; }
    // Says that the changes are final and which rows they touch (sorted, distinct); rows must outlive the
    // view.
    void set_changed_rows(std::span<const RowKey> rows) {
        changed_rows_ = rows;
        changed_rows_known_ = true;
    }
    // Whether the changes touch a row, and those that they touch from begin to before end. Only where
    // row_pages() is not null.
    bool changes_row(std::string_view key) const;
    std::span<const RowKey> changed_rows_between(std::string_view begin, std::string_view end) const;
    // Of the snapshot; 0 when there is none.
    std::uint64_t sequence() const {
        return options_.snapshot == nullptr ? 0 : options_.snapshot->GetSequenceNumber();
    }
    // What the request that reads may still do; null for reads without limits.
    WorkBudget* budget() const { return budget_; }
    void set_budget(WorkBudget* budget) { budget_ = budget; }
    // Counts one row that is looked at. False when that is too much: return budget()->failure() then.
    bool take() const { return budget_ == nullptr || budget_->take(); }

  private:
    // Of the changed rows, the first one that is not before the key.
    std::span<const RowKey>::iterator changed_from(std::string_view key) const;

    const Storage* storage_;
    rocksdb::WriteBatchWithIndex* changes_;
    std::span<const RowKey> changed_rows_;
    bool changed_rows_known_ = false;
    WorkBudget* budget_ = nullptr;
    rocksdb::ReadOptions options_;
};

class Storage {
  public:
    static Result<std::unique_ptr<Storage>> open(const std::filesystem::path& path,
                                                 const StorageOptions& options);
    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    // Writes a batch atomically, without waiting for the disk (see sync). Errors: io; the store is read-only
    // after an error.
    Status write(rocksdb::WriteBatch& batch);
    // Waits until everything written before the call is as durable as the mode promises. Concurrent callers
    // share one sync (group commit). A failed sync makes the store read-only until it is opened again.
    Status sync();
    // Writes to projections that can be made again from the log: no write-ahead log, made durable by flush().
    Status write_projection(rocksdb::WriteBatch& batch);
    Status flush();
    // Puts what was written on disk whatever the mode: the write-ahead log where there is one, else the
    // memtables.
    Status harden();
    Status compact();
    Status close();

    const rocksdb::Snapshot* take_snapshot() const { return db_->GetSnapshot(); }
    void release_snapshot(const rocksdb::Snapshot* snapshot) const { db_->ReleaseSnapshot(snapshot); }
    rocksdb::ColumnFamilyHandle* family(Family f) const { return families_[static_cast<std::size_t>(f)]; }
    rocksdb::DB& db() const { return *db_; }
    bool read_only() const { return read_only_; }
    bool failed() const { return failed_.load(std::memory_order_relaxed); }
    Status check_writable() const;
    RowPages& row_pages() const { return *row_pages_; }
    // Makes families empty by dropping and creating them, all in two steps since RocksDB writes its options
    // at each; nobody may be reading them.
    Status recreate_families(std::span<const Family> families);
    const std::filesystem::path& path() const { return path_; }

  private:
    Storage() = default;
    std::unique_ptr<rocksdb::Env> memory_env_;  // in_memory only; outlives the database
    std::unique_ptr<rocksdb::DB> db_;
    std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> families_{};
    std::shared_ptr<rocksdb::Cache> cache_;
    std::unique_ptr<RowPages> row_pages_;
    std::filesystem::path path_;
    SyncMode mode_ = SyncMode::full;
    bool read_only_ = false;
    std::atomic<bool> failed_{false};
    std::function<void(std::string_view)> log_;

    std::mutex sync_mutex_;
    std::condition_variable sync_done_;
    std::atomic<std::uint64_t> written_{0};  // number of batches written
    std::uint64_t synced_ = 0;               // number of batches known to be on disk
    bool syncing_ = false;
};

inline RowPages* ReadView::row_pages() const {
    const bool may_share = options_.snapshot != nullptr && (changes_ == nullptr || changed_rows_known_);
    return may_share ? &storage_->row_pages() : nullptr;
}

}  // namespace cairn
