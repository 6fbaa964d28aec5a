#include "collections/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn {
namespace {

constexpr std::string_view kFormatVersion = "1";
constexpr std::size_t kWriteBatchReserve = 16 << 10;

// The position after the last event that the reader sees.
Result<std::uint64_t> read_log_end(const ReadView& reader) {
    auto last = reader.iterate(Family::log, "");
    last->it->SeekToLast();
    if (!last->it->status().ok()) return rocksdb_error(last->it->status(), "cannot read the log");
    if (!last->it->Valid()) return 0;
    if (last->it->key().size() != 8) {
        return fail(ErrorCode::corruption,
                    fmt::format("the log has a key of {} bytes, positions have 8", last->it->key().size()));
    }
    return dag::read_big_endian64(last->it->key().data()) + 1;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, const StorageOptions& options,
                                           RandomSource random) {
    std::unique_ptr<Store> store(new Store());
    CAIRN_ASSIGN(store->storage_, Storage::open(path, options));
    store->random_ = std::move(random);
    CAIRN_TRY(store->load());
    return store;
}

Store::~Store() = default;

Status Store::close() {
    return storage_->close();
}

Status Store::load() {
    CAIRN_TRY(load_position());
    ReadView reader(*storage_, nullptr, nullptr);
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, reader.get(Family::meta, kFormatKey, value));
    if (!found) {
        if (position_ != 0)
            return fail(ErrorCode::corruption, "the store has events but does not say its format");
        catalog_ = Catalog::empty();
        if (storage_->read_only()) return {};
        rocksdb::WriteBatch batch;
        batch.Put(storage_->family(Family::meta), slice(kFormatKey), slice(kFormatVersion));
        CAIRN_TRY(storage_->write(batch));
        return storage_->sync();
    }
    if (view(value) != kFormatVersion) {
        return fail(ErrorCode::unsupported, fmt::format("store has format {}, this program reads format {}",
                                                        view(value), kFormatVersion));
    }
    CAIRN_ASSIGN(found, reader.get(Family::meta, kCatalogKey, value));
    if (found) {
        CAIRN_ASSIGN(catalog_, Catalog::from_stored_json(view(value)));
    } else {
        catalog_ = Catalog::empty();
    }
    CAIRN_ASSIGN(found, reader.get(Family::digests, kDigestPositionKey, value));
    if (found && value.size() == 8) digest_position_ = dag::read_big_endian64(value.data());
    return {};
}

Status Store::load_position() {
    CAIRN_ASSIGN(position_, read_log_end(ReadView(*storage_, nullptr, nullptr)));
    return {};
}

std::shared_ptr<const Catalog> Store::catalog() const {
    std::lock_guard lock(catalog_mutex_);
    return catalog_;
}

Result<std::unique_ptr<StoreTransaction>> Store::begin_exclusive() {
    CAIRN_TRY(storage_->check_writable());
    std::unique_ptr<StoreTransaction> transaction(new StoreTransaction());
    transaction->projections_pass_ = Gate::Pass(projections_gate_);
    transaction->lock_ = std::unique_lock(writer_mutex_);
    transaction->store_ = transaction->writer_ = this;
    transaction->catalog_ = catalog();
    transaction->view_.emplace(*storage_, nullptr, nullptr);
    return transaction;
}

Result<std::unique_ptr<StoreTransaction>> Store::begin_snapshot(bool read_only) {
    if (!read_only) CAIRN_TRY(storage_->check_writable());
    std::unique_ptr<StoreTransaction> transaction(new StoreTransaction());
    transaction->projections_pass_ = Gate::Pass(projections_gate_);
    transaction->open_snapshots_ = &open_snapshots_;
    open_snapshots_.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock writer(writer_mutex_);  // so that snapshot, catalog and commit number belong together
    transaction->store_ = this;
    transaction->writer_ = read_only ? nullptr : this;
    transaction->read_only_ = read_only;
    transaction->catalog_ = catalog();
    transaction->snapshot_ = storage_->take_snapshot();
    transaction->view_.emplace(*storage_, transaction->snapshot_, nullptr);
    if (!read_only) {
        std::lock_guard recent(recent_mutex_);
        transaction->start_ = commit_number_;
        open_starts_.insert(commit_number_);
        transaction->registered_ = true;
    }
    return transaction;
}

std::unique_ptr<StoreTransaction> Store::begin_read(bool snapshot) const {
    std::unique_ptr<StoreTransaction> transaction(new StoreTransaction());
    transaction->projections_pass_ = Gate::Pass(projections_gate_);
    transaction->store_ = this;
    transaction->read_only_ = true;
    // The catalog is read first: a newer snapshot under an older catalog only shows rows with fields that it
    // does not know.
    transaction->catalog_ = catalog();
    if (snapshot) transaction->snapshot_ = storage_->take_snapshot();
    transaction->view_.emplace(*storage_, transaction->snapshot_, nullptr);
    return transaction;
}

std::unique_ptr<StoreTransaction> Store::begin_committed(const StoreTransaction& now) const {
    std::unique_ptr<StoreTransaction> transaction(new StoreTransaction());
    transaction->store_ = this;
    transaction->read_only_ = true;
    transaction->catalog_ = now.catalog_;
    transaction->snapshot_ = now.snapshot_;
    if (now.snapshot_ == nullptr) {
        transaction->snapshot_ = storage_->take_snapshot();
    } else {
        transaction->owns_snapshot_ = false;
    }
    transaction->view_.emplace(*storage_, transaction->snapshot_, nullptr);
    transaction->set_budget(now.view().budget());
    return transaction;
}

Result<std::string> Store::event(std::uint64_t position) const {
    ReadView reader(*storage_, nullptr, nullptr);
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, reader.get(Family::log, log_key(position), value));
    if (!found) return fail(ErrorCode::not_found, fmt::format("the log has no event {}", position));
    return value.ToString();
}

Status Store::check_conflicts(const StoreTransaction& transaction) const {
    std::unordered_set<std::uint64_t> mine(transaction.keys_.begin(), transaction.keys_.end());
    std::lock_guard lock(recent_mutex_);
    for (const RecentCommit& commit : recent_) {
        if (commit.number <= transaction.start_) continue;
        // Who changes the catalog depends on every document: an index has entries for all of them.
        bool conflict = commit.catalog_changed || transaction.catalog_changed_;
        for (std::uint64_t key : commit.keys) conflict = conflict || mine.contains(key);
        if (conflict) return fail(ErrorCode::conflict, "transaction conflict. Please retry");
    }
    return {};
}

void Store::remember_commit(const StoreTransaction& transaction) {
    std::lock_guard lock(recent_mutex_);
    ++commit_number_;
    if (open_starts_.empty()) {
        recent_.clear();
        return;
    }
    while (!recent_.empty() && recent_.front().number <= *open_starts_.begin()) recent_.pop_front();
    recent_.push_back({commit_number_, transaction.keys_, transaction.catalog_changed_});
}

Status Store::write(StoreTransaction& transaction, std::uint64_t& next) {
    ProjectionSink& sink = transaction.sink();
    for (const std::string& record : transaction.events_) sink.put(Family::log, log_key(next++), record);
    if (transaction.catalog_changed_) {
        sink.put(Family::meta, kCatalogKey, transaction.catalog_->to_stored_json());
    }
    if (!transaction.files_) {
        storage_->row_pages().begin_write(transaction.batch_sink_->row_keys());
        return storage_->write(transaction.plain_ ? *transaction.plain_
                                                  : *transaction.changes_->GetWriteBatch());
    }
    storage_->row_pages().begin_write_all();
    // The files are on disk when they are taken in; what was written before must not be lost where they are
    // kept (I2).
    CAIRN_TRY(storage_->harden());
    return transaction.files_->ingest(*storage_, storage_->path(), "commit");
}

Status Store::commit(StoreTransaction& transaction) {
    if (!transaction.lock_.owns_lock()) {
        transaction.lock_ = std::unique_lock(writer_mutex_);
        CAIRN_TRY(check_conflicts(transaction));
    }
    std::uint64_t next = position_.load(std::memory_order_relaxed);
    const Status written = write(transaction, next);
    storage_->row_pages().end_write(storage_->db().GetLatestSequenceNumber());
    CAIRN_TRY(written);
    position_.store(next);
    transaction.end_position_ = next;
    if (transaction.catalog_changed_) {
        std::lock_guard lock(catalog_mutex_);
        catalog_ = transaction.catalog_;
    }
    remember_commit(transaction);
    transaction.lock_.unlock();
    return storage_->sync();
}

StoreTransaction::~StoreTransaction() {
    if (registered_) {
        std::lock_guard lock(writer_->recent_mutex_);
        writer_->open_starts_.erase(writer_->open_starts_.find(start_));
        if (writer_->open_starts_.empty()) writer_->recent_.clear();
    }
    if (open_snapshots_ != nullptr) open_snapshots_->fetch_sub(1, std::memory_order_relaxed);
    view_.reset();
    changes_.reset();
    if (snapshot_ != nullptr && owns_snapshot_) store_->storage().release_snapshot(snapshot_);
}

void StoreTransaction::use_sorted_files() {
    files_ = std::make_unique<SortedFiles>();
}

ProjectionSink& StoreTransaction::sink() {
    if (files_) return *files_;
    if (!batch_sink_) batch_sink_.emplace(batch(), store_->storage());
    return *batch_sink_;
}

void StoreTransaction::use_plain_batch() {
    if (!changes_) plain_ = std::make_unique<rocksdb::WriteBatch>();
}

namespace {

// The block in an event, by hashing all of it; nothing when the event does not hold it.
Result<std::optional<std::string_view>> block_of_event(std::string_view record, const dag::Digest& digest) {
    CAIRN_ASSIGN(std::vector<dag::EventBlock> blocks, dag::read_event(record));
    for (const dag::EventBlock& block : blocks) {
        if (dag::sha256(dag::as_bytes(block.bytes)) == digest) return block.bytes;
    }
    return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> StoreTransaction::find_block(const dag::Digest& digest) const {
    for (auto record = events_.rbegin(); record != events_.rend(); ++record) {
        CAIRN_ASSIGN(std::optional<std::string_view> block, block_of_event(*record, digest));
        if (block) return std::string(*block);
    }
    CAIRN_ASSIGN(auto place, store_->find_block(digest));
    if (!place || place->position >= log_limit_) return std::nullopt;
    return std::move(place->bytes);
}

Result<std::optional<std::string>> StoreTransaction::find_event(const dag::Digest& digest) const {
    for (auto record = events_.rbegin(); record != events_.rend(); ++record) {
        CAIRN_ASSIGN(std::optional<std::string_view> block, block_of_event(*record, digest));
        if (block) return *record;
    }
    CAIRN_ASSIGN(auto place, store_->find_event(digest));
    if (!place || place->position >= log_limit_) return std::nullopt;
    return std::move(place->record);
}

Result<std::uint64_t> StoreTransaction::log_end() const {
    return read_log_end(*view_);
}

Status StoreTransaction::index_blocks() const {
    WorkBudget* budget = view_->budget();
    if (budget == nullptr) return store_->update_digest_index();
    Status indexed =
        store_->update_digest_index([&](std::uint64_t, std::uint64_t) { return budget->check(); });
    return budget->check() ? indexed : budget->failure();
}

void StoreTransaction::finish_projections() {
    if (batch_sink_) changed_rows_.assign(batch_sink_->row_keys().begin(), batch_sink_->row_keys().end());
    std::sort(changed_rows_.begin(), changed_rows_.end(), [](const RowKey& a, const RowKey& b) {
        return std::string_view(a.data(), a.size()) < std::string_view(b.data(), b.size());
    });
    changed_rows_.erase(std::unique(changed_rows_.begin(), changed_rows_.end()), changed_rows_.end());
    view_->set_changed_rows(changed_rows_);
}

rocksdb::WriteBatchBase& StoreTransaction::batch() {
    if (plain_) return *plain_;
    if (!changes_) {
        changes_ = std::make_unique<rocksdb::WriteBatchWithIndex>(rocksdb::BytewiseComparator(),
                                                                  kWriteBatchReserve, true);
        WorkBudget* budget = view_->budget();
        view_.emplace(store_->storage(), snapshot_, changes_.get());
        view_->set_budget(budget);
    }
    return *changes_;
}

void StoreTransaction::set_savepoint() {
    batch();
    changes_->SetSavePoint();
    savepoint_events_ = events_.size();
}

void StoreTransaction::rollback_to_savepoint() {
    changes_->RollbackToSavePoint();
    events_.resize(savepoint_events_);
}

void StoreTransaction::drop_savepoint() {
    changes_->PopSavePoint();
}

void StoreTransaction::depend_on(std::string_view key) {
    keys_.push_back(std::hash<std::string_view>{}(key));
}

void StoreTransaction::set_catalog(std::shared_ptr<const Catalog> catalog) {
    catalog_ = std::move(catalog);
    catalog_changed_ = true;
}

Status StoreTransaction::commit() {
    if (done_ || writer_ == nullptr) {
        return fail(ErrorCode::invalid_argument, "transaction is over or read-only");
    }
    done_ = true;
    Status status =
        events_.empty() && !catalog_changed_ && !changes_ && !plain_ && (!files_ || files_->empty())
            ? Status{}
            : writer_->commit(*this);
    if (lock_.owns_lock()) lock_.unlock();
    projections_pass_ = Gate::Pass();  // the observer may read, and a rebuild may be waiting
    if (status && !events_.empty() && writer_->commit_observer_) writer_->commit_observer_(end_position_);
    return status;
}

}  // namespace cairn
