// The blocks given to a merge, by digest, and how far each has come. Belongs to one merge.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "dag/block.h"
#include "dag/cid.h"

namespace cairn {

struct IncomingBlock {
    enum class Progress : std::uint8_t { fresh, open, done, blocked };
    std::string_view bytes;
    dag::BlockView block;
    bool is_delta = false;
    Progress progress = Progress::fresh;
};

// One array in the order given and a table of positions beside it, since a merge may bring millions.
class IncomingBlocks {
  public:
    using Entry = std::pair<const dag::Digest, IncomingBlock>;

    // Before the first insertion, with the greatest number of blocks: entries never move.
    void reserve(std::size_t count) {
        entries_.reserve(count);
        std::size_t size = 16;
        while (size < count * 2) size *= 2;
        table_.assign(size, kNone);
    }
    // The entry, and whether it is new.
    std::pair<Entry*, bool> try_emplace(const dag::Digest& digest) {
        std::uint32_t& place = probe(digest);
        if (place != kNone) return {&entries_[place], false};
        place = static_cast<std::uint32_t>(entries_.size());
        entries_.emplace_back(digest, IncomingBlock{});
        return {&entries_.back(), true};
    }
    // nullptr (which end() is too) when the block was not given.
    Entry* find(const dag::Digest& digest) {
        if (table_.empty()) return nullptr;
        std::uint32_t place = probe(digest);
        return place == kNone ? nullptr : &entries_[place];
    }
    Entry* end() const { return nullptr; }
    bool contains(const dag::Digest& digest) { return find(digest) != nullptr; }
    std::size_t size() const { return entries_.size(); }

  private:
    static constexpr std::uint32_t kNone = 0xffffffffu;
    std::uint32_t& probe(const dag::Digest& digest) {
        std::size_t mask = table_.size() - 1, at = dag::DigestHash{}(digest)&mask;
        while (table_[at] != kNone && entries_[table_[at]].first != digest) at = (at + 1) & mask;
        return table_[at];
    }
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> table_;
};

}  // namespace cairn
