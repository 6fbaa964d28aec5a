// Pages of rows in memory: what they hold, when they are given up, and that readers see through them exactly
// what they would see without them.
#include "collections/row_pages.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "collections/row_cursor.h"
#include "collections/store.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

constexpr std::uint32_t kCollection = 7;
constexpr std::size_t kCacheBytes = std::size_t{1} << 20;

DocId make_id(std::uint32_t number) {
    DocId id;
    for (std::size_t i = 0; i < 4; ++i) id.uuid[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return id;
}

RowKey make_key(std::uint32_t number) {
    RowKey key;
    write_row_key(key.data(), kCollection, false, make_id(number));
    return key;
}

std::string key_text(std::uint32_t number) {
    return row_key(kCollection, false, make_id(number));
}

// A page over [from, to) with a row for each number that `step` divides.
std::shared_ptr<RowPage> make_page(std::uint32_t from, std::uint32_t to, std::uint32_t step = 1,
                                   std::size_t row_bytes = 4) {
    auto page = std::make_shared<RowPage>();
    page->start = key_text(from);
    page->end = key_text(to);
    for (std::uint32_t number = from; number < to; ++number) {
        if (number % step == 0) page->add(make_id(number), std::string(row_bytes, 'r'));
    }
    return page;
}

class RowPagesTest : public testing::Test {
  protected:
    void write(std::uint32_t number, std::uint64_t sequence) {
        const RowKey key = make_key(number);
        pages_.begin_write({&key, 1});
        pages_.end_write(sequence);
    }
    std::shared_ptr<rocksdb::Cache> cache_ = rocksdb::NewLRUCache(kCacheBytes, 0);
    RowPages pages_{cache_};
};

TEST_F(RowPagesTest, Find_KeysOfThePage_GiveIt) {
    const auto page = make_page(10, 20);
    ASSERT_TRUE(pages_.insert(page, 5));
    EXPECT_EQ(pages_.find(key_text(10), 5), page);
    EXPECT_EQ(pages_.find(key_text(19), 5), page);
    EXPECT_EQ(pages_.find(key_text(9), 5), nullptr);
    EXPECT_EQ(pages_.find(key_text(20), 5), nullptr);
    EXPECT_EQ(page->row(page->position_of(key_text(12))), "rrrr");
    EXPECT_EQ(page->position_of(row_prefix(kCollection, false)), 0U);
}

TEST_F(RowPagesTest, NextStart_BetweenPages_IsTheNextOne) {
    ASSERT_TRUE(pages_.insert(make_page(10, 20), 5));
    ASSERT_TRUE(pages_.insert(make_page(30, 40), 5));
    EXPECT_EQ(pages_.next_start(key_text(5), key_text(99)), key_text(10));
    EXPECT_EQ(pages_.next_start(key_text(10), key_text(99)), key_text(30));
    EXPECT_EQ(pages_.next_start(key_text(10), key_text(30)), std::nullopt);
    EXPECT_EQ(pages_.next_start(key_text(30), key_text(99)), std::nullopt);
}

TEST_F(RowPagesTest, Insert_Overlap_IsRefused) {
    ASSERT_TRUE(pages_.insert(make_page(10, 20), 5));
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 5));
    EXPECT_FALSE(pages_.insert(make_page(5, 11), 5));
    EXPECT_FALSE(pages_.insert(make_page(19, 25), 5));
    EXPECT_FALSE(pages_.insert(make_page(5, 25), 5));
    EXPECT_TRUE(pages_.insert(make_page(20, 25), 5));
}

TEST_F(RowPagesTest, Write_InAPage_TakesOnlyThatAway) {
    ASSERT_TRUE(pages_.insert(make_page(10, 20), 5));
    ASSERT_TRUE(pages_.insert(make_page(20, 30), 5));
    const RowKey key = make_key(15);
    pages_.begin_write({&key, 1});
    EXPECT_EQ(pages_.find(key_text(12), 5), nullptr) << "before the write is over";
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 5)) << "read before the write";
    pages_.end_write(6);
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 5)) << "read before the write";
    EXPECT_NE(pages_.find(key_text(25), 5), nullptr);
    EXPECT_TRUE(pages_.insert(make_page(10, 20), 6));
    EXPECT_EQ(pages_.find(key_text(12), 5), nullptr) << "a snapshot older than the page";
    EXPECT_NE(pages_.find(key_text(12), 6), nullptr);
}

TEST_F(RowPagesTest, Insert_NothingWrittenBetween_ServesOlderSnapshots) {
    write(50, 4);
    ASSERT_TRUE(pages_.insert(make_page(10, 20), 9));
    EXPECT_NE(pages_.find(key_text(12), 4), nullptr);
    EXPECT_EQ(pages_.find(key_text(12), 3), nullptr);
}

TEST_F(RowPagesTest, WriteOfAnything_TakesAllAway) {
    ASSERT_TRUE(pages_.insert(make_page(10, 20), 5));
    pages_.begin_write_all();
    EXPECT_EQ(pages_.bytes(), 0U);
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 8));
    pages_.end_write(9);
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 8));
    EXPECT_TRUE(pages_.insert(make_page(10, 20), 9));
}

TEST_F(RowPagesTest, Insert_AfterMoreWritesThanAreRemembered_IsRefusedForOldSnapshots) {
    for (std::uint32_t i = 0; i < 5000; ++i) write(1000 + i, 10 + i);
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 10)) << "nobody knows any more what was written since";
    EXPECT_TRUE(pages_.insert(make_page(10, 20), 5000));
    std::vector<RowKey> many;
    for (std::uint32_t i = 0; i < 5000; ++i) many.push_back(make_key(100000 + i));
    pages_.begin_write(many);
    pages_.end_write(20000);
    EXPECT_EQ(pages_.bytes(), 0U);
    EXPECT_FALSE(pages_.insert(make_page(10, 20), 19999));
}

TEST_F(RowPagesTest, Memory_IsTheCachesAndAtMostHalfOfIt) {
    const std::size_t before = cache_->GetPinnedUsage();
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        taken += pages_.insert(make_page(i * 10, i * 10 + 10, 1, 1000), 5) ? 1 : 0;
        pages_.find(key_text(i * 10), 5);
    }
    EXPECT_GT(taken, 30U);
    EXPECT_LE(pages_.bytes(), kCacheBytes / 2);
    EXPECT_GE(cache_->GetPinnedUsage() - before, pages_.bytes());
    pages_.begin_write_all();
    EXPECT_EQ(cache_->GetPinnedUsage(), before);
}

TEST_F(RowPagesTest, Full_UsedPagesStay_UnusedOnesGo) {
    // Two rounds over more pages than there is room for: those of the first round's start are found in the
    // second.
    const auto find_or_insert = [&](std::uint32_t i) {
        if (pages_.find(key_text(i * 10), 5)) return true;
        pages_.insert(make_page(i * 10, i * 10 + 10, 1, 1000), 5);
        return false;
    };
    std::size_t found = 0;
    for (int round = 0; round < 4; ++round) {
        found = 0;
        for (std::uint32_t i = 0; i < 100; ++i) found += find_or_insert(i) ? 1 : 0;
    }
    EXPECT_GT(found, 20U) << "a scan of more than there is room for still finds a part";
    // Then only others are asked for: they take the place.
    for (int round = 0; round < 40; ++round) {
        found = 0;
        for (std::uint32_t i = 500; i < 520; ++i) found += find_or_insert(i) ? 1 : 0;
    }
    EXPECT_EQ(found, 20U);
}

// ---- readers ----

using Rows = std::map<std::uint32_t, std::string>;

void fill(std::span<std::uint8_t> bytes) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{1});
}

Rows with_cursor(const ReadView& reads, bool deleted = false) {
    Rows rows;
    RowCursor cursor(reads, kCollection, deleted);
    for (; cursor.valid(); cursor.next()) {
        const DocId id = cursor.id();
        const std::uint32_t number = (std::uint32_t{id.uuid[0]} << 24) | (std::uint32_t{id.uuid[1]} << 16) |
                                     (std::uint32_t{id.uuid[2]} << 8) | id.uuid[3];
        EXPECT_TRUE(rows.empty() || rows.rbegin()->first < number) << "out of order";
        rows.emplace(number, cursor.row());
    }
    EXPECT_TRUE(cursor.status().has_value());
    return rows;
}

Rows with_iterator(const ReadView& reads) {
    Rows rows;
    const std::string prefix = row_prefix(kCollection, false);
    auto cursor = reads.iterate(Family::rows, prefix, ScanKind::long_range);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        const auto key = reinterpret_cast<const std::uint8_t*>(cursor->it->key().data()) + prefix.size();
        rows.emplace((std::uint32_t{key[0]} << 24) | (std::uint32_t{key[1]} << 16) |
                         (std::uint32_t{key[2]} << 8) | key[3],
                     cursor->it->value().ToString());
    }
    return rows;
}

class RowReaders : public testing::Test {
  protected:
    RowReaders() {
        StorageOptions options;
        options.sync = SyncMode::process;
        store_ = Store::open(folder_ / "store", options, fill).value();
    }
    // One commit of random puts and erasures of numbers below `range`.
    void write_some(std::mt19937& random, std::uint32_t range, std::size_t most) {
        auto transaction = store_->begin_exclusive().value();
        for (std::size_t i = 0; i <= random() % most; ++i) {
            const std::string key = key_text(random() % range);
            if (random() % 3 == 0) {
                transaction->sink().erase(Family::rows, key);
            } else {
                transaction->sink().put(Family::rows, key,
                                        std::string(random() % 400, static_cast<char>('a' + random() % 26)));
            }
        }
        ASSERT_TRUE(transaction->commit());
    }
    RowPages& pages() { return store_->storage().row_pages(); }

    TemporaryFolder folder_;
    std::unique_ptr<Store> store_;
};

TEST_F(RowReaders, Cursor_EmptyCollection_IsAtItsEnd) {
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(with_cursor(store_->begin_read()->view()), Rows());
        EXPECT_EQ(with_cursor(store_->begin_read(false)->view()), Rows());
    }
}

TEST_F(RowReaders, Cursor_RandomWritesAndHeldSnapshots_SeesWhatTheIteratorSees) {
    std::mt19937 random(11);
    std::vector<std::unique_ptr<StoreTransaction>> held;
    std::size_t with_pages = 0;
    for (int round = 0; round < 600; ++round) {
        write_some(random, round < 300 ? 2000 : 60, round % 50 == 0 ? 1500 : 4);
        if (random() % 8 == 0) held.push_back(store_->begin_read());
        if (held.size() > 4) held.erase(held.begin() + static_cast<std::ptrdiff_t>(random() % held.size()));
        with_pages += pages().bytes() > 0 ? 1 : 0;
        const auto now = store_->begin_read();
        ASSERT_EQ(with_cursor(now->view()), with_iterator(now->view())) << round;
        for (const auto& old : held) ASSERT_EQ(with_cursor(old->view()), with_iterator(old->view())) << round;
    }
    EXPECT_GT(with_pages, 200U) << "the pages were hardly ever there: the test shows nothing";
}

TEST_F(RowReaders, Lookup_EveryKey_AgreesWithTheIterator) {
    std::mt19937 random(12);
    std::size_t known = 0;
    for (int round = 0; round < 30; ++round) {
        write_some(random, 500, 300);
        const auto now = store_->begin_read();
        if (round % 3 != 0) with_cursor(now->view());
        if (round % 3 == 2) write_some(random, 500, 3);  // after the snapshot
        const Rows rows = with_iterator(now->view());
        RowLookup lookup(now->view());
        for (std::uint32_t i = 0; i < 500; ++i) {
            const std::uint32_t number = (i * 37) % 500;
            std::string_view row;
            const auto outcome = lookup.find(key_text(number), row);
            if (outcome == RowLookup::Outcome::unknown) continue;
            ++known;
            ASSERT_EQ(outcome == RowLookup::Outcome::present, rows.contains(number)) << number;
            if (rows.contains(number)) {
                ASSERT_EQ(row, rows.at(number));
            }
        }
    }
    EXPECT_GT(known, 3000U);
}

TEST_F(RowReaders, ViewsWithoutSnapshotOrWithChanges_ReadPastThePages) {
    std::mt19937 random(13);
    write_some(random, 100, 100);
    with_cursor(store_->begin_read()->view());
    EXPECT_EQ(store_->begin_read(false)->view().row_pages(), nullptr);
    auto transaction = store_->begin_snapshot(false).value();
    transaction->sink().put(Family::rows, key_text(1), "mine");
    EXPECT_EQ(transaction->view().row_pages(), nullptr);
    EXPECT_EQ(with_cursor(transaction->view()).at(1), "mine");
    EXPECT_EQ(with_cursor(transaction->view()), with_iterator(transaction->view()));
}

TEST_F(RowReaders, ViewsWithFinishedChanges_SeeThemThroughThePages) {
    std::mt19937 random(16);
    std::size_t known = 0;
    for (int round = 0; round < 60; ++round) {
        write_some(random, 2000, round % 10 == 0 ? 1500 : 4);
        const auto now = store_->begin_read();
        if (round % 3 != 0) with_cursor(now->view());
        const auto changed = store_->begin_committed(*now);
        for (std::uint32_t i = 1 + random() % 40; i > 0; --i) {
            const std::string key = key_text(random() % 2000);
            if (random() % 2 == 0) {
                changed->sink().erase(Family::rows, key);
            } else {
                changed->sink().put(Family::rows, key, "mine");
            }
        }
        changed->finish_projections();
        const std::size_t bytes = pages().bytes();
        const Rows rows = with_iterator(changed->view());
        ASSERT_EQ(with_cursor(changed->view()), rows) << round;
        ASSERT_EQ(pages().bytes(), bytes) << "a page was made from changes";
        RowLookup lookup(changed->view());
        for (std::uint32_t number = 0; number < 2000; ++number) {
            std::string_view row;
            const auto outcome = lookup.find(key_text(number), row);
            if (outcome == RowLookup::Outcome::unknown) continue;
            ++known;
            ASSERT_EQ(outcome == RowLookup::Outcome::present, rows.contains(number)) << number;
            if (rows.contains(number)) {
                ASSERT_EQ(row, rows.at(number));
            }
        }
        ASSERT_EQ(with_cursor(now->view()), with_iterator(now->view())) << round;
    }
    EXPECT_GT(known, 10000U) << "the pages were hardly ever there: the test shows nothing";
}

TEST_F(RowReaders, SortedFiles_TakenIn_AreSeen) {
    std::mt19937 random(14);
    write_some(random, 100, 100);
    with_cursor(store_->begin_read()->view());
    ASSERT_GT(pages().bytes(), 0U);
    auto transaction = store_->begin_exclusive().value();
    transaction->use_sorted_files();
    transaction->sink().put(Family::rows, key_text(5000), "new");
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(with_cursor(store_->begin_read()->view()).at(5000), "new");
}

TEST_F(RowReaders, Deleted_AreARangeOfTheirOwn) {
    auto transaction = store_->begin_exclusive().value();
    transaction->sink().put(Family::rows, row_key(kCollection, true, make_id(3)), "gone");
    transaction->sink().put(Family::rows, key_text(4), "there");
    ASSERT_TRUE(transaction->commit());
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(with_cursor(store_->begin_read()->view(), true), (Rows{{3, "gone"}}));
        EXPECT_EQ(with_cursor(store_->begin_read()->view(), false), (Rows{{4, "there"}}));
    }
}

TEST_F(RowReaders, ReadersBesideAWriter_SeeTheirSnapshots) {
    std::atomic<bool> over{false};
    std::atomic<std::size_t> compared{0}, differences{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!over) {
                const auto now = store_->begin_read();
                if (with_cursor(now->view()) != with_iterator(now->view())) ++differences;
                ++compared;
            }
        });
    }
    std::mt19937 random(15);
    for (int round = 0; round < 8000 && !HasFatalFailure(); ++round) write_some(random, 1500, 3);
    while (compared < 100) std::this_thread::yield();
    over = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(differences, 0U);
}

}  // namespace
}  // namespace cairn::test
