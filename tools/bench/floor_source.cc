// Where the floor's bytes come from: books are created one by one, and what reached the write-ahead log of
// RocksDB is read back from a copy of the store, with the options that RocksDB itself wrote down. So the
// floor is what was really written, whatever the engine believes.
#include <fmt/format.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/utilities/options_util.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include "bench/cairn_store.h"
#include "bench/floor.h"

namespace cairn::bench {

namespace {

constexpr std::size_t kMaxRecorded =
    10'000;  // what fits into memtables, so that no log file is dropped before it is read

void check(const rocksdb::Status& status, std::string_view what) {
    if (!status.ok()) throw std::runtime_error(fmt::format("floor: {}: {}", what, status.ToString()));
}

using Puts = std::vector<FloorPut>;

// Collects the puts of write batches, one list per batch.
class Collector : public rocksdb::WriteBatch::Handler {
  public:
    explicit Collector(std::map<std::uint32_t, std::size_t> indexes) : indexes_(std::move(indexes)) {}

    void start_batch() { batches_.emplace_back(); }
    std::vector<Puts> take() { return std::move(batches_); }

    rocksdb::Status PutCF(std::uint32_t id, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
        return add(id, key, value);
    }
    // The same work for the write path: a key in the log and in the memtable.
    rocksdb::Status DeleteCF(std::uint32_t id, const rocksdb::Slice& key) override {
        return add(id, key, {});
    }
    rocksdb::Status SingleDeleteCF(std::uint32_t id, const rocksdb::Slice& key) override {
        return add(id, key, {});
    }
    rocksdb::Status MergeCF(std::uint32_t id, const rocksdb::Slice& key,
                            const rocksdb::Slice& value) override {
        return add(id, key, value);
    }
    void LogData(const rocksdb::Slice&) override {}

  private:
    rocksdb::Status add(std::uint32_t id, const rocksdb::Slice& key, const rocksdb::Slice& value) {
        const auto index = indexes_.find(id);
        if (index == indexes_.end()) return rocksdb::Status::Corruption("unknown column family");
        batches_.back().push_back({index->second, key.ToString(), value.ToString()});
        return rocksdb::Status::OK();
    }

    std::map<std::uint32_t, std::size_t> indexes_;
    std::vector<Puts> batches_;
};

// A read-only view of a copied store.
class CopiedStore {
  public:
    CopiedStore(const std::filesystem::path& source, FloorTrace& trace) {
        const auto copy = folder_.path() / "copy";
        std::filesystem::copy(source, copy, std::filesystem::copy_options::recursive);
        rocksdb::ConfigOptions config;
        config.ignore_unknown_options = true;
        check(rocksdb::LoadLatestOptions(config, copy.string(), &trace.options, &trace.column_families),
              "options");
        trace.options.wal_dir.clear();
        trace.options.db_log_dir.clear();
        rocksdb::DB* database = nullptr;
        check(rocksdb::DB::OpenForReadOnly(trace.options, copy.string(), trace.column_families, &handles_,
                                           &database),
              "copy");
        database_.reset(database);
    }
    CopiedStore(const CopiedStore&) = delete;
    CopiedStore& operator=(const CopiedStore&) = delete;
    ~CopiedStore() {
        for (auto* handle : handles_) database_->DestroyColumnFamilyHandle(handle);
    }

    std::vector<Puts> logged_batches() {
        std::map<std::uint32_t, std::size_t> indexes;
        for (std::size_t i = 0; i < handles_.size(); ++i) indexes.emplace(handles_[i]->GetID(), i);
        Collector collector(std::move(indexes));
        std::unique_ptr<rocksdb::TransactionLogIterator> log;
        check(database_->GetUpdatesSince(0, &log), "write-ahead log");
        for (; log->Valid(); log->Next()) {
            const rocksdb::BatchResult batch = log->GetBatch();
            collector.start_batch();
            check(batch.writeBatchPtr->Iterate(&collector), "write batch");
        }
        return collector.take();
    }

  private:
    ScratchFolder folder_;
    std::unique_ptr<rocksdb::DB> database_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

std::vector<std::string> blocks_since(Database& database, std::uint64_t position) {
    std::vector<std::string> blocks;
    for (bool more = true; more;) {
        BlockBatch batch = must(database.blocks_since(position));
        for (auto& block : batch.blocks) blocks.push_back(std::move(block.bytes));
        position = batch.next_position;
        more = batch.more;
    }
    return blocks;
}

// Gives each of `parts` documents its share of items, in order.
template <typename Item, typename Take>
void share_out(std::vector<Item>& items, std::size_t parts, Take take) {
    for (std::size_t i = 0; i < items.size(); ++i) take(i * parts / items.size(), std::move(items[i]));
}

}  // namespace

FloorTrace record_floor(const Data& data) {
    const std::size_t books = std::min(kMaxRecorded, data.books.size());
    CairnStore store;
    store.load_authors(data);
    must(store.database().compact());  // starts a new log file: the authors are not in it
    const std::uint64_t start = store.database().position();
    for (std::size_t i = 0; i < books; ++i) store.create_books(data, i, 1);

    FloorTrace trace;
    auto batches = CopiedStore(store.folder().path() / "data", trace).logged_batches();
    auto blocks = blocks_since(store.database(), start);
    if (batches.size() < books || blocks.size() < books) {
        throw std::runtime_error(
            fmt::format("floor: {} log entries and {} blocks for {} books: the log was dropped before "
                        "it could be read",
                        batches.size(), blocks.size(), books));
    }
    trace.documents.resize(books);
    share_out(batches, books, [&trace](std::size_t i, Puts puts) {
        auto& all = trace.documents[i].puts;
        std::ranges::move(puts, std::back_inserter(all));
    });
    share_out(blocks, books, [&trace](std::size_t i, std::string block) {
        trace.documents[i].blocks.push_back(std::move(block));
    });
    return trace;
}

}  // namespace cairn::bench
