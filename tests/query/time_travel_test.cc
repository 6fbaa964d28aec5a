// Documents as of a commit (spec/query.md section 12) and `_version` (11.5, Q10).
#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type User { name: String  age: Int  points: Int @crdt(type: pncounter)  books: [Book] }"
    " type Book { title: String  writer: User }"
    " type Tree @branchable { name: String  height: Int }";

class TimeTravelTest : public DatabaseTest {
  protected:
    TimeTravelTest() : DatabaseTest(kSchema) {}
    json at(const std::string& collection, const std::string& cid, const std::string& selection,
            const std::string& more = {}) {
        return data(
            fmt::format("{{ {}(cid: \"{}\"{}) {{ {} }} }}", collection, cid, more, selection))[collection];
    }
};

TEST_F(TimeTravelTest, EachCommit_ShowsItsState) {
    std::string id = create("User", "name: \"a\", age: 1");
    update("User", id, "age: 2");
    update("User", id, "name: null");
    auto cids = versions(id);
    ASSERT_EQ(cids.size(), 3u);
    EXPECT_EQ(at("User", cids[0], "name age"), json::parse(R"([{"name": "a", "age": 1}])"));
    EXPECT_EQ(at("User", cids[1], "name age"), json::parse(R"([{"name": "a", "age": 2}])"));
    EXPECT_EQ(at("User", cids[2], "name age"), json::parse(R"([{"name": null, "age": 2}])"));
}

TEST_F(TimeTravelTest, Q18_Counters_AreExactAtEveryHeight) {
    std::string id = create("User", "points: 10");
    for (int i = 0; i < 30; ++i) update("User", id, "points: 1");
    auto cids = versions(id);
    for (std::size_t i = 0; i < cids.size(); ++i) {
        EXPECT_EQ(at("User", cids[i], "points")[0]["points"], 10 + static_cast<int>(i));
    }
}

TEST_F(TimeTravelTest, Q18_NothingIsWritten) {
    std::string id = create("User", "name: \"a\", points: 10");
    update("User", id, "points: 1");
    auto before = data("{ commits { cid height } User { name points } }");
    std::uint64_t position = database_.position();
    for (const std::string& cid : versions(id)) at("User", cid, "points _version { cid }");
    EXPECT_EQ(data("{ commits { cid height } User { name points } }"), before);
    EXPECT_EQ(database_.position(), position);
}

TEST_F(TimeTravelTest, Q18_DeleteCommit_IsEmptyWithoutShowDeleted) {
    std::string id = create("User", "name: \"a\"");
    remove("User", id);
    auto cids = versions(id);
    ASSERT_EQ(cids.size(), 2u);
    EXPECT_EQ(at("User", cids[1], "name"), json::array());
    EXPECT_EQ(at("User", cids[1], "name _deleted", ", showDeleted: true"),
              json::parse(R"([{"name": "a", "_deleted": true}])"));
    EXPECT_EQ(at("User", cids[0], "name _deleted"), json::parse(R"([{"name": "a", "_deleted": false}])"));
}

TEST_F(TimeTravelTest, ConcurrentBranches_ShowOnlyWhatTheyReach) {
    TemporaryFolder other_folder;
    Options options;
    options.durability = Durability::memory;
    Database other = *Database::open(other_folder / "store", options);
    ASSERT_TRUE(other.add_schema(kSchema));
    std::string id = create("User", "name: \"a\", points: 1");
    auto blocks = database_.blocks_since(0);
    ASSERT_TRUE(other.merge(blocks->blocks));
    other.execute({"mutation { update_User(input: {points: 10, name: \"theirs\"}) { _docID } }", {}, {}});
    update("User", id, "points: 100, age: 5");
    auto theirs = other.blocks_since(1);
    ASSERT_TRUE(database_.merge(theirs->blocks));
    update("User", id, "points: 1000");
    json commits = data(fmt::format(
        "{{ commits(docID: \"{}\", fieldName: \"_C\") {{ cid height links {{ name }} }} }}", id))["commits"];
    ASSERT_EQ(commits.size(), 4u);
    for (const json& commit : commits) {
        json user = at("User", commit["cid"], "name age points")[0];
        if (commit["height"] == 1) {
            EXPECT_EQ(user, json::parse(R"({"name": "a", "age": null, "points": 1})"));
        } else if (commit["height"] == 3) {
            EXPECT_EQ(user, json::parse(R"({"name": "theirs", "age": 5, "points": 1111})"));
        } else if (user["age"].is_null()) {
            EXPECT_EQ(user, json::parse(R"({"name": "theirs", "age": null, "points": 11})"));
        } else {
            EXPECT_EQ(user, json::parse(R"({"name": "a", "age": 5, "points": 101})"));
        }
    }
}

TEST_F(TimeTravelTest, Arguments_ApplyToTheReconstructedState) {
    std::string id = create("User", "name: \"a\", age: 1");
    update("User", id, "age: 2");
    auto cids = versions(id);
    EXPECT_EQ(at("User", cids[0], "age", ", filter: {age: {_eq: 1}}").size(), 1u);
    EXPECT_EQ(at("User", cids[0], "age", ", filter: {age: {_eq: 2}}").size(), 0u);
    EXPECT_EQ(at("User", cids[0], "age", fmt::format(", docID: \"{}\"", id)).size(), 1u);
    EXPECT_EQ(at("User", cids[0], "age", ", docID: \"bae-e933420a-988a-56f8-8952-6c245aebd519\"").size(), 0u);
    EXPECT_EQ(at("User", cids[0], "age", ", order: {age: DESC}, limit: 1").size(), 1u);
    EXPECT_EQ(at("User", cids[0], "age", ", offset: 1").size(), 0u);
}

TEST_F(TimeTravelTest, Relations_AreReadAsTheyAreNow) {
    std::string a = create("User", "name: \"a\""), b = create("User", "name: \"b\"");
    std::string book = create("Book", fmt::format("title: \"t\", writer: \"{}\"", a));
    auto cids = versions(book);
    update("Book", book, fmt::format("writer: \"{}\"", b));
    update("User", a, "name: \"a2\"");
    EXPECT_EQ(at("Book", cids[0], "writer_id writer { name }"),
              json::array({{{"writer_id", a}, {"writer", {{"name", "a2"}}}}}));
    EXPECT_EQ(at("User", versions(b)[0], "name books { title }"),
              json::parse(R"([{"name": "b", "books": [{"title": "t"}]}])"));
    EXPECT_EQ(at("Book", cids[0], "title", ", filter: {writer: {name: {_eq: \"a2\"}}}").size(), 1u);
}

TEST_F(TimeTravelTest, Version_StartsAtTheCommit) {
    std::string id = create("User", "name: \"a\"");
    update("User", id, "age: 2");
    update("User", id, "age: 3");
    auto cids = versions(id);
    EXPECT_EQ(at("User", cids[1], "_version { cid }"),
              json::array({{{"_version", {{{"cid", cids[1]}}, {{"cid", cids[0]}}}}}}));
}

TEST_F(TimeTravelTest, Q10_Version_WorksBesideAndInsideRelations) {
    std::string a = create("User", "name: \"a\"");
    create("Book", fmt::format("title: \"t\", writer: \"{}\"", a));
    update("User", a, "age: 2");
    EXPECT_EQ(
        data("{ User(order: {name: ASC}) { _version { height } books { _version { height } writer_id } } }"),
        json::parse(fmt::format(
            R"({{"User": [{{"_version": [{{"height": 2}}, {{"height": 1}}],
                      "books": [{{"_version": [{{"height": 1}}], "writer_id": "{}"}}]}}]}})",
            a)));
}

TEST_F(TimeTravelTest, CollectionCommit_ShowsAllDocumentsOfThen) {
    std::string oak = create("Tree", "name: \"oak\", height: 1");
    create("Tree", "name: \"elm\", height: 2");
    update("Tree", oak, "height: 9");
    std::string elm = data("{ Tree(filter: {name: {_eq: \"elm\"}}) { _docID } }")["Tree"][0]["_docID"];
    remove("Tree", elm);
    json commits = data("{ commits(fieldName: null, order: {height: ASC}) { cid height } }")["commits"];
    ASSERT_EQ(commits.size(), 4u);
    auto heights = [&](std::size_t commit, const std::string& more = ", order: {name: ASC}") {
        json list = json::array();
        for (const json& tree : at("Tree", commits[commit]["cid"], "name height", more)) {
            list.push_back({tree["name"], tree["height"]});
        }
        return list;
    };
    EXPECT_EQ(heights(0), json::parse(R"([["oak", 1]])"));
    EXPECT_EQ(heights(1), json::parse(R"([["elm", 2], ["oak", 1]])"));
    EXPECT_EQ(heights(2), json::parse(R"([["elm", 2], ["oak", 9]])"));
    EXPECT_EQ(heights(3), json::parse(R"([["oak", 9]])"));
    EXPECT_EQ(heights(2, fmt::format(", docID: \"{}\"", elm)), json::parse(R"([["elm", 2]])"));
}

TEST_F(TimeTravelTest, OwnUncommittedCommit_CanBeTravelledTo) {
    std::string id = create("User", "name: \"a\"");
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    auto ask = [&](const std::string& text) {
        return json::parse(transaction->execute({text, {}, {}}))["data"];
    };
    ask("mutation { update_User(input: {name: \"b\"}) { _docID } }");
    std::string cid =
        ask(fmt::format("{{ latestCommits(docID: \"{}\") {{ cid }} }}", id))["latestCommits"][0]["cid"];
    ask("mutation { update_User(input: {name: \"c\"}) { _docID } }");
    EXPECT_EQ(ask(fmt::format("{{ User(cid: \"{}\") {{ name }} }}", cid))["User"][0]["name"], "b");
}

TEST_F(TimeTravelTest, BadCid_IsSaid) {
    std::string id = create("User", "name: \"a\"");
    EXPECT_EQ(error("{ User(cid: \"x\") { name } }"), "invalid cid: cid too short");
    EXPECT_EQ(error("{ User(cid: \"any cid\") { name } }"), "invalid cid: selected encoding not supported");
    std::string unknown = "bafybeid57gpbwi4i6bg7g357vwwyzsmr4bjo22rmhoxrwqvdxlqxcgaqvu";
    EXPECT_EQ(
        error(fmt::format("{{ User(cid: \"{}\") {{ name }} }}", unknown)),
        fmt::format("seek failed: (version fetcher) failed to get block in blockstore: ipld: could not find "
                    "{0}. Target: {0}",
                    unknown));
    std::string user = versions(id)[0];
    EXPECT_EQ(
        error(fmt::format("{{ Book(cid: \"{}\") {{ title }} }}", user)),
        fmt::format("seek failed: failed merging state: the given field does not exist. Name: name. Target: "
                    "{}",
                    user));
    EXPECT_EQ(at("Tree", user, "name"), json::array());
    std::string field = data("{ commits(fieldName: \"name\") { cid } }")["commits"][0]["cid"];
    EXPECT_EQ(error(fmt::format("{{ User(cid: \"{}\") {{ name }} }}", field)),
              fmt::format("cid {} is a commit of the field name, not of a document or a collection", field));
    EXPECT_EQ(data("{ User(cid: null) { name } }"), json::parse(R"({"User": [{"name": "a"}]})"));
}

}  // namespace
}  // namespace cairn::test
