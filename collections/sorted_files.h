// A large write as sorted files: entries are collected in memory, sorted per family, and taken into the store
// all at once. Cheaper than a batch from a few thousand entries on, since neither the write-ahead log nor the
// memtables see them; on disk when take_in() returns.
//
// I1  All files are taken in by one RocksDB manifest record: everything is there or nothing, also after a
// crash. I2  Of several entries of one key the last one counts.
//
// Belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/env.h>

#include "collections/projection_sink.h"

namespace cairn {

class SortedFiles final : public ProjectionSink {
  public:
    SortedFiles() = default;
    ~SortedFiles() override { remove_files(); }
    SortedFiles(const SortedFiles&) = delete;
    SortedFiles& operator=(const SortedFiles&) = delete;
    void put(Family family, std::string_view key, std::string_view value) override {
        add(family, key, value, false);
    }
    void erase(Family family, std::string_view key) override { add(family, key, {}, true); }
    bool empty() const;
    // Takes over the entries of another one, which is empty afterwards; they count as given after its own.
    void absorb(SortedFiles& other);
    // Starts to write one file per family with entries into folder, named after purpose and family, on
    // threads of its own. No entry may be added until take_in().
    void start(Storage& storage, const std::filesystem::path& folder, std::string_view purpose);
    // Waits for the files and takes all in; families may have been made anew since start(). The sink is empty
    // afterwards, also after an error. Errors: io.
    Status take_in(Storage& storage);
    // Both.
    Status ingest(Storage& storage, const std::filesystem::path& folder, std::string_view purpose) {
        start(storage, folder, purpose);
        return take_in(storage);
    }

  private:
    struct Entry {
        const char* data = nullptr;  // key, then value
        std::uint32_t key_size = 0, value_size = 0;
        bool erased = false;
        std::string_view key() const { return {data, key_size}; }
        std::string_view value() const { return {data + key_size, value_size}; }
    };
    // Bytes in chunks that never move, so that entries can point into them.
    struct Part {
        std::vector<std::unique_ptr<char[]>> chunks;
        std::size_t chunk_size = 0, chunk_used = 0;
        std::vector<Entry> entries;
    };
    void add(Family family, std::string_view key, std::string_view value, bool erased);
    static Status write(Part& part, const rocksdb::Options& options, const std::string& path);

    void remove_files();

    struct File {
        Family family;
        std::string path;
        std::future<Status> written;
    };
    std::array<Part, kFamilyCount> parts_;
    std::vector<File> files_;  // started and not yet taken in
    rocksdb::Env* env_ = nullptr;
};

}  // namespace cairn
