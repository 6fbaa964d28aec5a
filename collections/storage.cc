#include "collections/storage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

namespace cairn {
namespace {

constexpr std::size_t kMemtableBuckets = 1 << 16;
constexpr std::size_t kHeadsPrefixBytes = 16, kRelationPrefixBytes = 24;
// RocksDB's own messages of errors, handed to the store's log. Not a file: when the disk is full,
// RocksDB's file logger fails an assertion at the line after the one that could not be written.
class ForwardingLogger : public rocksdb::Logger {
  public:
    explicit ForwardingLogger(std::function<void(std::string_view)> log)
        : Logger(rocksdb::ERROR_LEVEL), log_(std::move(log)) {}

    using Logger::Logv;
    void Logv(const char* format, std::va_list arguments) override {
        if (!log_) return;
        std::array<char, 1024> line;
        const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
        if (length > 0) log_({line.data(), std::min(static_cast<std::size_t>(length), line.size() - 1)});
    }

  private:
    std::function<void(std::string_view)> log_;
};

constexpr std::size_t kWriteBufferTotal = std::size_t{64} << 20;

rocksdb::ColumnFamilyOptions family_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions options;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.format_version = 5;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    switch (family) {
        case Family::log:
            table.block_size = 32 << 10;
            break;
        case Family::rows:
            table.block_size = 16 << 10;
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
            break;
        case Family::heads:
        case Family::keys:
            table.block_size = 8 << 10;
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
            break;
        default:
            table.block_size = 8 << 10;
            break;
    }
    // Keys of the log come in order, and so do the rows of one collection in large deletions and merges.
    if (family == Family::log || family == Family::rows)
        options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(4));
    // Random keys that are read by whole key or short prefix, hardly ever in order: a hash table in memory is
    // far cheaper to write than a sorted one (README "Decisions").
    if (family == Family::heads || family == Family::relations) {
        std::size_t prefix = family == Family::heads ? kHeadsPrefixBytes : kRelationPrefixBytes;
        options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(prefix));
        options.memtable_factory.reset(rocksdb::NewHashLinkListRepFactory(kMemtableBuckets));
    }
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.compression = rocksdb::kLZ4Compression;
    options.write_buffer_size = std::size_t{32} << 20;
    options.level_compaction_dynamic_level_bytes = true;
    return options;
}

// Ends an iterator over a snapshot and changes at the upper bound. RocksDB's own forgets the bound when it
// stands on a change and the snapshot has no more keys, and looks for the last change beyond it.
class BoundedIterator final : public rocksdb::Iterator {
  public:
    // upper must outlive the iterator.
    BoundedIterator(std::unique_ptr<rocksdb::Iterator> inner, const rocksdb::Slice& upper)
        : inner_(std::move(inner)), upper_(upper) {}
    bool Valid() const override { return inner_->Valid() && inner_->key().compare(upper_) < 0; }
    void SeekToFirst() override { inner_->SeekToFirst(); }
    void SeekToLast() override {
        inner_->SeekForPrev(upper_);
        if (inner_->Valid() && inner_->key() == upper_) inner_->Prev();
    }
    void Seek(const rocksdb::Slice& target) override { inner_->Seek(target); }
    void SeekForPrev(const rocksdb::Slice& target) override { inner_->SeekForPrev(target); }
    void Next() override { inner_->Next(); }
    void Prev() override { inner_->Prev(); }
    rocksdb::Slice key() const override { return inner_->key(); }
    rocksdb::Slice value() const override { return inner_->value(); }
    rocksdb::Status status() const override { return inner_->status(); }

  private:
    const std::unique_ptr<rocksdb::Iterator> inner_;
    const rocksdb::Slice& upper_;
};

}  // namespace

std::unexpected<Error> rocksdb_error(const rocksdb::Status& status, std::string_view doing) {
    ErrorCode code = status.IsCorruption() ? ErrorCode::corruption : ErrorCode::io;
    return fail(code, fmt::format("{}: {}", doing, status.ToString()));
}

Result<bool> ReadView::get(Family family, std::string_view key, rocksdb::PinnableSlice& value) const {
    value.Reset();
    rocksdb::ColumnFamilyHandle* handle = storage_->family(family);
    rocksdb::Status status = changes_ == nullptr ? storage_->db().Get(options_, handle, slice(key), &value)
                                                 : changes_->GetFromBatchAndDB(&storage_->db(), options_,
                                                                               handle, slice(key), &value);
    if (status.IsNotFound()) return false;
    if (!status.ok()) return rocksdb_error(status, "cannot read the store");
    return true;
}

Status ReadView::multi_get(Family family, const std::vector<rocksdb::Slice>& keys,
                           std::vector<rocksdb::PinnableSlice>& values, std::vector<char>& found) const {
    values.clear();
    values.resize(keys.size());
    found.assign(keys.size(), 0);
    if (keys.empty()) return {};
    rocksdb::ColumnFamilyHandle* handle = storage_->family(family);
    std::vector<rocksdb::Status> statuses(keys.size());
    if (changes_ == nullptr) {
        storage_->db().MultiGet(options_, handle, keys.size(), keys.data(), values.data(), statuses.data());
    } else {
        changes_->MultiGetFromBatchAndDB(&storage_->db(), options_, handle, keys.size(), keys.data(),
                                         values.data(), statuses.data(), false);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].ok()) {
            found[i] = 1;
        } else if (!statuses[i].IsNotFound()) {
            return rocksdb_error(statuses[i], "cannot read the store");
        }
    }
    return {};
}

std::span<const RowKey>::iterator ReadView::changed_from(std::string_view key) const {
    return std::lower_bound(changed_rows_.begin(), changed_rows_.end(), key,
                            [](const RowKey& row, std::string_view wanted) {
                                return std::string_view(row.data(), row.size()) < wanted;
                            });
}

bool ReadView::changes_row(std::string_view key) const {
    if (changed_rows_.empty()) return false;
    const auto at = changed_from(key);
    return at != changed_rows_.end() && std::string_view(at->data(), at->size()) == key;
}

std::span<const RowKey> ReadView::changed_rows_between(std::string_view begin, std::string_view end) const {
    if (changed_rows_.empty()) return {};
    return {changed_from(begin), changed_from(end)};
}

std::unique_ptr<ReadView::PrefixIterator> ReadView::iterate(Family family, std::string_view prefix,
                                                            ScanKind kind) const {
    auto result = std::make_unique<PrefixIterator>();
    result->upper = prefix_end(prefix);
    rocksdb::ReadOptions options = options_;
    if (!result->upper.empty()) {
        result->upper_slice = result->upper;
        options.iterate_upper_bound = &result->upper_slice;
    }
    if (kind == ScanKind::long_range) options.readahead_size = std::size_t{1} << 20;
    options.total_order_seek = kind != ScanKind::within_prefix;
    rocksdb::ColumnFamilyHandle* handle = storage_->family(family);
    std::unique_ptr<rocksdb::Iterator> base(storage_->db().NewIterator(options, handle));
    if (changes_ == nullptr) {
        result->it = std::move(base);
        return result;
    }
    result->it.reset(changes_->NewIteratorWithBase(handle, base.release(), &options));
    if (!result->upper.empty())
        result->it = std::make_unique<BoundedIterator>(std::move(result->it), result->upper_slice);
    return result;
}

Result<std::unique_ptr<Storage>> Storage::open(const std::filesystem::path& path,
                                               const StorageOptions& options) {
    std::unique_ptr<Storage> storage(new Storage());
    storage->path_ = path;
    storage->mode_ = options.sync;
    storage->read_only_ = options.read_only;
    storage->log_ = options.log;

    std::error_code ignored;
    bool exists = !options.in_memory && std::filesystem::exists(path / "CURRENT", ignored);
    if (!exists && (!options.create_if_missing || options.read_only)) {
        return fail(ErrorCode::not_found, fmt::format("there is no store in {}", path.string()));
    }
    if (!options.in_memory && !exists && std::filesystem::exists(path, ignored) &&
        !std::filesystem::is_directory(path, ignored)) {
        return fail(ErrorCode::io, fmt::format("cannot open store {}: it is not a folder", path.string()));
    }
    rocksdb::DBOptions db_options;
    if (options.env != nullptr) db_options.env = options.env;
    if (options.in_memory) {
        storage->memory_env_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
        db_options.env = storage->memory_env_.get();
        (void)db_options.env->CreateDirIfMissing(path.string());  // else RocksDB reports that it is not there
    }
    db_options.create_if_missing = !options.read_only;
    db_options.create_missing_column_families = !options.read_only;
    db_options.db_write_buffer_size = kWriteBufferTotal;
    db_options.max_background_jobs = 2;
    db_options.max_file_opening_threads =
        1;  // threads made at each open cost more than the files of a small store
    db_options.allow_concurrent_memtable_write =
        false;  // writers are ordered anyway; hash memtables ask for it
    db_options.info_log_level = rocksdb::ERROR_LEVEL;
    db_options.info_log = std::make_shared<ForwardingLogger>(options.log);
    db_options.max_open_files = 512;
    db_options.bytes_per_sync = std::size_t{1} << 20;
    db_options.atomic_flush = options.sync == SyncMode::memory;
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;

    auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, 4);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
        descriptors.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), cache));
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    if (!options.read_only && !options.in_memory) std::filesystem::create_directories(path, ignored);
    rocksdb::Status status =
        options.read_only
            ? rocksdb::DB::OpenForReadOnly(db_options, path.string(), descriptors, &handles, &db)
            : rocksdb::DB::Open(db_options, path.string(), descriptors, &handles, &db);
    if (!status.ok()) {
        if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
            bool held = status.ToString().find("Permission denied") == std::string::npos &&
                        status.ToString().find("Read-only") == std::string::npos;
            if (held) return fail(ErrorCode::io, fmt::format("store is already open: {}", path.string()));
        }
        return rocksdb_error(status, fmt::format("cannot open store {}", path.string()));
    }
    storage->db_.reset(db);
    storage->cache_ = cache;
    storage->row_pages_ = std::make_unique<RowPages>(cache);
    std::copy(handles.begin(), handles.end(), storage->families_.begin());
    return storage;
}

Storage::~Storage() {
    (void)close();
}

Status Storage::close() {
    if (!db_) return {};
    Status result;
    if (!read_only_ && !failed() && !memory_env_) result = flush();
    for (rocksdb::ColumnFamilyHandle* handle : families_) db_->DestroyColumnFamilyHandle(handle);
    rocksdb::Status status = db_->Close();
    db_.reset();
    if (result && !status.ok()) return rocksdb_error(status, "cannot close the store");
    return result;
}

Status Storage::check_writable() const {
    if (read_only_) {
        return fail(ErrorCode::unsupported, fmt::format("store is read-only: {}", path_.string()));
    }
    if (failed()) {
        return fail(ErrorCode::io, fmt::format("store is read-only after a failed write, open it again: {}",
                                               path_.string()));
    }
    return {};
}

Status Storage::write(rocksdb::WriteBatch& batch) {
    CAIRN_TRY(check_writable());
    UncountedScope uncounted;
    rocksdb::WriteOptions options;
    options.disableWAL = mode_ == SyncMode::memory;
    rocksdb::Status status = db_->Write(options, &batch);
    if (!status.ok()) {
        failed_.store(true);
        if (log_) log_(fmt::format("write failed, store is read-only now: {}", status.ToString()));
        return rocksdb_error(status, fmt::format("cannot write to store {}", path_.string()));
    }
    written_.fetch_add(1);
    return {};
}

Status Storage::sync() {
    if (mode_ != SyncMode::full) return {};
    std::uint64_t mine = written_.load();
    std::unique_lock lock(sync_mutex_);
    while (synced_ < mine) {
        if (failed()) return check_writable();
        if (syncing_) {  // another thread's sync is under way; it, or the next one, covers this write
            sync_done_.wait(lock);
            continue;
        }
        syncing_ = true;
        std::uint64_t covered = written_.load();
        lock.unlock();
        rocksdb::Status status = db_->FlushWAL(true);
        lock.lock();
        syncing_ = false;
        if (status.ok()) {
            synced_ = covered;
        } else {
            failed_.store(true);
            if (log_) log_(fmt::format("sync failed, store is read-only now: {}", status.ToString()));
        }
        sync_done_.notify_all();
        if (!status.ok()) return rocksdb_error(status, fmt::format("cannot sync store {}", path_.string()));
    }
    return {};
}

Status Storage::write_projection(rocksdb::WriteBatch& batch) {
    CAIRN_TRY(check_writable());
    UncountedScope uncounted;
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    rocksdb::Status status = db_->Write(options, &batch);
    if (!status.ok()) return rocksdb_error(status, fmt::format("cannot write to store {}", path_.string()));
    return {};
}

Status Storage::flush() {
    std::vector<rocksdb::ColumnFamilyHandle*> handles(families_.begin(), families_.end());
    rocksdb::Status status = db_->Flush(rocksdb::FlushOptions(), handles);
    if (!status.ok()) return rocksdb_error(status, fmt::format("cannot flush store {}", path_.string()));
    return {};
}

Status Storage::harden() {
    if (mode_ == SyncMode::memory) return flush();
    rocksdb::Status status = db_->FlushWAL(true);
    if (!status.ok()) return rocksdb_error(status, fmt::format("cannot sync store {}", path_.string()));
    return {};
}

Status Storage::compact() {
    CAIRN_TRY(check_writable());
    for (rocksdb::ColumnFamilyHandle* handle : families_) {
        rocksdb::CompactRangeOptions options;
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        rocksdb::Status status = db_->CompactRange(options, handle, nullptr, nullptr);
        if (!status.ok())
            return rocksdb_error(status, fmt::format("cannot compact store {}", path_.string()));
    }
    return {};
}

Status Storage::recreate_families(std::span<const Family> families) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (Family f : families) {
        handles.push_back(family(f));
        descriptors.emplace_back(kFamilyNames[static_cast<std::size_t>(f)], family_options(f, cache_));
    }
    row_pages_->begin_write_all();
    row_pages_->end_write(db_->GetLatestSequenceNumber());
    rocksdb::Status status = db_->DropColumnFamilies(handles);
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
        if (status.ok()) status = db_->DestroyColumnFamilyHandle(handle);
    }
    handles.clear();
    if (status.ok()) status = db_->CreateColumnFamilies(descriptors, &handles);
    for (std::size_t i = 0; i < handles.size(); ++i)
        families_[static_cast<std::size_t>(families[i])] = handles[i];
    if (!status.ok()) return rocksdb_error(status, "cannot empty the projections");
    return {};
}

}  // namespace cairn
