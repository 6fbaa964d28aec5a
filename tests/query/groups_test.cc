// groupBy and _group of documents (spec/query.md section 7).
#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "query_fixture.h"

namespace cairn::test {
namespace {

using nlohmann::json;

// People in document id order: their names are read back, since ids follow from content.
class Groups : public QueryFixture {
  protected:
    void SetUp() override {
        schema("type User { name: String age: Int verified: Boolean height: Float tags: [String!] }");
        create("User", R"(name: "John", age: 32, verified: true, height: 1.5, tags: ["a"])");
        create("User", R"(name: "John", age: 25, verified: true, height: 1.25)");
        create("User", R"(name: "John", age: 34, verified: false, height: 2.5, tags: ["a"])");
        create("User", R"(name: "Carlo", age: 55, verified: true, height: 1.75)");
        create("User", R"(name: "Alice", age: 19, verified: false)");
        create("User", R"(name: "Alice", verified: false)");
        for (const json& user : list("{ User { name age } }")) users_.push_back(user);
    }
    // The names in order of first appearance among the members.
    static std::vector<json> first_seen(const std::vector<json>& members) {
        std::vector<json> names;
        for (const json& member : members) {
            if (std::find(names.begin(), names.end(), member["name"]) == names.end())
                names.push_back(member["name"]);
        }
        return names;
    }
    // The order of 7.2, by its words: one parent, one child, one parent, …
    static std::vector<json> alternately(const std::vector<json>& parents,
                                         const std::vector<json>& children) {
        std::vector<json> mentions;
        for (std::size_t i = 0; i < std::max(parents.size(), children.size()); ++i) {
            if (i < parents.size()) mentions.push_back(parents[i]);
            if (i < children.size()) mentions.push_back(children[i]);
        }
        return first_seen(mentions);
    }
    static std::vector<json> names(const json& groups) {
        std::vector<json> result;
        for (const json& group : groups) result.push_back(group["name"]);
        return result;
    }
    std::vector<json> users_;
};

TEST_F(Groups, ByField_WithoutArguments_StandWhereTheyAppearFirst) {
    EXPECT_EQ(names(ask("{ User(groupBy: [name]) { name } }")["User"]), first_seen(users_));
    EXPECT_EQ(names(ask("{ User(groupBy: [name]) { name _group { age } } }")["User"]), first_seen(users_));
    EXPECT_EQ(names(ask("{ User(groupBy: name) { name _count(_group: {}) } }")["User"]), first_seen(users_));
}

TEST_F(Groups, Members_KeepDocumentOrder) {
    for (const json& group : list("{ User(groupBy: [name]) { name _group { age name } } }")) {
        std::vector<json> expected;
        for (const json& user : users_) {
            if (user["name"] == group["name"]) expected.push_back(user);
        }
        EXPECT_EQ(group["_group"], json(expected));
    }
}

TEST_F(Groups, ByTwoFields_SplitByBoth) {
    json groups = ask("{ User(groupBy: [name, verified]) { name verified _count(_group: {}) } }")["User"];
    ASSERT_EQ(groups.size(), 4u);
    for (const json& group : groups) {
        int expected = group["name"] == "John" && group["verified"] == true ? 2
                       : group["name"] == "Alice"                           ? 2
                                                                            : 1;
        EXPECT_EQ(group["_count"], expected) << group;
    }
}

TEST_F(Groups, NullKey_IsAGroupOfItsOwn) {
    json groups = ask("{ User(groupBy: [height]) { height _group { age } } }")["User"];
    json nulls = 0;
    for (const json& group : groups) {
        if (group["height"].is_null()) nulls = group["_group"].size();
    }
    EXPECT_EQ(nulls, 2);
    EXPECT_EQ(groups.size(), 5u);
}

TEST_F(Groups, ByArrayIdAndDeleted_AreByWhatIsRendered) {
    EXPECT_EQ(ask("{ User(groupBy: [tags]) { tags _count(_group: {}) } }")["User"].size(), 2u);
    EXPECT_EQ(ask("{ User(groupBy: [_docID]) { _docID } }")["User"].size(), 6u);
    json deleted = node_.request(R"(mutation { delete_User(filter: {name: {_eq: "Carlo"}}) { name } })").data;
    ASSERT_EQ(deleted["delete_User"].size(), 1u);
    json groups =
        ask("{ User(groupBy: [_deleted], showDeleted: true) { _deleted _group { name } } }")["User"];
    ASSERT_EQ(groups.size(), 2u);
    for (const json& group : groups) EXPECT_EQ(group["_group"].size(), group["_deleted"] == true ? 1u : 5u);
}

TEST_F(Groups, EmptyGroupBy_IsOneGroupOrNone) {
    json groups = ask("{ User(groupBy: []) { _count(_group: {}) _group { name } } }")["User"];
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups[0]["_count"], 6);
    EXPECT_EQ(groups[0]["_group"].size(), 6u);
    EXPECT_EQ(ask(R"({ User(groupBy: [], filter: {name: {_eq: "X"}}) { _count(_group: {}) } })")["User"],
              json::array());
}

TEST_F(Groups, NullGroupBy_DoesNotGroup) {
    EXPECT_EQ(ask("{ User(groupBy: null) { name age } }")["User"], json(users_));
    EXPECT_EQ(ask("query($by: [UserField!]) { User(groupBy: $by) { name age } }")["User"], json(users_));
    EXPECT_EQ(error("query($by: [UserField!]) { User(groupBy: $by) { _group { name } } }"),
              "_group may only be referenced when within a groupBy request");
}

TEST_F(Groups, GroupByInVariable_IsCheckedWhenItIsKnown) {
    std::string_view text = "query($by: [UserField!]) { User(groupBy: $by) { name } }";
    EXPECT_EQ(names(ask(text, R"({"by": ["name"]})")["User"]), first_seen(users_));
    EXPECT_EQ(error(text, R"({"by": ["age"]})"),
              "cannot select a non-group-by field at group-level. Field: name");
}

TEST_F(Groups, UngroupedFields_AreAllReportedByFieldName) {
    Answer answer = node_.request("{ User(groupBy: [age]) { a: verified age name __typename } }");
    EXPECT_EQ(answer.errors,
              (std::vector<std::string>{"cannot select a non-group-by field at group-level. Field: verified",
                                        "cannot select a non-group-by field at group-level. Field: name"}));
    answer = node_.request("{ User(groupBy: [name]) { name _group(groupBy: [age]) { name age } } }");
    EXPECT_EQ(answer.errors,
              (std::vector<std::string>{"cannot select a non-group-by field at group-level. Field: name"}));
}

TEST_F(Groups, GroupWithoutGroupBy_IsRefused) {
    std::string message = "_group may only be referenced when within a groupBy request";
    EXPECT_EQ(error("{ User { _group { name } } }"), message);
    EXPECT_EQ(error("{ User { _count(_group: {}) } }"), message);
    EXPECT_EQ(error("{ User(groupBy: [age]) { _group { _sum(_group: {field: age}) } } }"), message);
}

TEST_F(Groups, OrderOfMembers_ChangesTheOrderOfGroupsByTurns) {
    std::vector<json> children = users_;
    std::stable_sort(children.begin(), children.end(), [](const json& a, const json& b) {
        return (a["age"].is_null() ? -1 : a["age"].get<int>()) <
               (b["age"].is_null() ? -1 : b["age"].get<int>());
    });
    json groups = ask("{ User(groupBy: [name]) { name _group(order: {age: ASC}) { name age } } }")["User"];
    EXPECT_EQ(names(groups), alternately(users_, children));
    for (const json& group : groups) {
        std::vector<json> expected;
        for (const json& child : children) {
            if (child["name"] == group["name"]) expected.push_back(child);
        }
        EXPECT_EQ(group["_group"], json(expected));
    }
    // A hidden list of an aggregate counts when no _group is selected.
    EXPECT_EQ(
        names(
            ask("{ User(groupBy: [name]) { name _sum(_group: {field: age, order: {age: ASC}}) } }")["User"]),
        alternately(users_, children));
}

TEST_F(Groups, FilterOfMembers_LeavesEmptyGroupsAndTakesPartInTheOrder) {
    for (std::string_view name : {"John", "Carlo", "Alice"}) {
        std::vector<json> children;
        for (const json& user : users_) {
            if (user["name"] == name) children.push_back(user);
        }
        json groups = ask(fmt::format(
            R"({{ User(groupBy: [name]) {{ name _group(filter: {{name: {{_eq: "{}"}}}}) {{ age }} }} }})",
            name))["User"];
        EXPECT_EQ(names(groups), alternately(users_, children));
        for (const json& group : groups)
            EXPECT_EQ(group["_group"].size(), group["name"] == name ? children.size() : 0u);
        // The same when groups are made while scanning.
        groups = ask(fmt::format(
            R"({{ User(groupBy: [name]) {{ name _count(_group: {{filter: {{name: {{_eq: "{}"}}}}}}) }} }})",
            name))["User"];
        EXPECT_EQ(names(groups), alternately(users_, children));
    }
}

TEST_F(Groups, AverageAsFirstAggregate_TakesPartInTheOrderByItsNonNullMembers) {
    std::vector<json> children;
    for (const json& user : users_) {
        if (!user["age"].is_null()) children.push_back(user);
    }
    EXPECT_EQ(names(ask("{ User(groupBy: [name]) { name _avg(_group: {field: age}) } }")["User"]),
              alternately(users_, children));
    // The same with members at hand.
    EXPECT_EQ(
        names(ask("{ User(groupBy: [name]) { name _avg(_group: {field: age, filter: {_not: {_or: []}}}) "
                  "n: _sum(_group: {field: age, order: {age: DESC}}) } }")["User"]),
        alternately(users_, children));
}

TEST_F(Groups, RootOrderAndWindow_CountGroups) {
    EXPECT_EQ(names(ask("{ User(groupBy: [name], order: {name: DESC}) { name } }")["User"]),
              (std::vector<json>{"John", "Carlo", "Alice"}));
    EXPECT_EQ(
        names(
            ask("{ User(groupBy: [name], order: {name: ASC}, limit: 1, offset: 1) { name _group { age } } }")
                ["User"]),
        (std::vector<json>{"Carlo"}));
    EXPECT_EQ(
        names(ask(
            "{ User(groupBy: [name], order: {_alias: {n: DESC}}, limit: 1) { name n: _count(_group: {}) } }")
                  ["User"]),
        (std::vector<json>{"John"}));
}

TEST_F(Groups, DocIDOfMembers_RestrictsThem) {
    std::string id = ask(R"({ User(filter: {name: {_eq: "Carlo"}}) { _docID } })")["User"][0]["_docID"];
    for (const json& group : list(fmt::format(
             R"({{ User(groupBy: [name]) {{ name _group(docID: ["{}", "bae-x"]) {{ age }} }} }})", id))) {
        EXPECT_EQ(group["_group"], group["name"] == "Carlo" ? parsed(R"([{"age": 55}])") : json::array());
    }
}

TEST_F(Groups, GroupsInGroups_ShareTheOuterKey) {
    json groups =
        ask("{ User(groupBy: [name]) { name _count(_group: {}) _group(groupBy: [verified]) { verified "
            "_count(_group: "
            "{}) _group { age } } } }")["User"];
    for (const json& group : groups) {
        std::size_t members = 0;
        for (const json& inner : group["_group"]) {
            EXPECT_EQ(inner["_count"], inner["_group"].size());
            members += inner["_group"].size();
        }
        EXPECT_EQ(members, group["name"] == "John" ? 3u : group["name"] == "Carlo" ? 1u : 2u);
        // Reusing the selected _group, the aggregate is over its groups (7.5).
        EXPECT_EQ(group["_count"], group["_group"].size());
    }
}

TEST_F(Groups, SeveralMemberLists_HaveTheirOwnArguments) {
    json groups = ask(R"({ User(groupBy: [name], filter: {name: {_eq: "John"}}) { name
        one: _group(limit: 1, order: {age: ASC}) { age } two: _group(offset: 1, limit: 5, order: {age: DESC}) { age } } })")
        ["User"];
    EXPECT_EQ(groups,
              parsed(R"([{"name": "John", "one": [{"age": 25}], "two": [{"age": 32}, {"age": 25}]}])"));
}

TEST_F(Groups, GroupFilterOnMembersAlias_ComputesIt) {
    json groups = ask(
        R"({ User(groupBy: [name]) { name _group(groupBy: [verified], filter: {_alias: {n: {_gt: 1}}}, order: {_alias: {n: DESC}}) { verified n: _count(_group: {}) } } })")
        ["User"];
    for (const json& group : groups) {
        json expected = group["name"] == "John"    ? parsed(R"([{"verified": true, "n": 2}])")
                        : group["name"] == "Alice" ? parsed(R"([{"verified": false, "n": 2}])")
                                                   : json::array();
        EXPECT_EQ(group["_group"], expected) << group["name"];
    }
}

// What groups and their aggregates are, worked out from all documents, for random documents and both ways of
// making groups.
TEST_F(Groups, RandomDocuments_AggregatesAreThoseOfTheMembers) {
    unsigned seed = 20240607;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    schema("type Item { kind: String size: Int weight: Float }");
    for (int i = 0; i < 300; ++i) {
        std::string fields = fmt::format("weight: {}", static_cast<double>(random() % 64) / 4);
        if (random() % 5 != 0) fields += fmt::format(", size: {}", static_cast<int>(random() % 100) - 50);
        if (random() % 7 != 0) fields += fmt::format(", kind: \"k{}\"", random() % 6);
        node_.request(fmt::format("mutation {{ create_Item(input: {{{}}}) {{ _docID }} }}", fields));
    }
    std::map<std::string, std::vector<json>> members;
    for (const json& item : list("{ Item { kind size weight } }"))
        members[item["kind"].dump()].push_back(item);
    std::string aggregates =
        "n: _count(_group: {}) sum: _sum(_group: {field: size}) avg: _avg(_group: {field: size}) least: "
        "_min(_group: {field: size}) most: _max(_group: {field: size}) weight: _sum(_group: {field: weight})"
        "heavy: _count(_group: {filter: {weight: {_gt: 8}}}) first: _sum(_group: {field: weight, limit: 2})";
    for (std::string_view also : {"", "_group { size }", "_group(order: {size: DESC}, limit: 3) { size }"}) {
        json groups =
            ask(fmt::format("{{ Item(groupBy: [kind]) {{ kind {} {} }} }}", aggregates, also))["Item"];
        EXPECT_EQ(groups.size(), members.size());
        for (const json& group : groups) {
            const std::vector<json>& own = members[group["kind"].dump()];
            long sum = 0, sized = 0, heavy = 0;
            double weight = 0, first = 0;
            json least, most;
            for (std::size_t i = 0; i < own.size(); ++i) {
                weight += own[i]["weight"].get<double>();
                if (i < 2) first += own[i]["weight"].get<double>();
                heavy += own[i]["weight"].get<double>() > 8 ? 1 : 0;
                if (own[i]["size"].is_null()) continue;
                ++sized;
                sum += own[i]["size"].get<long>();
                if (least.is_null() || own[i]["size"] < least) least = own[i]["size"];
                if (most.is_null() || own[i]["size"] > most) most = own[i]["size"];
            }
            EXPECT_EQ(group["n"], own.size());
            EXPECT_EQ(group["sum"], sum);
            EXPECT_EQ(group["least"], least);
            EXPECT_EQ(group["most"], most);
            EXPECT_EQ(group["heavy"], heavy);
            EXPECT_EQ(group["weight"].get<double>(), weight);
            EXPECT_EQ(group["first"].get<double>(), first);
            EXPECT_DOUBLE_EQ(group["avg"].get<double>(),
                             sized == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(sized));
        }
    }
}

class GroupedRelations : public QueryFixture {
  protected:
    void SetUp() override {
        schema(R"(type Author { name: String books: [Book] contact: Contact }
                  type Book { title: String genre: String pages: Int author: Author }
                  type Contact { cell: String author: Author @primary })");
        ann_ = create("Author", R"(name: "Ann")");
        bob_ = create("Author", R"(name: "Bob")");
        create("Contact", fmt::format(R"(cell: "1", author: "{}")", ann_));
        book("A", "x", 10, ann_);
        book("B", "x", 20, ann_);
        book("C", "y", 40, ann_);
        book("D", "x", 80, bob_);
        create("Book", R"(title: "E", genre: "y", pages: 160)");
    }
    void book(std::string_view title, std::string_view genre, int pages, std::string_view author) {
        create("Book", fmt::format(R"(title: "{}", genre: "{}", pages: {}, author: "{}")", title, genre,
                                   pages, author));
    }
    static json by(const json& list, std::string_view key, const json& value) {
        for (const json& entry : list) {
            if (entry[std::string(key)] == value) return entry;
        }
        return nullptr;
    }
    std::string ann_, bob_;
};

TEST_F(GroupedRelations, ByRelationOrItsId_AreTheSameGroups) {
    for (std::string_view key : {"author", "author_id"}) {
        json groups = ask(fmt::format(
            "{{ Book(groupBy: [{}]) {{ author_id author {{ name }} _sum(_group: {{field: pages}}) }} }}",
            key))["Book"];
        ASSERT_EQ(groups.size(), 3u);
        EXPECT_EQ(by(groups, "author_id", ann_)["_sum"], 70);
        EXPECT_EQ(by(groups, "author_id", ann_)["author"], parsed(R"({"name": "Ann"})"));
        EXPECT_EQ(by(groups, "author_id", bob_)["_sum"], 80);
        EXPECT_EQ(by(groups, "author_id", nullptr)["author"], nullptr);
    }
}

TEST_F(GroupedRelations, FromTheSecondarySide_GroupsThroughTheJoin) {
    for (std::string_view key : {"contact", "contact_id"}) {
        json groups =
            ask(fmt::format("{{ Author(groupBy: [{}]) {{ contact_id _group {{ name }} }} }}", key))["Author"];
        ASSERT_EQ(groups.size(), 2u);
        EXPECT_EQ(by(groups, "contact_id", nullptr)["_group"], parsed(R"([{"name": "Bob"}])"));
    }
}

TEST_F(GroupedRelations, ManyRelation_IsNoKey) {
    EXPECT_EQ(error("{ Author(groupBy: [books]) { _group { name } } }"),
              "invalid field value to groupBy. Field: books");
    EXPECT_EQ(error("{ Author(groupBy: [_version]) { _group { name } } }"),
              "invalid field value to groupBy. Field: _version");
}

TEST_F(GroupedRelations, NestedGroups_AreWithinTheirParent) {
    json authors =
        ask("{ Author { name books(groupBy: [genre], order: {genre: ASC}) { genre n: _sum(_group: {field: "
            "pages}) _group(order: {title: DESC}) { title author { name } } } } }")["Author"];
    EXPECT_EQ(by(authors, "name", "Ann")["books"], parsed(R"([
        {"genre": "x", "n": 30, "_group": [{"title": "B", "author": {"name": "Ann"}}, {"title": "A", "author": {"name": "Ann"}}]},
        {"genre": "y", "n": 40, "_group": [{"title": "C", "author": {"name": "Ann"}}]}])"));
    EXPECT_EQ(by(authors, "name", "Bob")["books"], parsed(R"([
        {"genre": "x", "n": 80, "_group": [{"title": "D", "author": {"name": "Bob"}}]}])"));
    authors =
        ask("{ Author { name books(groupBy: [genre], order: {_alias: {n: DESC}}, limit: 1) { genre n: "
            "_sum(_group: {field: pages}) } } }")["Author"];
    EXPECT_EQ(by(authors, "name", "Ann")["books"], parsed(R"([{"genre": "y", "n": 40}])"));
}

TEST_F(GroupedRelations, UngroupedRelation_ShowsThatOfTheLastMember) {
    json groups =
        ask("{ Book(groupBy: [genre], order: {genre: ASC}) { genre author { name } _group { author { name } "
            "} } }")["Book"];
    for (const json& group : groups) EXPECT_EQ(group["author"], group["_group"].back()["author"]);
    json scanned = ask("{ Book(groupBy: [genre], order: {genre: ASC}) { genre author { name } } }")["Book"];
    for (std::size_t i = 0; i < scanned.size(); ++i) EXPECT_EQ(scanned[i]["author"], groups[i]["author"]);
}

TEST_F(GroupedRelations, AggregatesOfRelationsInGroups_AreAddedUp) {
    json groups =
        ask("{ Author(groupBy: []) { _sum(_group: {field: _sum}) _group { _sum(books: {field: pages}) } } }")
            ["Author"];
    EXPECT_EQ(groups[0]["_sum"], 150);
    // The relation of the last member beside the group's members.
    json pooled = ask("{ Author(groupBy: [name]) { name _count(_group: {}, books: {}) } }")["Author"];
    EXPECT_EQ(by(pooled, "name", "Ann")["_count"], 4);
    EXPECT_EQ(by(pooled, "name", "Bob")["_count"], 2);
}

}  // namespace
}  // namespace cairn::test
