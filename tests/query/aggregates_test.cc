// Aggregates (spec/query.md section 8) and similarity (section 9).
#include <cmath>

#include "query_fixture.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class Aggregates : public QueryFixture {
  protected:
    void SetUp() override {
        schema(R"(type Author { name: String books: [Book] articles: [Article] }
                  type Book { title: String pages: Int rating: Float weight: Float32 marks: [Int!] author: Author }
                  type Article { words: Int author: Author })");
        ann_ = create("Author", R"(name: "Ann")");
        bob_ = create("Author", R"(name: "Bob")");
        create("Author", R"(name: "Cid")");
        create("Book",
               fmt::format(R"(title: "A", pages: 10, rating: 4.5, weight: 1.5, marks: [1, 2], author: "{}")",
                           ann_));
        create("Book",
               fmt::format(R"(title: "B", pages: 30, rating: 2.5, weight: 0.25, author: "{}")", ann_));
        create("Book", fmt::format(R"(title: "C", rating: 3, author: "{}")", ann_));
        create("Book", fmt::format(R"(title: "D", pages: -7, author: "{}")", bob_));
        create("Article", fmt::format(R"(words: 100, author: "{}")", ann_));
        create("Article", fmt::format(R"(words: 3, author: "{}")", bob_));
    }
    // One aggregate of each author.
    json of(std::string_view name, std::string_view aggregate) {
        return ask(fmt::format(R"({{ Author(filter: {{name: {{_eq: "{}"}}}}) {{ x: {} }} }})", name,
                               aggregate))["Author"][0]["x"];
    }
    json root(std::string_view aggregate) { return ask(fmt::format("{{ x: {} }}", aggregate))["x"]; }
    std::string ann_, bob_;
};

TEST_F(Aggregates, OfRelations_TakeTheRelatedDocuments) {
    EXPECT_EQ(of("Ann", "_count(books: {})"), 3);
    EXPECT_EQ(of("Ann", "_sum(books: {field: pages})"), 40);
    EXPECT_EQ(of("Ann", "_avg(books: {field: pages})"), 20);
    EXPECT_EQ(of("Ann", "_min(books: {field: pages})"), 10);
    EXPECT_EQ(of("Ann", "_max(books: {field: rating})"), 4.5);
    EXPECT_EQ(of("Bob", "_sum(books: {field: pages})"), -7);
    EXPECT_EQ(of("Ann", "_sum(books: {field: weight})"), 1.75);
}

TEST_F(Aggregates, BesideASelectionByIds_TakeAllRelatedDocuments) {
    const json answer = ask(fmt::format(
        R"({{ Author(docID: "{}") {{ books(docID: []) {{ title }} _count(books: {{}}) }} }})", ann_));
    EXPECT_EQ(answer["Author"][0], parsed(R"({"books": [], "_count": 3})"));
    const json grouped = ask(fmt::format(
        R"({{ Author(docID: "{}") {{ books(groupBy: []) {{ _count(_group: {{}}) }} _count(books: {{}}) }} }})",
        ann_));
    EXPECT_EQ(grouped["Author"][0], parsed(R"({"books": [{"_count": 3}], "_count": 3})"));
}

// Few documents are counted by a pass over them, others by looking each parent up.
TEST_F(Aggregates, CountsOfManyParents_AreThoseOfTheirLists) {
    for (int i = 0; i < 40; ++i) {
        const std::string author = create("Author", fmt::format(R"(name: "a {}")", i));
        for (int k = 0; k < i % 3; ++k)
            create("Book", fmt::format(R"(title: "{} {}", author: "{}")", i, k, author));
    }
    const auto expect_counts = [&] {
        const json counted = ask("{ Author { _count(books: {}) } }")["Author"];
        const json listed = ask("{ Author { books { title } } }")["Author"];
        ASSERT_EQ(counted.size(), listed.size());
        for (std::size_t i = 0; i < counted.size(); ++i)
            EXPECT_EQ(counted[i]["_count"], listed[i]["books"].size()) << listed[i];
    };
    expect_counts();
    for (int i = 0; i < 600; ++i) create("Book", fmt::format(R"(title: "more {}", author: "{}")", i, bob_));
    expect_counts();
    EXPECT_EQ(of("Bob", "_count(books: {})"), 601);
    ask(R"(mutation { delete_Book(filter: {title: {_like: "more%"}}) { _docID } })");
    EXPECT_EQ(of("Bob", "_count(books: {})"), 1);
    expect_counts();
}

TEST_F(Aggregates, OfNothing_AreZeroOrNull) {
    EXPECT_EQ(of("Cid", "_count(books: {})"), 0);
    EXPECT_EQ(of("Cid", "_sum(books: {field: pages})"), 0);
    EXPECT_EQ(of("Cid", "_avg(books: {field: pages})"), 0);
    EXPECT_EQ(of("Cid", "_min(books: {field: pages})"), nullptr);
    EXPECT_EQ(of("Cid", "_max(books: {field: rating})"), nullptr);
    EXPECT_EQ(of("Bob", "_avg(books: {field: rating})"), 0);
}

TEST_F(Aggregates, OverSeveralTargets_PoolTheirItems) {
    EXPECT_EQ(of("Ann", "_count(books: {}, articles: {})"), 4);
    EXPECT_EQ(of("Ann", "_avg(books: {field: pages}, articles: {field: words})"), 140.0 / 3);
    EXPECT_EQ(of("Bob", "_max(books: {field: pages}, articles: {field: words})"), 3);
    EXPECT_EQ(root("_sum(Book: {field: pages}, Article: {field: words})"), 136);
    EXPECT_EQ(root("_min(Book: {field: rating}, Article: {field: words})"), 2.5);
}

TEST_F(Aggregates, WithFilterOrderAndWindow_ActLikeASelect) {
    EXPECT_EQ(of("Ann", "_count(books: {filter: {pages: {_gt: 5}}})"), 2);
    EXPECT_EQ(of("Ann", "_count(books: {offset: 1})"), 2);
    EXPECT_EQ(of("Ann", "_count(books: {offset: 1, limit: 1})"), 1);
    EXPECT_EQ(of("Ann", "_count(books: {limit: 0})"), 3);
    EXPECT_EQ(of("Ann", "_count(books: {offset: -1})"), 0);
    EXPECT_EQ(of("Ann", "_sum(books: {field: rating, order: {rating: DESC}, limit: 2})"), 7.5);
    EXPECT_EQ(of("Ann", "_sum(books: {field: rating, order: {title: ASC}, offset: 1})"), 5.5);
    EXPECT_EQ(of("Ann", "_sum(books: {field: pages, filter: {author: {name: {_eq: \"Ann\"}}}})"), 40);
    EXPECT_EQ(of("Ann", "_avg(books: {field: pages, order: {pages: ASC}, limit: 1})"),
              10);  // not the null one
    EXPECT_EQ(root("_sum(Book: {field: pages, order: {pages: DESC}, limit: 2})"), 40);
    EXPECT_EQ(root("_count(Book: {limit: 3})"), 3);
    EXPECT_EQ(root("_count(Book: {offset: 3})"), 1);
    EXPECT_EQ(root("_count(Book: {offset: 9})"), 0);
    EXPECT_EQ(root("_count(Book: {filter: {author: {name: {_eq: \"Ann\"}}}})"), 3);
}

TEST_F(Aggregates, AtRoot_AreScalarsBesideLists) {
    EXPECT_EQ(ask("{ _count(Author: {}) Author(limit: 1) { _count(books: {limit: 0, filter: {pages: {_eq: "
                  "99}}}) } }"),
              parsed(R"({"_count": 3, "Author": [{"_count": 0}]})"));
    EXPECT_EQ(root("_avg(Book: {field: pages})"), 11);
    EXPECT_EQ(root("_max(Book: {field: pages})"), 30);
}

TEST_F(Aggregates, SelectorsInVariables_AreTakenWhole) {
    json answer = ask(
        "query($c: Book__CountSelector, $s: Book__NumericSelector) { n: _count(Book: $c) Author(order: "
        "{name: ASC}, limit: 1) { s: _sum(books: $s) } }",
        R"({"c": {"filter": {"pages": {"_gt": 0}}}, "s": {"field": "pages", "limit": 1, "order": {"pages": "DESC"}}})");
    EXPECT_EQ(answer, parsed(R"({"n": 2, "Author": [{"s": 30}]})"));
    EXPECT_EQ(error("query($c: Book__CountSelector) { _count(Book: $c) }"),
              "aggregate must be provided with a property to aggregate");
}

TEST_F(Aggregates, WithoutTarget_AreRefused) {
    std::string message = "aggregate must be provided with a property to aggregate";
    EXPECT_EQ(error("{ _count }"), message);
    EXPECT_EQ(error("{ _count(Book: null) }"), message);
    EXPECT_EQ(error("{ Author { _sum } }"), message);
    EXPECT_EQ(error("{ Author { _max(books: null) } }"), message);
    EXPECT_EQ(error("{ Book { _similarity } }"), message);
}

TEST_F(Aggregates, OfChildAggregates_TakeThoseOfTheSelection) {
    schema(
        "type Publisher { name: String authors: [Writer] } type Writer { name: String publisher: Publisher "
        "works: [Work] } "
        "type Work { pages: Int price: Float writer: Writer }");
    std::string publisher = create("Publisher", R"(name: "P")");
    std::string ann = create("Writer", fmt::format(R"(name: "Ann", publisher: "{}")", publisher));
    std::string bob = create("Writer", fmt::format(R"(name: "Bob", publisher: "{}")", publisher));
    create("Work", fmt::format(R"(pages: 1, price: 1.5, writer: "{}")", ann));
    create("Work", fmt::format(R"(pages: 2, price: 3, writer: "{}")", ann));
    create("Work", fmt::format(R"(pages: 5, writer: "{}")", bob));
    auto over = [&](std::string_view outer, std::string_view inner) {
        return ask(
            fmt::format("{{ Publisher {{ x: {} authors {{ {} }} }} }}", outer, inner))["Publisher"][0]["x"];
    };
    EXPECT_EQ(over("_sum(authors: {field: _count})", "_count(works: {})"), 3);
    EXPECT_EQ(over("_sum(authors: {field: _avg})", "_avg(works: {field: pages})"), 6.5);
    EXPECT_EQ(over("_avg(authors: {field: _sum})", "_sum(works: {field: price})"), 2.25);
    EXPECT_EQ(over("_max(authors: {field: _min})", "a: _min(works: {field: pages})"), 5);
    EXPECT_EQ(over("_min(authors: {field: _max})", "_max(works: {field: price})"), 3);  // Bob's is null
    EXPECT_EQ(error("{ Publisher { _sum(authors: {field: _count}) } }"),
              "unable to identify aggregate child");
    EXPECT_EQ(error("{ Publisher { _sum(authors: {field: _count}) authors { name } } }"),
              "unable to identify aggregate child");
    EXPECT_EQ(
        error("{ Publisher { _sum(authors: {field: _count, limit: 1}) authors { _count(works: {}) } } }"),
        "unable to identify aggregate child");
    EXPECT_EQ(error("{ _sum(Writer: {field: _count}) }"), "unable to identify aggregate child");
    // Equal arguments, however they are written.
    EXPECT_EQ(ask("query($f: String) { Publisher { x: _sum(authors: {field: _count, filter: {name: {_eq: "
                  "$f}, _docID: {_ne: null}}, order: [{name: ASC}]}) "
                  "authors(filter: {_docID: {_ne: null}, name: {_eq: \"Ann\"}}, order: {name: ASC}) { "
                  "_count(works: {}) } } }",
                  R"({"f": "Ann"})")["Publisher"][0]["x"],
              2);
}

TEST_F(Aggregates, SumOfLargeIntegers_IsCutOffFromADouble) {
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(
            node_.create_json("Article", fmt::format(R"({{"words": {}}})", 9007199254740993 + i), nullptr));
    }
    EXPECT_EQ(root("_max(Article: {field: words})").dump(), "9007199254740994");
    EXPECT_EQ(root("_sum(Article: {field: words, filter: {words: {_gt: 1000}}})").dump(),
              "18014398509481984");
}

TEST_F(Aggregates, InfiniteSum_IsNullWithANotice) {
    for (int i = 0; i < 2; ++i) create("Book", fmt::format(R"(title: "big{}", rating: 1.7e308)", i));
    Answer answer = node_.request("{ _sum(Book: {field: rating}) }");
    EXPECT_EQ(answer.data["_sum"], nullptr);
    ASSERT_EQ(answer.notices.size(), 1u);
    EXPECT_EQ(answer.notices[0], "value of _sum is infinite and cannot be written as JSON");
}

TEST_F(Aggregates, OfArrayFieldsOfDocuments_AddNothing) {
    EXPECT_EQ(of("Ann", "_sum(books: {field: marks})"), 0);
    EXPECT_EQ(of("Ann", "_max(books: {field: marks})"), nullptr);
}

TEST_F(Aggregates, OfVersions_CountCommits) {
    node_.request(
        R"(mutation { update_Author(filter: {name: {_eq: "Ann"}}, input: {name: "Ann"}) { name } })");
    node_.request(
        R"(mutation { update_Author(filter: {name: {_eq: "Bob"}}, input: {name: "Rob"}) { name } })");
    EXPECT_EQ(
        ask(R"({ Author(filter: {name: {_eq: "Rob"}}) { _count(_version: {}) one: _count(_version: {limit: 1}) _version { height } } })")
            ["Author"],
        parsed(R"([{"_count": 2, "one": 1, "_version": [{"height": 2}, {"height": 1}]}])"));
}

TEST_F(Aggregates, DeletedDocuments_CountOnlyWithShowDeleted) {
    node_.request(R"(mutation { delete_Book(filter: {title: {_eq: "B"}}) { title } })");
    EXPECT_EQ(of("Ann", "_sum(books: {field: pages})"), 10);
    EXPECT_EQ(of("Ann", "_count(books: {})"), 2);
    json shown = ask(
        R"({ Author(showDeleted: true, filter: {name: {_eq: "Ann"}}) { n: _count(books: {}) s: _sum(books: {field: pages}) } })");
    EXPECT_EQ(shown["Author"], parsed(R"([{"n": 3, "s": 40}])"));
}

class ArrayAggregates : public QueryFixture {
  protected:
    void SetUp() override {
        schema(
            R"(type T { name: String i: [Int!] n: [Int] f: [Float!] w: [Float32!] s: [String!] b: [Boolean!] })");
        create(
            "T",
            R"(name: "full", i: [3, 1, 2], n: [5, null, 1], f: [0.5, 2.25], w: [1.1, 2.2], s: ["a", "b", "a"], b: [true])");
        create("T", R"(name: "empty", i: [], n: [null])");
        create("T", R"(name: "null")");
    }
    json of(std::string_view name, std::string_view aggregate) {
        return ask(fmt::format(R"({{ T(filter: {{name: {{_eq: "{}"}}}}) {{ x: {} }} }})", name,
                               aggregate))["T"][0]["x"];
    }
};

TEST_F(ArrayAggregates, OfElements_SkipNullsButCountThem) {
    EXPECT_EQ(of("full", "_sum(i: {})"), 6);
    EXPECT_EQ(of("full", "_avg(i: {})"), 2);
    EXPECT_EQ(of("full", "_min(i: {})"), 1);
    EXPECT_EQ(of("full", "_max(f: {})"), 2.25);
    EXPECT_EQ(of("full", "_count(n: {})"), 3);
    EXPECT_EQ(of("full", "_avg(n: {})"), 3);
    EXPECT_EQ(of("full", "_count(s: {filter: {_eq: \"a\"}})"), 2);
    EXPECT_EQ(of("full", "_count(b: {})"), 1);
    EXPECT_EQ(of("full", "_sum(i: {}, f: {})"), 8.75);
    for (std::string_view name : {"empty", "null"}) {
        EXPECT_EQ(of(name, "_sum(i: {})"), 0);
        EXPECT_EQ(of(name, "_min(n: {})"), nullptr);
        EXPECT_EQ(of(name, "_avg(n: {})"), 0);
        EXPECT_EQ(of(name, "_count(i: {})"), 0);
    }
}

TEST_F(ArrayAggregates, WithFilterOrderAndLimit_ActOnElements) {
    EXPECT_EQ(of("full", "_sum(i: {filter: {_gt: 1}})"), 5);
    EXPECT_EQ(of("full", "_sum(i: {filter: {_or: [{_eq: 1}, {_gt: 2}]}})"), 4);
    EXPECT_EQ(of("full", "_sum(i: {order: DESC, limit: 2})"), 5);
    EXPECT_EQ(of("full", "_sum(i: {order: ASC, limit: 2})"), 3);
    EXPECT_EQ(of("full", "_sum(i: {limit: 2})"), 4);
    EXPECT_EQ(of("full", "_sum(i: {offset: 1, limit: 2})"), 3);
    EXPECT_EQ(of("full", "_sum(i: {offset: -1, limit: 2})"), 0);
    EXPECT_EQ(of("full", "_sum(i: {limit: -1})"), 6);
    EXPECT_EQ(of("full", "_min(n: {order: ASC, limit: 2})"), 1);  // nulls first
    EXPECT_EQ(of("full", "_avg(n: {order: ASC, limit: 2})"), 3);  // no nulls
}

TEST_F(ArrayAggregates, SumOfFloat32_IsTakenInSingles) {
    EXPECT_EQ(of("full", "_sum(w: {})").dump(), "3.3000001907348633");
}

class Similarity : public QueryFixture {
  protected:
    void SetUp() override {
        schema("type T { name: String i: [Int!] n: [Int] f: [Float!] w: [Float32!] }");
        create("T", R"(name: "a", i: [2, 4, 1], n: [1, 2, 3], f: [0.5, 2, 1], w: [1.1, 1, 0])");
        create("T", R"(name: "b", i: [1, 1, 1], f: [1, 1, 1], w: [0, 0, 1])");
    }
    json of_a(std::string_view similarity) {
        return ask(fmt::format(R"({{ T(filter: {{name: {{_eq: "a"}}}}) {{ x: _similarity({}) }} }})",
                               similarity))["T"][0]["x"];
    }
};

TEST_F(Similarity, OfVectors_IsTheirDotProduct) {
    EXPECT_EQ(of_a("i: {vector: [1, 2, 0]}"), 10);
    EXPECT_EQ(of_a("f: {vector: [1, 2, 0.5]}"), 5);
    EXPECT_EQ(of_a("w: {vector: [1, 1, 9]}").dump(), "2.0999999046325684");
}

TEST_F(Similarity, OfNullAndNullableArrays_IsZero) {
    EXPECT_EQ(of_a("n: {vector: [1, 2, 3]}"), 0);
    create("T", R"(name: "none")");
    EXPECT_EQ(
        ask(R"({ T(filter: {name: {_eq: "none"}}) { x: _similarity(i: {vector: [1]}) } })")["T"][0]["x"], 0);
}

TEST_F(Similarity, OfOtherLengths_Fails) {
    EXPECT_EQ(error("{ T { _similarity(i: {vector: [1, 2, 0, 1]}) } }"),
              "source and vector must be of the same length. Source: 3, Vector: 4");
    create("T", R"(name: "empty", f: [], i: [1, 1, 1])");
    EXPECT_EQ(error(R"({ T(filter: {name: {_eq: "empty"}}) { _similarity(f: {vector: [1]}) } })"),
              "source and vector must be of the same length. Source: 0, Vector: 1");
}

TEST_F(Similarity, InOrderFilterAndVariable_FindsTheNearest) {
    std::string_view text =
        "query($v: [Float64!]!) { T(order: {_alias: {s: DESC}}, limit: 1, filter: {_alias: {s: {_gt: 0.6}}}) "
        "{ name s: _similarity(f: {vector: $v}) } }";
    EXPECT_EQ(ask(text, R"({"v": [1, 0, 0]})")["T"], parsed(R"([{"name": "b", "s": 1}])"));
    EXPECT_EQ(ask(text, R"({"v": [0, 1, 0]})")["T"], parsed(R"([{"name": "a", "s": 2}])"));
    EXPECT_EQ(ask(text, R"({"v": [0, 0, 0]})")["T"], json::array());
}

}  // namespace
}  // namespace cairn::test
