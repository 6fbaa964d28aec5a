#include <gtest/gtest.h>

#include <algorithm>

#include "dag/limits.h"
#include "tests/query/schema_helper.h"

namespace cairn::query {
namespace {

using test::messages;
using test::Texts;

TEST(Validate, ValidRequests_HaveNoMessages) {
    for (std::string_view request : {
             "{ Book { title pages author { name } } }",
             "query Q($n: Int, $f: BookFilterArg) { Book(limit: $n, filter: $f) { ...F } } fragment F on "
             "Book { title }",
             "{ Book(docID: \"bae-1\", groupBy: title, order: {pages: ASC}) { title _group { pages } } }",
             "{ Book(order: [{author: {name: DESC}}, {_alias: {x: ASC}}]) { x: title } }",
             "mutation { create_Book(input: {title: \"a\", rating: 1, author: \"bae-1\", tags: \"one\", "
             "info: {a: [1, X, null]}}) "
             "{ _docID } }",
             "query @explain(type: execute) { _count(Book: {filter: {pages: {_gt: 1}}}) }",
             "{ Book { _avg(prices: {filter: {_gt: 1.5, _or: [{_lt: 3}]}}) _similarity(prices: {vector: [1, "
             "2.5]}) } }",
             "{ commits(order: {height: DESC}) { cid links { name } _count(field: links) } }",
             "{ Book(filter: null, docID: null) { title } __typename }",
             "subscription { Book(filter: {title: {_eq: \"x\"}}) { title __typename } }",
             "{ Book(filter: {_or: {title: null}}) { title } }",
         }) {
        EXPECT_EQ(messages(request), Texts()) << request;
    }
}

TEST(Validate, Extensions_AreAccepted) {
    for (std::string_view request : {
             "mutation { update_Book(id: \"bae-1\", input: {pages: 1}) { title } }",
             "mutation { delete_Book(docIDs: [\"bae-1\"]) { title } }",
             "{ Book(id: \"bae-1\") { title } Author { books(docIDs: [\"bae-1\"]) { title } } }",
             "mutation { create_Book(input: {author: {_docID: \"bae-1\"}}) { title } }",
             "mutation { create_Book(input: {author: {_docID: null}}) { title } }",
             "mutation Q($a: ID) { create_Book(input: {author: {_docID: $a}}) { title } }",
             "{ Book { ... { title } } ... { Author { name } } }",
             "{ __typename }",
             "mutation { __typename }",
         }) {
        EXPECT_EQ(messages(request), Texts()) << request;
    }
}

TEST(Validate, RelationInput_OtherObjects_AreDocuments) {
    EXPECT_EQ(messages("mutation { create_Book(input: {author: {cell: \"1\"}}) { title } }"),
              Texts({"Argument \"input\" has invalid value {author: {cell: \"1\"}}.\nIn field \"author\": "
                     "In field \"cell\": Unknown field."}));
    EXPECT_EQ(messages("mutation { create_Book(input: {author: {_docID: 1.5}}) { title } }"),
              Texts({"Argument \"input\" has invalid value {author: {_docID: 1.5}}.\nIn field \"author\": "
                     "Expected type \"ID\", "
                     "found 1.5."}));
    EXPECT_EQ(messages("mutation Q($a: Int) { create_Book(input: {author: {_docID: $a}}) { title } }"),
              Texts({"Variable \"$a\" of type \"Int\" used in position expecting type \"ID\"."}));
    EXPECT_EQ(messages("mutation { create_Book(input: {author_id: {_docID: \"bae-1\"}}) { title } }").size(),
              1u);
}

TEST(Validate, UnknownFields_AreNamedWithSuggestions) {
    EXPECT_EQ(messages("{ Boook { title } }"),
              Texts({"Cannot query field \"Boook\" on type \"Query\". Did you mean \"Book\"?"}));
    EXPECT_EQ(messages("{ Book { zzzzzzzzzzzzz { a } } }"),
              Texts({"Cannot query field \"zzzzzzzzzzzzz\" on type \"Book\"."}));
    EXPECT_EQ(messages("{ Author { books_id } }"),
              Texts({"Cannot query field \"books_id\" on type \"Author\". Did you mean \"books\"?"}));
    auto schema = test::schema_of("type User { name: String }");
    EXPECT_EQ(
        messages("mutation { dostuff_User { name } }", *schema),
        Texts({"Cannot query field \"dostuff_User\" on type \"Mutation\". Did you mean \"delete_User\" or "
               "\"upsert_User\"?"}));
}

TEST(Validate, Arguments_UnknownRepeatedAndMissing) {
    EXPECT_EQ(
        messages("{ Book(limt: 1) { title } }"),
        Texts({"Unknown argument \"limt\" on field \"Book\" of type \"Query\". Did you mean \"limit\"?"}));
    EXPECT_EQ(messages("{ Author { _similarity(pointsList: {vector: [1]}) } }"),
              Texts({"Unknown argument \"pointsList\" on field \"_similarity\" of type \"Author\"."}));
    EXPECT_EQ(messages("{ Book(limit: 1, limit: 2) { title } }"),
              Texts({"There can be only one argument named \"limit\"."}));
    EXPECT_EQ(
        messages("{ latestCommits { cid } }"),
        Texts({"Field \"latestCommits\" argument \"docID\" of type \"ID!\" is required but not provided."}));
    EXPECT_EQ(messages("{ Book(filter: {title: {_eq: \"a\"}, title: {_eq: \"b\"}}) { title } }"),
              Texts({"There can be only one input field named \"title\"."}));
    EXPECT_EQ(messages("query @explain(foo: 1) { Book { title } }"),
              Texts({"Unknown argument \"foo\" on directive \"@explain\"."}));
}

TEST(Validate, Literals_OfWrongKind_GiveReasons) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"limit: \"a\"", "Argument \"limit\" has invalid value \"a\".\nExpected type \"Int\", found \"a\"."},
        {"limit: 1.0", "Argument \"limit\" has invalid value 1.0.\nExpected type \"Int\", found 1.0."},
        {"limit: 2147483648",
         "Argument \"limit\" has invalid value 2147483648.\nExpected type \"Int\", found 2147483648."},
        {"filter: {pages: {_eq: 3000000000}}",
         "Argument \"filter\" has invalid value {pages: {_eq: 3000000000}}.\nIn field \"pages\": In field "
         "\"_eq\": Expected type "
         "\"Int\", found 3000000000."},
        {"filter: [{}]",
         "Argument \"filter\" has invalid value [{}].\nExpected \"BookFilterArg\", found not an object."},
        {"filter: {title: \"a\"}",
         "Argument \"filter\" has invalid value {title: \"a\"}.\nIn field \"title\": Expected "
         "\"StringOperatorBlock\", found not "
         "an object."},
        {"filter: {_and: [null]}",
         "Argument \"filter\" has invalid value {_and: [<nil>]}.\nIn field \"_and\": In element #1: Expected "
         "\"BookFilterArg!\", found null."},
        {"filter: {b: 1, title: 3, a: 2}",
         "Argument \"filter\" has invalid value {b: 1, title: 3, a: 2}.\nIn field \"b\": Unknown field.\nIn "
         "field \"a\": "
         "Unknown field.\nIn field \"title\": Expected \"StringOperatorBlock\", found not an object."},
        {"order: {pages: INVALID}",
         "Argument \"order\" has invalid value {pages: INVALID}.\nIn field \"pages\": Expected type "
         "\"Ordering\", found "
         "INVALID."},
        {"order: {pages: \"ASC\"}",
         "Argument \"order\" has invalid value {pages: \"ASC\"}.\nIn field \"pages\": Expected type "
         "\"Ordering\", found "
         "\"ASC\"."},
        {"groupBy: [author_ix]",
         "Argument \"groupBy\" has invalid value [author_ix].\nIn element #1: Expected type \"BookField\", "
         "found author_ix."},
        {"filter: {info: {a: 12345678901}}",
         "Argument \"filter\" has invalid value {info: {a: 12345678901}}.\nIn field \"info\": Expected type "
         "\"JSON\", found {a: "
         "12345678901}."},
        {"filter: {printed: {_gt: \"noon\"}}",
         "Argument \"filter\" has invalid value {printed: {_gt: \"noon\"}}.\nIn field \"printed\": In field "
         "\"_gt\": Expected "
         "type \"DateTime\", found \"noon\"."},
        {"filter: {cover: {_eq: \"\"}}",
         "Argument \"filter\" has invalid value {cover: {_eq: \"\"}}.\nIn field \"cover\": In field \"_eq\": "
         "Expected type "
         "\"Blob\", found \"\"."},
        {"filter: {weight: {_eq: 1e39}}",
         "Argument \"filter\" has invalid value {weight: {_eq: 1e39}}.\nIn field \"weight\": In field "
         "\"_eq\": Expected type "
         "\"Float32\", found 1e39."},
        {"filter: {sold: {_eq: 1}}",
         "Argument \"filter\" has invalid value {sold: {_eq: 1}}.\nIn field \"sold\": In field \"_eq\": "
         "Expected type "
         "\"Boolean\", found 1."},
        {"showDeleted: yes",
         "Argument \"showDeleted\" has invalid value yes.\nExpected type \"Boolean\", found yes."},
    };
    for (const auto& [argument, message] : rows) {
        EXPECT_EQ(messages("{ Book(" + std::string(argument) + ") { title } }"),
                  Texts({std::string(message)}))
            << argument;
    }
}

TEST(Validate, Literals_ElementNumbers_CountReasonsOfOneElement) {
    EXPECT_EQ(messages("{ Book { _similarity(years: {vector: [1, 1.1, 1.2]}) } }"),
              Texts({"Argument \"years\" has invalid value {vector: [1, 1.1, 1.2]}.\nIn field \"vector\": In "
                     "element #1: Expected "
                     "type \"Int\", found 1.1.\nIn field \"vector\": In element #1: Expected type \"Int\", "
                     "found 1.2."}));
    EXPECT_EQ(messages("mutation { create_Book(input: [{}, {a: 1, b: 2}]) { title } }"),
              Texts({"Argument \"input\" has invalid value [{}, {a: 1, b: 2}].\nIn element #1: In field "
                     "\"a\": Unknown field.\nIn "
                     "element #2: In field \"b\": Unknown field."}));
}

TEST(Validate, Literals_NullAndMissing_ForRequired) {
    EXPECT_EQ(messages("{ _sum(Book: {}) }"), Texts({"Argument \"Book\" has invalid value {}.\nIn field "
                                                     "\"field\": Expected \"BookNumericFieldsArg!\", found "
                                                     "null."}));
    EXPECT_EQ(
        messages("mutation { upsert_Book(filter: null, create: {}, update: {}) { title } }"),
        Texts({"Argument \"filter\" has invalid value <nil>.\nExpected \"BookFilterArg!\", found null."}));
    EXPECT_EQ(messages("mutation { create_Book(input: {years: [1, null], prices: [null]}) { title } }"),
              Texts({"Argument \"input\" has invalid value {years: [1, <nil>], prices: [<nil>]}.\nIn field "
                     "\"prices\": In element "
                     "#1: Expected \"Float64!\", found null."}));
}

TEST(Validate, Selections_OfLeavesAndObjects) {
    EXPECT_EQ(messages("{ Book }"), Texts({"Field \"Book\" of type \"[Book]\" must have a sub selection."}));
    EXPECT_EQ(messages("{ Book { pages { a } } }"),
              Texts({"Field \"pages\" of type \"Int\" must not have a sub selection."}));
    EXPECT_EQ(messages("{ Book { author } }"),
              Texts({"Field \"author\" of type \"Author\" must have a sub selection."}));
}

TEST(Validate, Directives_UnknownAndMisplaced) {
    EXPECT_EQ(messages("{ Book { title @deprecated } }"), Texts({"Unknown directive \"deprecated\"."}));
    EXPECT_EQ(messages("{ Book @explain { title } }"),
              Texts({"Directive \"explain\" may not be used on FIELD."}));
    EXPECT_EQ(messages("subscription @explain { Book { title } }"),
              Texts({"Directive \"explain\" may not be used on SUBSCRIPTION."}));
    EXPECT_EQ(
        messages("{ Book { ...F @explain ... @explain { title } } } fragment F on Book @explain { title }"),
        Texts({"Directive \"explain\" may not be used on FRAGMENT_SPREAD.",
               "Directive \"explain\" may not be used on INLINE_FRAGMENT.",
               "Directive \"explain\" may not be used on FRAGMENT_DEFINITION."}));
    EXPECT_EQ(
        messages("query @explain(type: invalid) { Book { title } }"),
        Texts(
            {"Argument \"type\" has invalid value invalid.\nExpected type \"ExplainType\", found invalid."}));
}

TEST(Validate, Fragments_UnknownUnusedImpossible) {
    EXPECT_EQ(messages("{ Book { ...F } }"), Texts({"Unknown fragment \"F\"."}));
    EXPECT_EQ(messages("{ Book { title } } fragment F on Book { title }"),
              Texts({"Fragment \"F\" is never used."}));
    EXPECT_EQ(messages("{ Book { ...F } } fragment F on Commit { cid }"),
              Texts({"Fragment \"F\" cannot be spread here as objects of type \"Book\" can never be of type "
                     "\"Commit\"."}));
    EXPECT_EQ(
        messages("{ Book { ... on Commit { cid } } }"),
        Texts(
            {"Fragment cannot be spread here as objects of type \"Book\" can never be of type \"Commit\"."}));
    EXPECT_EQ(messages("{ Book { title } } fragment F on Int { a }"),
              Texts({"Fragment \"F\" cannot condition on non composite type \"Int\".",
                     "Fragment \"F\" is never used."}));
    EXPECT_EQ(messages("{ Book { ...F } } fragment F on Bok { title }"),
              Texts({"Unknown type \"Bok\". Did you mean \"Book\" or \"Blob\"?"}));
    EXPECT_EQ(messages("{ Book { ... on Book { ...F } } } fragment F on Book { zz }"),
              messages("{ Book { zz } }"));
}

TEST(Validate, FragmentCycles_AreReported) {
    EXPECT_EQ(messages("{ Book { ...A } } fragment A on Book { ...A }"),
              Texts({"Cannot spread fragment \"A\" within itself."}));
    EXPECT_EQ(
        messages(
            "{ Book { ...A } } fragment A on Book { ...B } fragment B on Book { author { books { ...A } } }"),
        Texts({"Cannot spread fragment \"A\" within itself via B."}));
    EXPECT_EQ(messages("{ Book { ...A } } fragment A on Book { ...B } fragment B on Book { ...C } fragment C "
                       "on Book { ...A }"),
              Texts({"Cannot spread fragment \"A\" within itself via B, C."}));
    // The fields of cyclic fragments are not compared, so this must not hang either.
    EXPECT_EQ(messages("{ Author { ...A } } fragment A on Author { books { author { ...A } } x: books { "
                       "author { ...A } } }")
                  .size(),
              2u);
}

TEST(Validate, Operations_AnonymousAndRepeatedNames) {
    EXPECT_EQ(messages("{ Book { title } } { Author { name } }"),
              Texts({"This anonymous operation must be the only defined operation.",
                     "This anonymous operation must be the only defined operation."}));
    EXPECT_EQ(messages("query A { Book { title } } query A { Book { title } }"),
              Texts({"There can only be one operation named \"A\"."}));
    EXPECT_EQ(messages("{ Book { ...F } } fragment F on Book { title } fragment F on Book { title }"),
              Texts({"There can only be one fragment named \"F\"."}));
}

TEST(Validate, VariableDefinitions_TypesAndDefaults) {
    auto with = [](std::string_view definition) {
        return messages("query Q(" + std::string(definition) + ") { Book(limit: $x) { title } }");
    };
    EXPECT_EQ(with("$x: Int = 3"), Texts());
    EXPECT_EQ(with("$x: Int, $x: Int"), Texts({"There can be only one variable named \"x\"."}));
    EXPECT_EQ(with("$x: Book")[0], "Variable \"$x\" cannot be non-input type \"Book\".");
    EXPECT_EQ(with("$x: [Book!]!")[0], "Variable \"$x\" cannot be non-input type \"[Book!]!\".");
    EXPECT_EQ(with("$x: Int! = 3"),
              Texts({"Variable \"$x\" of type \"Int!\" is required and will not use the default value. "
                     "Perhaps you meant to use type \"Int\"."}));
    EXPECT_EQ(
        with("$x: Int = \"a\""),
        Texts({"Variable \"$x\" has invalid default value: \"a\".\nExpected type \"Int\", found \"a\"."}));
    EXPECT_EQ(with("$x: Innt")[0], "Unknown type \"Innt\". Did you mean \"Int\"?");
    EXPECT_EQ(with("$x: String"),
              Texts({"Variable \"$x\" of type \"String\" used in position expecting type \"Int\"."}));
    EXPECT_EQ(with("$x: [[Int]]"),
              Texts({"Variable \"$x\" of type \"[[Int]]\" used in position expecting type \"Int\"."}));
}

TEST(Validate, Variables_UndefinedUnusedMisplaced) {
    EXPECT_EQ(messages("{ Book(limit: $x) { title } }"), Texts({"Variable \"$x\" is not defined."}));
    EXPECT_EQ(messages("query Q { Book(limit: $x) { title } }"),
              Texts({"Variable \"$x\" is not defined by operation \"Q\"."}));
    EXPECT_EQ(messages("query ($x: Int) { Book { title } }"), Texts({"Variable \"$x\" is never used."}));
    EXPECT_EQ(messages("query Q($x: Int) { Book { title } }"),
              Texts({"Variable \"$x\" is never used in operation \"Q\"."}));
    EXPECT_EQ(messages("query Q($x: Int) { Book { ...F } } fragment F on Book { author { books(limit: $x) { "
                       "title } } }"),
              Texts());
    EXPECT_EQ(
        messages("query Q { Book { ...F } } fragment F on Book { author { books(limit: $x) { title } } }"),
        Texts({"Variable \"$x\" is not defined by operation \"Q\"."}));
    EXPECT_EQ(messages("query Q($a: String!) { latestCommits(docID: $a) { cid } }"),
              Texts({"Variable \"$a\" of type \"String!\" used in position expecting type \"ID!\"."}));
    EXPECT_EQ(messages("query Q($a: ID) { latestCommits(docID: $a) { cid } }"),
              Texts({"Variable \"$a\" of type \"ID\" used in position expecting type \"ID!\"."}));
    EXPECT_EQ(messages("query Q($a: ID = \"x\") { latestCommits(docID: $a) { cid } }"), Texts());
    EXPECT_EQ(messages("query Q($a: String) { Book(docID: $a) { title } }"),
              Texts({"Variable \"$a\" of type \"String\" used in position expecting type \"[String!]\"."}));
    EXPECT_EQ(messages("query Q($a: String!) { Book(docID: [$a]) { title } }"), Texts());
    EXPECT_EQ(messages("query Q($a: Int, $j: JSON, $s: String) { Book(filter: {info: {x: $a}, _alias: $j, "
                       "title: {_eq: $s}}) { "
                       "title } }"),
              Texts());
}

TEST(Validate, Order_FollowsTheNodes) {
    EXPECT_EQ(
        messages("query Q($u: Int) { Author(groupBy: [published_id]) { published_x @nope } latestCommits { "
                 "zz } ...N }"),
        Texts({"Argument \"groupBy\" has invalid value [published_id].\nIn element #1: Expected type "
               "\"AuthorField\", found "
               "published_id.",
               "Cannot query field \"published_x\" on type \"Author\".", "Unknown directive \"nope\".",
               "Cannot query field \"zz\" on type \"Commit\".",
               "Field \"latestCommits\" argument \"docID\" of type \"ID!\" is required but not provided.",
               "Unknown fragment \"N\".", "Variable \"$u\" is never used in operation \"Q\"."}));
}

TEST(Validate, UnknownField_SilencesTypeRulesInside) {
    EXPECT_EQ(messages("{ Nowhere_at_all_to_find(x: 1) { a(b: 2) { c } ...F } }"),
              Texts({"Cannot query field \"Nowhere_at_all_to_find\" on type \"Query\".",
                     "Unknown fragment \"F\"."}));
}

TEST(Merge, SameKey_DifferentFieldsOrArguments_Conflict) {
    constexpr std::string_view kHint =
        " Use different aliases on the fields to fetch both if this was intentional.";
    auto conflict = [&](std::string_view text) { return Texts({std::string(text) + std::string(kHint)}); };
    EXPECT_EQ(messages("{ Book { x: title x: pages } }"),
              conflict("Fields \"x\" conflict because title and pages are different fields."));
    EXPECT_EQ(messages("{ Book(limit: 1) { title } Book(limit: 2) { title } }"),
              conflict("Fields \"Book\" conflict because they have differing arguments."));
    EXPECT_EQ(messages("{ Book { author { x: name } author { x: age } } }"),
              conflict("Fields \"author\" conflict because subfields \"x\" conflict because name and age are "
                       "different fields."));
    EXPECT_EQ(
        messages("{ Book { ...A ...B } } fragment A on Book { x: title } fragment B on Book { x: pages }"),
        conflict("Fields \"x\" conflict because title and pages are different fields."));
    EXPECT_EQ(messages("{ Book { x: title ... on Book { x: pages } } }"),
              conflict("Fields \"x\" conflict because title and pages are different fields."));
    EXPECT_EQ(messages("{ Book { author { ...A } author { x: age } } } fragment A on Author { x: name }"),
              conflict("Fields \"author\" conflict because subfields \"x\" conflict because age and name are "
                       "different fields."));
    EXPECT_EQ(messages("{ Book { title } Book { title pages } Book(limit: 1) { title } }").size(), 2u);
}

TEST(Merge, EqualFields_AreFine) {
    EXPECT_EQ(messages("{ Book { title title } Book { title pages } }"), Texts());
    EXPECT_EQ(messages("{ Book(limit: 1, filter: {pages: {_in: [1, 2]}}) { title } Book(filter: {pages: "
                       "{_in: [1, 2]}}, limit: 1) { "
                       "pages } }"),
              Texts());
    EXPECT_EQ(
        messages("{ Book { ...A ...A } } fragment A on Book { title ...B } fragment B on Book { title }"),
        Texts());
}

TEST(Merge, ManyEqualKeys_AreBounded) {
    std::string request = "{ Book {";
    for (int i = 0; i < 1500; ++i) request += " title";
    EXPECT_EQ(messages(request + " } }"), Texts());
    for (int i = 0; i < 100'000; ++i) request += " title";
    EXPECT_EQ(messages(request + " } }"), Texts({"document has too many fields of one name to compare"}));
}

TEST(Validate, ManyAliases_AreQuick) {
    std::string request = "mutation {";
    for (int i = 0; i < 20'000; ++i)
        request += " a" + std::to_string(i) + ": create_Book(input: {title: \"x\"}) { _docID }";
    EXPECT_EQ(messages(request + " }"), Texts());
}

// Each of these takes minutes when some rule is not linear.
TEST(Validate, ManyOperationsAndSpreads_AreQuick) {
    std::string operations, spreads = "{ Book {", fragments;
    for (int i = 0; i < 150'000; ++i) operations += "query Q" + std::to_string(i) + " { Book { ...F } } ";
    EXPECT_EQ(messages(operations + "fragment F on Book { title }"), Texts());
    for (int i = 0; i < 100'000; ++i) {
        std::string number = std::to_string(i);
        spreads += " ...F" + number;
        fragments += " fragment F" + number + " on Book { a" + number + ": title }";
    }
    EXPECT_EQ(messages(spreads + " } }" + fragments),
              Texts({"document has too many fields of one name to compare"}));
}

std::string fragment_chain(std::size_t length) {
    std::string request = "{ Book { ...F0 } }";
    for (std::size_t i = 0; i < length; ++i) {
        request += " fragment F" + std::to_string(i) + " on Book { ";
        request += i + 1 < length ? "...F" + std::to_string(i + 1) + " }" : "title }";
    }
    return request;
}

TEST(Validate, FragmentsInPlace_DepthAtTheLimit_PassesAndOnePastFails) {
    // The operation adds two levels: the root and Book.
    EXPECT_EQ(messages(fragment_chain(limits::kMaxSyntaxDepth - 2)), Texts());
    EXPECT_EQ(messages(fragment_chain(limits::kMaxSyntaxDepth - 1)),
              Texts({"document is too large with its fragments in place"}));
    EXPECT_EQ(messages(fragment_chain(50'000)), Texts({"document is too large with its fragments in place"}));
}

TEST(Validate, FragmentsInPlace_Doubling_IsRefused) {
    std::string request = "{ Author { ...F0 } }";
    for (int i = 0; i < 40; ++i) {
        std::string next = "...F" + std::to_string(i + 1);
        request += " fragment F" + std::to_string(i) + " on Author { a: books { author { " + next +
                   " } } b: books { author { " + next + " } } }";
    }
    request += " fragment F40 on Author { name }";
    EXPECT_EQ(messages(request), Texts({"document is too large with its fragments in place"}));
}

TEST(Validate, Violations_AreCutAtTheLimit) {
    std::string request = "{ Book {";
    for (int i = 0; i < 5000; ++i) request += " unknown_field_number_" + std::to_string(i);
    EXPECT_EQ(messages(request + " } }").size(), kMaxViolations);
}

TEST(Validate, UnknownArguments_AreCutAtTheLimit) {
    std::string request = "{ Book(";
    for (int i = 0; i < 200'000; ++i) request += "a" + std::to_string(i) + ": 1 ";
    EXPECT_EQ(messages(request + ") { title } }").size(), kMaxViolations);
}

TEST(Validate, LongNames_GetNoSuggestions) {
    EXPECT_EQ(messages("{ " + std::string(100'000, 'x') + " }")[0].size(), 100'000 + 38u);
}

}  // namespace
}  // namespace cairn::query
