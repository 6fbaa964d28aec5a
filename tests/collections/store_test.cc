// A store whose folder, records or disk are not as they should be.
#include "collections/store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <rocksdb/env.h>
#include <algorithm>

#include <atomic>
#include <fstream>
#include <random>

#include "collections/check.h"
#include "collections/document_writer.h"
#include "collections/rebuild.h"
#include "schema_test_support.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

using cairn::testing::scalar;

void fill(std::span<std::uint8_t> bytes) {
    static std::mt19937_64 random(5);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
}

Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, StorageOptions options = {}) {
    options.block_cache_bytes = 1 << 20;
    return Store::open(path, options, fill);
}

template <typename T>
void expect_error(const Result<T>& result, ErrorCode code, std::string_view part) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
}

Status add_users(Store& store) {
    TypeDefinition user = cairn::testing::type(
        "User", {scalar("name"), scalar("age", FieldKind::integer), scalar("points", FieldKind::integer)});
    user.fields[2].crdt = CrdtType::pncounter;
    user.indexes.push_back({"", false, {{"age", false}}});
    CAIRN_ASSIGN(auto transaction, store.begin_exclusive());
    CAIRN_ASSIGN(SchemaChange change, add_types(transaction->catalog(), {user}));
    transaction->set_catalog(change.catalog);
    return transaction->commit();
}

Result<DocId> create(Store& store, std::string_view json) {
    CAIRN_ASSIGN(auto transaction, store.begin_exclusive());
    CAIRN_ASSIGN(std::vector<FieldInput> inputs,
                 read_json_inputs(transaction->catalog().collection(0), json));
    WriteContext write{*transaction};
    CAIRN_ASSIGN(DocId id, create_document(write, 0, std::move(inputs)));
    CAIRN_TRY(transaction->commit());
    return id;
}

Status update(Store& store, const DocId& id, std::string_view json) {
    CAIRN_ASSIGN(auto transaction, store.begin_exclusive());
    CAIRN_ASSIGN(std::vector<FieldInput> inputs,
                 read_json_inputs(transaction->catalog().collection(0), json));
    WriteContext write{*transaction};
    CAIRN_TRY(update_document(write, 0, id, inputs));
    return transaction->commit();
}

void put(Store& store, Family family, std::string_view key, std::string_view value) {
    ASSERT_TRUE(store.storage().db().Put({}, store.storage().family(family), slice(key), slice(value)).ok());
}

class StoreTest : public ::testing::Test {
  protected:
    std::filesystem::path path() const { return folder_ / "store"; }
    // Two users, one of them changed.
    std::unique_ptr<Store> filled() {
        auto store = open(path());
        EXPECT_TRUE(store) << store.error().message;
        EXPECT_TRUE(add_users(**store));
        saadi_ = *create(**store, R"({"name": "Saadi", "age": 1, "points": 5})");
        EXPECT_TRUE(create(**store, R"({"name": "Hafez", "age": 2})"));
        EXPECT_TRUE(update(**store, saadi_, R"({"age": 3, "points": 2})"));
        return std::move(*store);
    }
    // A log longer than what a rebuild takes in at once, with a counter that shows what is added twice.
    void fill_more_than_a_chunk(Store& store) {
        saadi_ = *create(store, R"({"name": "Saadi", "points": 1})");
        for (int i = 0; i < 60; ++i) {
            std::string text(std::size_t{1} << 20, static_cast<char>('a' + i % 26));
            ASSERT_TRUE(
                update(store, saadi_, fmt::format(R"({{"name": "{}", "points": 1, "age": {}}})", text, i)));
        }
    }
    std::vector<std::string> problems(Store& store) {
        auto summary = check_store(store, folder_ / "scratch", 100, {});
        EXPECT_TRUE(summary) << summary.error().message;
        return summary ? summary->problems : std::vector<std::string>{};
    }
    void expect_problem(Store& store, std::string_view part) {
        std::string all;
        for (const std::string& problem : problems(store)) all += problem + "\n";
        EXPECT_NE(all.find(part), std::string::npos) << all;
    }

    TemporaryFolder folder_;
    DocId saadi_;
};

TEST_F(StoreTest, OpenedTwice_SecondOpen_SaysSo) {
    auto store = filled();
    expect_error(open(path()), ErrorCode::io, fmt::format("store is already open: {}", path().string()));
    ASSERT_TRUE(store->close());
    EXPECT_TRUE(open(path()));
}

TEST_F(StoreTest, MissingFolder_WithoutCreate_IsNotFound) {
    StorageOptions options;
    options.create_if_missing = false;
    expect_error(open(path(), options), ErrorCode::not_found, path().string());
    EXPECT_FALSE(std::filesystem::exists(path()));
    options.create_if_missing = true;
    options.read_only = true;
    expect_error(open(path(), options), ErrorCode::not_found, path().string());
}

TEST_F(StoreTest, FileInPlaceOfFolder_IsRefused_AndStays) {
    std::ofstream(path()) << "a letter";
    expect_error(open(path()), ErrorCode::io, "it is not a folder");
    std::string text;
    std::ifstream(path()) >> text;
    EXPECT_EQ(text, "a");
}

TEST_F(StoreTest, NewerFormat_IsUnsupported) {
    put(*filled(), Family::meta, kFormatKey, "2");
    expect_error(open(path()), ErrorCode::unsupported, "store has format 2, this program reads format 1");
}

TEST_F(StoreTest, FormatKeyLost_IsCorruption_NotANewStore) {
    {
        auto store = filled();
        auto& storage = store->storage();
        ASSERT_TRUE(storage.db().Delete({}, storage.family(Family::meta), slice(kFormatKey)).ok());
    }
    expect_error(open(path()), ErrorCode::corruption, "does not say its format");
}

TEST_F(StoreTest, DamagedCatalogRecord_IsCorruption) {
    std::string record;
    {
        auto store = filled();
        record = store->catalog()->to_stored_json();
    }
    std::mt19937_64 random(3);
    for (int round = 0; round < 12; ++round) {
        std::string damaged = record;
        if (round == 0) damaged = "";
        if (round == 1) damaged = "{}";
        if (round == 2) damaged = record.substr(0, record.size() / 2);
        if (round == 3) damaged = std::string(5000, '[');
        if (round > 3) damaged[random() % damaged.size()] = '\xff';
        {
            StorageOptions options;
            auto storage = Storage::open(path(), options);
            ASSERT_TRUE(storage);
            ASSERT_TRUE((*storage)
                            ->db()
                            .Put({}, (*storage)->family(Family::meta), slice(kCatalogKey), slice(damaged))
                            .ok());
        }
        expect_error(open(path()), ErrorCode::corruption, "catalog record");
    }
}

TEST_F(StoreTest, GarbageAsLogKey_IsCorruption) {
    put(*filled(), Family::log, "\xff\xff", "?");
    expect_error(open(path()), ErrorCode::corruption, "key of 2 bytes");
}

TEST_F(StoreTest, DamagedRow_CheckNamesIt_AndWritesAreRefused) {
    auto store = filled();
    ASSERT_EQ(problems(*store), std::vector<std::string>{});
    std::string key = row_key(store->catalog()->collection(0).short_id, false, saadi_);
    std::string hex;
    for (unsigned char c : key) hex += fmt::format("{:02x}", c);
    for (std::string garbage : {std::string(), std::string("\x01"), std::string("\x11\xff"),
                                std::string("\x71\x04\xff\xff\xff"), std::string("garbage")}) {
        put(*store, Family::rows, key, garbage);
        expect_problem(*store, "projection rows " + hex);
        expect_error(update(*store, saadi_, R"({"age": 4})"), ErrorCode::corruption, "row is damaged");
    }
    EXPECT_EQ(store->position(), 3u);
    ASSERT_TRUE(rebuild_projections(*store, {}));
    EXPECT_EQ(problems(*store), std::vector<std::string>{});
    EXPECT_TRUE(update(*store, saadi_, R"({"age": 4})"));
}

TEST_F(StoreTest, LostOrSurplusProjections_CheckNamesEach) {
    auto store = filled();
    auto& storage = store->storage();
    put(*store, Family::indexes, "surplus", "");
    ASSERT_TRUE(storage.db().Delete({}, storage.family(Family::heads), slice(saadi_.key())).ok());
    std::vector<std::string> found = problems(*store);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_NE(found[0].find("projection heads"), std::string::npos) << found[0];
    EXPECT_NE(found[0].find("is missing"), std::string::npos) << found[0];
    EXPECT_NE(found[1].find("projection indexes 737572706c7573"), std::string::npos) << found[1];
}

TEST_F(StoreTest, DamagedHeads_ReadingIsCorruption) {
    auto store = filled();
    put(*store, Family::heads, saadi_.key(), "\x01");
    expect_error(update(*store, saadi_, R"({"age": 4})"), ErrorCode::corruption, "");
    expect_problem(*store, "projection heads");
}

TEST_F(StoreTest, DamagedLogRecord_CheckNamesTheEvent) {
    auto store = filled();
    std::string good = *store->event(1), flipped = good, cut = good.substr(0, good.size() - 3),
                bad_role = good;
    flipped[good.size() - 20] ^= 1;
    bad_role[1] = 9;
    for (const std::string& damaged : {std::string(), std::string("garbage"), flipped, cut, bad_role}) {
        put(*store, Family::log, log_key(1), damaged);
        expect_problem(*store, "event 1: ");
    }
    put(*store, Family::log, log_key(1), good);
    EXPECT_EQ(problems(*store), std::vector<std::string>{});
    put(*store, Family::log, log_key(1), cut);
    expect_error(verify_projections(*store, folder_ / "scratch", 10, {}), ErrorCode::corruption,
                 "damaged at byte");
    expect_error(store->find_block(dag::sha256(dag::as_bytes("x"))), ErrorCode::corruption,
                 "damaged at byte");
}

TEST_F(StoreTest, LostLogRecord_CheckNamesTheEvent) {
    auto store = filled();
    auto& storage = store->storage();
    ASSERT_TRUE(storage.db().Delete({}, storage.family(Family::log), slice(log_key(1))).ok());
    expect_problem(*store, "event 1 is missing");
    expect_error(rebuild_projections(*store, {}), ErrorCode::corruption, "event 1");
}

TEST_F(StoreTest, ReadOnly_Reads_AndRefusesWrites) {
    ASSERT_TRUE(filled()->close());
    StorageOptions options;
    options.read_only = true;
    auto store = open(path(), options);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->position(), 3u);
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
    expect_error(create(**store, "{}"), ErrorCode::unsupported, "store is read-only");
    expect_error((*store)->begin_snapshot(false), ErrorCode::unsupported, "store is read-only");
    EXPECT_TRUE((*store)->begin_snapshot(true));
    expect_error(rebuild_projections(**store, {}), ErrorCode::unsupported, "store is read-only");
    std::string record = *(*store)->event(2);
    auto blocks = dag::read_event(record);
    ASSERT_TRUE(blocks);
    auto found = (*store)->find_block(dag::sha256(dag::as_bytes(blocks->at(0).bytes)));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->position, 2u);
}

// An environment whose files refuse to sync, or to take bytes, when told so.
class FaultyEnv final : public rocksdb::EnvWrapper {
  public:
    FaultyEnv() : EnvWrapper(rocksdb::Env::Default()) {}
    const char* Name() const override { return "FaultyEnv"; }
    rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                    const rocksdb::EnvOptions& options) override {
        std::unique_ptr<rocksdb::WritableFile> real;
        rocksdb::Status status = target()->NewWritableFile(name, &real, options);
        if (status.ok()) file->reset(new File(*this, std::move(real)));
        return status;
    }
    std::atomic<bool> sync_fails{false}, append_fails{false};

  private:
    class File final : public rocksdb::WritableFileWrapper {
      public:
        File(FaultyEnv& env, std::unique_ptr<rocksdb::WritableFile> real)
            : WritableFileWrapper(real.get()), env_(env), real_(std::move(real)) {}
        rocksdb::Status Sync() override { return env_.sync_fails ? error() : WritableFileWrapper::Sync(); }
        rocksdb::Status Fsync() override { return env_.sync_fails ? error() : WritableFileWrapper::Fsync(); }
        rocksdb::Status Append(const rocksdb::Slice& data) override {
            return env_.append_fails ? error() : WritableFileWrapper::Append(data);
        }
        rocksdb::Status Append(const rocksdb::Slice& data,
                               const rocksdb::DataVerificationInfo& info) override {
            return env_.append_fails ? error() : WritableFileWrapper::Append(data, info);
        }
        bool IsSyncThreadSafe() const override { return real_->IsSyncThreadSafe(); }

      private:
        static rocksdb::Status error() { return rocksdb::Status::IOError("the disk is on strike"); }
        FaultyEnv& env_;
        std::unique_ptr<rocksdb::WritableFile> real_;
    };
};

TEST_F(StoreTest, FailedSync_StoreIsReadOnly_UntilOpenedAgain) {
    FaultyEnv env;
    std::vector<std::string> lines;
    StorageOptions options;
    options.env = &env;
    options.log = [&](std::string_view line) { lines.emplace_back(line); };
    ASSERT_TRUE(filled()->close());
    {
        auto store = open(path(), options);
        ASSERT_TRUE(store) << store.error().message;
        ASSERT_TRUE(update(**store, saadi_, R"({"points": 1})"));
        env.sync_fails = true;
        expect_error(update(**store, saadi_, R"({"points": 100})"), ErrorCode::io, "the disk is on strike");
        env.sync_fails = false;
        EXPECT_TRUE((*store)->storage().failed());
        expect_error(update(**store, saadi_, R"({"points": 1000})"), ErrorCode::io,
                     "read-only after a failed write");
        // RocksDB's own lines may stand beside ours.
        EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                                [](const std::string& line) {
                                    return line.find("store is read-only now") != std::string::npos;
                                }),
                  1);
        EXPECT_TRUE((*store)->event(3));  // reads go on
    }
    auto store = open(path(), options);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_GE((*store)->position(),
              4u);  // the write that was not answered may be there, or not; never in part
    EXPECT_LE((*store)->position(), 5u);
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
    ASSERT_TRUE(update(**store, saadi_, R"({"points": 1})"));
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
}

TEST_F(StoreTest, FailedWrite_LeavesNothing_AndStoreIsReadOnly) {
    FaultyEnv env;
    StorageOptions options;
    options.env = &env;
    ASSERT_TRUE(filled()->close());
    {
        auto store = open(path(), options);
        ASSERT_TRUE(store) << store.error().message;
        env.append_fails = true;
        expect_error(create(**store, R"({"name": "lost"})"), ErrorCode::io, "the disk is on strike");
        env.append_fails = false;
        EXPECT_EQ((*store)->position(), 3u);
        expect_error(create(**store, R"({"name": "later"})"), ErrorCode::io,
                     "read-only after a failed write");
    }
    auto store = open(path());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->position(), 3u);
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
}

// I2 of rebuild.h: what was taken in is not added again.
TEST_F(StoreTest, RebuildCutOffAfterItsLastFiles_GoesOn_WithoutCountingTwice) {
    FaultyEnv env;
    StorageOptions options;
    options.env = &env;
    Projections before;
    {
        StorageOptions fast;
        fast.sync = SyncMode::memory;
        auto store = open(path(), fast);
        ASSERT_TRUE(store && add_users(**store));
        fill_more_than_a_chunk(**store);
        before = projections_of((*store)->storage());
    }
    {
        auto store = open(path(), options);
        ASSERT_TRUE(store) << store.error().message;
        auto cut_off = [&](std::uint64_t done, std::uint64_t total) {
            env.append_fails =
                env.append_fails || done == total;  // all is taken in; that it is cannot be written
            return true;
        };
        EXPECT_FALSE(rebuild_projections(**store, cut_off));
    }
    env.append_fails = false;
    auto store = open(path());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_FALSE(entries_of((*store)->storage(), Family::meta, kRebuildKey).empty());
    ASSERT_TRUE(resume_rebuild(**store));
    EXPECT_TRUE(entries_of((*store)->storage(), Family::meta, kRebuildKey).empty());
    Projections after = projections_of((*store)->storage());
    EXPECT_TRUE(before == after) << first_difference(before, after);
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
}

// A progress callback stops a rebuild between chunks; the log must be longer than one.
TEST_F(StoreTest, RebuildStoppedBetweenChunks_GoesOn_WhereItStopped) {
    Projections before;
    StorageOptions options;
    options.sync = SyncMode::memory;
    {
        auto store = open(path(), options);
        ASSERT_TRUE(store && add_users(**store));
        fill_more_than_a_chunk(**store);
        before = projections_of((*store)->storage());
        int calls = 0;
        auto stopped = rebuild_projections(**store, [&](std::uint64_t done, std::uint64_t total) {
            EXPECT_LT(done, total);
            return ++calls > 1;
        });
        expect_error(stopped, ErrorCode::unsupported, "stopped");
        EXPECT_EQ(calls, 1);
    }
    options.read_only = true;
    {
        auto store = open(path(), options);
        ASSERT_TRUE(store);
        expect_error(resume_rebuild(**store), ErrorCode::unsupported, "was cut off");
    }
    options.read_only = false;
    auto store = open(path(), options);
    ASSERT_TRUE(store);
    ASSERT_TRUE(resume_rebuild(**store));
    Projections after = projections_of((*store)->storage());
    EXPECT_TRUE(before == after) << first_difference(before, after);
    EXPECT_EQ(problems(**store), std::vector<std::string>{});
}

}  // namespace
}  // namespace cairn::test
