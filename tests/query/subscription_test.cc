// Subscriptions (spec/query.md 15): what is sent, when, and in which order.
#include <atomic>
#include <thread>

#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type User { name: String  age: Int  points: Int @crdt(type: pncounter)  books: [Book] }"
    " type Book { title: String  writer: User }";

class SubscriptionTest : public DatabaseTest {
  protected:
    SubscriptionTest() : DatabaseTest(kSchema) {}

    Subscription listen(const std::string& text, std::vector<std::string>& into,
                        const std::string& variables = {}) {
        auto subscription = database_.subscribe(
            {text, variables, {}}, [&into](std::string_view result) { into.emplace_back(result); });
        EXPECT_TRUE(subscription) << (subscription ? "" : subscription.error().message);
        return std::move(*subscription);
    }
    Result<Subscription> refused(const std::string& text, const std::string& variables = {}) {
        return database_.subscribe({text, variables, {}}, [](std::string_view) {});
    }

    using Results = std::vector<std::string>;
};

TEST_F(SubscriptionTest, CreateAndUpdate_SendTheDocument) {
    Results results;
    create("User", "name: \"Before\"");
    Subscription live = listen("subscription { User { name age } }", results);
    std::string john = create("User", "name: \"John\", age: 27");
    update("User", john, "age: 28");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"age":27,"name":"John"}]}})",
                                R"({"data":{"User":[{"age":28,"name":"John"}]}})"}));
}

TEST_F(SubscriptionTest, CreatesOfOneMutation_SendOneResultEach) {
    Results results;
    Subscription live = listen("subscription { u: User { name } }", results);
    data("mutation { create_User(input: [{name: \"B\"}, {name: \"A\"}]) { _docID } }");
    EXPECT_EQ(results, (Results{R"({"data":{"u":[{"name":"B"}]}})", R"({"data":{"u":[{"name":"A"}]}})"}));
}

TEST_F(SubscriptionTest, Q22_NonMatchingWrites_SendNothing) {
    Results results;
    Subscription live =
        listen("subscription($a: Int) { User(filter: {age: {_lt: $a}}) { name } }", results, "{\"a\": 30}");
    create("User", "name: \"Old\", age: 31");
    create("Book", "title: \"Elsewhere\"");
    create("User", "name: \"Young\", age: 29");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"name":"Young"}]}})"}));
}

TEST_F(SubscriptionTest, Q22_Delete_SendsNothingAndTheStreamGoesOn) {
    Results results;
    std::string john = create("User", "name: \"John\"");
    Subscription live = listen("subscription { User { name } }", results);
    remove("User", john);
    create("User", "name: \"Next\"");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"name":"Next"}]}})"}));
}

TEST_F(SubscriptionTest, ArgumentsOtherThanFilter_HaveNoEffect) {
    Results results;
    Subscription live = listen(
        "subscription { User(docID: \"bae-1\", limit: 1, offset: 5, order: {name: ASC}, cid: \"x\", "
        "showDeleted: true) { name } }",
        results);
    create("User", "name: \"John\"");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"name":"John"}]}})"}));
}

TEST_F(SubscriptionTest, SeveralRootFields_OnlyTheFirstIsServed) {
    Results results;
    Subscription live = listen("subscription { User { name } Book { title } }", results);
    create("Book", "title: \"T\"");
    create("User", "name: \"John\"");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"name":"John"}]}})"}));
}

TEST_F(SubscriptionTest, UpdatesOfOneTransaction_ShowEachStateAfterTheCommit) {
    Results results;
    std::string john = create("User", "name: \"John\", points: 5");
    Subscription live = listen("subscription { User { name points } }", results);
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    for (int i = 0; i < 3; ++i) {
        transaction->execute({fmt::format("mutation {{ update_User(docID: \"{}\", input: {{points: 10, name: "
                                          "\"n{}\"}}) {{ _docID }} }}",
                                          john, i),
                              {},
                              {}});
    }
    EXPECT_TRUE(results.empty());
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"name":"n0","points":15}]}})",
                                R"({"data":{"User":[{"name":"n1","points":25}]}})",
                                R"({"data":{"User":[{"name":"n2","points":35}]}})"}));
}

TEST_F(SubscriptionTest, DiscardedTransaction_SendsNothing) {
    Results results;
    Subscription live = listen("subscription { User { name } }", results);
    {
        auto transaction = database_.begin();
        ASSERT_TRUE(transaction);
        transaction->execute({"mutation { create_User(input: {name: \"x\"}) { _docID } }", {}, {}});
    }
    ask("mutation { create_User(input: [{name: \"a\"}, {name: \"a\"}]) { _docID } }");
    EXPECT_TRUE(results.empty());
}

TEST_F(SubscriptionTest, Merge_SendsEachCommitOfTheOtherStore) {
    TemporaryFolder other_folder;
    Options options;
    options.durability = Durability::memory;
    Database other = *Database::open(other_folder / "store", options);
    ASSERT_TRUE(other.add_schema(kSchema));
    other.execute({"mutation { create_User(input: {name: \"John\", points: 1}) { _docID } }", {}, {}});
    other.execute({"mutation { update_User(input: {points: 2}) { _docID } }", {}, {}});
    other.execute({"mutation { update_User(input: {points: 3}) { _docID } }", {}, {}});
    Results results;
    Subscription live = listen("subscription { User { name points _version { height } } }", results);
    auto blocks = other.blocks_since(0);
    ASSERT_TRUE(blocks);
    ASSERT_TRUE(database_.merge(blocks->blocks));
    EXPECT_EQ(
        results,
        (Results{
            R"({"data":{"User":[{"_version":[{"height":1}],"name":"John","points":1}]}})",
            R"({"data":{"User":[{"_version":[{"height":2},{"height":1}],"name":"John","points":3}]}})",
            R"({"data":{"User":[{"_version":[{"height":3},{"height":2},{"height":1}],"name":"John","points":6}]}})"}));
}

TEST_F(SubscriptionTest, Relations_AreResolvedAgainstThePresent) {
    Results results;
    std::string john = create("User", "name: \"John\"");
    Subscription live = listen("subscription { Book { title writer { name } } }", results);
    create("Book", fmt::format("title: \"T\", writer: \"{}\"", john));
    Subscription users = listen(
        "subscription { User(filter: {books: {title: {_eq: \"T\"}}}) { name _count(books: {}) } }", results);
    update("User", john, "name: \"Johnny\"");
    EXPECT_EQ(results, (Results{R"({"data":{"Book":[{"title":"T","writer":{"name":"John"}}]}})",
                                R"({"data":{"User":[{"_count":1,"name":"Johnny"}]}})"}));
}

TEST_F(SubscriptionTest, Destroyed_HearsNothingMore) {
    Results kept_results, results;
    Subscription kept = listen("subscription { User { name } }", kept_results);
    {
        Subscription live = listen("subscription { User { name } }", results);
        create("User", "name: \"a\"");
    }
    create("User", "name: \"b\"");
    EXPECT_EQ(results.size(), 1u);
    EXPECT_EQ(kept_results.size(), 2u);
}

TEST_F(SubscriptionTest, DestroyedInItsOwnCall_Stops) {
    int calls = 0;
    std::optional<Subscription> live;
    auto subscription =
        database_.subscribe({"subscription { User { name } }", {}, {}}, [&](std::string_view) {
            ++calls;
            live.reset();
        });
    ASSERT_TRUE(subscription);
    live.emplace(std::move(*subscription));
    create("User", "name: \"a\"");
    create("User", "name: \"b\"");
    EXPECT_EQ(calls, 1);
}

TEST_F(SubscriptionTest, OutlivesItsDatabase) {
    Results results;
    Subscription live = listen("subscription { User { name } }", results);
    ASSERT_TRUE(database_.close());
}

TEST_F(SubscriptionTest, SchemaPatched_GoesOnWithTheNewVersion) {
    Results results;
    Subscription live = listen("subscription { User { name age } }", results);
    ASSERT_TRUE(database_.patch_schema(
        R"([{"op": "add", "path": "/User/Fields/-", "value": {"Name": "email", "Kind": "String"}}])"));
    create("User", "name: \"John\", email: \"j\"");
    EXPECT_EQ(results, (Results{R"({"data":{"User":[{"age":null,"name":"John"}]}})"}));
}

TEST_F(SubscriptionTest, ConcurrentWriters_AreHeardInCommitOrderOnce) {
    std::vector<int> heard;
    std::string john = create("User", "name: \"John\", points: 0");
    auto live = database_.subscribe({"subscription { User { points } }", {}, {}}, [&](std::string_view text) {
        heard.push_back(json::parse(text)["data"]["User"][0]["points"]);
    });
    ASSERT_TRUE(live);
    constexpr int kWriters = 4, kWrites = 50;
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
        writers.emplace_back([&] {
            for (int i = 0; i < kWrites; ++i) {
                database_.execute({"mutation { update_User(input: {points: 1}) { _docID } }", {}, {}});
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    ASSERT_EQ(heard.size(), std::size_t{kWriters * kWrites});
    for (int i = 0; i < kWriters * kWrites; ++i) EXPECT_EQ(heard[static_cast<std::size_t>(i)], i + 1);
}

TEST_F(SubscriptionTest, InvalidRequest_IsRefusedWithTheWholeAnswer) {
    auto unknown = refused("subscription { Nope { name } }");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(
        unknown.error().message,
        R"({"errors":[{"message":"Cannot query field \"Nope\" on type \"Subscription\"."}],"data":null})");
    auto query = refused("{ User { name } }");
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().message,
              R"({"errors":[{"message":"the operation is not a subscription"}],"data":null})");
    auto variable = refused("subscription($a: Int!) { User(filter: {age: {_eq: $a}}) { name } }");
    ASSERT_FALSE(variable);
    EXPECT_EQ(
        variable.error().message,
        R"({"errors":[{"message":"Variable \"$a\" of required type \"Int!\" was not provided."}],"data":null})");
    EXPECT_FALSE(refused("subscription @explain { User { name } }"));
    EXPECT_FALSE(refused("subscription { __typename }"));
}

TEST_F(SubscriptionTest, Execute_RefusesASubscription) {
    EXPECT_EQ(error("subscription { User { name } }"),
              "a subscription gives results as documents are written, not one");
}

TEST_F(SubscriptionTest, FilterThatFails_SendsTheError) {
    Results results;
    Subscription live = listen("subscription { User(filter: {name: {_like: null}}) { name } }", results);
    create("User", "name: \"John\"");
    EXPECT_EQ(
        results,
        (Results{
            R"({"errors":[{"message":"unexpected type. Property: condition, Actual: \u003cnil\u003e"}],"data":null})"}));
}

TEST_F(SubscriptionTest, IsSubscription_LooksAtTheChosenOperation) {
    EXPECT_TRUE(Database::is_subscription({"subscription { User { name } }", {}, {}}));
    EXPECT_FALSE(Database::is_subscription({"{ subscription: User { name } }", {}, {}}));
    std::string two = "query A { User { name } } subscription B { User { name } }";
    EXPECT_TRUE(Database::is_subscription({two, {}, "B"}));
    EXPECT_FALSE(Database::is_subscription({two, {}, "A"}));
    EXPECT_FALSE(Database::is_subscription({"subscription {", {}, {}}));
}

}  // namespace
}  // namespace cairn::test
