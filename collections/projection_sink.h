// Where projections and events are written: a batch of a live store, or sorted files
// (collections/sorted_files.h). A sink belongs to one thread.
#pragma once

#include <string_view>

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
        batch_.Put(storage_.family(family), slice(key), slice(value));
    }
    void erase(Family family, std::string_view key) override {
        batch_.Delete(storage_.family(family), slice(key));
    }

  private:
    rocksdb::WriteBatchBase& batch_;
    const Storage& storage_;
};

}  // namespace cairn
