// Pieces of the command line that need no store.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/suggest.h"

namespace cairn::cli {
namespace {

using nlohmann::json;

TEST(IndentJson, NestedValues_AreIndentedByTwo) {
    EXPECT_EQ(indent_json(R"({"a":[1,{"b":"x, {y}: \"z\""}],"c":{},"d":[ ]})"),
              "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x, {y}: \\\"z\\\"\"\n    }\n  ],\n  \"c\": {},\n "
              " \"d\": []\n}");
}

TEST(IndentJson, TextThatIsNotJson_DoesNotCrash) {
    for (const char* text : {"", "}", "]]]", "{", "[", "\"", "\"\\", "{\"a\":"}) indent_json(text);
    SUCCEED();
}

RC_GTEST_PROP(QuoteJson, AnyText_IsReadBackTheSame, (const std::string& text)) {
    std::string ascii;
    for (const char c : text) ascii += static_cast<char>(c & 0x7f);
    RC_ASSERT(json::parse(quote_json(ascii)).get<std::string>() == ascii);
}

RC_GTEST_PROP(IndentJson, AnyStrings_KeepTheirValue, (const std::vector<std::string>& texts)) {
    json value = json::array();
    for (const auto& text : texts) {
        std::string ascii;
        for (const char c : text) ascii += static_cast<char>(c & 0x7f);
        value.push_back({{ascii, {ascii, 1, nullptr}}});
    }
    RC_ASSERT(json::parse(indent_json(value.dump())) == value);
}

TEST(Suggest, NearNames_AreFound) {
    const std::vector<std::string> names = {"schema", "query", "stats", "doc"};
    EXPECT_EQ(nearest_name("shcema", names), "schema");
    EXPECT_EQ(nearest_name("stat", names), "stats");
    EXPECT_EQ(nearest_name("zzzz", names), "");
    EXPECT_EQ(nearest_name(std::string(100'000, 'x'), names), "");
}

TEST(EditDistance, KnownPairs_CountEdits) {
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("lits", "list"), 1U);
}

RC_GTEST_PROP(EditDistance, AnyTexts_IsSymmetricAndBounded, (const std::string& a, const std::string& b)) {
    RC_ASSERT(edit_distance(a, a) == 0U);
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT((edit_distance(a, b) == 0U) == (a == b));
    RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
}

TEST(Table, Cells_AreAlignedByCharacters) {
    Table table({"A", "B"});
    table.add({"é", "x"});
    table.add({"long", ""});
    EXPECT_EQ(table.render(), "A     B\né     x\nlong\n");
}

TEST(Numbers, Thousands_AreGrouped) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Shorten, LongText_IsCutBetweenCharacters) {
    EXPECT_EQ(shorten("ééé", 2), "éé…");
    EXPECT_EQ(shorten("a\nb", 5), "a b");
}

}  // namespace
}  // namespace cairn::cli
