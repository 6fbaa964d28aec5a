// What is done where the reference has a defect (spec/query.md section 19): one test for each that concerns
// filters, orders, groups and aggregates.
#include <algorithm>
#include <vector>

#include "query_fixture.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class Quirks : public QueryFixture {
  protected:
    void SetUp() override {
        schema(
            R"(type A { name: String rank: Int bs: [B] c: C @primary w: [Float32!] m: Float32 j: JSON v: [Int!] }
                  type B { title: String p: Int r: Float a: A }
                  type C { code: Int a: A })");
        std::string c = create("C", "code: 7");
        x_ = create("A",
                    fmt::format(R"(name: "x", rank: 1, c: "{}", w: [0.5, 2], m: 1.5, v: [1, 2], j: 3)", c));
        y_ = create("A", R"(name: "y", rank: 1, w: [3], v: [5, 0], j: "t")");
        create("A", R"(name: "z", rank: 0, m: 0.5, j: {k: 1})");
        c_ = c;
        create("B", fmt::format(R"(title: "1", p: 1, r: 1, a: "{}")", x_));
        create("B", fmt::format(R"(title: "2", p: 2, r: 2, a: "{}")", x_));
        create("B", fmt::format(R"(title: "3", p: 3, a: "{}")", y_));
    }
    std::string names(std::string_view arguments, std::string_view selection = "") {
        std::string text;
        for (const json& a : list(fmt::format("{{ A({}) {{ name {} }} }}", arguments, selection))) {
            text += a["name"].get<std::string>();
        }
        return text;
    }
    std::string filtered(std::string_view filter, std::string_view selection = "") {
        return names(fmt::format("order: {{name: ASC}}, filter: {}", filter), selection);
    }
    // One value of document x.
    json of_x(std::string_view item) {
        return ask(fmt::format(R"({{ A(filter: {{name: {{_eq: "x"}}}}) {{ v: {} }} }})", item))["A"][0]["v"];
    }
    std::string x_, y_, c_;
};

TEST_F(Quirks, Q1_AllKeysOfAnOrderCount) {
    EXPECT_EQ(names("order: [{rank: ASC}, {name: DESC}]"), "zyx");
    EXPECT_EQ(names("order: [{rank: ASC}, {name: ASC}]"), "zxy");
}

TEST_F(Quirks, Q2_DeepRelationOrders_NeedNoSelection) {
    json titles = ask("{ B(order: [{a: {c: {code: DESC}}}, {title: ASC}]) { title } }")["B"];
    EXPECT_EQ(titles, parsed(R"([{"title": "1"}, {"title": "2"}, {"title": "3"}])"));
}

TEST_F(Quirks, Q3_Float32_IsTreatedLikeFloat64) {
    EXPECT_EQ(filtered("{w: {_any: {_gt: 2.5}}}"), "y");
    EXPECT_EQ(filtered("{w: {_all: {_gt: 1}}}"), "y");
    EXPECT_EQ(filtered("{w: {_none: {_gt: 2.5}}}"), "x");
    EXPECT_EQ(of_x("_min(w: {})"), 0.5);
    EXPECT_EQ(of_x("_max(w: {})"), 2);
    EXPECT_EQ(of_x("_avg(w: {})"), 1.25);
    EXPECT_EQ(of_x("_count(w: {filter: {_gt: 1}})"), 1);
    EXPECT_EQ(of_x("_count(w: {limit: 1})"), 1);
    EXPECT_EQ(ask("{ _max(A: {field: m}) }")["_max"], 1.5);
}

TEST_F(Quirks, Q7_SecondaryRelationId_IsResolvedThroughTheJoin) {
    EXPECT_EQ(ask(fmt::format(R"({{ C(filter: {{a_id: {{_eq: "{}"}}}}) {{ code }} }})", x_))["C"],
              parsed(R"([{"code": 7}])"));
    EXPECT_EQ(ask(R"({ C(filter: {a_id: {_eq: null}}) { code } })")["C"], json::array());
}

TEST_F(Quirks, Q8_NullAsRelation_MeansNone) {
    EXPECT_EQ(filtered("{bs: null}"), "z");
    EXPECT_EQ(filtered("{c: null}"), "yz");
}

TEST_F(Quirks, Q9_OrOverAggregates_IsEvaluatedWhole) {
    EXPECT_EQ(filtered("{_or: [{_alias: {n: {_eq: 2}}}, {name: {_eq: \"z\"}}]}", "n: _count(bs: {})"), "xz");
    EXPECT_EQ(
        filtered("{_or: [{_alias: {n: 2}}, {_alias: {s: 3}}]}", "n: _count(bs: {}) s: _sum(bs: {field: p})"),
        "xy");
    EXPECT_EQ(filtered("{_not: {_or: [{_alias: {n: 2}}, {name: {_eq: \"z\"}}]}}", "n: _count(bs: {})"), "y");
    // The average of nothing is 0, which is tested like any other.
    EXPECT_EQ(filtered("{_alias: {a: {_gt: 1}}}", "a: _avg(bs: {field: r})"), "x");
    EXPECT_EQ(
        names("order: {name: ASC}, filter: {v: {_any: {_ge: 0}}, _or: [{_alias: {s: 3}}, {_alias: {t: 5}}]}",
              "s: _similarity(v: {vector: [1, 1]}) t: _similarity(v: {vector: [1, 0]})"),
        "xy");
}

TEST_F(Quirks, Q10_VersionsBesideRelationsAndInGroups_AreShown) {
    json rows =
        ask("{ A(order: {name: ASC}) { _version { height } bs { title _version { height } } c_id } }")["A"];
    EXPECT_EQ(rows[0]["_version"], parsed(R"([{"height": 1}])"));
    EXPECT_EQ(rows[0]["bs"].size(), 2u);
    EXPECT_EQ(rows[0]["bs"][0]["_version"], parsed(R"([{"height": 1}])"));
    json groups =
        ask("{ A(groupBy: [rank], order: {rank: ASC}) { rank _group(order: {name: ASC}) { name _version { "
            "height } bs { p } c { code } } } }")["A"];
    EXPECT_EQ(groups[1]["_group"][0],
              parsed(fmt::format(
                  R"({{"name": "x", "_version": [{{"height": 1}}], "bs": {}, "c": {{"code": 7}}}})",
                  rows[0]["bs"][0]["title"] == "1" ? R"([{"p": 1}, {"p": 2}])" : R"([{"p": 2}, {"p": 1}])")));
}

TEST_F(Quirks, Q11_UnselectedGroupKey_StillGroups) {
    json groups = ask("{ B(groupBy: [a_id]) { _group(order: {p: ASC}, filter: {p: {_gt: 0}}) { p } } }")["B"];
    std::vector<json> sorted(groups.begin(), groups.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const json& a, const json& b) { return a["_group"].size() > b["_group"].size(); });
    EXPECT_EQ(json(sorted), parsed(R"([{"_group": [{"p": 1}, {"p": 2}]}, {"_group": [{"p": 3}]}])"));
    EXPECT_EQ(ask("{ B(groupBy: [a_id]) { _count(_group: {filter: {p: {_gt: 1}}}) } }")["B"].size(), 2u);
}

TEST_F(Quirks, Q13_OffsetWithoutLimit_LeavesNothingOfMembersAndElements) {
    json groups =
        ask("{ A(groupBy: [rank], order: {rank: ASC}) { off: _group(offset: 0) { name } zero: _group(limit: "
            "0) { name } "
            "n: _count(_group: {offset: 1}) all: _count(_group: {limit: -1}) none: _count(_group: {limit: 2, "
            "offset: -1}) } }")["A"];
    EXPECT_EQ(
        groups,
        parsed(
            R"([{"off": [], "zero": [], "n": 0, "all": 1, "none": 0}, {"off": [], "zero": [], "n": 0, "all": 2, "none": 0}])"));
    EXPECT_EQ(of_x("_sum(w: {offset: 0})"), 0);
    EXPECT_EQ(of_x("_count(w: {offset: 1})"), 0);
    EXPECT_EQ(of_x("_count(bs: {offset: 1})"), 1);  // relations are not concerned
}

TEST_F(Quirks, Q14_NullsAreSkippedByMinAndMax) {
    create("B", R"(title: "null", a: null)");
    EXPECT_EQ(ask("{ _min(B: {field: p}) _max(B: {field: p}) }"), parsed(R"({"_min": 1, "_max": 3})"));
    EXPECT_EQ(ask("{ _min(B: {field: r, order: {r: DESC}}) _max(B: {field: r, order: {r: DESC}}) }"),
              parsed(R"({"_min": 1, "_max": 2})"));
}

TEST_F(Quirks, Q24_RelationFilters_SeeAllRelatedDocuments) {
    EXPECT_EQ(filtered("{bs: {p: {_eq: 1}}}", "bs(limit: 1, order: {p: DESC}) { title }"), "x");
    EXPECT_EQ(filtered("{bs: {p: {_eq: 1}}}", "bs(filter: {p: {_gt: 9}}) { title } again: bs { p }"), "x");
}

TEST_F(Quirks, Q25_OrOfOneFieldInNestedFilters_IsAnOr) {
    EXPECT_EQ(
        ask(R"({ A(filter: {name: {_eq: "x"}}) { bs(order: {p: ASC}, filter: {_or: [{p: {_eq: 1}}, {p: {_eq: 2}}]}) { p } } })")
            ["A"][0]["bs"],
        parsed(R"([{"p": 1}, {"p": 2}])"));
    EXPECT_EQ(of_x("_count(bs: {filter: {_or: [{p: {_eq: 1}}, {p: {_eq: 2}}]}})"), 2);
}

TEST_F(Quirks, Q26_NotInFiltersOfRelationAggregates_IsEvaluated) {
    EXPECT_EQ(of_x("_count(bs: {filter: {_not: {p: {_eq: 1}}}})"), 1);
    EXPECT_EQ(of_x("_sum(bs: {field: p, filter: {_not: {a: {name: {_eq: \"y\"}}}}})"), 3);
}

TEST_F(Quirks, Q27_JsonOfMixedTypes_IsOrderedByType) {
    EXPECT_EQ(names("order: {j: ASC}"), "xyz");  // number, text, object
    EXPECT_EQ(names("order: {j: DESC}"), "zyx");
}

TEST_F(Quirks, Q37_UnaliasedAggregatesInAliasFilters_AreEvaluated) {
    EXPECT_EQ(filtered("{_alias: {_count: {_gt: 0}}}", "_count(bs: {})"), "xy");
    EXPECT_EQ(filtered("{_alias: {_similarity: {_eq: 3}}, v: {_any: {_gt: 0}}}",
                       "_similarity(v: {vector: [1, 1]})"),
              "x");
}

TEST_F(Quirks, Q38_OwnNotEqualOnAnAveragedField_IsKept) {
    EXPECT_EQ(ask("{ _avg(B: {field: p, filter: {p: {_ne: 1}}}) }")["_avg"], 2.5);
    EXPECT_EQ(of_x("_avg(bs: {field: p, filter: {p: {_ne: 1}}})"), 2);
}

TEST_F(Quirks, Q40_CompoundsAndBareNullsInRelationFilters_AreEvaluated) {
    EXPECT_EQ(filtered("{bs: {_or: [{p: {_eq: 3}}, {title: {_eq: \"1\"}}]}}"), "xy");
    EXPECT_EQ(filtered("{bs: {_and: [{p: {_eq: 1}}, {title: {_eq: \"2\"}}]}}"), "");
    EXPECT_EQ(filtered("{bs: {r: null}}"), "y");
    EXPECT_EQ(ask("{ _count(A: {filter: {bs: {_or: [{p: {_eq: 3}}, {p: {_eq: 1}}]}}}) }")["_count"], 2);
}

TEST_F(Quirks, Q41_FiltersAndIds_RestrictMembersToo) {
    json groups = ask(
        R"({ A(groupBy: [rank], filter: {bs: {p: {_eq: 1}}}) { rank _group { name } _count(_group: {}) } })")
        ["A"];
    EXPECT_EQ(groups, parsed(R"([{"rank": 1, "_group": [{"name": "x"}], "_count": 1}])"));
    groups = ask(
        R"({ A(groupBy: [rank], filter: {bs: {p: {_eq: 1}}}) { rank _sum(_group: {field: rank}) } })")["A"];
    EXPECT_EQ(groups, parsed(R"([{"rank": 1, "_sum": 1}])"));
    EXPECT_EQ(ask("{ A(groupBy: [rank], docID: []) { rank _group { name } } }")["A"], json::array());
    EXPECT_EQ(ask("{ A(groupBy: [rank], docID: []) { rank _count(_group: {}) } }")["A"], json::array());
}

TEST_F(Quirks, Q42_EmptyCompoundsBesideJoins_CountAsWithoutThem) {
    EXPECT_EQ(filtered("{_or: []}", "bs { p }"), "");
    EXPECT_EQ(filtered("{_not: {}}", "bs { p }"), "");
    EXPECT_EQ(filtered("{_or: [{_and: []}, {rank: {_eq: 0}}]}", "bs { p }"), "xyz");
    EXPECT_EQ(filtered("{_or: [{m: null}, {rank: {_eq: 0}}]}", "bs { p }"), "yz");
}

TEST_F(Quirks, Q43_CompoundsOverRelations_AreEvaluatedWhole) {
    EXPECT_EQ(filtered("{_not: {bs: {}}}"), "z");
    EXPECT_EQ(filtered("{_or: [{bs: {}}, {rank: {_eq: 0}}]}"), "xyz");
    EXPECT_EQ(filtered("{_not: {c: {_not: {code: {_eq: 7}}}, rank: {_eq: 1}}}"), "xz");
}

TEST_F(Quirks, Q44_WindowOfMembers_HoldsUnderARootOrder) {
    json groups = list(R"({ A(groupBy: [rank], order: {rank: DESC}) {
        rank _group(limit: 1, order: {name: DESC}) { name } n: _sum(_group: {field: rank, limit: 1, order: {name: DESC}}) } })");
    EXPECT_EQ(
        groups,
        parsed(
            R"([{"rank": 1, "_group": [{"name": "y"}], "n": 1}, {"rank": 0, "_group": [{"name": "z"}], "n": 0}])"));
}

TEST_F(Quirks, Q45_FieldsOverGroupsInGroups_AreOfAllMembers) {
    json groups =
        ask("{ B(groupBy: []) { sum: _sum(_group: {field: p}) n: _count(_group: {}) _group(groupBy: [a_id]) "
            "{ _sum(_group: {field: p}) } } }")["B"];
    EXPECT_EQ(groups[0]["sum"], 6);
    EXPECT_EQ(groups[0]["n"], 2);
}

TEST_F(Quirks, Q46_AveragesThatDifferInTheWindow_AreComputedEach) {
    EXPECT_EQ(
        ask(R"({ A(filter: {name: {_eq: "x"}}) { a: _avg(v: {limit: 1}) b: _avg(v: {}) c: _avg(v: {order: DESC, limit: 1}) } })")
            ["A"],
        parsed(R"([{"a": 1, "b": 1.5, "c": 2}])"));
    json groups =
        ask("{ B(groupBy: []) { a: _avg(_group: {field: p}) b: _avg(_group: {field: p, order: {p: DESC}, "
            "limit: 1}) c: _avg(_group: {field: p, order: {p: ASC}, limit: 2}) } }")["B"];
    EXPECT_EQ(groups, parsed(R"([{"a": 2, "b": 3, "c": 1.5}])"));
}

}  // namespace
}  // namespace cairn::test
