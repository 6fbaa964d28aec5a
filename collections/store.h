// A store: the event log, its projections, the catalog, and the order of writers.
//
// I1  One commit is one RocksDB batch: events, heads, rows, every index, catalog. No reader and no crash sees
// half of it. I2  Log positions are dense: the events are numbered 0 … position()-1, in order of commit. I3
// Writers are ordered by one mutex. A mutation of its own holds it while it reads and writes, so it needs no
// conflict check; an
//     explicit transaction works on a snapshot without it and is checked at commit: it fails when a document
//     (or unique value, or link) that it read in order to write was written since its snapshot (first
//     committer wins).
// I4  The answer to a write is given after Storage::sync; the next writer does not wait for the disk.
//
// A Store may be used by any number of threads; a StoreTransaction belongs to one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/document_state.h"
#include "collections/gate.h"
#include "collections/sorted_files.h"
#include "collections/storage.h"
#include "dag/cid.h"
#include "dag/event.h"

namespace cairn {

class StoreTransaction;

using RandomSource = std::function<void(std::span<std::uint8_t>)>;

class Store {
  public:
    // random must not be null. Errors: as Storage::open; unsupported for a newer format; corruption.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path,
                                               const StorageOptions& options, RandomSource random);
    ~Store();

    std::shared_ptr<const Catalog> catalog() const;
    std::uint64_t position() const { return position_.load(); }
    Storage& storage() { return *storage_; }
    const Storage& storage() const { return *storage_; }
    const RandomSource& random() const { return random_; }
    Status close();

    // Called after each commit that added events, when it is as durable as the mode promises and holds no
    // lock any more, on the thread that committed, with the number of events that the log then had. Set once,
    // before the store is used.
    void set_commit_observer(std::function<void(std::uint64_t end)> observer) {
        commit_observer_ = std::move(observer);
    }

    // A transaction that holds the writer lock until it is committed or destroyed; reads see the newest
    // state.
    Result<std::unique_ptr<StoreTransaction>> begin_exclusive();
    // A transaction on a snapshot, checked for conflicts at commit.
    Result<std::unique_ptr<StoreTransaction>> begin_snapshot(bool read_only);
    // Reads of one query: a snapshot of the state now. Who reads a single key only needs none.
    std::unique_ptr<StoreTransaction> begin_read(bool snapshot = true) const;
    // What a transaction's snapshot has committed, without the transaction's own changes; of the newest state
    // when it has no snapshot. Projections may be written over it, to be seen by its own reads alone: it has
    // no writer, so that commit() refuses. now must outlive it; it passes no gate of its own.
    std::unique_ptr<StoreTransaction> begin_committed(const StoreTransaction& now) const;

    // The event at a log position. Errors: not_found, io, corruption.
    Result<std::string> event(std::uint64_t position) const;

    // ---- blocks by digest: an index behind the log, brought up to date when it is asked
    // (collections/README.md "Digests") ----
    struct BlockPlace {
        std::uint64_t position = 0;
        dag::EventBlockRole role = dag::EventBlockRole::composite;
        std::string bytes;
    };
    // Nothing when no event holds the block. Errors: io, corruption.
    Result<std::optional<BlockPlace>> find_block(const dag::Digest& digest) const;
    struct EventPlace {
        std::uint64_t position = 0;
        std::string record;
    };
    // The first event that holds the block; nothing when none does. Errors: io, corruption.
    Result<std::optional<EventPlace>> find_event(const dag::Digest& digest) const;
    Status update_digest_index(const std::function<bool(std::uint64_t, std::uint64_t)>& progress = {}) const;

    // Passed by every transaction; closed by a rebuild that replaces the projections.
    Gate& projections_gate() const { return projections_gate_; }
    // Transactions of begin_snapshot that are alive now.
    std::size_t open_snapshots() const { return open_snapshots_.load(std::memory_order_relaxed); }

    // Excludes writers; for rebuild.
    std::unique_lock<std::mutex> lock_writers() { return std::unique_lock(writer_mutex_); }

  private:
    friend class StoreTransaction;
    Store() = default;
    Status load();
    Status load_position();
    Status index_tail(std::uint64_t end) const;
    // Positions of the events that may hold a block, by the start of its digest.
    Result<std::vector<std::uint64_t>> candidate_events(const dag::Digest& digest) const;
    template <typename Found>
    Status find_in_log(const dag::Digest& digest, const Found& found) const;
    Status commit(StoreTransaction& transaction);
    // Writes the events of a transaction and what else it changed; next grows to the position after them.
    Status write(StoreTransaction& transaction, std::uint64_t& next);
    Status check_conflicts(const StoreTransaction& transaction) const;
    void remember_commit(const StoreTransaction& transaction);

    std::unique_ptr<Storage> storage_;
    RandomSource random_;
    std::function<void(std::uint64_t)> commit_observer_;
    mutable std::mutex catalog_mutex_;
    std::shared_ptr<const Catalog> catalog_;
    std::atomic<std::uint64_t> position_{0};

    std::mutex writer_mutex_;
    // Recent commits, kept only while explicit transactions are open.
    mutable std::mutex recent_mutex_;
    std::uint64_t commit_number_ = 0;
    struct RecentCommit {
        std::uint64_t number;
        std::vector<std::uint64_t> keys;
        bool catalog_changed;
    };
    std::deque<RecentCommit> recent_;
    std::multiset<std::uint64_t> open_starts_;

    mutable std::mutex digest_mutex_;
    mutable std::uint64_t digest_position_ = 0;
    // A read-only store cannot bring its index up to date: the rest of the log is indexed here, sorted
    // (digest prefix, position).
    mutable std::vector<std::pair<std::uint64_t, std::uint64_t>> digest_tail_;
    mutable Gate projections_gate_;
    std::atomic<std::size_t> open_snapshots_{0};
};

class StoreTransaction {
  public:
    ~StoreTransaction();
    StoreTransaction(const StoreTransaction&) = delete;
    StoreTransaction& operator=(const StoreTransaction&) = delete;

    const Catalog& catalog() const { return *catalog_; }
    std::shared_ptr<const Catalog> catalog_pointer() const { return catalog_; }
    // Reads through snapshot and own changes. Valid while the transaction lives.
    const ReadView& view() const { return *view_; }
    // Sets what a request may do (null: anything); it must outlive the request or be taken away.
    void set_budget(WorkBudget* budget) { view_->set_budget(budget); }
    const Store& store() const { return *store_; }
    bool read_only() const { return read_only_; }
    bool exclusive() const { return lock_.owns_lock(); }

    // The batch that projections are written to; made at the first call.
    rocksdb::WriteBatchBase& batch();
    // For bulk work that reads nothing it wrote: a batch without an index over it. Before the first call of
    // batch().
    void use_plain_batch();
    // For still larger work that reads nothing it wrote: what sink() takes goes into sorted files, which
    // commit() takes in at once. Before the first call of batch() or sink(); only for a transaction of
    // begin_exclusive().
    void use_sorted_files();
    // Where projections are written: batch(), or the sorted files.
    ProjectionSink& sink();
    // Remembers a document that is created; false when this transaction has created it before. Only needed,
    // and only kept, with a plain batch, where reads do not see it.
    bool note_created(const DocId& id) { return !plain_ || created_.insert(id).second; }
    bool catalog_changed() const { return catalog_changed_; }
    // Number of events that the transaction's snapshot has committed. Errors: io, corruption.
    Result<std::uint64_t> log_end() const;
    // Brings the index of blocks up to date, which a look-up would else do whatever the budget. Errors:
    // limit_exceeded, io, corruption.
    Status index_blocks() const;
    // Hides the events from a position on: find_block and find_event do not find what they hold.
    void hide_log_from(std::uint64_t position) { log_limit_ = position; }
    // Says that no more projections are written, so that reads may take the rows that were not touched from
    // pages. Only for a transaction of begin_committed().
    void finish_projections();
    // Bytes of a block: one of this transaction's events, or a stored one; nothing when there is none.
    Result<std::optional<std::string>> find_block(const dag::Digest& digest) const;
    // Record of the event that holds the block, one of this transaction's or a stored one.
    Result<std::optional<std::string>> find_event(const dag::Digest& digest) const;
    // Adds an event; its log position is given at commit.
    void append_event(std::string record) { events_.push_back(std::move(record)); }
    const std::vector<std::string>& events() const { return events_; }
    // Marks that this transaction's outcome depends on a key (a document id, a unique value, a link target).
    void depend_on(std::string_view key);
    void set_catalog(std::shared_ptr<const Catalog> catalog);
    const RandomSource& random() const { return store_->random(); }

    // Marks a point to go back to, so that a request that fails leaves nothing behind in an explicit
    // transaction.
    void set_savepoint();
    void rollback_to_savepoint();
    void drop_savepoint();

    // Writes everything. The transaction is over either way, and its view may not be read any more. Errors:
    // conflict ("transaction conflict. Please retry"), io.
    Status commit();

  private:
    friend class Store;
    StoreTransaction() = default;
    const Store* store_ = nullptr;
    Store* writer_ = nullptr;
    std::shared_ptr<const Catalog> catalog_;
    bool read_only_ = false, catalog_changed_ = false, done_ = false;
    const rocksdb::Snapshot* snapshot_ = nullptr;
    bool owns_snapshot_ = true;
    std::unique_ptr<rocksdb::WriteBatchWithIndex> changes_;
    std::unique_ptr<rocksdb::WriteBatch> plain_;
    std::unique_ptr<SortedFiles> files_;
    std::optional<BatchSink> batch_sink_;
    std::vector<RowKey> changed_rows_;  // after finish_projections(), sorted
    std::optional<ReadView> view_;
    std::unique_lock<std::mutex> lock_;
    Gate::Pass projections_pass_;
    std::atomic<std::size_t>* open_snapshots_ = nullptr;  // counts this transaction
    std::vector<std::string> events_;
    std::vector<std::uint64_t> keys_;
    std::unordered_set<DocId, DocIdHash> created_;
    std::size_t savepoint_events_ = 0;
    std::uint64_t start_ = 0;
    std::uint64_t end_position_ = 0;  // of the log after the commit
    std::uint64_t log_limit_ = UINT64_MAX;
    bool registered_ = false;
};

}  // namespace cairn
