// One event: all blocks that one write of one document made (composite, its field blocks, signatures, and the
// collection block of a branchable collection), or a collection block alone. Events are the values of the
// log; each is complete in itself, so that replay needs nothing but the log. Record format: dag/README.md
// "Event log".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn::dag {

enum class EventBlockRole : std::uint8_t {
    composite = 0,
    field = 1,          // linked by the composite, in link order
    field_counted = 2,  // a counter block whose value an earlier event has already added: only heads change
    collection = 3,
    signature = 4,
};

struct EventBlock {
    EventBlockRole role = EventBlockRole::composite;
    std::string_view bytes;
};

// Builds a record. Blocks may be added in any order, but field blocks must follow the order of the
// composite's links.
class EventWriter {
  public:
    void clear();
    void reserve(std::size_t bytes) { record_.reserve(bytes); }
    void add(EventBlockRole role, std::string_view bytes);
    bool empty() const { return record_.size() <= 1; }
    const std::string& record() const { return record_; }
    std::string take() { return std::move(record_); }

  private:
    std::string record_;
};

// Splits a record into its blocks; views point into it. Errors: corruption.
Result<std::vector<EventBlock>> read_event(std::string_view record);
// The same into a vector that the caller reuses.
Status read_event(std::string_view record, std::vector<EventBlock>& blocks);

}  // namespace cairn::dag
