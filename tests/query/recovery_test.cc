// What Database::open makes of a store that was left in the middle of something.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cairn/database.h"
#include "collections/keys.h"
#include "collections/storage.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

Options in_memory() {
    Options options;
    options.durability = Durability::memory;
    return options;
}

// A log longer than one chunk of a rebuild, with a counter that shows what is added twice.
void fill(Database& database) {
    ASSERT_TRUE(database.add_schema(
        "type Note @branchable { text: String  count: Int @crdt(type: pncounter) @index }"));
    auto id = database.create_document("Note", R"({"text": "", "count": 1})");
    ASSERT_TRUE(id) << id.error().message;
    for (int i = 0; i < 60; ++i) {
        std::string text(std::size_t{1} << 20, static_cast<char>('a' + i % 26));
        std::string query = fmt::format(
            "mutation {{ update_Note(docID: \"{}\", input: {{text: \"{}\", count: 1}}) {{ count }} }}", *id,
            text);
        bool failed = false;
        database.execute({query, {}, {}}, &failed);
        ASSERT_FALSE(failed);
    }
}

TEST(Recovery, InterruptedRebuild_OpenGoesOn_WithTheSameProjections) {
    TemporaryFolder folder;
    {
        Database database = *Database::open(folder / "store", in_memory());
        fill(database);
    }
    Projections before = read_projections(folder / "store");
    {
        Database database = *Database::open(folder / "store", in_memory());
        auto stopped = database.rebuild(false, [](std::uint64_t, std::uint64_t) { return false; });
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().code, ErrorCode::unsupported);
        EXPECT_EQ(stopped.error().message, "stopped");
    }
    EXPECT_FALSE(read_projections(folder / "store") == before);
    Options reading = in_memory();
    reading.read_only = true;
    auto refused = Database::open(folder / "store", reading);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("cut off"), std::string::npos) << refused.error().message;
    {
        auto database = Database::open(folder / "store", in_memory());
        ASSERT_TRUE(database) << database.error().message;
        auto report = database->check();
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->problems, std::vector<std::string>{});
        EXPECT_EQ(database->execute({"{ Note(filter: {count: {_eq: 61}}) { count } }", {}, {}}),
                  R"({"data":{"Note":[{"count":61}]}})");
    }
    Projections after = read_projections(folder / "store");
    EXPECT_TRUE(after == before) << first_difference(after, before);
}

// Replaces the record of one event, behind the back of the store.
void damage_event(const std::filesystem::path& path, std::uint64_t position) {
    auto storage = Storage::open(path, {});
    ASSERT_TRUE(storage) << storage.error().message;
    rocksdb::WriteBatch batch;
    batch.Put((*storage)->family(Family::log), slice(log_key(position)), "\xff garbage");
    ASSERT_TRUE((*storage)->write(batch));
}

void expect_rebuild_leaves_projections(std::uint64_t damaged_position) {
    TemporaryFolder folder;
    {
        Database database = *Database::open(folder / "store", in_memory());
        fill(database);
    }
    damage_event(folder / "store", damaged_position);
    const Projections before = read_projections(folder / "store");
    {
        Database database = *Database::open(folder / "store", in_memory());
        auto report = database.rebuild(false);
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ErrorCode::corruption) << report.error().message;
    }
    const Projections after = read_projections(folder / "store");
    EXPECT_TRUE(after == before) << first_difference(after, before);
    Database database = *Database::open(folder / "store", in_memory());
    EXPECT_EQ(database.execute({"{ Note { count } }", {}, {}}), R"({"data":{"Note":[{"count":61}]}})");
}

TEST(Recovery, RebuildOfDamagedLog_FailsAndLeavesTheProjections) {
    expect_rebuild_leaves_projections(3);   // in the first chunk
    expect_rebuild_leaves_projections(59);  // after it
}

TEST(Recovery, RebuildWhileTransactionsAreOpen_IsRefused_AndCheckIsNot) {
    TemporaryFolder folder;
    Database database = *Database::open(folder / "store", in_memory());
    ASSERT_TRUE(database.add_schema("type Note { text: String }"));
    {
        auto open = database.begin();
        ASSERT_TRUE(open);
        auto report = database.rebuild(false);
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ErrorCode::conflict);
        EXPECT_EQ(report.error().message, "a rebuild needs all transactions to be over, 1 is open");
        EXPECT_TRUE(database.check());
    }
    EXPECT_TRUE(database.rebuild(false));
}

TEST(Recovery, ReadOnlyOpen_ReadsAndRefusesWrites) {
    TemporaryFolder folder;
    {
        Database database = *Database::open(folder / "store", in_memory());
        ASSERT_TRUE(database.add_schema("type Note { text: String }"));
        ASSERT_TRUE(database.create_document("Note", R"({"text": "x"})"));
    }
    Options options = in_memory();
    options.read_only = true;
    auto database = Database::open(folder / "store", options);
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ(database->execute({"{ Note { text } }", {}, {}}), R"({"data":{"Note":[{"text":"x"}]}})");
    bool failed = false;
    std::string answer =
        database->execute({"mutation { create_Note(input: {text: \"y\"}) { text } }", {}, {}}, &failed);
    EXPECT_TRUE(failed);
    EXPECT_NE(answer.find("store is read-only"), std::string::npos) << answer;
    for (const auto& error :
         {database->create_document("Note", "{}").error(), database->add_schema("type X { a: Int }").error(),
          database->rebuild(false).error(), database->compact().error(), database->begin().error()}) {
        EXPECT_EQ(error.code, ErrorCode::unsupported) << error.message;
    }
    EXPECT_TRUE(database->begin(true));
    auto report = database->check();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problems, std::vector<std::string>{});
    auto batch = database->blocks_since(0);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->blocks.size(), 2u);
    auto merged = database->merge(batch->blocks);
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(database->close());
}

}  // namespace
}  // namespace cairn::test
