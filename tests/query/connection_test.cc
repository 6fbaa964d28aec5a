// Connections (query/README.md, "Connections"): their shape, what they refuse, who is told of them.
#include <algorithm>
#include <random>
#include <set>

#include "connection_fixture.h"

namespace cairn::test {
namespace {

// ---- shapes

TEST_F(ConnectionTest, Root_EveryPart_IsThere) {
    const std::vector<std::string> ids = create_books({"a", "b", "c"});
    const json page =
        connection("(first: 2)",
                   "__typename edges { __typename cursor node { __typename _docID } } nodes { _docID } "
                   "pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } totalCount");
    EXPECT_EQ(page["__typename"], "BookConnection");
    EXPECT_EQ(page["totalCount"], 3);
    ASSERT_EQ(page["edges"].size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(page["edges"][i]["__typename"], "BookEdge");
        EXPECT_EQ(page["edges"][i]["node"], json({{"__typename", "Book"}, {"_docID", ids[i]}}));
        EXPECT_EQ(page["nodes"][i], json({{"_docID", ids[i]}}));
    }
    EXPECT_EQ(page["pageInfo"], json({{"__typename", "PageInfo"},
                                      {"hasNextPage", true},
                                      {"hasPreviousPage", false},
                                      {"startCursor", page["edges"][0]["cursor"]},
                                      {"endCursor", page["edges"][1]["cursor"]}}));
}

TEST_F(ConnectionTest, Root_NoDocuments_IsAnEmptyPage) {
    EXPECT_EQ(connection("",
                         "edges { cursor } nodes { title } totalCount "
                         "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"),
              json({{"edges", json::array()},
                    {"nodes", json::array()},
                    {"totalCount", 0},
                    {"pageInfo",
                     {{"hasNextPage", false},
                      {"hasPreviousPage", false},
                      {"startCursor", nullptr},
                      {"endCursor", nullptr}}}}));
}

TEST_F(ConnectionTest, Cursors_AreUrlSafeTexts) {
    create_books({"a", "b", "c", "d"});
    const json page = connection("(order: {title: ASC})", "edges { cursor }");
    EXPECT_EQ(page["edges"].size(), 4U);
    for (const json& edge : page["edges"]) {
        const std::string cursor = edge["cursor"];
        EXPECT_FALSE(cursor.empty());
        EXPECT_TRUE(std::all_of(cursor.begin(), cursor.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        })) << cursor;
    }
}

TEST_F(ConnectionTest, Selections_AliasesFragmentsVariablesConditions_Work) {
    create_books({"a", "b", "c"});
    const json answer = data(
        "query Q($n: Int, $no: Boolean!, $order: [BookOrderArg]) {"
        "  few: Book_connection(first: $n, order: $order) { ...Page }"
        "  all: Book_connection(order: $order) { ...Page ... on BookConnection { count: totalCount } } }"
        "fragment Page on BookConnection {"
        "  edges { ...Edge again: node { title } } edges { at: cursor }"
        "  texts: nodes { name: title } nodes @skip(if: true) { title }"
        "  pageInfo { more: hasNextPage hasPreviousPage @include(if: $no) } }"
        "fragment Edge on BookEdge { node { title lent @include(if: $no) } }",
        R"({"n": 2, "no": false, "order": [{"title": "DESC"}]})");
    const json few = answer["few"];
    EXPECT_EQ(few["texts"], json({{{"name", "c"}}, {{"name", "b"}}}));
    EXPECT_EQ(few["pageInfo"], json({{"more", true}}));
    EXPECT_FALSE(few.contains("nodes"));
    ASSERT_EQ(few["edges"].size(), 2U);
    EXPECT_EQ(few["edges"][0]["node"], json({{"title", "c"}}));
    EXPECT_EQ(few["edges"][0]["again"], json({{"title", "c"}}));
    EXPECT_TRUE(few["edges"][0]["at"].is_string());
    EXPECT_EQ(answer["all"]["count"], 3);
    EXPECT_EQ(answer["all"]["pageInfo"], json({{"more", false}}));
    EXPECT_EQ(answer["all"]["texts"].size(), 3U);
}

TEST_F(ConnectionTest, Selections_AllSkipped_AreEmptyObjects) {
    create_books({"a"});
    EXPECT_EQ(connection("", "edges { cursor @skip(if: true) } pageInfo { startCursor @include(if: false) }"),
              json({{"edges", {json::object()}}, {"pageInfo", json::object()}}));
}

TEST_F(ConnectionTest, Node_RelationsAggregatesVersionsConnections_AreThoseOfAList) {
    const std::string shelf = create("Shelf", "label: \"s\", floor: 1");
    for (const char* title : {"a", "b", "c"})
        create("Book", fmt::format("title: \"{}\", pages: 3, shelf: \"{}\"", title, shelf));
    create("Shelf", "label: \"empty\"");
    const std::string selection =
        "label _deleted _version { cid height } books(order: {title: DESC}, limit: 2) { title shelf { label "
        "} }"
        " _count(books: {}) _sum(books: {field: pages}) "
        " books_connection(first: 1, order: {title: ASC}) { totalCount edges { cursor node { title "
        "   shelf { label books_connection(last: 1) { nodes { _docID } pageInfo { hasPreviousPage } } } } } "
        "}";
    const json answer =
        data(fmt::format("{{ Shelf(order: {{label: DESC}}) {{ {0} }} Shelf_connection(order: {{label: "
                         "DESC}}) {{ nodes {{ {0} }} "
                         "edges {{ node {{ {0} }} }} }} }}",
                         selection));
    EXPECT_EQ(answer["Shelf_connection"]["nodes"], answer["Shelf"]);
    EXPECT_EQ(answer["Shelf_connection"]["edges"][1]["node"], answer["Shelf"][1]);
    const json& of_shelf = answer["Shelf"][0]["books_connection"];
    EXPECT_EQ(of_shelf["totalCount"], 3);
    ASSERT_EQ(of_shelf["edges"].size(), 1U);
    EXPECT_EQ(of_shelf["edges"][0]["node"]["title"], "a");
    EXPECT_EQ(of_shelf["edges"][0]["node"]["shelf"]["books_connection"]["pageInfo"]["hasPreviousPage"], true);
    EXPECT_EQ(answer["Shelf"][1]["books_connection"], json({{"totalCount", 0}, {"edges", json::array()}}));
}

TEST_F(ConnectionTest, MutationResults_HaveConnections) {
    const std::string shelf = create("Shelf", "label: \"s\"");
    create("Book", fmt::format("title: \"a\", shelf: \"{}\"", shelf));
    const json answer =
        data(fmt::format("mutation {{ update_Shelf(docID: \"{}\", input: {{floor: 2}}) {{ floor "
                         "books_connection {{ totalCount "
                         "nodes {{ title }} }} }} }}",
                         shelf));
    EXPECT_EQ(
        answer["update_Shelf"],
        json({{{"floor", 2}, {"books_connection", {{"totalCount", 1}, {"nodes", {{{"title", "a"}}}}}}}}));
}

TEST_F(ConnectionTest, Transaction_OwnChanges_AreSeenInBothDirections) {
    create_books({"a", "b"});
    auto transaction = *database_.begin();
    auto ask = [&](const std::string& text) {
        return json::parse(transaction.execute({text, {}, {}}))["data"];
    };
    ask("mutation { create_Book(input: {title: \"c\"}) { _docID } }");
    ask("mutation { delete_Book(filter: {title: {_eq: \"a\"}}) { _docID } }");
    const json list = ask("{ Book { title } }")["Book"];
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(ask("{ Book_connection(first: 9) { nodes { title } } }")["Book_connection"]["nodes"], list);
    EXPECT_EQ(ask("{ Book_connection(last: 9) { nodes { title } } }")["Book_connection"]["nodes"], list);
    EXPECT_EQ(connection("(last: 9)", "totalCount")["totalCount"], 2);
}

TEST_F(ConnectionTest, FilterByAlias_LooksIntoTheNode) {
    const std::string shelf = create("Shelf", "label: \"s\"");
    create("Shelf", "label: \"t\"");
    create("Book", fmt::format("title: \"a\", shelf: \"{}\"", shelf));
    EXPECT_EQ(data("{ Shelf_connection(filter: {_alias: {n: {_gt: 0}}}) { totalCount nodes { label n: "
                   "_count(books: {}) } } }")["Shelf_connection"],
              json({{"totalCount", 1}, {"nodes", {{{"label", "s"}, {"n", 1}}}}}));
}

TEST_F(ConnectionTest, ShowDeletedAndDocId_ChooseDocuments) {
    const std::vector<std::string> ids = create_books({"a", "b", "c", "d"});
    remove("Book", ids[1]);
    EXPECT_EQ(connection("(first: 2)", "nodes { _docID } totalCount"),
              json({{"nodes", {{{"_docID", ids[0]}}, {{"_docID", ids[2]}}}}, {"totalCount", 3}}));
    for (const char* size : {"first: 2", "last: 3"}) {
        const json shown =
            connection(fmt::format("({}, showDeleted: true)", size), "nodes { _docID _deleted } totalCount");
        EXPECT_EQ(shown["totalCount"], 4);
        const std::size_t at = size[0] == 'f' ? 1 : 0;
        EXPECT_EQ(shown["nodes"][at], json({{"_docID", ids[1]}, {"_deleted", true}}));
    }
    EXPECT_EQ(connection(fmt::format("(docID: [\"{}\", \"{}\"], last: 1)", ids[3], ids[0]),
                         "nodes { _docID } totalCount pageInfo { hasPreviousPage }"),
              json({{"nodes", {{{"_docID", ids[3]}}}},
                    {"totalCount", 2},
                    {"pageInfo", {{"hasPreviousPage", true}}}}));
}

// ---- errors

TEST_F(ConnectionTest, Sizes_NegativeOrBoth_AreRefused) {
    EXPECT_EQ(connection_error("first: -1"), "first must not be negative. Value: -1");
    EXPECT_EQ(connection_error("last: -7"), "last must not be negative. Value: -7");
    EXPECT_EQ(connection_error("first: 1, last: 2"),
              "first and last cannot be given together. first: 1, last: 2");
    create_books({"a"});
    EXPECT_EQ(connection("(first: 1, last: null, after: null)", "totalCount"), json({{"totalCount", 1}}));
}

TEST_F(ConnectionTest, Relation_WrongArguments_AreRefused) {
    create("Shelf", "label: \"s\"");
    EXPECT_EQ(error("{ Shelf { books_connection(first: -2) { totalCount } } }"),
              "first must not be negative. Value: -2");
    EXPECT_EQ(error("{ Shelf { books_connection(after: \"x\") { totalCount } } }"),
              "this is not a cursor. Value: \"x\"");
}

TEST_F(ConnectionTest, Cursors_OfAnotherOrderOrCollection_AreRefused) {
    create_books({"a", "b"});
    create("Shelf", "label: \"s\"");
    const std::string by_title = cursor_of("{title: ASC}", 0), by_id = cursor_of("", 0);
    auto elsewhere = [](const std::string& cursor) {
        return fmt::format("cursor belongs to another collection or order. Value: \"{}\"", cursor);
    };
    for (const char* order :
         {"{title: DESC}", "{pages: ASC}", "[{title: ASC}, {pages: ASC}]", "[{pages: ASC}, {title: ASC}]",
          "{shelf: {label: ASC}}", "{_docID: DESC}", "[]"}) {
        EXPECT_EQ(connection_error(fmt::format("after: \"{}\", order: {}", by_title, order)),
                  elsewhere(by_title));
        EXPECT_EQ(connection_error(fmt::format("before: \"{}\", order: {}", by_title, order)),
                  elsewhere(by_title));
    }
    EXPECT_EQ(
        error(fmt::format("{{ Shelf_connection(after: \"{}\") {{ totalCount nodes {{ label }} }} }}", by_id)),
        elsewhere(by_id));
    // An order by the id is the order without one, and a relation's connection is one of its documents.
    EXPECT_EQ(connection(fmt::format("(after: \"{}\", order: {{_docID: ASC}})", by_id),
                         "totalCount nodes { title }")["nodes"]
                  .size(),
              1U);
    data(fmt::format("{{ Shelf {{ books_connection(after: \"{}\") {{ nodes {{ title }} }} }} }}", by_id));
}

TEST_F(ConnectionTest, Cursors_Malformed_AreRefusedWithTheirText) {
    create_books({"a", "b"});
    const std::string good = cursor_of("{title: ASC}", 0);
    auto refusal = [&](const std::string& cursor) {
        return connection_error(fmt::format("after: \"{}\", order: {{title: ASC}}", cursor));
    };
    auto no_cursor = [](const std::string& cursor) {
        return fmt::format("this is not a cursor. Value: \"{}\"", cursor.substr(0, 100));
    };
    for (const std::string& bad : std::vector<std::string>{"", "A", "!", "abc=", "a b", "é", "AAAAAAAA"})
        EXPECT_EQ(refusal(bad), no_cursor(bad));
    for (std::size_t size = 1; size < good.size(); ++size) {
        const std::string cut = good.substr(0, size);
        EXPECT_EQ(refusal(cut), no_cursor(cut)) << size;
    }
    EXPECT_EQ(refusal(good + "A"), no_cursor(good + "A"));
    EXPECT_EQ(refusal(good + good), no_cursor(good + good));
    const std::string largest(1U << 20, 'A');
    EXPECT_EQ(refusal(largest), no_cursor(largest));
    const std::string huge = largest + 'A';
    EXPECT_EQ(refusal(huge), fmt::format("cursor is too long. Limit: 1048576, Actual: 1048577, Value: \"{}\"",
                                         huge.substr(0, 100)));
}

// No text in place of a cursor crashes or is taken for another document's place without being a cursor.
TEST_F(ConnectionTest, Cursors_WithOneCharacterChanged_AreCursorsOrRefused) {
    create_books({"a", "b"});
    const std::string order = "[{title: ASC}, {price: DESC}, {printed: ASC}, {extra: ASC}, {lent: ASC}]";
    const std::string good = cursor_of(order, 1);
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
        std::string text = good;
        text[random() % text.size()] = "ABab09-_"[random() % 8];
        const json answer = ask(fmt::format(
            "{{ Book_connection(after: \"{}\", order: {}) {{ nodes {{ title }} }} }}", text, order));
        if (!answer.contains("errors")) continue;
        const std::string message = answer["errors"][0]["message"];
        EXPECT_NE(message.find(text), std::string::npos) << message;
    }
}

TEST_F(ConnectionTest, Orders_ByComputedValues_AreRefused) {
    create("Shelf", "label: \"s\"");
    EXPECT_EQ(error("{ Shelf_connection(order: {_alias: {n: ASC}}) { nodes { n: _count(books: {}) } } }"),
              "a connection cannot be ordered by a computed value. Name: n");
    EXPECT_EQ(
        data("{ Shelf_connection(order: {_alias: {l: ASC}}) { nodes { l: label } } }")["Shelf_connection"],
        json({{"nodes", {{{"l", "s"}}}}}));
}

TEST_F(ConnectionTest, ListArguments_AreUnknown) {
    EXPECT_EQ(error("{ Book_connection(limit: 1) { totalCount } }"),
              "Unknown argument \"limit\" on field \"Book_connection\" of type \"Query\".");
    EXPECT_EQ(error("{ Book_connection(offset: 1) { totalCount } }"),
              "Unknown argument \"offset\" on field \"Book_connection\" of type \"Query\".");
    EXPECT_EQ(error("{ Book_connection { nodes { _group { title } } } }"),
              "_group may only be referenced when within a groupBy request");
}

TEST_F(ConnectionTest, KeysTooLongForACursor_AreAnErrorOnlyWhereCursorsAreWanted) {
    const std::string id = create("Book", fmt::format("title: \"{}\"", std::string(1U << 20, 'x')));
    EXPECT_EQ(connection("(order: {title: ASC})", "totalCount nodes { _docID }")["totalCount"], 1);
    EXPECT_EQ(error("{ Book_connection(order: {title: ASC}) { edges { cursor } } }"),
              "a value in the order is too long for a cursor. Limit: 1048576, DocID: " + id);
}

TEST_F(ConnectionTest, RowLimit_CountsWhatIsLookedAt) {
    Options options;
    options.limits.rows = 10;
    options.in_memory = true;
    Database small = *Database::open(folder_ / "small", options);
    ASSERT_TRUE(small.add_schema("type Book { title: String }"));
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(small.create_document("Book", fmt::format("{{\"title\": \"{}\"}}", i)));
    auto ask_small = [&](std::string_view text) { return json::parse(small.execute({text, {}, {}})); };
    EXPECT_TRUE(ask_small("{ Book_connection { nodes { title } } }").contains("errors"));
    const json page = ask_small("{ Book_connection(first: 5) { nodes { title } pageInfo { endCursor } } }");
    EXPECT_FALSE(page.contains("errors"));
    // A later page looks at no more than the first: it begins at the cursor.
    std::string cursor = page["data"]["Book_connection"]["pageInfo"]["endCursor"];
    for (int i = 0; i < 2; ++i) {
        const json next = ask_small(fmt::format(
            "{{ Book_connection(first: 5, after: \"{}\") {{ nodes {{ title }} pageInfo {{ endCursor }} }} }}",
            cursor));
        ASSERT_FALSE(next.contains("errors")) << next;
        cursor = next["data"]["Book_connection"]["pageInfo"]["endCursor"];
    }
    EXPECT_FALSE(
        ask_small(
            fmt::format("{{ Book_connection(last: 5, before: \"{}\") {{ nodes {{ title }} }} }}", cursor))
            .contains("errors"));
}

// ---- the schema

bool lists_connections(const json& types) {
    std::set<std::string> names;
    for (const json& type : types) names.insert(type["name"]);
    return names.contains("BookConnection") && names.contains("BookEdge") && names.contains("PageInfo");
}

std::set<std::string> field_names(const json& type) {
    std::set<std::string> names;
    for (const json& field : type["fields"]) names.insert(field["name"]);
    return names;
}

constexpr const char* kIntrospection =
    "{ __schema { types { name } queryType { fields { name } } } __type(name: \"Shelf\") { fields { name } } "
    "}";

TEST_F(ConnectionTest, Introspection_ByDefault_DoesNotKnowThem) {
    const json answer = data(kIntrospection);
    EXPECT_FALSE(lists_connections(answer["__schema"]["types"]));
    EXPECT_FALSE(field_names(answer["__schema"]["queryType"]).contains("Book_connection"));
    EXPECT_FALSE(field_names(answer["__type"]).contains("books_connection"));
    EXPECT_TRUE(data("{ __type(name: \"PageInfo\") { name } }")["__type"].is_null());
    const json fields =
        data("{ __type(name: \"ShelfField\") { enumValues { name } } }")["__type"]["enumValues"];
    for (const json& value : fields)
        EXPECT_EQ(value["name"].get<std::string>().find("connection"), std::string::npos);
    EXPECT_EQ(error("{ Book_connectio { title } }"),
              "Cannot query field \"Book_connectio\" on type \"Query\".");
}

class ShownConnections : public ConnectionTest {
  protected:
    ShownConnections() : ConnectionTest(kConnectionSchema, shown()) {}
    static Options shown() {
        Options options;
        options.modes.introspect_extensions = true;
        return options;
    }
};

TEST_F(ShownConnections, Introspection_OnRequest_ListsThem) {
    const json answer = data(kIntrospection);
    EXPECT_TRUE(lists_connections(answer["__schema"]["types"]));
    EXPECT_TRUE(field_names(answer["__schema"]["queryType"]).contains("Book_connection"));
    EXPECT_TRUE(field_names(answer["__type"]).contains("books_connection"));
    const json type = data(
        "{ __type(name: \"BookConnection\") { fields { name type { kind name ofType { kind name "
        "ofType { name } } } } } }")["__type"];
    EXPECT_EQ(field_names(type), (std::set<std::string>{"edges", "nodes", "pageInfo", "totalCount"}));
    EXPECT_EQ(error("{ Book_connectio { title } }"),
              "Cannot query field \"Book_connectio\" on type \"Query\". Did you mean \"Book_connection\" or "
              "\"Shelf_connection\"?");
    std::set<std::string> arguments;
    const json query = data("{ __schema { queryType { fields { name args { name } } } } }");
    for (const json& field : query["__schema"]["queryType"]["fields"]) {
        if (field["name"] != "Book_connection") continue;
        for (const json& argument : field["args"]) arguments.insert(argument["name"]);
    }
    EXPECT_EQ(arguments, (std::set<std::string>{"after", "asOf", "before", "docID", "filter", "first", "last",
                                                "order", "showDeleted"}));
}

class TakenNames : public ConnectionTest {
  protected:
    TakenNames()
        : ConnectionTest(
              "type PageInfo { text: String }"
              "type Book { title: String  shelf: Shelf }"
              "type BookEdge { text: String }"
              "type Shelf { label: String  books: [Book]  notes: [Note]  notes_connection: Int }"
              "type Note { text: String  shelf: Shelf }"
              "type Shelf_connection { text: String }") {}
};

TEST_F(TakenNames, UsersTypesAndFields_StayTheUsers) {
    create("PageInfo", "text: \"mine\"");
    create("BookEdge", "text: \"mine\"");
    create("Shelf_connection", "text: \"mine\"");
    const std::string shelf = create("Shelf", "label: \"s\", notes_connection: 7");
    create("Note", fmt::format("text: \"n\", shelf: \"{}\"", shelf));
    EXPECT_EQ(
        data("{ PageInfo { text } BookEdge { text } Shelf_connection { text } Shelf { notes_connection } }"),
        json({{"PageInfo", {{{"text", "mine"}}}},
              {"BookEdge", {{{"text", "mine"}}}},
              {"Shelf_connection", {{{"text", "mine"}}}},
              {"Shelf", {{{"notes_connection", 7}}}}}));
    EXPECT_EQ(error("{ Book_connection { totalCount } }"),
              "Cannot query field \"Book_connection\" on type \"Query\". Did you mean \"Shelf_connection\"?");
    EXPECT_EQ(
        error("{ Shelf { books_connection { totalCount } } }"),
        "Cannot query field \"books_connection\" on type \"Shelf\". Did you mean \"notes_connection\"?");
    EXPECT_EQ(data("{ Note_connection { totalCount pageInfo { __typename } } }")["Note_connection"],
              json({{"totalCount", 1}, {"pageInfo", {{"__typename", "ConnectionPageInfo"}}}}));
}

}  // namespace
}  // namespace cairn::test
