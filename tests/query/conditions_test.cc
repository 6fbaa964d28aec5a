// @skip and @include, with literals and variables, at every place where they may stand.
#include "database_fixture.h"

namespace cairn::test {
namespace {

class ConditionsTest : public DatabaseTest {
  protected:
    ConditionsTest()
        : DatabaseTest(
              "type User { name: String  age: Int  books: [Book] }"
              " type Book { title: String  writer: User }") {
        create("Book", fmt::format("title: \"t\", writer: \"{}\"", create("User", "name: \"a\", age: 1")));
    }
};

TEST_F(ConditionsTest, Literals_DecideOnFields) {
    EXPECT_EQ(data("{ User { name @skip(if: true) age @include(if: true) } }"),
              json::parse(R"({"User": [{"age": 1}]})"));
    EXPECT_EQ(data("{ User { name @skip(if: false) age @include(if: false) } }"),
              json::parse(R"({"User": [{"name": "a"}]})"));
    EXPECT_EQ(data("{ User { name @skip(if: true) @include(if: true) age } }"),
              json::parse(R"({"User": [{"age": 1}]})"));
}

TEST_F(ConditionsTest, Variables_DecideAtEachExecution) {
    const std::string request = "query($x: Boolean!) { User { name @skip(if: $x) age @include(if: $x) } }";
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(data(request, R"({"x": true})"), json::parse(R"({"User": [{"age": 1}]})"));
        EXPECT_EQ(data(request, R"({"x": false})"), json::parse(R"({"User": [{"name": "a"}]})"));
    }
    EXPECT_EQ(error(request), "Variable \"$x\" of required type \"Boolean!\" was not provided.");
}

TEST_F(ConditionsTest, RootFields_NestedFieldsAndFragments) {
    const std::string request =
        "query($x: Boolean!) { User @include(if: $x) { name } Book { ...F @skip(if: $x) ... @include(if: $x) "
        "{ "
        "writer { name } } } } fragment F on Book { title writer { age @skip(if: $x) name } }";
    EXPECT_EQ(data(request, R"({"x": true})"),
              json::parse(R"({"User": [{"name": "a"}], "Book": [{"writer": {"name": "a"}}]})"));
    EXPECT_EQ(data(request, R"({"x": false})"),
              json::parse(R"({"Book": [{"title": "t", "writer": {"age": 1, "name": "a"}}]})"));
}

TEST_F(ConditionsTest, NothingLeft_IsAnEmptyObject) {
    EXPECT_EQ(data("{ User @skip(if: true) { name } }"), json::object());
    EXPECT_EQ(data("{ User { name @skip(if: true) } }"), json::parse(R"({"User": [{}]})"));
}

TEST_F(ConditionsTest, Mutations_AreNotExecutedWhenSkipped) {
    const std::string request =
        "mutation($x: Boolean!) { create_User(input: {name: \"b\"}) @include(if: $x) { name } }";
    EXPECT_EQ(data(request, R"({"x": false})"), json::object());
    EXPECT_EQ(data("{ _count(User: {}) }"), json::parse(R"({"_count": 1})"));
    EXPECT_EQ(data(request, R"({"x": true})"), json::parse(R"({"create_User": [{"name": "b"}]})"));
}

TEST_F(ConditionsTest, Subscriptions_HonourThem) {
    std::vector<std::string> results;
    auto live = database_.subscribe(
        {"subscription($x: Boolean!) { User { name age @include(if: $x) } }", R"({"x": false})", {}},
        [&](std::string_view result) { results.emplace_back(result); });
    ASSERT_TRUE(live);
    create("User", "name: \"b\"");
    EXPECT_EQ(results, (std::vector<std::string>{R"({"data":{"User":[{"name":"b"}]}})"}));
}

TEST_F(ConditionsTest, WrongUses_AreRefused) {
    EXPECT_EQ(error("{ User { name @skip } }"),
              "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided.");
    EXPECT_EQ(error("{ User { name @skip(if: 1) } }"),
              "Argument \"if\" has invalid value 1.\nExpected type \"Boolean\", found 1.");
    EXPECT_EQ(error("query @skip(if: true) { User { name } }"),
              "Directive \"skip\" may not be used on QUERY.");
    EXPECT_EQ(error("query($x: Boolean) { User { name @skip(if: $x) } }", R"({"x": true})"),
              "Variable \"$x\" of type \"Boolean\" used in position expecting type \"Boolean!\".");
    EXPECT_EQ(error("{ User { name @nope } }"), "Unknown directive \"nope\".");
}

TEST_F(ConditionsTest, Introspection_DoesNotListThem) {
    json directives = data("{ __schema { directives { name } } }")["__schema"]["directives"];
    for (const json& directive : directives) {
        EXPECT_NE(directive["name"], "skip");
        EXPECT_NE(directive["name"], "include");
    }
}

}  // namespace
}  // namespace cairn::test
