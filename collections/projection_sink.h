// Where projections and events are written: a batch of a live store, or sorted files
// (collections/sorted_files.h). A sink belongs to one thread.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "collections/storage.h"

namespace cairn {

class ProjectionSink {
  public:
    virtual ~ProjectionSink() = default;
    virtual void put(Family family, std::string_view key, std::string_view value) = 0;
    virtual void erase(Family family, std::string_view key) = 0;
};

class BatchSink final : public ProjectionSink {
  public:
    BatchSink(rocksdb::WriteBatchBase& batch, const Storage& storage) : batch_(batch), storage_(storage) {}
    void put(Family family, std::string_view key, std::string_view value) override {
        note(family, key);
        batch_.Put(storage_.family(family), slice(key), slice(value));
    }
    void erase(Family family, std::string_view key) override {
        note(family, key);
        batch_.Delete(storage_.family(family), slice(key));
    }

    // Of the rows that were put or erased.
    std::span<const RowKey> row_keys() const { return row_keys_; }

  private:
    void note(Family family, std::string_view key) {
        if (family == Family::rows) std::copy_n(key.begin(), kRowKeyBytes, row_keys_.emplace_back().begin());
    }

    rocksdb::WriteBatchBase& batch_;
    const Storage& storage_;
    std::vector<RowKey> row_keys_;
};

}  // namespace cairn
