// Rows that scans have read, kept in memory in pages of neighbouring rows, so that the next scan and lookups
// need no step of RocksDB's iterator for each row. A cache, not a projection: nothing of it is stored.
//
// P1  A page holds the rows of every key from its start to before its end, as of any snapshot from its
// sequence
//     number on. P2  A write to a key takes the page over it away before the write can be seen (begin_write),
//     and a page read from a snapshot is refused when a key in it was written since (insert). Hence a page
//     that is found is what every reader sees whose snapshot is not older than the page. P3  Pages do not
//     overlap. P4  Their memory is counted as the block cache's, of which they take at most half.
//
// Thread-safe. Writes are announced by one thread at a time.
#pragma once

#include <rocksdb/cache.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collections/doc_id.h"
#include "collections/keys.h"

namespace cairn {

using RowKey = std::array<char, kRowKeyBytes>;

// Rows of one collection; immutable once it is inserted.
struct RowPage {
    std::string start, end;           // keys; end is not part of it
    std::vector<DocId> ids;           // ascending
    std::string rows;                 // back to back
    std::vector<std::uint32_t> ends;  // of each row in rows

    std::size_t size() const { return ids.size(); }
    std::string_view row(std::size_t at) const {
        const std::uint32_t begin = at == 0 ? 0 : ends[at - 1];
        return std::string_view(rows).substr(begin, ends[at] - begin);
    }
    void add(const DocId& id, std::string_view row);
    // Number of rows whose ids are smaller than that of the key, which the page covers.
    std::size_t position_of(std::string_view key) const;
    std::size_t bytes() const;
};

class RowPages {
  public:
    using PagePointer = std::shared_ptr<const RowPage>;

    // cache must not be null.
    explicit RowPages(std::shared_ptr<rocksdb::Cache> cache);
    ~RowPages();
    RowPages(const RowPages&) = delete;
    RowPages& operator=(const RowPages&) = delete;

    // The page over a key as a reader with this snapshot sees it; null when there is none. It stays what it
    // is as long as it is held.
    PagePointer find(std::string_view key, std::uint64_t snapshot) const;
    // Where the first page that starts behind the key starts; nothing when there is none before upper.
    std::optional<std::string> next_start(std::string_view key, std::string_view upper) const;
    // Takes a page that was read through the snapshot. False when it was not taken: something in it was
    // written since, another page overlaps it, or there is no room and those that are there are used.
    bool insert(std::shared_ptr<RowPage> page, std::uint64_t snapshot);

    // Around each write to rows, whether it succeeds or not: the keys, then RocksDB's newest sequence number.
    void begin_write(std::span<const RowKey> keys);
    void end_write(std::uint64_t newest);
    // The same for a write to any rows.
    void begin_write_all();

    std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  private:
    struct Entry {
        PagePointer page;
        std::uint64_t sequence;                // oldest snapshot that sees just this
        rocksdb::Cache::Handle* charge;        // null when the cache did not take it
        mutable std::atomic<bool> used{true};  // since it was last looked at to make room
    };
    using Entries = std::map<std::string, std::unique_ptr<Entry>, std::less<>>;
    struct Written {
        RowKey key;
        std::uint64_t sequence;
    };

    Entries::const_iterator covering(std::string_view key) const;
    void remove(Entries::const_iterator entry);
    bool make_room(std::size_t bytes);
    // The sequence from which on the page holds what a reader of the snapshot saw; nothing when it does not.
    std::optional<std::uint64_t> unchanged_since(const RowPage& page, std::uint64_t snapshot) const;

    const std::shared_ptr<rocksdb::Cache> cache_;
    const std::uint64_t cache_id_;
    const std::size_t capacity_;
    std::atomic<std::size_t> bytes_{0};
    mutable std::mutex mutex_;
    Entries entries_;
    std::uint64_t charges_ = 0;  // names of charges
    std::string hand_;           // start of the page that was looked at last to make room
    unsigned refused_ = 0;       // pages for want of room, since one was last looked at
    // Keys written last, in the order of their writes; those of a write under way have the largest number.
    std::deque<Written> recent_;
    std::uint64_t forgotten_ = 0;  // the newest write that is not in recent_
};

}  // namespace cairn
