// `_alias` in filters and orders, and orders by several keys and through relations (spec/query.md 4.6, 5.8).
#include <algorithm>

#include "query_fixture.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class Alias : public QueryFixture {
  protected:
    void SetUp() override {
        schema(R"(type Country { name: String cities: [City] }
                  type City { name: String size: Int country: Country people: [Person] }
                  type Person { name: String age: Int born: DateTime info: JSON city: City })");
        std::string italy = create("Country", R"(name: "Italy")"),
                    austria = create("Country", R"(name: "Austria")");
        std::string rome = create("City", fmt::format(R"(name: "Rome", size: 3, country: "{}")", italy));
        std::string graz = create("City", fmt::format(R"(name: "Graz", size: 1, country: "{}")", austria));
        std::string bari = create("City", fmt::format(R"(name: "Bari", size: 1, country: "{}")", italy));
        person("Ann", 30, rome);
        person("Bob", 20, rome);
        person("Cid", 20, graz);
        person("Dan", 40, bari);
        create("Person", R"(name: "Eve", age: 50, born: "2001-02-03T04:05:06Z", info: {a: 1})");
    }
    void person(std::string_view name, int age, std::string_view city) {
        create("Person", fmt::format(R"(name: "{}", age: {}, city: "{}")", name, age, city));
    }
    // Names of the persons that a select gives, in its order.
    std::string order(std::string_view order, std::string_view selection = "") {
        return letters(ask(fmt::format("{{ Person(order: {}) {{ name {} }} }}", order, selection))["Person"]);
    }
    std::string filtered(std::string_view filter, std::string_view selection = "") {
        return letters(ask(fmt::format("{{ Person(filter: {}, order: {{name: ASC}}) {{ name {} }} }}", filter,
                                       selection))["Person"]);
    }
    std::string cities(std::string_view arguments, std::string_view selection) {
        return letters(ask(fmt::format("{{ City({}) {{ name {} }} }}", arguments, selection))["City"]);
    }
    static std::string letters(const json& rows) {
        std::string text;
        for (const json& row : rows) text += row["name"].get<std::string>()[0];
        return text;
    }
    std::string order_error(std::string_view order, std::string_view selection = "") {
        return error(fmt::format("{{ Person(order: {}) {{ name {} }} }}", order, selection));
    }
    std::string filter_error(std::string_view filter, std::string_view selection = "") {
        return error(fmt::format("{{ Person(filter: {}) {{ name {} }} }}", filter, selection));
    }
};

TEST_F(Alias, OrderByAliasedField_SortsByIt) {
    EXPECT_EQ(order("[{_alias: {years: DESC}}, {name: ASC}]", "years: age"), "EDABC");
    EXPECT_EQ(order("[{_alias: {age: ASC}}, {_alias: {n: DESC}}]", "n: name"), "CBADE");
    EXPECT_EQ(order("[{age: ASC}, {name: ASC}]"), "BCADE");
}

TEST_F(Alias, OrderThroughRelations_AtAnyDepth) {
    // Spec Q2: no need to select the path. Nulls first.
    EXPECT_EQ(order("[{city: {country: {name: ASC}}}, {name: ASC}]"), "ECABD");
    EXPECT_EQ(order("[{city: {size: DESC}}, {city: {name: ASC}}, {name: DESC}]"), "BADCE");
    EXPECT_EQ(order("[{_alias: {home: {country: {name: DESC}}}}, {name: ASC}]", "home: city { name }"),
              "ABDCE");
    EXPECT_EQ(order("[{_alias: {home: {_alias: {s: ASC}}}}, {name: ASC}]", "home: city { s: size }"),
              "ECDAB");
    EXPECT_EQ(order("[{city: {_alias: {s: DESC}}}, {name: ASC}]", "city { s: size }"), "ABCDE");
}

TEST_F(Alias, OrderByAggregates_OfTheSelectAndOfRelations) {
    EXPECT_EQ(cities("order: [{_alias: {n: DESC}}, {name: ASC}]", "n: _count(people: {})"), "RBG");
    EXPECT_EQ(cities("order: {_alias: {_max: ASC}}", "_max(people: {field: age})"), "GRB");
    EXPECT_EQ(cities("order: {_alias: {_max: ASC}}, limit: 1, offset: 1", "_max(people: {field: age})"), "R");
    EXPECT_EQ(order("[{city: {_alias: {n: DESC}}}, {name: ASC}]", "city { n: _count(people: {}) }"), "ABCDE");
    EXPECT_EQ(order("[{_alias: {c: {_alias: {n: DESC}}}}, {name: DESC}]",
                    "c: city { n: _sum(people: {field: age}) }"),
              "BADCE");
}

TEST_F(Alias, OrderInRelations_SortsEachList) {
    json countries =
        ask("{ Country(order: {name: DESC}) { cities(order: {_alias: {n: DESC}}, limit: 1) { name n: "
            "_count(people: {}) } } }")["Country"];
    EXPECT_EQ(countries,
              parsed(R"([{"cities": [{"name": "Rome", "n": 2}]}, {"cities": [{"name": "Graz", "n": 1}]}])"));
}

TEST_F(Alias, OrderByNothing_KeepsTheOrder) {
    std::string plain = letters(ask("{ Person { name } }")["Person"]);
    for (std::string_view none : {"{}", "[]", "null", "{_alias: {}}", "{_alias: null}", "{_alias: {x: null}}",
                                  "{city: {}}", "{age: null}"}) {
        EXPECT_EQ(order(none), plain) << none;
    }
}

TEST_F(Alias, WrongOrders_AreNamed) {
    EXPECT_EQ(order_error("{_alias: 1}"), "invalid order input");
    EXPECT_EQ(order_error("{_alias: [{age: ASC}]}"), "invalid order input");
    EXPECT_EQ(order_error("{_alias: {age: 1}}"), "invalid order input");
    EXPECT_EQ(order_error("{_alias: {age: UP}}"), "invalid order direction");
    EXPECT_EQ(order_error("{_alias: {years: ASC}}"), "field or alias not found. Name: years");
    EXPECT_EQ(order_error("{_alias: {city: {size: ASC}}}"),
              "field or alias not found. Name: city");  // not selected
    EXPECT_EQ(order_error("{_alias: {city: {people: {age: ASC}}}}", "city { name }"),
              "field or alias not found. Name: people");
    EXPECT_EQ(order_error("{_alias: {a: ASC, b: ASC}}", "a: age b: name"),
              "each order argument can only define one field");
    EXPECT_EQ(order_error("{city: {name: ASC, size: ASC}}"), "each order argument can only define one field");
}

TEST_F(Alias, OrderWordsInVariables_AreTexts) {
    EXPECT_EQ(
        letters(ask("query($d: String) { Person(order: [{_alias: {y: $d}}, {name: ASC}]) { name y: age } }",
                    R"({"d": "DESC"})")["Person"]),
        "EDABC");
}

TEST_F(Alias, FilterByFields_AliasedPlainOrUnselected) {
    EXPECT_EQ(filtered("{_alias: {years: {_gt: 25}}}", "years: age"), "ADE");
    EXPECT_EQ(filtered("{_alias: {years: 20}}", "years: age"), "BC");
    EXPECT_EQ(filtered("{_alias: {name: {_like: \"A%\"}}}"), "A");
    EXPECT_EQ(filtered("{_alias: {age: {_in: [30, 40]}}}"), "AD");
    EXPECT_EQ(filtered("{_alias: {b: {_gt: \"2000-01-01T00:00:00Z\"}}}", "b: born"), "E");
    EXPECT_EQ(filtered("{_alias: {i: {a: 1}}}", "i: info"), "E");
    EXPECT_EQ(filtered("{_alias: {years: null}}", "years: age"), "");
    EXPECT_EQ(filtered("{_alias: {_and: [{years: {_gt: 25}}, {years: {_lt: 45}}], _not: {n: \"Ann\"}}}",
                       "years: age n: name"),
              "D");
    EXPECT_EQ(
        filtered("{_or: [{_alias: {years: 50}}, {_alias: {_or: [{n: \"Bob\"}]}}]}", "years: age n: name"),
        "BE");
}

TEST_F(Alias, FilterByNothing_MatchesAllOrNone) {
    EXPECT_EQ(filtered("{_alias: {}}"), "ABCDE");
    EXPECT_EQ(filtered("{_alias: null}"), "");
    EXPECT_EQ(filtered("{_alias: 1}"), "");
    EXPECT_EQ(filtered("{_alias: [1]}"), "");
}

TEST_F(Alias, OperandsOfOtherTypes_AreNotEqual) {
    EXPECT_EQ(filtered("{_alias: {age: {_eq: \"20\"}}}"), "");
    EXPECT_EQ(filtered("{_alias: {age: {_gt: 29.5}}}"), "ADE");
    EXPECT_EQ(filtered("{_alias: {name: {_ne: 3}}}"), "ABCDE");
    EXPECT_EQ(filter_error("{_alias: {age: {_gt: \"x\"}}}"),
              "unexpected type. Property: condition, Actual: string");
    EXPECT_EQ(filter_error("{_alias: {age: {_foo: 1}}}"), "unknown operator. Operator: _foo");
}

TEST_F(Alias, UnknownNames_AreNamed) {
    EXPECT_EQ(filter_error("{_alias: {years: {_eq: 1}}}"), "field or alias not found. Name: years");
    EXPECT_EQ(filter_error("{_alias: {city: {size: {_eq: 1}}}}"), "field or alias not found. Name: city");
    EXPECT_EQ(filter_error("{_alias: {_and: [{x: 1}]}}"), "field or alias not found. Name: x");
}

TEST_F(Alias, FilterByRelation_TestsAllRelatedDocuments) {
    EXPECT_EQ(filtered("{_alias: {home: {size: {_eq: 1}}}}", "home: city { name }"), "CD");
    EXPECT_EQ(filtered("{_alias: {home: null}}", "home: city { name }"), "E");
    EXPECT_EQ(cities("filter: {_alias: {young: {age: {_lt: 30}}}}, order: {name: ASC}",
                     "young: people(filter: {age: {_gt: 90}}) { name }"),
              "GR");
    EXPECT_EQ(filtered("{_alias: {home: {_alias: {s: {_gt: 2}}}}}", "home: city { s: size }"), "AB");
}

TEST_F(Alias, FilterByAggregates_RunsAfterThem) {
    EXPECT_EQ(cities("filter: {_alias: {n: {_gt: 1}}}", "n: _count(people: {})"), "R");
    EXPECT_EQ(cities("filter: {_alias: {a: {_lt: 30}}}, order: {name: ASC}", "a: _avg(people: {field: age})"),
              "GR");
    EXPECT_EQ(
        cities("filter: {_alias: {n: 1}}, order: {name: ASC}, limit: 1, offset: 1", "n: _count(people: {})"),
        "G");
    EXPECT_EQ(filtered("{city: {_alias: {n: {_eq: 2}}}}", "city { n: _count(people: {}) }"), "AB");
    EXPECT_EQ(filtered("{_alias: {_deleted: false}}", "_deleted"), "ABCDE");
    json countries =
        ask("{ Country(order: {name: ASC}) { name cities(filter: {_alias: {n: {_gt: 1}}}) { name n: "
            "_count(people: {}) } } }")["Country"];
    EXPECT_EQ(countries[0]["cities"], json::array());
    EXPECT_EQ(countries[1]["cities"], parsed(R"([{"name": "Rome", "n": 2}])"));
}

// What is computed for a filter or an order is kept for the documents that remain.
TEST_F(Alias, FilterAndOrderByAggregates_ShowWhatAPlainSelectShows) {
    std::string_view items =
        "name size n: _count(people: {}) people { name age city { name } } sum: _sum(people: {field: age}) "
        "_version { height } country { name }";
    json all = list(fmt::format("{{ City {{ {} }} }}", items));
    ASSERT_EQ(all.size(), 3u);
    json kept = json::array();
    for (const json& city : all) {
        if (city["sum"] < 45) kept.push_back(city);
    }
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_EQ(list(fmt::format("{{ City(filter: {{_alias: {{sum: {{_lt: 45}}}}}}) {{ {} }} }}", items)),
              kept);
    EXPECT_EQ(
        list(fmt::format("{{ City(filter: {{_alias: {{sum: {{_lt: 45}}}}}}, limit: 1, offset: 1) {{ {} }} }}",
                         items)),
        json::array({kept[1]}));
    std::sort(all.begin(), all.end(), [](const json& a, const json& b) { return a["sum"] < b["sum"]; });
    EXPECT_EQ(list(fmt::format("{{ City(order: {{_alias: {{sum: ASC}}}}) {{ {} }} }}", items)), all);
    EXPECT_EQ(list(fmt::format("{{ City(order: {{_alias: {{sum: ASC}}}}, offset: 1) {{ {} }} }}", items)),
              json::array({all[1], all[2]}));
    EXPECT_EQ(
        list(fmt::format("{{ City(order: {{_alias: {{sum: ASC}}}}, offset: 1, limit: 1) {{ {} }} }}", items)),
        json::array({all[1]}));
}

TEST_F(Alias, WindowsOfRelations_LeaveTheOtherItemsRight) {
    json countries = list(
        "{ Country(order: {name: DESC}) { cities(order: {name: DESC}, limit: 1) { name n: _count(people: {}) "
        "people(order: {name: DESC}, limit: 1) { name city { name n: _count(people: {}) } } } } }");
    EXPECT_EQ(countries, parsed(R"([
        {"cities": [{"name": "Rome", "n": 2, "people": [{"name": "Bob", "city": {"name": "Rome", "n": 2}}]}]},
        {"cities": [{"name": "Graz", "n": 1, "people": [{"name": "Cid", "city": {"name": "Graz", "n": 1}}]}]}])"));
}

TEST_F(Alias, FilterOfGroups_KeepsPlainConditionsOnDocuments) {
    json groups =
        ask("{ Person(groupBy: [age], filter: {age: {_lt: 35}, _alias: {n: {_gt: 1}}}) { age n: "
            "_count(_group: {}) } }")["Person"];
    EXPECT_EQ(groups, parsed(R"([{"age": 20, "n": 2}])"));
    groups =
        ask("{ Person(groupBy: [age], filter: {_or: [{_alias: {n: {_gt: 1}}}, {age: {_eq: 50}}]}, order: "
            "{age: ASC}) { age n: _count(_group: {}) } }")["Person"];
    EXPECT_EQ(groups, parsed(R"([{"age": 20, "n": 2}, {"age": 50, "n": 1}])"));
    groups =
        ask("{ Person(groupBy: [age], filter: {_alias: {n: {_gt: 1}}}) { n: _count(_group: {}) _group(order: "
            "{name: ASC}) { name } } }")["Person"];
    EXPECT_EQ(groups, parsed(R"([{"n": 2, "_group": [{"name": "Bob"}, {"name": "Cid"}]}])"));
}

TEST_F(Alias, MutationsFilterByAliasToo) {
    Answer answer = node_.request(
        R"(mutation { update_City(filter: {_alias: {n: {_eq: 2}}}, input: {size: 9}) { name size n: _count(people: {}) } })");
    ASSERT_TRUE(answer.errors.empty()) << answer.errors[0];
    EXPECT_EQ(answer.data["update_City"], parsed(R"([{"name": "Rome", "size": 9, "n": 2}])"));
}

}  // namespace
}  // namespace cairn::test
