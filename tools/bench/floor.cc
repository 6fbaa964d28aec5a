#include "bench/floor.h"

#include <openssl/evp.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "bench/measure.h"
#include "bench/scratch.h"

namespace cairn::bench {

namespace {

void check(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error("floor: " + status.ToString());
}

// A new RocksDB with the trace's options, closed at the end of its life.
class FloorStore {
  public:
    explicit FloorStore(const FloorTrace& trace) {
        rocksdb::DBOptions options = trace.options;
        options.create_if_missing = true;
        options.create_missing_column_families = true;
        rocksdb::DB* database = nullptr;
        check(rocksdb::DB::Open(options, (folder_.path() / "floor").string(), trace.column_families,
                                &handles_, &database));
        database_.reset(database);
    }
    FloorStore(const FloorStore&) = delete;
    FloorStore& operator=(const FloorStore&) = delete;
    ~FloorStore() {
        for (auto* handle : handles_) database_->DestroyColumnFamilyHandle(handle);
    }

    void add(rocksdb::WriteBatch& batch, const FloorPut& put) {
        check(batch.Put(handles_[put.column_family], put.key, put.value));
    }
    void write(rocksdb::WriteBatch& batch) { check(database_->Write({}, &batch)); }

  private:
    ScratchFolder folder_;
    std::unique_ptr<rocksdb::DB> database_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

class Hasher {
  public:
    Hasher() : method_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    ~Hasher() {
        EVP_MD_CTX_free(context_);
        EVP_MD_free(method_);
    }

    void hash(const std::string& bytes) {
        EVP_DigestInit_ex2(context_, method_, nullptr);
        EVP_DigestUpdate(context_, bytes.data(), bytes.size());
        EVP_DigestFinal_ex(context_, digest_.data(), nullptr);
    }

  private:
    EVP_MD* method_;
    EVP_MD_CTX* context_;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest_{};
};

}  // namespace

double run_floor(const FloorTrace& trace, std::size_t batch) {
    FloorStore store(trace);
    Hasher hasher;
    const auto& documents = trace.documents;
    const double us = time_us([&] {
        rocksdb::WriteBatch writes;
        for (std::size_t first = 0; first < documents.size(); first += batch) {
            writes.Clear();
            for (std::size_t i = first; i < std::min(first + batch, documents.size()); ++i) {
                for (const auto& block : documents[i].blocks) hasher.hash(block);
                for (const auto& put : documents[i].puts) store.add(writes, put);
            }
            store.write(writes);
        }
    });
    return us / static_cast<double>(documents.size());
}

}  // namespace cairn::bench
