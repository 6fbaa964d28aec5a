// The argument asOf: the whole store as it was at a position of its log (collections/as_of.h).
#include <atomic>
#include <stop_token>
#include <thread>

#include "dag/block.h"
#include "dag/cid.h"
#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type User { name: String @index  age: Int  points: Int @crdt(type: pncounter)  books: [Book] }"
    " type Book { title: String  pages: Int  writer: User }"
    " type Tree @branchable { name: String  height: Int }";

std::string cid_of(const Block& block) {
    return dag::Cid{dag::Codec::dag_cbor, dag::sha256(dag::as_bytes(block.bytes))}.text();
}

class AsOfTest : public DatabaseTest {
  protected:
    explicit AsOfTest(Options options = {}) : DatabaseTest(kSchema, std::move(options)) {}
    std::uint64_t now() { return database_.position(); }
    // The value of the only root field; @ in it becomes the argument.
    json at(const std::string& text, const std::string& as_of) { return data(with(text, as_of)).front(); }
    json at(const std::string& text, std::uint64_t position) { return at(text, std::to_string(position)); }
    static std::string with(std::string text, const std::string& as_of) {
        text.replace(text.find('@'), 1, "asOf: " + as_of);
        return text;
    }
    static std::string quoted(const std::string& text) { return "\"" + text + "\""; }
    // CIDs of the blocks of the newest event.
    std::vector<std::string> newest_blocks() {
        std::vector<std::string> cids;
        auto batch = database_.blocks_since(now() - 1);
        EXPECT_TRUE(batch);
        for (const Block& block : batch->blocks) cids.push_back(cid_of(block));
        return cids;
    }
};

TEST_F(AsOfTest, Positions_ShowTheStoreAfterSoManyEvents) {
    EXPECT_EQ(now(), 0U);
    std::string a = create("User", "name: \"a\", age: 1");
    update("User", a, "age: 2");
    std::string b = create("User", "name: \"b\"");
    remove("User", a);
    const std::string text = "{ User(@, order: {name: ASC}) { name age } }";
    EXPECT_EQ(at(text, 0), json::array());
    EXPECT_EQ(at(text, 1), json::parse(R"([{"name": "a", "age": 1}])"));
    EXPECT_EQ(at(text, 2), json::parse(R"([{"name": "a", "age": 2}])"));
    EXPECT_EQ(at(text, 3), json::parse(R"([{"name": "a", "age": 2}, {"name": "b", "age": null}])"));
    EXPECT_EQ(at(text, 4), json::parse(R"([{"name": "b", "age": null}])"));
    EXPECT_EQ(at("{ User(@, showDeleted: true, order: {name: ASC}) { name _deleted } }", 4),
              json::parse(R"([{"name": "a", "_deleted": true}, {"name": "b", "_deleted": false}])"));
    EXPECT_EQ(at("{ User(@, showDeleted: true) { name _deleted } }", 1),
              json::parse(R"([{"name": "a", "_deleted": false}])"));
}

TEST_F(AsOfTest, Relations_ToAnyDepth_AreOfThen) {
    std::string a = create("User", "name: \"a\""), b = create("User", "name: \"b\"");
    std::string book = create("Book", fmt::format("title: \"t\", pages: 7, writer: \"{}\"", a));
    const std::uint64_t then = now();
    update("User", a, "name: \"a2\"");
    update("Book", book, fmt::format("writer: \"{}\", pages: 9", b));
    create("Book", fmt::format("title: \"later\", pages: 1, writer: \"{}\"", a));
    remove("User", a);
    EXPECT_EQ(at("{ Book(@) { title writer_id writer { name books { title writer { name } } } } }", then),
              json::parse(fmt::format(
                  R"([{{"title": "t", "writer_id": "{}", "writer":
                     {{"name": "a", "books": [{{"title": "t", "writer": {{"name": "a"}}}}]}}}}])",
                  a)));
    EXPECT_EQ(at("{ User(@, filter: {books: {pages: {_gt: 5}}}) { name } }", then),
              json::parse(R"([{"name": "a"}])"));
    EXPECT_EQ(at("{ User(@, filter: {name: {_eq: \"a2\"}}) { name } }", then), json::array());
    EXPECT_EQ(at("{ Book(@, filter: {writer: {name: {_eq: \"a\"}}}) { pages } }", then),
              json::parse(R"([{"pages": 7}])"));
    EXPECT_EQ(
        at("{ User(@, order: {name: DESC}) { name _count(books: {}) _sum(books: {field: pages}) } }", then),
        json::parse(R"([{"name": "b", "_count": 0, "_sum": 0}, {"name": "a", "_count": 1, "_sum": 7}])"));
    EXPECT_EQ(at("{ Book(@, groupBy: [writer_id]) { writer_id _group { title } } }", then),
              json::parse(fmt::format(R"([{{"writer_id": "{}", "_group": [{{"title": "t"}}]}}])", a)));
}

TEST_F(AsOfTest, Cid_IsRightAfterTheEventThatBroughtIt) {
    std::string a = create("User", "name: \"a\", age: 1");
    create("Book", fmt::format("title: \"t\", writer: \"{}\"", a));
    for (const std::string& cid : newest_blocks()) {  // the document's and the fields' blocks
        EXPECT_EQ(at("{ User(@) { name books { title } } }", quoted(cid)),
                  json::parse(R"([{"name": "a", "books": [{"title": "t"}]}])"));
    }
    update("User", a, "age: 2");
    EXPECT_EQ(at("{ User(@) { age books { title } } }", quoted(versions(a)[0])),
              json::parse(R"([{"age": 1, "books": []}])"));
    EXPECT_EQ(at("{ User(@) { age } }", quoted(versions(a)[1])), json::parse(R"([{"age": 2}])"));
}

// As the reference has it (spec/query.md 12), a commit alone says nothing about other documents.
TEST_F(AsOfTest, CidBesideAsOf_ShowsTheCommitWithItsRelationsOfThen) {
    std::string a = create("User", "name: \"a\"");
    std::string book = create("Book", fmt::format("title: \"t\", writer: \"{}\"", a));
    update("User", a, "name: \"a2\"");
    update("Book", book, "title: \"t2\"");
    const std::string first = quoted(versions(book)[0]), second = quoted(versions(book)[1]);
    const std::string text = "title writer { name books { title } }";
    EXPECT_EQ(at(fmt::format("{{ Book(@, cid: {}) {{ {} }} }}", first, text), first),
              json::parse(R"([{"title": "t", "writer": {"name": "a", "books": [{"title": "t"}]}}])"));
    EXPECT_EQ(at(fmt::format("{{ Book(@, cid: {}) {{ {} }} }}", first, text), second),
              json::parse(R"([{"title": "t", "writer": {"name": "a2", "books": [{"title": "t2"}]}}])"));
    EXPECT_EQ(
        data(fmt::format("{{ Book(cid: {}) {{ {} }} }}", first, text)),
        json::parse(R"({"Book": [{"title": "t", "writer": {"name": "a2", "books": [{"title": "t2"}]}}]})"));
    EXPECT_TRUE(error(with(fmt::format("{{ Book(@, cid: {}) {{ title }} }}", second), first))
                    .starts_with("seek failed: (version fetcher) failed to get block"));
}

TEST_F(AsOfTest, RootAggregates_EachTargetHasItsOwn) {
    std::string a = create("User", "name: \"a\", age: 3");
    create("Book", "title: \"t\", pages: 10");
    create("User", "name: \"b\", age: 4");
    update("User", a, "age: 100");
    EXPECT_EQ(data("{ _sum(User: {asOf: 3, field: age}) }")["_sum"], 7);
    EXPECT_EQ(data("{ _count(User: {asOf: 1}, Book: {}) }")["_count"], 2);
    EXPECT_EQ(data("{ _count(User: {asOf: \"3\", filter: {age: {_lt: 50}}}, Book: {asOf: 1}) }")["_count"],
              2);
    EXPECT_EQ(data("{ then: _max(User: {asOf: 3, field: age}) now: _max(User: {field: age}) }"),
              json::parse(R"({"then": 4, "now": 100})"));
}

TEST_F(AsOfTest, Connections_ArePagedAsOfThen) {
    std::string a = create("User", "name: \"a\"");
    create("User", "name: \"b\"");
    const std::uint64_t then = now();
    remove("User", a);
    create("User", "name: \"c\"");
    const std::string text =
        "{ User_connection(@, first: 1, order: {name: ASC}) { totalCount nodes { name } pageInfo { "
        "hasNextPage } } }";
    EXPECT_EQ(
        at(text, then),
        json::parse(R"({"totalCount": 2, "nodes": [{"name": "a"}], "pageInfo": {"hasNextPage": true}})"));
    EXPECT_EQ(
        at(text, now()),
        json::parse(R"({"totalCount": 2, "nodes": [{"name": "b"}], "pageInfo": {"hasNextPage": true}})"));
}

class AsOfLinksTest : public DatabaseTest {
  protected:
    AsOfLinksTest()
        : DatabaseTest(
              "type Book { name: String  genres: [Genre] } type Genre { name: String  books: [Book] }") {}
};

TEST_F(AsOfLinksTest, PairsAreThoseOfThen) {
    const std::string poetry = create("Genre", "name: \"Poetry\"");
    const std::string book = create("Book", fmt::format("name: \"One\", genres: [\"{}\"]", poetry));
    const std::uint64_t linked = database_.position();
    update("Book", book, "genres: []");
    const std::uint64_t unlinked = database_.position();
    update("Book", book, "genres: [{name: \"New\"}]");
    remove("Genre", poetry);
    const std::string text =
        "{{ Book(asOf: {}) {{ genres {{ name books {{ name }} }} _count(genres: {{}}) }} }}";
    EXPECT_EQ(data(fmt::format(fmt::runtime(text), linked))["Book"],
              json::parse(R"([{"genres": [{"name": "Poetry", "books": [{"name": "One"}]}], "_count": 1}])"));
    EXPECT_EQ(data(fmt::format(fmt::runtime(text), unlinked))["Book"],
              json::parse(R"([{"genres": [], "_count": 0}])"));
    EXPECT_EQ(data("{ Book { genres { name } } }")["Book"],
              json::parse(R"([{"genres": [{"name": "New"}]}])"));
}

class AsOfRulesTest : public DatabaseTest {
  protected:
    AsOfRulesTest()
        : DatabaseTest(
              "type Author { name: String  books: [Book] }"
              " type Book { name: String  isbn: String @index  author: Author @relation(onDelete: "
              "CASCADE)  loans: [Loan] @join(on: \"isbn\", references: \"isbn\") }"
              " type Loan { isbn: String  reader: String }") {}
};

TEST_F(AsOfRulesTest, WhatADeletionTookAlongIsThereAgain) {
    const std::string author = create("Author", "name: \"a\"");
    create("Book", fmt::format("name: \"b\", isbn: \"1\", author: \"{}\"", author));
    const std::string loan = create("Loan", "isbn: \"1\", reader: \"Ann\"");
    const std::uint64_t then = database_.position();
    update("Loan", loan, "isbn: \"2\"");
    remove("Author", author);
    const std::string text =
        "{{ Author(asOf: {0}) {{ name books {{ name loans {{ reader }} }} }}"
        " Book(asOf: {0}, filter: {{loans: {{reader: {{_eq: \"Ann\"}}}}}}) {{ name }} }}";
    EXPECT_EQ(
        data(fmt::format(fmt::runtime(text), then)),
        json::parse(R"({"Author": [{"name": "a", "books": [{"name": "b", "loans": [{"reader": "Ann"}]}]}],
                              "Book": [{"name": "b"}]})"));
    EXPECT_EQ(
        data(fmt::format(fmt::runtime(text), then + 1)),
        json::parse(R"({"Author": [{"name": "a", "books": [{"name": "b", "loans": []}]}], "Book": []})"));
    EXPECT_EQ(data(fmt::format(fmt::runtime(text), database_.position())),
              json::parse(R"({"Author": [], "Book": []})"));
}

TEST_F(AsOfTest, RootFieldsOfOneRequest_MayDiffer) {
    std::string a = create("User", "name: \"a\"");
    update("User", a, "name: \"b\"");
    update("User", a, "name: \"c\"");
    EXPECT_EQ(data("query ($p: ID) { x: User(asOf: 1) { name } y: User { name } z: User(asOf: $p) { name }"
                   " w: User(asOf: null) { name } v: User(asOf: 1, docID: \"" +
                       a + "\") { name } }",
                   R"({"p": 2})"),
              json::parse(R"({"x": [{"name": "a"}], "y": [{"name": "c"}], "z": [{"name": "b"}],
                              "w": [{"name": "c"}], "v": [{"name": "a"}]})"));
    EXPECT_EQ(data("query ($p: ID) { User(asOf: $p) { name } }", R"({"p": "2"})"),
              json::parse(R"({"User": [{"name": "b"}]})"));
    EXPECT_EQ(data("query ($p: ID) { User(asOf: $p) { name } }"),
              json::parse(R"({"User": [{"name": "c"}]})"));
}

TEST_F(AsOfTest, Commits_AreThoseOfThen) {
    std::string a = create("User", "name: \"a\"");
    update("User", a, "age: 2");
    create("Tree", "name: \"oak\"");
    create("Tree", "name: \"elm\"");
    const std::vector<std::string> cids = versions(a);
    auto commits = [&](std::uint64_t position, const std::string& more) {
        json list = json::array();
        for (const json& each : at("{ commits(@" + more + ") { cid height } }", position))
            list.push_back(each["cid"]);
        return list;
    };
    EXPECT_EQ(commits(1, ", fieldName: \"_C\""), json::array({cids[0]}));
    EXPECT_EQ(commits(2, ", fieldName: \"_C\""), json::array({cids[1], cids[0]}));
    EXPECT_EQ(commits(2, ", fieldName: null"), json::array());
    EXPECT_EQ(commits(3, ", fieldName: null").size(), 1U);
    EXPECT_EQ(commits(4, ", fieldName: null").size(), 2U);
    EXPECT_EQ(at(fmt::format("{{ latestCommits(@, docID: \"{}\") {{ cid }} }}", a), 1),
              json::array({{{"cid", cids[0]}}}));
    EXPECT_EQ(at("{ User(@) { _version { cid } _count(_version: {}) } }", 1),
              json::parse(fmt::format(R"([{{"_version": [{{"cid": "{}"}}], "_count": 1}}])", cids[0])));
    EXPECT_EQ(error(with(fmt::format("{{ commits(@, cid: \"{}\") {{ cid }} }}", cids[1]), "1")),
              fmt::format("missing cid\nipld: could not find {}", cids[1]));
}

TEST_F(AsOfTest, Transaction_ReadsWhatItsSnapshotHasCommitted) {
    std::string a = create("User", "name: \"a\"");
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    auto ask_in = [&](const std::string& text) { return json::parse(transaction->execute({text, {}, {}})); };
    ask_in("mutation { update_User(input: {name: \"mine\"}) { name } }");
    std::string cid = ask_in(
        fmt::format("{{ latestCommits(docID: \"{}\") {{ cid }} }}", a))["data"]["latestCommits"][0]["cid"];
    create("User", "name: \"other\"");  // after the snapshot
    EXPECT_EQ(ask_in("{ User(asOf: 1) { name } }")["data"], json::parse(R"({"User": [{"name": "a"}]})"));
    EXPECT_EQ(ask_in("{ User(asOf: 0) { name } }")["data"], json::parse(R"({"User": []})"));
    EXPECT_EQ(ask_in("{ User { name } }")["data"], json::parse(R"({"User": [{"name": "mine"}]})"));
    auto message = [](const json& answer) { return answer["errors"][0]["message"]; };
    EXPECT_EQ(message(ask_in("{ User(asOf: 2) { name } }")),
              "asOf: log position 2 is beyond the log, which ends at 1");
    EXPECT_EQ(message(ask_in(fmt::format("{{ User(asOf: \"{}\") {{ name }} }}", cid))),
              fmt::format("asOf: no event of the log holds the block {}", cid));
    EXPECT_EQ(message(ask_in(fmt::format("{{ User(asOf: \"{}\") {{ name }} }}", newest_blocks()[0]))),
              fmt::format("asOf: no event of the log holds the block {}", newest_blocks()[0]));
    ASSERT_TRUE(transaction->create_index("Book", {.name = {}, .fields = {{"title"}}}));
    EXPECT_EQ(message(ask_in("{ User(asOf: 1) { name } }")),
              "asOf: the past cannot be read in a transaction that has changed the schema");
    transaction->discard();
    // The same while the transaction holds the order of writers.
    ASSERT_TRUE(database_.write([&](Transaction& writer) -> Status {
        writer.execute({"mutation { update_User(input: {name: \"mine\"}) { name } }", {}, {}});
        json answer = json::parse(writer.execute({"{ User(asOf: 1) { name } }", {}, {}}));
        EXPECT_EQ(answer["data"], json::parse(R"({"User": [{"name": "a"}]})"));
        return {};
    }));
}

TEST_F(AsOfTest, SchemaAndIndexesOfNow_ReadTheDocumentsOfThen) {
    std::string a = create("User", "name: \"a\", age: 1");
    const std::uint64_t then = now();
    auto patched = database_.patch_schema(
        R"([{"op": "add", "path": "/User/Fields/-", "value": {"Name": "email", "Kind": "String"}}])");
    ASSERT_TRUE(patched) << patched.error().message;
    update("User", a, "email: \"a@b\", age: 2");
    ASSERT_TRUE(database_.write([](Transaction& transaction) -> Status {
        CAIRN_TRY(transaction.create_index("User", {.name = {}, .fields = {{"age"}}}));
        return {};
    }));
    update("User", a, "age: 3");
    EXPECT_EQ(at("{ User(@, filter: {age: {_eq: 1}}) { name email } }", then),
              json::parse(R"([{"name": "a", "email": null}])"));
    EXPECT_EQ(at("{ User(@, filter: {age: {_eq: 2}}) { name email } }", then + 1),
              json::parse(R"([{"name": "a", "email": "a@b"}])"));
    EXPECT_EQ(at("{ User(@, filter: {age: {_eq: 3}}) { name } }", then + 1), json::array());
}

TEST_F(AsOfTest, EncryptedDocuments_AreReadWithTheKeysOfNow) {
    std::string id = data(
        "mutation { create_User(encrypt: true, input: {name: \"a\", points: 5}) { _docID } }")["create_User"]
                                                                                              [0]["_docID"];
    update("User", id, "name: \"b\", points: 10");
    EXPECT_EQ(at("{ User(@) { name points } }", 1), json::parse(R"([{"name": "a", "points": 5}])"));
    EXPECT_EQ(at("{ User(@) { name points } }", 2), json::parse(R"([{"name": "b", "points": 15}])"));
}

TEST_F(AsOfTest, MergedBranches_AppearWhenTheyCameHere) {
    TemporaryFolder other_folder;
    Options options;
    options.durability = Durability::memory;
    Database other = *Database::open(other_folder / "store", options);
    ASSERT_TRUE(other.add_schema(kSchema));
    std::string id = create("User", "name: \"a\", points: 1");
    ASSERT_TRUE(other.merge(database_.blocks_since(0)->blocks));
    other.execute({"mutation { update_User(input: {points: 10, name: \"theirs\"}) { _docID } }", {}, {}});
    update("User", id, "points: 100, age: 5");
    ASSERT_TRUE(database_.merge(other.blocks_since(1)->blocks));
    update("User", id, "points: 1000");
    const std::string text = "{ User(@) { age points _version { height } } }";
    EXPECT_EQ(at(text, 2)[0]["points"], 101);
    EXPECT_EQ(at(text, 3)[0]["points"], 111);  // two heads
    EXPECT_EQ(at(text, 3)[0]["_version"].size(), 3U);
    EXPECT_EQ(at(text, 4)[0]["points"], 1111);
    EXPECT_EQ(at(text, 1)[0], json::parse(R"({"age": null, "points": 1, "_version": [{"height": 1}]})"));
}

TEST_F(AsOfTest, BadPositions_AreSaid) {
    create("User", "name: \"a\"");
    const std::string text = "{ User(@) { name } }";
    EXPECT_EQ(error(with(text, "2")), "asOf: log position 2 is beyond the log, which ends at 1");
    EXPECT_EQ(error(with(text, "\"2\"")), "asOf: log position 2 is beyond the log, which ends at 1");
    EXPECT_EQ(error(with(text, "-1")), "asOf: log position -1 is negative, the first one is 0");
    EXPECT_EQ(error(with(text, "99999999999999999999")),
              "asOf: log position 99999999999999999999 is too large");
    EXPECT_EQ(error(with(text, "\"\"")),
              "asOf: \"\" is neither a log position nor a CID: invalid cid: cid too short");
    EXPECT_EQ(error(with(text, "\"any cid\"")),
              "asOf: \"any cid\" is neither a log position nor a CID: invalid cid: selected encoding not "
              "supported");
    const std::string unknown = "bafybeid57gpbwi4i6bg7g357vwwyzsmr4bjo22rmhoxrwqvdxlqxcgaqvu";
    EXPECT_EQ(error(with(text, quoted(unknown))),
              fmt::format("asOf: no event of the log holds the block {}", unknown));
    EXPECT_TRUE(error(with(text, "1.5")).starts_with("Argument \"asOf\" has invalid value 1.5."));
    EXPECT_TRUE(error(with(text, "true")).starts_with("Argument \"asOf\" has invalid value true."));
}

TEST_F(AsOfTest, OnlyRootFieldsOfQueries_TakeIt) {
    std::string a = create("User", "name: \"a\"");
    auto unknown = [](const std::string& field, const std::string& type) {
        return fmt::format("Unknown argument \"asOf\" on field \"{}\" of type \"{}\".", field, type);
    };
    EXPECT_EQ(error("{ User { books(asOf: 1) { title } } }"), unknown("books", "User"));
    EXPECT_EQ(error("mutation { delete_User(asOf: 1) { name } }"), unknown("delete_User", "Mutation"));
    EXPECT_EQ(error("mutation { update_User(input: {age: 1}) { books(asOf: 0) { title } } }"),
              unknown("books", "User"));
    EXPECT_EQ(error("{ User(groupBy: [name]) { _group(asOf: 1) { name } } }"), unknown("_group", "User"));
    const std::string inside =
        "asOf may only be given to a root field: what is selected inside is as of the "
        "same position";
    EXPECT_EQ(error("{ User { _count(books: {asOf: 1}) } }"), inside);
    EXPECT_EQ(error("{ User(groupBy: [name]) { _sum(_group: {asOf: 1, field: age}) } }"), inside);
    EXPECT_EQ(
        error("query ($s: Book__CountSelector) { User { _count(books: $s) } }", R"({"s": {"asOf": 1}})"),
        inside);
    EXPECT_EQ(error("mutation { update_User(input: {age: 7}) { _count(books: {asOf: 0}) } }"), inside);
    EXPECT_EQ(data("{ User { age } }"), json::parse(R"({"User": [{"age": null}]})"));
    EXPECT_FALSE(database_.subscribe({"subscription { User(asOf: 1) { name } }", {}, {}}, [](auto) {}));
}

TEST_F(AsOfTest, Introspection_DoesNotShowIt) {
    const std::string schema =
        data("{ __schema { types { name inputFields { name } fields { name args { name } } } } }").dump();
    EXPECT_EQ(schema.find("asOf"), std::string::npos);
    EXPECT_NE(schema.find("showDeleted"), std::string::npos);
    EXPECT_EQ(error("{ User(asOff: 1) { name } }"),
              "Unknown argument \"asOff\" on field \"User\" of type \"Query\".");
}

TEST_F(AsOfTest, NothingIsWritten) {
    std::string a = create("User", "name: \"a\"");
    create("Book", fmt::format("title: \"t\", writer: \"{}\"", a));
    remove("User", a);
    const std::string before =
        database_.execute({"{ User(showDeleted: true) { name } commits { cid } }", {}, {}});
    for (std::uint64_t position = 0; position <= 3; ++position) at("{ User(@) { name } }", position);
    EXPECT_EQ(now(), 3U);
    EXPECT_EQ(database_.execute({"{ User(showDeleted: true) { name } commits { cid } }", {}, {}}), before);
    auto rebuilt = database_.rebuild(true);
    ASSERT_TRUE(rebuilt);
    EXPECT_EQ(rebuilt->differences, std::vector<std::string>{});
}

TEST_F(AsOfTest, ReadOnlyStore_AnswersToo) {
    std::string a = create("User", "name: \"a\"");
    update("User", a, "name: \"b\"");
    ASSERT_TRUE(database_.close());
    Options options;
    options.read_only = true;
    database_ = open(options);
    EXPECT_EQ(at("{ User(@) { name } }", 1), json::parse(R"([{"name": "a"}])"));
}

TEST_F(AsOfTest, BesideAWriter_AnswersStayTheSame) {
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(create("User", fmt::format("name: \"{}\", age: 1", i)));
    for (const std::string& id : ids) create("Book", fmt::format("title: \"t\", writer: \"{}\"", id));
    const std::uint64_t then = now();
    const std::string text = fmt::format(
        "{{ User(asOf: {0}) {{ name age books {{ title pages }} }} _sum(User: {{asOf: {0}, field: age}}) }}",
        then);
    const std::string expected = database_.execute({text, {}, {}});
    std::atomic<bool> over{false};
    std::atomic<int> asked{0}, wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!over) {
                wrong += database_.execute({text, {}, {}}) == expected ? 0 : 1;
                database_.execute({"{ User { name age books { title } } }", {}, {}});  // fills pages
                ++asked;
            }
        });
    }
    for (int round = 0; round < 300 || asked < 20; ++round) {
        update("User", ids[static_cast<std::size_t>(round) % ids.size()], fmt::format("age: {}", round));
        if (round % 50 == 10) remove("User", ids[0]);
        if (round % 50 == 11) ids.push_back(create("User", fmt::format("name: \"new {}\"", round)));
        if (round >= 300) std::this_thread::yield();
        std::erase_if(ids, [&](const std::string& id) {
            return data(fmt::format("{{ User(docID: \"{}\") {{ name }} }}", id))["User"].empty();
        });
    }
    over = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
}

Options with_rows(std::uint64_t rows) {
    Options options;
    options.limits.rows = rows;
    return options;
}

class AsOfRowLimitTest : public AsOfTest {
  protected:
    AsOfRowLimitTest() : AsOfTest(with_rows(12)) {}
};
TEST_F(AsOfRowLimitTest, WhatIsPutBackCounts) {
    for (int i = 0; i < 5; ++i) create("User", fmt::format("name: \"{}\"", i));
    // Of each event since and each document one, and the answer's rows.
    EXPECT_EQ(at("{ User(@) { name } }", 1).size(), 1U);
    create("User", "name: \"5\"");
    create("User", "name: \"6\"");
    EXPECT_EQ(error("{ User(asOf: 1) { name } }"), "the request looks at too many rows. Limit: 12");
    EXPECT_EQ(data("{ User { name } }")["User"].size(), 7U);
}

TEST_F(AsOfTest, Cancelled_Ends) {
    std::string a = create("User", "name: \"a\"");
    for (int i = 0; i < 300; ++i) update("User", a, fmt::format("age: {}", i));
    std::stop_source stop;
    stop.request_stop();
    Request request{"{ User(asOf: 1) { name } }", {}, {}, stop.get_token()};
    EXPECT_EQ(database_.execute(request),
              R"({"errors":[{"message":"the request was cancelled"}],"data":null})");
}

}  // namespace
}  // namespace cairn::test
