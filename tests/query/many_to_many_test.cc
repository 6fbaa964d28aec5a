// Many-to-many relations: declared, read from both sides, linked and unlinked (query/README.md "Relations in
// mutations", collections/README.md "Many-to-many").
#include <algorithm>

#include "database_fixture.h"

namespace cairn::test {
namespace {

constexpr std::string_view kLibrary =
    "type Book { name: String  pages: Int  genres: [Genre] }"
    " type Genre { name: String  books: [Book] }";

class ManyToMany : public DatabaseTest {
  protected:
    ManyToMany() : DatabaseTest(kLibrary) {
        fantasy_ = create("Genre", "name: \"Fantasy\"");
        poetry_ = create("Genre", "name: \"Poetry\"");
        wind_ = create("Book", fmt::format("name: \"Wind\", pages: 660, genres: [\"{}\"]", fantasy_));
        rose_ = create("Book", fmt::format("name: \"Rose\", pages: 200, genres: [\"{}\", {{_docID: \"{}\"}}]",
                                           fantasy_, poetry_));
        bare_ = create("Book", "name: \"Bare\", pages: 10");
    }
    // Names of the books and of their genres, sorted: "Rose: Fantasy Poetry".
    std::vector<std::string> library() {
        std::vector<std::string> lines;
        json books = data("{ Book { name genres { name } } }");
        for (const json& book : books["Book"]) {
            std::vector<std::string> genres;
            for (const json& genre : book["genres"]) genres.push_back(genre["name"]);
            std::sort(genres.begin(), genres.end());
            std::string line = book["name"].get<std::string>() + ":";
            for (const std::string& genre : genres) line += " " + genre;
            lines.push_back(std::move(line));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    std::vector<std::string> names(const json& rows) {
        std::vector<std::string> names;
        for (const json& row : rows) names.push_back(row["name"]);
        std::sort(names.begin(), names.end());
        return names;
    }
    std::size_t pairs() {
        return data("{ _count(Book_genres_Genre_books: {}) }")["_count"].get<std::size_t>();
    }
    std::string fantasy_, poetry_, wind_, rose_, bare_;
};

using Lines = std::vector<std::string>;

TEST_F(ManyToMany, Declared_ReadsFromBothSides) {
    EXPECT_EQ(library(), (Lines{"Bare:", "Rose: Fantasy Poetry", "Wind: Fantasy"}));
    json genres = data("{ Genre(order: {name: ASC}) { name books(order: {name: ASC}) { name } } }")["Genre"];
    EXPECT_EQ(genres, json::parse(R"([{"name": "Fantasy", "books": [{"name": "Rose"}, {"name": "Wind"}]},
                                      {"name": "Poetry", "books": [{"name": "Rose"}]}])"));
}

TEST_F(ManyToMany, Lists_HaveFiltersOrdersLimitsAndAggregates) {
    EXPECT_EQ(names(data("{ Book(filter: {genres: {name: {_eq: \"Poetry\"}}}) { name } }")["Book"]),
              Lines{"Rose"});
    EXPECT_EQ(names(data("{ Genre(filter: {books: {pages: {_gt: 600}}}) { name } }")["Genre"]),
              Lines{"Fantasy"});
    EXPECT_EQ(data("{ Genre(order: {name: ASC}) { _count(books: {}) _sum(books: {field: pages})"
                   " _max(books: {field: pages, limit: 1, order: {pages: ASC}})"
                   " books(order: {pages: DESC}, limit: 1) { name } } }")["Genre"],
              json::parse(R"([{"_count": 2, "_sum": 860, "_max": 200, "books": [{"name": "Wind"}]},
                              {"_count": 1, "_sum": 200, "_max": 200, "books": [{"name": "Rose"}]}])"));
    EXPECT_EQ(
        data("{ Book(order: [{_alias: {n: DESC}}]) { name n: _count(genres: {}) } }")["Book"],
        json::parse(R"([{"name": "Rose", "n": 2}, {"name": "Wind", "n": 1}, {"name": "Bare", "n": 0}])"));
    EXPECT_EQ(names(data("{ Book(filter: {_alias: {n: {_eq: 0}}}) { name n: _count(genres: {}) } }")["Book"]),
              Lines{"Bare"});
    EXPECT_EQ(names(data("{ Book(filter: {genres: null}) { name } }")["Book"]), Lines{"Bare"});
    EXPECT_EQ(data("{ Genre(filter: {name: {_eq: \"Fantasy\"}}) {"
                   " books(groupBy: [pages], order: {pages: ASC}) { pages _group { name } } } }")["Genre"],
              json::parse(R"([{"books": [{"pages": 200, "_group": [{"name": "Rose"}]},
                                         {"pages": 660, "_group": [{"name": "Wind"}]}]}])"));
    EXPECT_EQ(names(data("{ Book(filter: {genres: {books: {name: {_eq: \"Wind\"}}}}) { name } }")["Book"]),
              (Lines{"Rose", "Wind"}));
}

TEST_F(ManyToMany, IndexOfTheOtherSide_GivesTheSameAnswers) {
    TemporaryFolder folder;
    Database indexed = open_unsynced(folder / "store");
    ASSERT_TRUE(
        indexed.add_schema("type Book { name: String  pages: Int @index  genres: [Genre] }"
                           " type Genre { name: String @index  books: [Book] }"));
    std::uint64_t position = 0;
    // The version ids do not depend on indexes, so the blocks are the other store's too.
    ASSERT_TRUE(indexed.merge(database_.blocks_since(position)->blocks));
    for (std::string_view text : {"{ Book(filter: {genres: {name: {_eq: \"Fantasy\"}}}) { _docID name } }",
                                  "{ Genre(filter: {books: {pages: {_lt: 300}}}) { _docID name } }"}) {
        json answer = json::parse(indexed.execute({std::string(text), {}, {}}));
        for (auto& [name, rows] : answer["data"].items()) std::sort(rows.begin(), rows.end());
        json expected = data(std::string(text));
        for (auto& [name, rows] : expected.items()) std::sort(rows.begin(), rows.end());
        EXPECT_EQ(answer["data"], expected) << text;
    }
}

TEST_F(ManyToMany, Update_ReplacesAddsAndRemoves) {
    update("Book", bare_, fmt::format("genres: [\"{}\"]", poetry_));
    EXPECT_EQ(library(), (Lines{"Bare: Poetry", "Rose: Fantasy Poetry", "Wind: Fantasy"}));
    update("Book", bare_, fmt::format("genres: [\"{}\"]", fantasy_));
    EXPECT_EQ(library(), (Lines{"Bare: Fantasy", "Rose: Fantasy Poetry", "Wind: Fantasy"}));
    update("Book", bare_, fmt::format("genres: {{_add: [\"{}\", \"{}\"]}}", poetry_, fantasy_));
    EXPECT_EQ(library()[0], "Bare: Fantasy Poetry");
    update("Genre", fantasy_, fmt::format("books: {{_remove: [\"{}\", \"{}\"]}}", bare_, wind_));
    EXPECT_EQ(library(), (Lines{"Bare: Poetry", "Rose: Fantasy Poetry", "Wind:"}));
    update("Book", rose_, "genres: []");
    EXPECT_EQ(library(), (Lines{"Bare: Poetry", "Rose:", "Wind:"}));
    update("Book", bare_, "genres: null");
    EXPECT_EQ(pairs(), 0u);
}

TEST_F(ManyToMany, PairUnlinkedAndLinkedAgain_IsLinked) {
    for (int i = 0; i < 12; ++i) {
        update("Book", wind_, fmt::format("genres: {{_remove: [\"{}\"]}}", fantasy_));
        EXPECT_EQ(library().back(), "Wind:");
        update("Book", wind_, fmt::format("genres: {{_add: [\"{}\"]}}", fantasy_));
        EXPECT_EQ(library().back(), "Wind: Fantasy");
    }
    EXPECT_EQ(pairs(), 3u);
    json counts = data("{ Book_genres_Genre_books(order: {relinked: DESC}, limit: 1) { relinked } }");
    EXPECT_EQ(counts["Book_genres_Genre_books"], json::parse(R"([{"relinked": 12}])"));
}

TEST_F(ManyToMany, DeletedDocuments_AreNotListedOrCounted) {
    remove("Genre", fantasy_);
    EXPECT_EQ(library(), (Lines{"Bare:", "Rose: Poetry", "Wind:"}));
    EXPECT_EQ(data("{ Book(filter: {name: {_eq: \"Rose\"}}) { _count(genres: {}) } }")["Book"],
              json::parse(R"([{"_count": 1}])"));
    EXPECT_EQ(pairs(), 3u);  // nothing happens to the pairs by default
}

TEST_F(ManyToMany, Junction_IsAnOrdinaryCollection) {
    // As somebody who knows only the junction would link.
    data(
        fmt::format("mutation {{ create_Book_genres_Genre_books(input: {{book: \"{}\", genre: \"{}\"}})"
                    " {{ _docID }} }}",
                    bare_, poetry_));
    EXPECT_EQ(library()[0], "Bare: Poetry");
    // The same pair, linked by the list, is the same document.
    update("Book", bare_, fmt::format("genres: {{_add: [\"{}\"]}}", poetry_));
    EXPECT_EQ(pairs(), 4u);
    json rows = data("{ Book_genres_Genre_books { book { name } genre { name } relinked } }");
    EXPECT_EQ(rows["Book_genres_Genre_books"].size(), 4u);
    for (const json& row : rows["Book_genres_Genre_books"]) EXPECT_TRUE(row["relinked"].is_null());
}

TEST_F(ManyToMany, PairTwiceInTheJunction_IsListedOnce) {
    data(
        fmt::format("mutation {{ create_Book_genres_Genre_books(input: {{book: \"{}\", genre: \"{}\","
                    " relinked: 7}}) {{ _docID }} }}",
                    wind_, fantasy_));
    EXPECT_EQ(library().back(), "Wind: Fantasy");
    EXPECT_EQ(data("{ Book(filter: {name: {_eq: \"Wind\"}}) { _count(genres: {}) } }")["Book"],
              json::parse(R"([{"_count": 1}])"));
    update("Book", wind_, fmt::format("genres: {{_remove: [\"{}\"]}}", fantasy_));
    EXPECT_EQ(library().back(), "Wind:");
}

TEST_F(ManyToMany, SamePairLinkedInTwoStores_IsOneDocument) {
    TemporaryFolder folder;
    Database other = open_unsynced(folder / "store");
    ASSERT_TRUE(other.add_schema(kLibrary));
    ASSERT_TRUE(other.merge(database_.blocks_since(0)->blocks));
    const std::uint64_t mark = database_.position(), other_mark = other.position();
    update("Book", bare_, fmt::format("genres: [\"{}\"]", poetry_));
    other.execute({fmt::format("mutation {{ update_Genre(docID: \"{}\", input: {{books: {{_add: [\"{}\"]}}}})"
                               " {{ _docID }} }}",
                               poetry_, bare_),
                   {},
                   {}});
    auto here = database_.blocks_since(mark)->blocks, there = other.blocks_since(other_mark)->blocks;
    ASSERT_TRUE(database_.merge(there));
    ASSERT_TRUE(other.merge(here));
    EXPECT_EQ(pairs(), 4u);
    EXPECT_EQ(library()[0], "Bare: Poetry");
    const std::string all = "{ Book { name genres { name } } Genre { name books { name } } }";
    EXPECT_EQ(database_.execute({all, {}, {}}), other.execute({all, {}, {}}));
}

TEST_F(ManyToMany, ReopenedAndRebuilt_StaysTheSame) {
    const auto before = library();
    auto rebuilt = database_.rebuild(true);
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->differences, Lines{});
    ASSERT_TRUE(database_.rebuild(false));
    EXPECT_EQ(library(), before);
    ASSERT_TRUE(database_.close());
    database_ = open({});
    EXPECT_EQ(library(), before);
    auto report = database_.check();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, Lines{});
}

// The guide's junction type and the declared form on the same data.
TEST(ManyToManyGuide, JunctionTypeAndDeclaredForm_AnswerAlike) {
    TemporaryFolder folder;
    Database by_hand = open_unsynced(folder / "hand");
    Database declared = open_unsynced(folder / "declared");
    ASSERT_TRUE(
        by_hand.add_schema("type Book { name: String  bookGenres: [BookGenre] }"
                           " type Genre { name: String  genreBooks: [BookGenre] }"
                           " type BookGenre { book: Book  genre: Genre }"));
    ASSERT_TRUE(
        declared.add_schema("type Book { name: String  genres: [Genre] }"
                            " type Genre { name: String  books: [Book] }"));
    auto ask = [](Database& database, const std::string& text) {
        json answer = json::parse(database.execute({text, {}, {}}));
        EXPECT_FALSE(answer.contains("errors")) << text << answer;
        return answer["data"];
    };
    std::vector<std::string> books, genres;
    for (int i = 0; i < 20; ++i) {
        for (auto* names : {&books, &genres}) {
            std::string type = names == &books ? "Book" : "Genre";
            std::string text = fmt::format("mutation {{ create_{}(input: {{name: \"{}{}\"}}) {{ _docID }} }}",
                                           type, type, i);
            json id = ask(by_hand, text)["create_" + type][0]["_docID"];
            EXPECT_EQ(ask(declared, text)["create_" + type][0]["_docID"], id);  // documents have the same ids
            names->push_back(id);
        }
    }
    for (std::size_t b = 0; b < books.size(); ++b) {
        for (std::size_t g = b % 3; g < genres.size(); g += b % 7 + 1) {
            ask(by_hand, fmt::format("mutation {{ create_BookGenre(input: {{book: {{_docID: \"{}\"}}, genre:"
                                     " {{_docID: \"{}\"}}}}) {{ _docID }} }}",
                                     books[b], genres[g]));
            ask(declared, fmt::format("mutation {{ update_Book(docID: \"{}\", input: {{genres: {{_add:"
                                      " [\"{}\"]}}}}) {{ _docID }} }}",
                                      books[b], genres[g]));
        }
    }
    json junction = ask(by_hand, "{ Book { name bookGenres { genre { _docID name } } } }")["Book"];
    json direct = ask(declared, "{ Book { name genres { _docID name } } }")["Book"];
    for (json& book : junction) {
        json list = json::array();
        for (json& row : book["bookGenres"]) list.push_back(row["genre"]);
        std::sort(list.begin(), list.end(),
                  [](const json& a, const json& b) { return a["_docID"] < b["_docID"]; });
        book.erase("bookGenres");
        book["genres"] = list;
    }
    EXPECT_EQ(junction, direct);
    auto filtered = [&](Database& database, const std::string& filter) {
        return ask(database, "{ Book(filter: " + filter + ") { name } }");
    };
    EXPECT_EQ(filtered(by_hand, "{bookGenres: {genre: {name: {_eq: \"Genre3\"}}}}"),
              filtered(declared, "{genres: {name: {_eq: \"Genre3\"}}}"));
    EXPECT_EQ(ask(by_hand, "{ Genre { name n: _count(genreBooks: {}) } }"),
              ask(declared, "{ Genre { name n: _count(books: {}) } }"));
}

class Friends : public DatabaseTest {
  protected:
    Friends()
        : DatabaseTest(
              "type Person { name: String  friends: [Person] @relation(name: \"friends\")"
              "  follows: [Person] @relation(name: \"follow\")"
              "  followers: [Person] @relation(name: \"follow\") }") {
        for (std::string_view name : {"Ann", "Bob", "Cid"})
            ids_.push_back(create("Person", fmt::format("name: \"{}\"", name)));
    }
    json person(std::string_view name, const std::string& selection) {
        return data(fmt::format("{{ Person(filter: {{name: {{_eq: \"{}\"}}}}) {{ {} }} }}", name,
                                selection))["Person"][0];
    }
    std::vector<std::string> ids_;
};

TEST_F(Friends, FieldWithItself_CountsFromBothDocuments) {
    update("Person", ids_[0], fmt::format("friends: [\"{}\"]", ids_[1]));
    update("Person", ids_[2], fmt::format("friends: {{_add: [\"{}\", \"{}\"]}}", ids_[0], ids_[2]));
    EXPECT_EQ(person("Ann", "_count(friends: {}) friends(order: {name: ASC}) { name }"),
              json::parse(R"({"_count": 2, "friends": [{"name": "Bob"}, {"name": "Cid"}]})"));
    EXPECT_EQ(
        person("Bob", "friends { name friends(order: {name: ASC}) { name } }"),
        json::parse(R"({"friends": [{"name": "Ann", "friends": [{"name": "Bob"}, {"name": "Cid"}]}]})"));
    EXPECT_EQ(person("Cid", "_count(friends: {}) friends(order: {name: ASC}) { name }"),
              json::parse(R"({"_count": 2, "friends": [{"name": "Ann"}, {"name": "Cid"}]})"));
    update("Person", ids_[1], fmt::format("friends: {{_remove: [\"{}\"]}}", ids_[0]));
    update("Person", ids_[2], "friends: []");
    EXPECT_EQ(data("{ Person { friends { name } } }")["Person"],
              json::parse(R"([{"friends": []}, {"friends": []}, {"friends": []}])"));
}

TEST_F(Friends, TwoFieldsOfOneType_AreTwoSides) {
    update("Person", ids_[0], fmt::format("follows: [\"{}\", \"{}\"]", ids_[1], ids_[2]));
    EXPECT_EQ(person("Ann", "follows(order: {name: ASC}) { name } followers { name }"),
              json::parse(R"({"follows": [{"name": "Bob"}, {"name": "Cid"}], "followers": []})"));
    EXPECT_EQ(person("Bob", "follows { name } followers { name }"),
              json::parse(R"({"follows": [], "followers": [{"name": "Ann"}]})"));
    update("Person", ids_[2], "followers: []");
    EXPECT_EQ(person("Ann", "follows { name }"), json::parse(R"({"follows": [{"name": "Bob"}]})"));
    EXPECT_EQ(data("{ Person_followers_Person_follows { followers { name } follows { name } } }"),
              json::parse(R"({"Person_followers_Person_follows":
                              [{"followers": {"name": "Ann"}, "follows": {"name": "Bob"}}]})"));
}

// ---- schema ----

Result<std::string> added(std::string_view sdl) {
    TemporaryFolder folder;
    return open_unsynced(folder / "store").add_schema(sdl);
}
std::string version_of(const std::string& versions, std::string_view name) {
    for (const json& version : json::parse(versions)) {
        if (version["Name"] == name) return version["VersionID"];
    }
    return {};
}

TEST(ManyToManySchema, VersionIds_AreThoseWithoutTheLists) {
    auto with = added(
        "type Book { name: String  author: Author  genres: [Genre] }"
        " type Author { name: String  books: [Book] }"
        " type Genre { name: String  books: [Book] }");
    auto without = added(
        "type Book { name: String  author: Author }"
        " type Author { name: String  books: [Book] } type Genre { name: String }");
    ASSERT_TRUE(with && without);
    for (std::string_view name : {"Book", "Author", "Genre"})
        EXPECT_EQ(version_of(*with, name), version_of(*without, name));
    EXPECT_NE(version_of(*with, "Book_genres_Genre_books"), "");
}

TEST(ManyToManySchema, SeveralRelationsOfTwoTypes_NeedNames) {
    EXPECT_TRUE(
        added("type A { x: [B] @relation(name: \"one\")  y: [B] @relation(name: \"two\") }"
              " type B { x: [A] @relation(name: \"one\")  y: [A] @relation(name: \"two\") }"));
    auto ambiguous = added("type A { x: [B]  y: [B] } type B { z: [A] }");
    ASSERT_FALSE(ambiguous);
    EXPECT_NE(ambiguous.error().message.find("relation missing field. Object: B, RelationName: a_b"),
              std::string::npos)
        << ambiguous.error().message;
    // A list without another side, of another type.
    auto one_sided = added("type A { x: [B] } type B { name: String }");
    ASSERT_FALSE(one_sided);
    EXPECT_NE(one_sided.error().message.find("relation missing field"), std::string::npos);
}

TEST(ManyToManySchema, JunctionNameThatIsTaken_IsRefused) {
    auto taken = added(
        "type Book { genres: [Genre] } type Genre { books: [Book] }"
        " type Book_genres_Genre_books { name: String }");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().message, "collection already exists. Name: Book_genres_Genre_books");
}

}  // namespace
}  // namespace cairn::test
