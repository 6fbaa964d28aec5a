// Filters on JSON fields (spec/query.md 5.5) and errors that arise while documents are compared (5.2).
#include "database_fixture.h"

namespace cairn::test {
namespace {

class JsonFilterTest : public DatabaseTest {
  protected:
    JsonFilterTest()
        : DatabaseTest(
              "type T { name: String  j: JSON  other: Other @primary } type Other { k: Int  t: T  us: [U] }"
              " type U { k: Int  o: Other }") {}
    // Documents named by their place.
    void fill(const std::vector<std::string>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            create("T", fmt::format("name: \"{}\", j: {}", i + 1, values[i]));
        }
    }
    // Names of the documents that a condition on j takes, sorted.
    std::string names(const std::string& condition) {
        std::string all;
        json answer = data("{ T(filter: {j: " + condition + "}, order: {name: ASC}) { name } }");
        for (const json& row : answer["T"]) all += row["name"].get<std::string>();
        return all;
    }
    std::string failure(const std::string& condition) {
        return error("{ T(filter: {j: " + condition + "}) { name } }");
    }
};

TEST_F(JsonFilterTest, Paths_WalkIntoObjects) {
    fill({"{a: {b: 1}}", "{a: {b: 2}}", "{a: null}", "{}", "null"});
    EXPECT_EQ(names("{a: {b: {_eq: 1}}}"), "1");
    EXPECT_EQ(names("{a: {b: 1}}"), "1");
    EXPECT_EQ(names("{a: {b: {_eq: null}}}"), "345");
    EXPECT_EQ(names("{a: {b: {_nin: [1]}}}"), "2345");
    EXPECT_EQ(names("{a: {b: {_ge: null}}}"), "12345");
}

TEST_F(JsonFilterTest, Ne_PassesOverMissingProperties) {
    fill({"{x: 1}", "{x: \"1\"}", "{x: null}", "{w: 1}", "null"});
    EXPECT_EQ(names("{x: {_ne: 1}}"), "235");
    EXPECT_EQ(names("{_not: {x: {_eq: 1}}}"), "2345");
}

TEST_F(JsonFilterTest, Q4_StepIntoAScalar_FailsTheRequest) {
    fill({"{a: 1}"});
    EXPECT_EQ(failure("{a: {b: {_eq: 1}}}"), "field or alias not found. Name: b");
    fill({"\"text\""});
    EXPECT_EQ(failure("{q: {_eq: 1}}"), "field or alias not found. Name: q");
}

TEST_F(JsonFilterTest, Q5_Arrays_CompareNumerically) {
    fill({"[1, 2]", "[1.0, 2.0]", "[2, 1]", "{l: [1, \"a\"]}"});
    EXPECT_EQ(names("{_eq: [1, 2]}"), "12");
    EXPECT_EQ(names("[1, 2.0]"), "12");
    EXPECT_EQ(names("{_ne: [1, 2]}"), "34");
    EXPECT_EQ(names("{_eq: {l: [1.0, \"a\"]}}"), "4");
}

TEST_F(JsonFilterTest, Q6_PropertyNamedLikeAField_IsAProperty) {
    fill({"{name: \"n\"}", "{name: \"m\"}"});
    EXPECT_EQ(names("{name: {_eq: \"n\"}}"), "1");
}

TEST_F(JsonFilterTest, Operators_LookAtTheTypeTheyAreFor) {
    fill({"1", "\"1\"", "true", "null", "[1]", "{a: 1}", "2.5"});
    EXPECT_EQ(names("{_eq: 1}"), "1");
    EXPECT_EQ(names("{_gt: 1}"), "7");
    EXPECT_EQ(names("{_le: 2.5}"), "17");
    EXPECT_EQ(names("{_gt: null}"), "123567");
    EXPECT_EQ(names("{_le: null}"), "4");
    EXPECT_EQ(names("{_lt: null}"), "");
    EXPECT_EQ(names("{_in: [1, \"1\", null]}"), "124");
    EXPECT_EQ(names("{_nin: [1]}"), "234567");
    EXPECT_EQ(names("{_like: \"1%\"}"), "2");
    EXPECT_EQ(names("{_nlike: \"1%\"}"), "134567");
    EXPECT_EQ(names("{_or: [{_eq: 1}, {_eq: true}]}"), "13");
    EXPECT_EQ(names("{_or: []}"), "");
    EXPECT_EQ(names("{_and: []}"), "1234567");
    EXPECT_EQ(names("{_not: {_gt: 1}}"), "123456");
}

TEST_F(JsonFilterTest, ArrayOperators_LookAtArraysOnly) {
    fill({"[1, 3]", "[3, 3]", "3", "[]", "[[3]]", "[{a: 1}, {a: 2}]", "null"});
    EXPECT_EQ(names("{_any: {_eq: 3}}"), "12");
    EXPECT_EQ(names("{_all: {_eq: 3}}"), "24");
    EXPECT_EQ(names("{_none: {_eq: 3}}"), "456");
}

TEST_F(JsonFilterTest, ArrayOperators_TakePropertySteps) {
    fill({"[{a: 1}, {a: 2}]", "[{a: 3}]"});
    EXPECT_EQ(names("{_any: {a: {_eq: 2}}}"), "1");
    EXPECT_EQ(names("{_all: {a: {_gt: 2}}}"), "2");
}

TEST_F(JsonFilterTest, WrongOperands_AreNamedByTheirType) {
    fill({"1"});
    EXPECT_EQ(failure("{_gt: true}"), "unexpected type. Property: condition, Actual: bool");
    EXPECT_EQ(failure("{_lt: \"a\"}"), "unexpected type. Property: condition, Actual: string");
    EXPECT_EQ(failure("{_le: {a: 1}}"),
              "unexpected type. Property: condition, Actual: map[string]interface {}");
    EXPECT_EQ(failure("{_ge: [1]}"), "unexpected type. Property: condition, Actual: []interface {}");
    EXPECT_EQ(failure("{_in: 5}"), "unexpected type. Property: condition, Actual: int32");
    EXPECT_EQ(failure("{_nin: 5.5}"), "unexpected type. Property: condition, Actual: float64");
    EXPECT_EQ(failure("{_in: \"a\"}"), "unexpected type. Property: condition, Actual: string");
    EXPECT_EQ(failure("{_in: null}"), "unexpected type. Property: condition, Actual: <nil>");
    EXPECT_EQ(failure("{_like: null}"), "unexpected type. Property: condition, Actual: <nil>");
    EXPECT_EQ(failure("{_foo: 1}"), "unknown operator. Operator: _foo");
    EXPECT_EQ(failure("12345678901"),
              "Argument \"filter\" has invalid value {j: 12345678901}.\n"
              "In field \"j\": Expected type \"JSON\", found 12345678901.");
}

TEST_F(JsonFilterTest, ErrorsOfComparing_NeedADocument) {
    EXPECT_EQ(names("{_foo: 1}"), "");
    EXPECT_EQ(names("{_in: null}"), "");
    EXPECT_EQ(names("{_gt: true}"), "");
    EXPECT_EQ(data("{ T(filter: {name: {_like: null}}) { name } }")["T"], json::array());
}

TEST_F(JsonFilterTest, MissingSingle_HasNoMembersInItsLists) {
    fill({"1"});
    auto count = [&](const std::string& condition) {
        return data("{ T(filter: {other: " + condition + "}) { name } }")["T"].size();
    };
    EXPECT_EQ(count("{us: {}}"), 0u);
    EXPECT_EQ(count("{us: {k: {_eq: null}}}"), 0u);
    EXPECT_EQ(count("{us: null}"), 1u);
    EXPECT_EQ(count("{k: {_eq: null}}"), 1u);
    EXPECT_EQ(count("{k: {_ne: 4}}"), 1u);
    EXPECT_EQ(count("null"), 1u);
}

}  // namespace
}  // namespace cairn::test
