// Rows on their way from projections to the answer: copied once, in batches, into an arena; and a hash map
// from document ids to positions. Belong to one thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "collections/doc_id.h"
#include "collections/row.h"

namespace cairn::query {

// Bytes that live until the arena is cleared; grows by chunks.
class ByteArena {
  public:
    std::string_view copy(std::string_view bytes) {
        if (bytes.empty()) return {};
        if (bytes.size() > left_) grow(bytes.size());
        std::memcpy(next_, bytes.data(), bytes.size());
        std::string_view stored(next_, bytes.size());
        next_ += bytes.size();
        left_ -= bytes.size();
        return stored;
    }
    void clear() {
        if (chunks_.size() > 1) chunks_.erase(chunks_.begin(), chunks_.end() - 1);
        if (!chunks_.empty()) {
            next_ = chunks_.back().bytes.get();
            left_ = chunks_.back().size;
        }
    }

  private:
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };
    void grow(std::size_t wanted) {
        std::size_t size =
            chunks_.empty() ? std::size_t{4} << 10 : std::min(chunks_.back().size * 4, std::size_t{1} << 20);
        if (size < wanted) size = wanted;
        chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
        next_ = chunks_.back().bytes.get();
        left_ = size;
    }
    std::vector<Chunk> chunks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
};

// Document ids from one on and before another; where one is missing, from the first or to the last.
struct IdRange {
    std::optional<DocId> begin, end;
    bool backward = false;  // the greatest id comes first

    bool is_empty() const { return begin && end && *begin >= *end; }
    static IdRange from(const DocId& id) { return {.begin = id, .end = {}}; }
    static IdRange behind(const DocId& id) {
        const auto next = successor(id);
        return next ? from(*next) : IdRange{.begin = id, .end = id};
    }
    static IdRange up_to(const DocId& id) { return {.begin = {}, .end = successor(id)}; }

  private:
    static std::optional<DocId> successor(DocId id) {
        for (std::size_t i = id.uuid.size(); i-- > 0;) {
            if (++id.uuid[i] != 0) return id;
        }
        return std::nullopt;
    }
};

struct Row {
    DocId id;
    bool deleted = false;
    std::string_view bytes;  // in the RowSet's arena; empty when only the id is wanted
    RowView view() const { return RowView(bytes); }
};

struct RowSet {
    std::vector<Row> rows;
    ByteArena arena;
    void add(const DocId& id, bool deleted, std::string_view bytes) {
        rows.push_back({id, deleted, arena.copy(bytes)});
    }
    void clear() {
        rows.clear();
        arena.clear();
    }
};

// Document id -> small number. Open addressing; ids are uniformly random, so eight of their bytes are the
// hash.
class DocIdMap {
  public:
    explicit DocIdMap(std::size_t expected) {
        std::size_t size = 16;
        while (size < expected * 2) size *= 2;
        slots_.resize(size);
    }
    // The number stored for the id, or value after inserting it.
    std::uint32_t insert(const DocId& id, std::uint32_t value) {
        if ((used_ + 1) * 2 > slots_.size()) rehash();
        Slot& slot = probe(id);
        if (slot.value == kEmpty) {
            slot = {id, value};
            ++used_;
        }
        return slot.value;
    }
    static constexpr std::uint32_t kEmpty = 0xffffffffu;
    // kEmpty when absent.
    std::uint32_t find(const DocId& id) const { return const_cast<DocIdMap*>(this)->probe(id).value; }
    std::size_t size() const { return used_; }

  private:
    struct Slot {
        DocId id;
        std::uint32_t value = kEmpty;
    };
    Slot& probe(const DocId& id) {
        std::size_t mask = slots_.size() - 1;
        std::size_t at = DocIdHash{}(id)&mask;
        while (slots_[at].value != kEmpty && slots_[at].id != id) at = (at + 1) & mask;
        return slots_[at];
    }
    void rehash() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.value != kEmpty) probe(slot.id) = slot;
        }
    }
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

}  // namespace cairn::query
