// The floor: hashing and writing, by a bare loop, exactly the bytes that CairnDB hashes and writes for each
// document. Nothing that keeps the same promises can be faster.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "bench/data.h"

namespace cairn::bench {

struct FloorPut {
    std::size_t column_family = 0;  // index into FloorTrace::column_families
    std::string key;
    std::string value;
};

// What is done for one document.
struct FloorDocument {
    std::vector<std::string> blocks;  // hashed with SHA-256
    std::vector<FloorPut> puts;       // written in one batch
};

struct FloorTrace {
    rocksdb::DBOptions options;
    std::vector<rocksdb::ColumnFamilyDescriptor> column_families;
    std::vector<FloorDocument> documents;
};

// Records what CairnDB writes for books that are created one by one (floor_source.cc). Throws
// std::runtime_error.
FloorTrace record_floor(const Data& data);

// Time per document of the bare loop in a new RocksDB with the same options, `batch` documents per write.
// Throws std::runtime_error.
double run_floor(const FloorTrace& trace, std::size_t batch);

}  // namespace cairn::bench
