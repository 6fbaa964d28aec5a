// The two habits of the reference that are there on request (spec/query.md 19, Q1 and Q14).
#include <set>

#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr const char* kSchema =
    "type Shelf { name: String  books: [Book] }"
    "type Book @index(includes: [{field: \"pages\"}, {field: \"year\"}])"
    " { name: String  pages: Int  year: Int  price: Float  shelf: Shelf }";

class QueryModesTest : public DatabaseTest {
  protected:
    explicit QueryModesTest(QueryModes modes) : DatabaseTest(kSchema, with(modes)) {
        const std::string shelf = create("Shelf", "name: \"s\"");
        for (const char* book :
             {"name: \"a\", pages: 2, year: 2, price: 1", "name: \"b\", pages: 2, year: 1, price: 9",
              "name: \"c\", pages: 1, year: 3", "name: \"d\", pages: 1, year: 4, price: 5"}) {
            create("Book", fmt::format("{}, shelf: \"{}\"", book, shelf));
        }
    }
    static Options with(QueryModes modes) {
        Options options;
        options.modes = modes;
        return options;
    }
    std::string names(const std::string& order) {
        std::string text;
        const json answer = data(fmt::format("{{ Book({}) {{ name }} }}", order));
        for (const json& book : answer["Book"]) text += book["name"];
        return text;
    }
};

class DefaultModes : public QueryModesTest {
  protected:
    DefaultModes() : QueryModesTest({}) {}
};
class FirstOrderKeyOnly : public QueryModesTest {
  protected:
    FirstOrderKeyOnly() : QueryModesTest({.first_order_key_only = true}) {}
};
class ExtremesAfterLastNull : public QueryModesTest {
  protected:
    ExtremesAfterLastNull() : QueryModesTest({.extremes_after_last_null = true}) {}
};

class IntrospectExtensions : public QueryModesTest {
  protected:
    IntrospectExtensions() : QueryModesTest({.introspect_extensions = true}) {}
};

constexpr const char* kPriceThenName = "order: [{price: ASC}, {name: DESC}]";
constexpr const char* kPagesThenName = "order: [{pages: ASC}, {name: DESC}]";

TEST_F(DefaultModes, Order_AllKeysCount) {
    EXPECT_EQ(names(kPagesThenName), "dcba");
    EXPECT_EQ(names(kPriceThenName), "cadb");
}

TEST_F(FirstOrderKeyOnly, Order_OthersDoNotCount) {
    // Of equal pages in the order of ids, which is that of a request with this key alone.
    EXPECT_EQ(names(kPagesThenName), names("order: {pages: ASC}"));
    EXPECT_EQ(names("order: [{pages: ASC}, {name: ASC}]"), names("order: [{pages: ASC}, {name: DESC}]"));
    const json shelf = data("{ Shelf { books(order: [{pages: ASC}, {name: ASC}]) { name } } }");
    EXPECT_EQ(shelf, data("{ Shelf { books(order: [{pages: ASC}, {name: DESC}]) { name } } }"));
    EXPECT_EQ(data("{ commits(order: [{docID: ASC}, {height: ASC}, {cid: ASC}]) { cid } }"),
              data("{ commits(order: [{docID: ASC}, {cid: DESC}]) { cid } }"));
}

TEST_F(FirstOrderKeyOnly, Order_AnIndexHasAllKeys_TheyCount) {
    EXPECT_EQ(names("order: [{pages: ASC}, {year: ASC}]"), "cdba");
    EXPECT_EQ(names("order: [{pages: DESC}, {year: DESC}]"), "abdc");
}

TEST_F(DefaultModes, Extremes_NullsAreSkipped) {
    const json prices = data(
        "{ _min(Book: {field: price, order: {name: ASC}}) Shelf { _min(books: {field: price, order: {name: "
        "ASC}})"
        " _max(books: {field: price, order: {name: ASC}}) } }");
    EXPECT_EQ(prices, json::parse(R"({"_min": 1.0, "Shelf": [{"_min": 1.0, "_max": 9.0}]})"));
}

TEST_F(ExtremesAfterLastNull, Extremes_OfDocuments_ForgetWhatCameBefore) {
    // In the order of names only d comes after the null.
    const json prices = data(
        "{ _min(Book: {field: price, order: {name: ASC}}) _max(Book: {field: price, order: {name: DESC}})"
        " Shelf { _min(books: {field: price, order: {name: ASC}}) _max(books: {field: price, order: {name: "
        "DESC}})"
        " last: _max(books: {field: price, order: {price: DESC}}) } }");
    EXPECT_EQ(prices, json::parse(R"({"_min": 5.0, "_max": 9.0,
        "Shelf": [{"_min": 5.0, "_max": 9.0, "last": null}]})"));
    EXPECT_EQ(data("{ _sum(Book: {field: price}) _avg(Book: {field: price}) }"),
              json::parse(R"({"_sum": 15.0, "_avg": 5.0})"));
}

TEST_F(ExtremesAfterLastNull, Extremes_OfGroups_ForgetTheirOwn) {
    const json groups = data(
        "{ Book(groupBy: [pages], order: {pages: ASC}) { pages _min(_group: {field: price, order: {name: "
        "DESC}}) } }");
    EXPECT_EQ(groups, json::parse(R"({"Book": [{"pages": 1, "_min": null}, {"pages": 2, "_min": 1.0}]})"));
}

constexpr const char* kDirectives = "{ __schema { directives { name } } }";

bool has_skip(const json& answer) {
    for (const json& directive : answer["__schema"]["directives"]) {
        if (directive["name"] == "skip") return true;
    }
    return false;
}

TEST_F(DefaultModes, Introspection_Extensions_AreLeftOutAndAccepted) {
    EXPECT_FALSE(has_skip(data(kDirectives)));
    EXPECT_EQ(data("{ Shelf { name @skip(if: true) _deleted } }"),
              json({{"Shelf", {{{"_deleted", false}}}}}));
}

TEST_F(IntrospectExtensions, Introspection_ExtensionsButNoAliases_AreListed) {
    EXPECT_TRUE(has_skip(data(kDirectives)));
    std::set<std::string> arguments;
    const json query = data("{ __schema { queryType { fields { name args { name } } } } }");
    for (const json& field : query["__schema"]["queryType"]["fields"]) {
        if (field["name"] != "Shelf") continue;
        for (const json& argument : field["args"]) arguments.insert(argument["name"]);
    }
    EXPECT_TRUE(arguments.contains("docID"));
    EXPECT_FALSE(arguments.contains("docIDs"));
    EXPECT_FALSE(arguments.contains("id"));
}

}  // namespace
}  // namespace cairn::test
