// Mutations (spec/query.md section 10): targets, results, what is written, errors.
#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type User { name: String  age: Int @default(int: 7)  email: String @index(unique: true)"
    "  points: Int @crdt(type: pcounter)  score: Float @crdt(type: pncounter)  info: JSON  tags: [String!]"
    "  triple: [Int!] @constraints(size: 3)  books: [Book]  card: Card @primary }"
    " type Book { title: String  author: User }"
    " type Card { number: Int  user: User }"
    " type My_Thing { name: String }";

class MutationTest : public DatabaseTest {
  protected:
    MutationTest() : DatabaseTest(kSchema) {}
    json mutate(const std::string& field, const std::string& selection) {
        return data("mutation { r: " + field + " { " + selection + " } }")["r"];
    }
    std::string mutation_error(const std::string& field) {
        return error("mutation { " + field + " { _docID } }");
    }
    std::size_t count(const std::string& type) {
        return data("{ _count(" + type + ": {}) }")["_count"].get<std::size_t>();
    }
};

TEST_F(MutationTest, CreateSeveral_ResultIsInDocumentOrder) {
    json created =
        mutate("create_Book(input: [{title: \"a\"}, {title: \"b\"}, {title: \"c\"}])", "_docID title");
    ASSERT_EQ(created.size(), 3u);
    EXPECT_LT(created[0]["_docID"], created[1]["_docID"]);
    EXPECT_LT(created[1]["_docID"], created[2]["_docID"]);
}

TEST_F(MutationTest, Create_DefaultsAndNulls) {
    EXPECT_EQ(mutate("create_User(input: [{name: \"a\"}])", "age"), json::parse(R"([{"age": 7}])"));
    EXPECT_EQ(mutate("create_User(input: {name: \"b\", age: null})", "age"),
              json::parse(R"([{"age": null}])"));
    EXPECT_EQ(mutate("create_Book(input: {})", "title"), json::parse(R"([{"title": null}])"));
    EXPECT_NE(mutation_error("create_Book(input: {title: null})").find("already exists"), std::string::npos);
}

TEST_F(MutationTest, Q15_CreateWithoutInput_IsEmpty) {
    create("Book", "title: \"a\"");
    EXPECT_EQ(mutate("create_Book", "title"), json::array());
    EXPECT_EQ(mutate("create_Book(input: null)", "title"), json::array());
    EXPECT_EQ(mutate("create_Book(input: [])", "title"), json::array());
}

TEST_F(MutationTest, CreateOfAnExistingDocument_RollsBackTheWholeRequest) {
    std::string id = create("Book", "title: \"a\"");
    EXPECT_EQ(mutation_error("create_Book(input: [{title: \"new\"}, {title: \"a\"}])"),
              "a document with the given ID already exists. DocID: " + id);
    EXPECT_EQ(count("Book"), 1u);
    remove("Book", id);
    EXPECT_EQ(mutation_error("create_Book(input: {title: \"a\"})"),
              "a document with the given ID already exists. DocID: " + id);
}

TEST_F(MutationTest, SeveralFieldsOfOneOperation_AreAtomicAndInOrder) {
    json answer =
        ask("mutation { a: create_Book(input: {title: \"x\"}) { title }"
            " b: update_Book(filter: {title: {_eq: \"x\"}}, input: {title: \"y\"}) { title }"
            " c: update_Book(input: {title: \"z\"}) { title } }");
    EXPECT_EQ(answer, json::parse(R"({"data": {"a": [{"title": "x"}], "b": [], "c": [{"title": "z"}]}})"));
    EXPECT_NE(error("mutation { a: create_Book(input: {title: \"n\"}) { title }"
                    " b: create_Book(input: {title: \"x\"}) { title } }"),
              "");
    EXPECT_EQ(data("{ Book { title } }"), json::parse(R"({"Book": [{"title": "z"}]})"));
}

TEST_F(MutationTest, EqualResponseKeys_BothTakeEffectAndTheLastAnswers) {
    create("User", "name: \"a\", points: 1");
    EXPECT_EQ(data("mutation { update_User(input: {points: 10}) { name } update_User(input: {points: 10}) { "
                   "points } }"),
              json::parse(R"({"update_User": [{"points": 21}]})"));
}

TEST_F(MutationTest, Update_ByIdsByFilterAndByBoth) {
    std::string a = create("Book", "title: \"a\""), b = create("Book", "title: \"b\"");
    EXPECT_EQ(
        mutate(fmt::format("update_Book(docID: [\"{}\", \"{}\", \"bae-x\"], input: {{title: \"c\"}})", a, a),
               "_docID title"),
        json::array({{{"_docID", a}, {"title", "c"}}}));
    EXPECT_EQ(
        mutate(fmt::format("update_Book(docID: [\"{}\"], filter: {{title: {{_eq: \"b\"}}}}, input: {{title: "
                           "\"d\"}})",
                           a),
               "title"),
        json::array());
    EXPECT_EQ(mutate("update_Book(docID: [], input: {title: \"d\"})", "title"), json::array());
    EXPECT_EQ(mutate("update_Book(input: {title: \"e\"})", "title").size(), 2u);
    EXPECT_EQ(mutate(fmt::format("update_Book(id: \"{}\", input: {{title: \"f\"}})", b), "title"),
              json::parse(R"([{"title": "f"}])"));
}

TEST_F(MutationTest, Update_ReturnsWhatStillMatches) {
    create("Book", "title: \"a\"");
    EXPECT_EQ(mutate("update_Book(filter: {title: {_eq: \"a\"}}, input: {title: \"b\"})", "title"),
              json::array());
    EXPECT_EQ(data("{ Book { title } }"), json::parse(R"({"Book": [{"title": "b"}]})"));
}

TEST_F(MutationTest, Update_EmptyOrEqualInput_WritesACommit) {
    std::string id = create("Book", "title: \"a\"");
    mutate("update_Book(input: {})", "title");
    mutate("update_Book", "title");
    mutate("update_Book(input: {title: \"a\"})", "title");
    EXPECT_EQ(versions(id).size(), 4u);
    EXPECT_EQ(data(fmt::format("{{ commits(docID: \"{}\", fieldName: \"title\") {{ height }} }}", id)),
              json::parse(R"({"commits": [{"height": 2}, {"height": 1}]})"));
}

TEST_F(MutationTest, Counters_AddUp) {
    std::string id = create("User", "name: \"a\", points: 5, score: 1.5");
    update("User", id, "points: 3, score: -0.5");
    update("User", id, "points: null");
    EXPECT_EQ(data("{ User { points score } }"), json::parse(R"({"User": [{"points": 8, "score": 1}]})"));
    std::string refused = mutation_error("update_User(input: {points: -1})");
    EXPECT_TRUE(refused.starts_with("error merging delta: value cannot be negative. Value: -1. Cid: bafy"))
        << refused;
    EXPECT_NE(mutation_error("create_User(input: {points: -1})").find("value cannot be negative"),
              std::string::npos);
}

TEST_F(MutationTest, Delete_ReturnsTheDocumentsAsTheyWere) {
    std::string user = create("User", "name: \"a\"");
    std::string book = create("Book", fmt::format("title: \"t\", author: \"{}\"", user));
    EXPECT_EQ(
        mutate("delete_Book(filter: {title: {_eq: \"t\"}})",
               "title _deleted author { name } _version { height }"),
        json::parse(
            R"([{"title": "t", "_deleted": true, "author": {"name": "a"}, "_version": [{"height": 1}]}])"));
    EXPECT_EQ(mutate(fmt::format("delete_Book(docID: \"{}\")", book), "title"), json::array());
    EXPECT_EQ(data("{ Book(showDeleted: true) { title _deleted } }"),
              json::parse(R"({"Book": [{"title": "t", "_deleted": true}]})"));
}

TEST_F(MutationTest, DeletedTarget_LeavesADanglingId) {
    std::string user = create("User", "name: \"a\"");
    create("Book", fmt::format("author_id: \"{}\"", user));
    remove("User", user);
    json expected = json::array({{{"author_id", user}, {"author", nullptr}}});
    EXPECT_EQ(data("{ Book { author_id author { name } } }")["Book"], expected);
}

TEST_F(MutationTest, Upsert_UpdatesTheMatchOrCreates) {
    const std::string upsert =
        "upsert_Book(filter: {title: {_eq: \"a\"}}, create: {title: \"a\"}, update: {title: \"b\"})";
    EXPECT_EQ(mutate(upsert, "title"), json::parse(R"([{"title": "a"}])"));
    EXPECT_EQ(mutate(upsert, "title"), json::array());
    EXPECT_EQ(data("{ Book { title } }"), json::parse(R"({"Book": [{"title": "b"}]})"));
    EXPECT_EQ(
        mutate("upsert_Book(filter: {title: {_eq: \"z\"}}, create: {title: \"y\"}, update: {})", "title"),
        json::array());
    EXPECT_EQ(count("Book"), 2u);
    EXPECT_EQ(mutation_error("upsert_Book(filter: {}, create: {title: \"q\"}, update: {title: \"q\"})"),
              "cannot upsert multiple matching documents");
    EXPECT_EQ(count("Book"), 2u);
    EXPECT_EQ(mutation_error("upsert_Book(filter: null, create: {}, update: {})"),
              "Argument \"filter\" has invalid value <nil>.\nExpected \"BookFilterArg!\", found null.");
}

TEST_F(MutationTest, Relations_AreSetByKeyOrName) {
    std::string user = create("User", "name: \"a\"");
    std::string book = create("Book", fmt::format("title: \"t\", author: {{_docID: \"{}\"}}", user));
    EXPECT_EQ(data("{ Book { author { name } } }"), json::parse(R"({"Book": [{"author": {"name": "a"}}]})"));
    update("Book", book, "author: null");
    EXPECT_EQ(data("{ Book { author_id } }"), json::parse(R"({"Book": [{"author_id": null}]})"));
    // rel_id wins over rel.
    update("Book", book, fmt::format("author_id: null, author: \"{}\"", user));
    EXPECT_EQ(data("{ Book { author_id } }"), json::parse(R"({"Book": [{"author_id": null}]})"));
    update("Book", book, fmt::format("author: null, author_id: \"{}\"", user));
    EXPECT_EQ(data("{ Book { author { name } } }"), json::parse(R"({"Book": [{"author": {"name": "a"}}]})"));
}

TEST_F(MutationTest, RelationIds_MustParse) {
    auto message = [&](const std::string& id) {
        return mutation_error("create_Book(input: {author: \"" + id + "\"})");
    };
    EXPECT_TRUE(
        message("bae-35953ca-518d-9e6b-9ce6cd00eff5")
            .starts_with("uuid: incorrect UUID length 30 in string \"35953ca-518d-9e6b-9ce6cd00eff5\""));
    EXPECT_TRUE(message("").starts_with("malformed document ID, missing either version or cid"));
    EXPECT_TRUE(message("nodash").starts_with("malformed document ID, missing either version or cid"));
    EXPECT_TRUE(message("bae-zz953ca1-518d-5e6b-9ce6-cd00eff5e933").starts_with("uuid: invalid UUID format"));
    EXPECT_EQ(mutation_error("create_Book(input: {author: {}})"),
              "Argument \"input\" has invalid value {author: {}}.\n"
              "In field \"author\": Expected type \"ID\", found {}.");
    EXPECT_EQ(mutation_error("create_Card(input: {user: \"bae-1\"})"),
              "Argument \"input\" has invalid value {user: \"bae-1\"}.\nIn field \"user\": Unknown field.");
}

TEST_F(MutationTest, OneToOne_IsLinkedOnce) {
    std::string card = create("Card", "number: 1");
    std::string first = create("User", fmt::format("name: \"a\", card: \"{}\"", card));
    std::string second = create("User", "name: \"b\"");
    EXPECT_EQ(
        mutation_error(fmt::format("update_User(docID: \"{}\", input: {{card: \"{}\"}})", second, card)),
        fmt::format("target document is already linked to another document. DocumentID: {}, TargetID: {}, "
                    "RelationName: card_user",
                    second, first));
    update("User", first, fmt::format("card: \"{}\"", card));
    remove("User", first);
    update("User", second, fmt::format("card: \"{}\"", card));
}

TEST_F(MutationTest, UniqueIndex_IsKept) {
    std::string first = create("User", "name: \"a\", email: \"a@x\"");
    std::string refused = mutation_error("create_User(input: {name: \"b\", email: \"a@x\"})");
    EXPECT_TRUE(
        refused.starts_with("can not index a doc's field(s) that violates unique index. DocID: bae-"));
    EXPECT_TRUE(refused.ends_with(", email: a@x")) << refused;
    update("User", first, "email: \"a@x\"");
    update("User", first, "email: null");
    create("User", "name: \"b\", email: \"a@x\"");
}

TEST_F(MutationTest, UniqueJsonIndex_RefusesAScalarTwiceInOneArray) {
    ASSERT_TRUE(database_.add_schema("type Coded { j: JSON @index(unique: true) }"));
    auto refused = [&](const std::string& value) {
        return mutation_error("create_Coded(input: {j: " + value + "})");
    };
    create("Coded", "j: {n: [3, 4, null]}");
    EXPECT_TRUE(refused("{n: [5, 8, 5]}").ends_with(", j: map[n:[5 8 5]]")) << refused("{n: [5, 8, 5]}");
    EXPECT_TRUE(refused("{n: [4]}").ends_with(", j: map[n:[4]]"));
    EXPECT_TRUE(refused("{n: [6, null]}").ends_with(", j: map[n:[6 <nil>]]"));
    create("Coded", "j: {n: 3}");
    create("Coded", "j: {n: [\"3\"]}");
    create("Coded", "j: {n: [[4]]}");
}

TEST_F(MutationTest, ValueChecks_NameTheValue) {
    EXPECT_EQ(mutation_error("create_User(input: {triple: [1, 2]})"),
              "array size mismatch. Actual: 2, Expected: 3");
    EXPECT_EQ(mutation_error("create_User(input: {age: 3000000000})"),
              "Argument \"input\" has invalid value {age: 3000000000}.\n"
              "In field \"age\": Expected type \"Int\", found 3000000000.");
    EXPECT_EQ(mutation_error("create_User(input: {tags: [null]})"),
              "Argument \"input\" has invalid value {tags: [<nil>]}.\n"
              "In field \"tags\": In element #1: Expected \"String!\", found null.");
    EXPECT_EQ(mutation_error("create_User(input: {nope: 1})"),
              "Argument \"input\" has invalid value {nope: 1}.\nIn field \"nope\": Unknown field.");
    EXPECT_EQ(mutate("create_User(input: {tags: \"one\"})", "tags"), json::parse(R"([{"tags": ["one"]}])"));
}

TEST_F(MutationTest, Q32_JsonVariables_AreAccepted) {
    EXPECT_EQ(data("mutation($j: JSON) { create_User(input: {name: \"a\", info: $j}) { info } }",
                   R"({"j": {"b": [1, null], "a": "x"}})"),
              json::parse(R"({"create_User": [{"info": {"a": "x", "b": [1, null]}}]})"));
    EXPECT_EQ(data("{ User { ... { name } } }"), json::parse(R"({"User": [{"name": "a"}]})"));
}

TEST_F(MutationTest, Encryption_LeavesResultsAlone) {
    EXPECT_EQ(mutate("create_User(input: {name: \"secret\"}, encrypt: true)", "name"),
              json::parse(R"([{"name": "secret"}])"));
    EXPECT_EQ(mutate("create_User(input: {name: \"half\", age: 3}, encryptFields: [name])", "name age"),
              json::parse(R"([{"name": "half", "age": 3}])"));
    json commits = data("{ commits(fieldName: \"age\") { delta } }")["commits"];
    EXPECT_EQ(std::count(commits.begin(), commits.end(), json({{"delta", "Aw=="}})), 1);
    EXPECT_EQ(mutation_error("create_User(input: {}, encryptFields: [_docID])"),
              "Argument \"encryptFields\" has invalid value [_docID].\n"
              "In element #1: Expected type \"UserExplicitField\", found _docID.");
}

TEST_F(MutationTest, Names_AreSplitAtTheFirstUnderscore) {
    EXPECT_EQ(mutate("create_My_Thing(input: {name: \"a\"})", "name"), json::parse(R"([{"name": "a"}])"));
    EXPECT_EQ(mutation_error("dostuff_Card(input: {})"),
              "Cannot query field \"dostuff_Card\" on type \"Mutation\". Did you mean \"delete_Card\" or "
              "\"upsert_Card\"?");
}

TEST_F(MutationTest, Q31_RootTypename_IsAnswered) {
    EXPECT_EQ(data("{ __typename }"), json::parse(R"({"__typename": "Query"})"));
    EXPECT_EQ(data("mutation { __typename }"), json::parse(R"({"__typename": "Mutation"})"));
}

}  // namespace
}  // namespace cairn::test
