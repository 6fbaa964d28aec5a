// Explicit transactions: snapshots, own writes, conflicts (spec/query.md 3.6), and threads on one store.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "cairn/database.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::string_view kConflict = "transaction conflict. Please retry";
constexpr std::string_view kSchema =
    "type User { name: String  age: Int @index  email: String @index(unique: true)  points: Int @crdt(type: "
    "pncounter)"
    "  card: Card @primary }"
    " type Card { number: Int  user: User }";

class TransactionTest : public testing::Test {
  protected:
    TransactionTest() : database_(open(folder_ / "store")) {
        auto added = database_.add_schema(kSchema);
        EXPECT_TRUE(added) << added.error().message;
    }

    static Database open(const std::filesystem::path& path) {
        Options options;
        options.durability = Durability::memory;
        return *Database::open(path, options);
    }
    template <typename Where>
    static json ask(Where& where, const std::string& text) {
        return json::parse(where.execute({text, {}, {}}));
    }
    template <typename Where>
    static std::string create(Where& where, const std::string& collection, const std::string& input) {
        json answer = ask(
            where, fmt::format("mutation {{ create_{0}(input: {{{1}}}) {{ _docID }} }}", collection, input));
        EXPECT_FALSE(answer.contains("errors")) << answer;
        return answer.contains("errors")
                   ? ""
                   : answer["data"]["create_" + collection][0]["_docID"].get<std::string>();
    }
    template <typename Where>
    static json update(Where& where, const std::string& id, const std::string& input) {
        return ask(where, fmt::format("mutation {{ update_User(docID: \"{}\", input: {{{}}}) {{ name }} }}",
                                      id, input));
    }
    template <typename Where>
    static json names(Where& where) {
        json list = json::array();
        json answer = ask(where, "{ User(order: {name: ASC}) { name } }");
        for (const json& user : answer["data"]["User"]) list.push_back(user["name"]);
        return list;
    }
    Transaction begin(bool read_only = false) {
        auto begun = database_.begin(read_only);
        EXPECT_TRUE(begun) << begun.error().message;
        return std::move(*begun);
    }
    static void expect_conflict(const Status& committed) {
        ASSERT_FALSE(committed);
        EXPECT_EQ(committed.error().code, ErrorCode::conflict);
        EXPECT_EQ(committed.error().message, kConflict);
    }
    void expect_sound() {
        auto report = database_.check();
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->problems, std::vector<std::string>{});
    }

    TemporaryFolder folder_;
    Database database_;
};

// Deleted documents and those of other collections lie behind a collection's own.
TEST_F(TransactionTest, OwnChanges_BehindACollection_AreNotScannedWithIt) {
    const std::string first = create(database_, "User", "name: \"a\"");
    create(database_, "User", "name: \"b\"");
    auto transaction = *database_.begin();
    create(transaction, "User", "name: \"c\"");
    create(transaction, "User", "name: \"d\", age: 3");
    for (int number : {1, 2, 3}) create(transaction, "Card", fmt::format("number: {}", number));
    EXPECT_EQ(names(transaction), json({"a", "b", "c", "d"}));
    ask(transaction, fmt::format("mutation {{ delete_User(docID: \"{}\") {{ name }} }}", first));
    EXPECT_EQ(names(transaction), json({"b", "c", "d"}));
    EXPECT_EQ(ask(transaction, "{ User(order: {age: DESC}, limit: 9) { age } }")["data"]["User"][0],
              json({{"age", 3}}));
    EXPECT_EQ(ask(transaction, "{ _count(Card: {}) }")["data"]["_count"], 3);
}

TEST_F(TransactionTest, Snapshot_WritesOfOthers_AreNotSeen) {
    create(database_, "User", "name: \"Saadi\", age: 1");
    Transaction reader = begin(true), writer = begin();
    EXPECT_EQ(names(reader), json({"Saadi"}));
    create(database_, "User", "name: \"Hafez\", age: 2");
    EXPECT_EQ(names(reader), json({"Saadi"}));
    EXPECT_EQ(names(writer), json({"Saadi"}));
    EXPECT_EQ(ask(reader, "{ User(filter: {age: {_eq: 2}}) { name } }")["data"]["User"],
              json::array());  // by index
    EXPECT_EQ(names(database_), json({"Hafez", "Saadi"}));
    ASSERT_TRUE(reader.commit());
    Transaction later = begin(true);
    EXPECT_EQ(names(later), json({"Hafez", "Saadi"}));
}

TEST_F(TransactionTest, OwnWrites_AreSeenInside_AndOutsideAfterCommit) {
    Transaction transaction = begin();
    std::string id = create(transaction, "User", "name: \"Saadi\", age: 7, points: 1");
    EXPECT_EQ(update(transaction, id, "age: 8, points: 2")["data"]["update_User"][0]["name"], "Saadi");
    auto by_json = transaction.create_document("User", R"({"name": "Hafez"})");
    ASSERT_TRUE(by_json) << by_json.error().message;
    json seen = ask(transaction, "{ User(filter: {age: {_eq: 8}}) { name points } }")["data"]["User"];
    EXPECT_EQ(seen, json::parse(R"([{"name": "Saadi", "points": 3}])"));
    EXPECT_EQ(ask(transaction, "{ User(filter: {age: {_eq: 7}}) { name } }")["data"]["User"], json::array());
    EXPECT_EQ(names(database_), json::array());
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(names(database_), json({"Hafez", "Saadi"}));
    EXPECT_EQ(database_.position(), 3u);
    expect_sound();
}

// The last document of a scan may be one that the transaction made: what it deleted lies behind it.
TEST_F(TransactionTest, OwnDeletions_BehindTheLastOwnDocument_AreNotSeen) {
    std::string gone = create(database_, "User", "name: \"gone\"");
    Transaction transaction = begin();
    ask(transaction, fmt::format("mutation {{ delete_User(docID: \"{}\") {{ name }} }}", gone));
    json expected = json::array();
    for (char name = 'a'; name < 'm'; ++name) {
        create(transaction, "User", fmt::format("name: \"{}\"", name));
        expected.push_back(std::string(1, name));
        EXPECT_EQ(names(transaction), expected);
    }
}

TEST_F(TransactionTest, Discard_LeavesNothing) {
    {
        Transaction discarded = begin(), forgotten = begin();
        create(discarded, "User", "name: \"Saadi\"");
        create(forgotten, "User", "name: \"Hafez\"");
        discarded.discard();
        EXPECT_FALSE(discarded.commit());
    }
    EXPECT_EQ(names(database_), json::array());
    EXPECT_EQ(database_.position(), 0u);
    expect_sound();
}

TEST_F(TransactionTest, UpdateOfOneDocumentTwice_SecondCommit_Conflicts) {
    std::string id = create(database_, "User", "name: \"Saadi\", points: 1");
    Transaction first = begin(), second = begin();
    EXPECT_FALSE(update(first, id, "points: 10").contains("errors"));
    EXPECT_FALSE(update(second, id, "points: 100").contains("errors"));
    ASSERT_TRUE(first.commit());
    expect_conflict(second.commit());
    EXPECT_EQ(ask(database_, "{ User { points } }")["data"]["User"][0]["points"], 11);
    expect_sound();
}

TEST_F(TransactionTest, UpdateOutsideOfTransaction_Commit_Conflicts) {
    std::string id = create(database_, "User", "name: \"Saadi\"");
    Transaction transaction = begin();
    EXPECT_FALSE(update(transaction, id, "age: 1").contains("errors"));
    EXPECT_FALSE(update(database_, id, "age: 2").contains("errors"));
    expect_conflict(transaction.commit());
    EXPECT_EQ(ask(database_, "{ User { age } }")["data"]["User"][0]["age"], 2);
}

TEST_F(TransactionTest, DeleteOfUpdatedDocument_Commit_Conflicts) {
    std::string id = create(database_, "User", "name: \"Saadi\"");
    Transaction transaction = begin();
    ask(transaction, fmt::format("mutation {{ delete_User(docID: \"{}\") {{ _docID }} }}", id));
    update(database_, id, "age: 2");
    expect_conflict(transaction.commit());
    EXPECT_EQ(names(database_), json({"Saadi"}));
}

TEST_F(TransactionTest, MergeIntoUpdatedDocument_Commit_Conflicts) {
    std::string id = create(database_, "User", "name: \"Saadi\"");
    Database other = open(folder_ / "other");
    ASSERT_TRUE(other.add_schema(kSchema));
    auto batch = database_.blocks_since(0);
    ASSERT_TRUE(batch && other.merge(batch->blocks));
    update(other, id, "age: 5");
    Transaction transaction = begin();
    update(transaction, id, "age: 6");
    auto news = other.blocks_since(0);
    ASSERT_TRUE(news && database_.merge(news->blocks));
    expect_conflict(transaction.commit());
    EXPECT_EQ(ask(database_, "{ User { age } }")["data"]["User"][0]["age"], 5);
    expect_sound();
}

TEST_F(TransactionTest, OneDocumentCreatedTwice_SecondCommit_Conflicts) {
    Transaction first = begin(), second = begin();
    EXPECT_EQ(create(first, "User", "name: \"Saadi\""), create(second, "User", "name: \"Saadi\""));
    ASSERT_TRUE(first.commit());
    expect_conflict(second.commit());
    EXPECT_EQ(database_.position(), 1u);
    expect_sound();
}

TEST_F(TransactionTest, UniqueValueTakenTwice_SecondCommit_Conflicts) {
    std::string hafez = create(database_, "User", "name: \"Hafez\"");
    Transaction first = begin(), second = begin();
    create(first, "User", "name: \"Saadi\", email: \"a@b\"");
    EXPECT_FALSE(update(second, hafez, "email: \"a@b\"").contains("errors"));
    ASSERT_TRUE(first.commit());
    expect_conflict(second.commit());
    // Without the conflict it is refused at once.
    EXPECT_TRUE(update(database_, hafez, "email: \"a@b\"").contains("errors"));
    expect_sound();
}

TEST_F(TransactionTest, OneToOneTargetLinkedTwice_SecondCommit_Conflicts) {
    std::string card = create(database_, "Card", "number: 1");
    Transaction first = begin(), second = begin();
    create(first, "User", fmt::format("name: \"Saadi\", card_id: \"{}\"", card));
    create(second, "User", fmt::format("name: \"Hafez\", card_id: \"{}\"", card));
    ASSERT_TRUE(first.commit());
    expect_conflict(second.commit());
    EXPECT_EQ(ask(database_, "{ Card { user { name } } }")["data"]["Card"][0]["user"]["name"], "Saadi");
    expect_sound();
}

TEST_F(TransactionTest, DifferentDocuments_BothCommits_Succeed) {
    std::string saadi = create(database_, "User", "name: \"Saadi\""),
                hafez = create(database_, "User", "name: \"Hafez\"");
    Transaction first = begin(), second = begin();
    update(first, saadi, "age: 1, email: \"s\"");
    update(second, hafez, "age: 1, email: \"h\"");
    EXPECT_TRUE(second.commit());
    EXPECT_TRUE(first.commit());
    EXPECT_EQ(ask(database_, "{ User(filter: {age: {_eq: 1}}) { name } }")["data"]["User"].size(), 2u);
    expect_sound();
}

TEST_F(TransactionTest, SchemaChangedMeanwhile_Commit_Conflicts) {
    Transaction transaction = begin();
    create(transaction, "User", "name: \"Saadi\"");
    ASSERT_TRUE(database_.add_schema("type Other { x: Int }"));
    expect_conflict(transaction.commit());
}

TEST_F(TransactionTest, FailedRequestInside_LeavesNothingOfItself) {
    create(database_, "User", "name: \"Old\", email: \"taken\"");
    Transaction transaction = begin();
    create(transaction, "User", "name: \"Saadi\", email: \"s\"");
    // The first of the two creates succeeds before the second is refused.
    json answer = ask(transaction,
                      "mutation { a: create_User(input: {name: \"Lost\", email: \"free\", age: 4}) { name }"
                      " b: create_User(input: {name: \"Refused\", email: \"taken\"}) { name } }");
    ASSERT_TRUE(answer.contains("errors")) << answer;
    EXPECT_EQ(names(transaction), json({"Old", "Saadi"}));
    EXPECT_EQ(ask(transaction, "{ User(filter: {age: {_eq: 4}}) { name } }")["data"]["User"], json::array());
    create(transaction, "User", "name: \"Hafez\", email: \"free\"");
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(names(database_), json({"Hafez", "Old", "Saadi"}));
    EXPECT_EQ(database_.position(), 3u);
    expect_sound();
}

TEST_F(TransactionTest, FailedCreateByJson_LeavesNothingOfItself) {
    Transaction transaction = begin();
    EXPECT_FALSE(transaction.create_document("User", R"({"name": "Saadi", "nothing": 1})"));
    EXPECT_FALSE(transaction.create_document("Nobody", "{}"));
    EXPECT_EQ(names(transaction), json::array());
    ASSERT_TRUE(transaction.create_document("User", R"({"name": "Hafez"})"));
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(database_.position(), 1u);
}

TEST_F(TransactionTest, ReadOnly_Mutations_AreRefused) {
    Transaction transaction = begin(true);
    EXPECT_TRUE(
        ask(transaction, "mutation { create_User(input: {name: \"x\"}) { name } }").contains("errors"));
    auto created = transaction.create_document("User", "{}");
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(transaction.commit());
    EXPECT_EQ(database_.position(), 0u);
}

TEST_F(TransactionTest, AfterCommit_EveryCall_Fails) {
    Transaction transaction = begin();
    ASSERT_TRUE(transaction.commit());
    EXPECT_TRUE(ask(transaction, "{ User { name } }").contains("errors"));
    EXPECT_FALSE(transaction.create_document("User", "{}"));
    EXPECT_FALSE(transaction.commit());
}

// A server may run each request of a transaction on another thread.
TEST_F(TransactionTest, HandedFromThreadToThread_WorksAndEndsOnTheLast) {
    Transaction transaction = begin();
    std::thread([&] { create(transaction, "User", "name: \"Saadi\""); }).join();
    std::thread([this, moved = std::move(transaction)]() mutable {
        EXPECT_EQ(names(moved), json({"Saadi"}));
        ASSERT_TRUE(moved.commit());
    }).join();
    EXPECT_EQ(names(database_), json({"Saadi"}));
    EXPECT_TRUE(database_.rebuild(false));  // would wait for a transaction that is not over
}

// Two writers raise two counters of one document by the same amount each time, so that every snapshot must
// show them equal; four readers look. The numbers of rounds are bounded, there is no clock.
TEST(TransactionThreads, ReadersAndWriters_OnOneDatabase_SeeWholeWritesOnly) {
    constexpr int kWrites = 150, kReads = 300;
    TemporaryFolder folder;
    Options options;
    options.durability = Durability::memory;
    Database database = *Database::open(folder / "store", options);
    ASSERT_TRUE(database.add_schema(
        "type Pair { name: String a: Int @crdt(type: pncounter) b: Int @crdt(type: pncounter) }"));
    json created = json::parse(
        database.execute({"mutation { create_Pair(input: {name: \"p\", a: 0, b: 0}) { _docID } }", {}, {}}));
    std::string id = created["data"]["create_Pair"][0]["_docID"];
    std::string text =
        fmt::format("mutation {{ update_Pair(docID: \"{}\", input: {{a: 1, b: 1}}) {{ name }} }}", id);
    std::atomic<int> torn{0}, failures{0}, commits{0}, conflicts{0};

    std::vector<std::thread> threads;
    for (int writer = 0; writer < 2; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0; i < kWrites; ++i) {
                bool failed = false;
                if ((i + writer) % 2 == 0) {  // on its own: never a conflict
                    database.execute({text, {}, {}}, &failed);
                    failed ? ++failures : ++commits;
                    continue;
                }
                auto transaction = database.begin();
                if (!transaction) {
                    ++failures;
                    continue;
                }
                transaction->execute({text, {}, {}}, &failed);
                if (failed) ++failures;
                Status committed = transaction->commit();
                if (committed) {
                    ++commits;
                } else {
                    committed.error().code == ErrorCode::conflict ? ++conflicts : ++failures;
                }
            }
        });
    }
    for (int reader = 0; reader < 4; ++reader) {
        threads.emplace_back([&, reader] {
            for (int i = 0; i < kReads; ++i) {
                bool failed = false;
                std::string answer;
                if (reader % 2 == 0) {
                    answer = database.execute({"{ Pair { a b } }", {}, {}}, &failed);
                } else {
                    auto transaction = database.begin(true);
                    answer = transaction->execute({"{ Pair { a b } }", {}, {}}, &failed);
                    std::string again = transaction->execute({"{ Pair { a b } }", {}, {}}, &failed);
                    if (again != answer) ++torn;
                }
                json seen = json::parse(answer)["data"]["Pair"][0];
                if (failed || seen["a"] != seen["b"]) ++torn;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(commits + conflicts, 2 * kWrites);
    json end = json::parse(database.execute({"{ Pair { a b } }", {}, {}}))["data"]["Pair"][0];
    EXPECT_EQ(end["a"], commits.load());
    EXPECT_EQ(database.position(), static_cast<std::uint64_t>(commits) + 1);
    auto report = database.check();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, std::vector<std::string>{});
    std::cout << fmt::format("  {} commits, {} conflicts\n", commits.load(), conflicts.load());
}

}  // namespace
}  // namespace cairn::test
