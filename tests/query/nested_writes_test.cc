// Documents and links nested in mutation inputs (query/README.md "Relations in mutations").
#include <algorithm>

#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type Author { name: String  age: Int  books: [Book]  home: Address @primary }"
    " type Book { name: String  author: Author  genres: [Genre]  cover: Cover }"
    " type Genre { name: String  books: [Book] }"
    " type Address { street: String  tenant: Author }"
    " type Cover { colour: String  book: Book @primary }";

class NestedWrites : public DatabaseTest {
  protected:
    explicit NestedWrites(Options options = {}) : DatabaseTest(kSchema, options) {}

    json mutate(const std::string& field, const std::string& selection, const std::string& variables = {},
                const std::string& definitions = {}) {
        return data("mutation " + definitions + " { r: " + field + " { " + selection + " } }",
                    variables)["r"];
    }
    std::string mutation_error(const std::string& field) {
        return error("mutation { r: " + field + " { _docID } }");
    }
    std::size_t documents() {
        std::size_t count = 0;
        for (const std::string& name : database_.collection_names())
            count += data("{ _count(" + name + ": {}) }")["_count"].get<std::size_t>();
        return count;
    }
    // A field that fails and leaves everything as it was.
    void expect_refused(const std::string& field, const std::string& message) {
        const std::uint64_t position = database_.position();
        EXPECT_EQ(mutation_error(field), message) << field;
        EXPECT_EQ(database_.position(), position) << field;
    }
};

TEST_F(NestedWrites, Create_WritesEveryLevelAtOnce) {
    const std::uint64_t before = database_.position();
    json saadi =
        mutate(R"(create_Author(input: {name: "Saadi", home: {street: "Rose"}, books: [
                            {name: "Gulistan", genres: [{name: "Poetry"}], cover: {colour: "red"}},
                            {name: "Bustan"}]}))",
               "name home { street tenant { name } }"
               " books(order: {name: ASC}) { name author { name } genres { name } cover { colour } }");
    EXPECT_EQ(saadi,
              json::parse(R"([{"name": "Saadi", "home": {"street": "Rose", "tenant": {"name": "Saadi"}},
        "books": [{"name": "Bustan", "author": {"name": "Saadi"}, "genres": [], "cover": null},
                  {"name": "Gulistan", "author": {"name": "Saadi"}, "genres": [{"name": "Poetry"}],
                   "cover": {"colour": "red"}}]}])"));
    EXPECT_EQ(documents(), 7u);  // with the pair of Gulistan and Poetry
    EXPECT_EQ(database_.position(), before + 7);
    auto report = database_.check();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, std::vector<std::string>{});
}

TEST_F(NestedWrites, Documents_HaveTheIdsOfOnesWrittenApart) {
    const std::string id =
        mutate(R"(create_Author(input: {name: "A", books: [{name: "B"}]}))", "_docID")[0]["_docID"];
    json book = data("{ Book { _docID author_id } }")["Book"][0];
    EXPECT_EQ(book["author_id"], id);
    remove("Book", book["_docID"]);
    EXPECT_EQ(error(fmt::format(
                  "mutation {{ create_Book(input: {{name: \"B\", author: \"{}\"}}) {{ _docID }} }}", id)),
              "a document with the given ID already exists. DocID: " + book["_docID"].get<std::string>());
}

TEST_F(NestedWrites, SingleSides_TakeObjectsLinksAndUpdates) {
    mutate(R"(create_Address(input: {street: "Elm", tenant: {name: "Ann"}}))", "_docID");
    EXPECT_EQ(data("{ Author { name home { street } } }")["Author"],
              json::parse(R"([{"name": "Ann", "home": {"street": "Elm"}}])"));
    const std::string bob = create("Author", "name: \"Bob\"");
    const std::string oak =
        create("Address", fmt::format("street: \"Oak\", tenant: {{_docID: \"{}\"}}", bob));
    EXPECT_EQ(data(fmt::format("{{ Author(docID: \"{}\") {{ home_id }} }}", bob))["Author"][0]["home_id"],
              oak);
    // Another tenant: the first one moves out.
    const std::string cid = create("Author", "name: \"Cid\"");
    update("Address", oak, fmt::format("tenant: {{_docID: \"{}\", age: 33}}", cid));
    EXPECT_EQ(data("{ Author(order: {name: ASC}) { name age home { street } } }")["Author"],
              json::parse(R"([{"name": "Ann", "age": null, "home": {"street": "Elm"}},
                              {"name": "Bob", "age": null, "home": null},
                              {"name": "Cid", "age": 33, "home": {"street": "Oak"}}])"));
    update("Address", oak, "tenant: {_docID: null}");
    EXPECT_EQ(data(fmt::format("{{ Author(docID: \"{}\") {{ home_id }} }}", cid))["Author"][0]["home_id"],
              nullptr);
    update("Address", oak, fmt::format("tenant: {{_docID: \"{}\"}}", cid));
    // From the side with the key: a new document, and a change of the one there.
    update("Author", bob, "home: {street: \"Fir\"}");
    update("Author", bob,
           fmt::format(
               "name: \"Rob\", home: {{_docID: \"{}\", street: \"Ash\"}}",
               data(fmt::format("{{ Author(docID: \"{}\") {{ home_id }} }}", bob))["Author"][0]["home_id"]
                   .get<std::string>()));
    EXPECT_EQ(data(fmt::format("{{ Author(docID: \"{}\") {{ name home {{ street }} }} }}", bob))["Author"],
              json::parse(R"([{"name": "Rob", "home": {"street": "Ash"}}])"));
}

TEST_F(NestedWrites, Lists_ReplaceAddAndRemove) {
    const std::string one = create("Book", "name: \"One\""), two = create("Book", "name: \"Two\"");
    const std::string ann =
        create("Author", fmt::format("name: \"Ann\", books: [\"{}\", {{_docID: \"{}\"}}]", one, two));
    auto books = [&] {
        const json answer = data(
            fmt::format("{{ Author(docID: \"{}\") {{ books(order: {{name: ASC}}) {{ name }} }} }}", ann));
        std::string text;
        for (const json& book : answer["Author"][0]["books"]) text += book["name"].get<std::string>() + " ";
        return text;
    };
    EXPECT_EQ(books(), "One Two ");
    update("Author", ann, fmt::format("books: [\"{}\", {{name: \"Three\"}}]", two));
    EXPECT_EQ(books(), "Three Two ");
    update("Author", ann,
           fmt::format("books: {{_add: [\"{}\", {{name: \"Four\"}}], _remove: [\"{}\"]}}", one, two));
    EXPECT_EQ(books(), "Four One Three ");
    update("Author", ann, fmt::format("books: {{_add: [{{_docID: \"{}\", name: \"First\"}}]}}", one));
    EXPECT_EQ(books(), "First Four Three ");
    update("Author", ann,
           fmt::format("books: {{_remove: [\"{}\"]}}", two));  // of another or no author: nothing
    update("Author", ann, "books: []");
    EXPECT_EQ(books(), "");
    EXPECT_EQ(data("{ Book { author_id } }")["Book"],
              json::parse(
                  R"([{"author_id": null}, {"author_id": null}, {"author_id": null}, {"author_id": null}])"));
}

TEST_F(NestedWrites, Upsert_TakesTheSameForms) {
    const std::string upsert = R"(upsert_Author(filter: {name: {_eq: "Ann"}},
        create: {name: "Ann", books: [{name: "One"}]},
        update: {age: 40, books: {_add: [{name: "Two", genres: [{name: "New"}]}]}}))";
    EXPECT_EQ(mutate(upsert, "age books { name }"),
              json::parse(R"([{"age": null, "books": [{"name": "One"}]}])"));
    EXPECT_EQ(
        mutate(upsert, "age books(order: {name: DESC}) { name genres { name } }"),
        json::parse(
            R"([{"age": 40, "books": [{"name": "Two", "genres": [{"name": "New"}]}, {"name": "One", "genres": []}]}])"));
}

TEST_F(NestedWrites, Variables_StandAtEveryLevel) {
    json created = mutate(
        "create_Author(input: $in)", "name books(order: {name: ASC}) { name genres { name } }",
        R"({"in": {"name": "Ann", "books": [{"name": "One", "genres": [{"name": "G"}]}, {"name": "Two"}]}})",
        "($in: [AuthorMutationInputArg!])");
    EXPECT_EQ(
        created,
        json::parse(
            R"([{"name": "Ann", "books": [{"name": "One", "genres": [{"name": "G"}]}, {"name": "Two", "genres": []}]}])"));
    const std::string genre = data("{ Genre { _docID } }")["Genre"][0]["_docID"];
    mutate("create_Author(input: {name: $name, books: $books})", "_docID",
           fmt::format(R"({{"name": "Bob", "books": [{{"name": "Three", "genres": ["{}"]}}]}})", genre),
           "($name: String, $books: [BookRelationInput])");
    mutate("create_Book(input: {name: \"Four\", genres: $ids, author: $author})", "_docID",
           fmt::format(R"({{"ids": [{{"_docID": "{}"}}], "author": {{"name": "Cid"}}}})", genre),
           "($ids: [GenreRelationInput], $author: AuthorMutationInputArg)");
    EXPECT_EQ(data("{ Genre { _count(books: {}) } }")["Genre"], json::parse(R"([{"_count": 3}])"));
    EXPECT_EQ(data("{ Book(filter: {name: {_eq: \"Four\"}}) { author { name } } }")["Book"],
              json::parse(R"([{"author": {"name": "Cid"}}])"));
    EXPECT_EQ(error("mutation ($b: [Int]) { create_Author(input: {books: $b}) { _docID } }"),
              "Variable \"$b\" of type \"[Int]\" used in position expecting type \"[ID]\".");
    EXPECT_EQ(error("mutation ($b: String) { create_Book(input: {author: $b}) { _docID } }"),
              "Variable \"$b\" of type \"String\" used in position expecting type \"ID\".");
}

TEST_F(NestedWrites, ExplicitTransaction_SeesThemAndLosesThemTogether) {
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    bool failed = true;
    std::string answer = transaction->execute(
        {R"(mutation { create_Author(input: {name: "Ann", books: [{name: "One"}]}) { books { name } } })",
         {},
         {}},
        &failed);
    EXPECT_FALSE(failed) << answer;
    EXPECT_NE(answer.find("One"), std::string::npos);
    // A request that fails half way leaves nothing, the transaction goes on.
    answer = transaction->execute(
        {R"(mutation { create_Author(input: {name: "Bob", books: [{name: "Two"}, {name: "Two"}]}) { _docID } })",
         {},
         {}},
        &failed);
    EXPECT_TRUE(failed) << answer;
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(data("{ Author { name books { name } } }")["Author"],
              json::parse(R"([{"name": "Ann", "books": [{"name": "One"}]}])"));
}

TEST_F(NestedWrites, BadInput_NamesItsPlaceAndWritesNothing) {
    const std::string unknown = "bae-00000000-0000-5000-8000-000000000000";
    const std::string genre = create("Genre", "name: \"Old\""), gone = create("Genre", "name: \"Gone\"");
    remove("Genre", gone);
    const std::string ann = create("Author", "name: \"Ann\"");
    expect_refused(
        fmt::format(R"(create_Author(input: {{name: "X", books: [{{name: "a"}}, "{}"]}}))", unknown),
        "input.books[1]: no document for the given ID exists. Collection: Book, DocID: " + unknown);
    expect_refused(
        fmt::format(R"(create_Book(input: {{name: "X", genres: ["{}"]}}))", gone),
        "input.genres[0]: a document with the given ID has been deleted. Collection: Genre, DocID: " + gone);
    expect_refused(fmt::format(R"(create_Book(input: {{name: "X", genres: ["{}"]}}))", ann),
                   "input.genres[0]: no document for the given ID exists. Collection: Genre, DocID: " + ann);
    expect_refused(
        fmt::format(R"(create_Book(input: {{name: "X", genres: ["{0}", {{_docID: "{0}"}}]}}))", genre),
        "input.genres[1]: " + genre + " stands in the list twice");
    const std::string book = create("Book", "name: \"Book\"");
    expect_refused(
        fmt::format(R"(update_Book(docID: "{}", input: {{genres: {{_remove: [{{name: "x"}}]}}}}))", book),
        "input.genres._remove[0]: Expected type \"ID\", found {name: \"x\"}.");
    expect_refused(
        R"(create_Author(input: [{name: "fine"}, {name: "X", books: [{name: "b", genres: [{name: "Old"}]}]}]))",
        "input[1].books[0].genres[0]: a document with the given ID already exists. DocID: " + genre);
    expect_refused(R"(create_Author(input: {name: "X", books: [{name: "b", author: {name: "Y"}}]}))",
                   "input.books[0]: author is the document that this one is nested in and cannot be given");
    expect_refused(
        fmt::format(R"(create_Author(input: {{name: "X", books: [{{name: "b", author_id: "{}"}}]}}))", ann),
        "input.books[0]: author is the document that this one is nested in and cannot be given");
    expect_refused(R"(create_Author(input: {name: "X", home: {street: "s", tenant: {name: "Y"}}}))",
                   "input.home: tenant is the document that this one is nested in and cannot be given");
    expect_refused(
        fmt::format(R"(create_Book(input: {{name: "X", author_id: "{}", author: {{name: "Y"}}}}))", ann),
        "input.author: author and author_id cannot both be given");
    expect_refused(R"(create_Book(input: {name: "X", genres: {_remove: []}}))",
                   "input.genres._remove: a new document is related to nothing yet");
    expect_refused(R"(create_Book(input: {name: "X", genres: ["nonsense"]}))",
                   "input.genres[0]: malformed document ID, missing either version or cid. DocID: nonsense");
}

TEST_F(NestedWrites, WrongTypes_AreFoundByValidation) {
    auto wrong = [&](const std::string& input) {
        std::string message = error("mutation { create_Author(input: " + input + ") { _docID } }");
        return message.substr(message.find('\n') + 1);
    };
    EXPECT_EQ(wrong("{books: 1.5}"), "In field \"books\": Expected type \"ID\", found 1.5.");
    EXPECT_EQ(wrong("{books: [{name: 1}]}"),
              "In field \"books\": In element #1: In field \"name\": Expected type \"String\", found 1.");
    EXPECT_EQ(wrong("{books: [{nothing: 1}]}"),
              "In field \"books\": In element #1: In field \"nothing\": Unknown field.");
    EXPECT_EQ(wrong("{books: [null]}"), "In field \"books\": In element #1: Expected \"ID!\", found null.");
    EXPECT_EQ(wrong("{books: [{}]}"), "In field \"books\": In element #1: Expected type \"ID\", found {}.");
    EXPECT_EQ(wrong("{books: {_add: [true]}}"),
              "In field \"books\": In field \"_add\": In element #1: Expected type \"ID\", found true.");
    EXPECT_EQ(wrong("{home: {_add: [\"x\"]}}"), "In field \"home\": In field \"_add\": Unknown field.");
    EXPECT_EQ(wrong("{_docID: \"x\"}"), "In field \"_docID\": Unknown field.");
    // The side without the key takes no ID, as in the reference.
    EXPECT_NE(error("mutation { create_Address(input: {tenant: \"x\"}) { _docID } }")
                  .find("In field \"tenant\": Unknown field."),
              std::string::npos);
}

class FewNested : public NestedWrites {
  protected:
    FewNested()
        : NestedWrites([] {
              Options options;
              options.limits.nested_documents = 3;
              return options;
          }()) {}
};

TEST_F(FewNested, Documents_AtTheLimitAreWritten_OnePastIsRefused) {
    mutate(R"(create_Author(input: {name: "A", books: [{name: "1"}, {name: "2", genres: [{name: "g"}]}]}))",
           "_docID");
    expect_refused(
        R"(create_Author(input: {name: "B", books: [{name: "1"}, {name: "2", genres: [{name: "h"}, {name: "i"}]}]}))",
        "input.books[1].genres[1]: too many documents are nested or linked. Limit: 3");
}

TEST_F(NestedWrites, ListOfTenThousand_IsRefusedByDefault) {
    std::string books;
    for (int i = 0; i < 10'000; ++i) books += fmt::format("{{name: \"{}\"}} ", i);
    expect_refused("create_Author(input: {name: \"X\", books: [" + books + "]})",
                   "input.books[5000]: too many documents are nested or linked. Limit: 5000");
}

}  // namespace
}  // namespace cairn::test
