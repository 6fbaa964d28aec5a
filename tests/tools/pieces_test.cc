// Pieces of the command line that need no store.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/cbor_text.h"
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

TEST(CborText, ValuesOfEveryKind_AreShownAsJson) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"\x15", "21"},
        {"\x20", "-1"},
        {std::string("\x19\x01\x00", 3), "256"},
        {"\xf6", "null"},
        {"\xf5", "true"},
        {"\xf4", "false"},
        {"\x62hi", "\"hi\""},
        {"\x42\x01\xff", "\"01ff\""},
        {"\x82\x01\xf6", "[1,null]"},
        {"\xa1\x61k\x02", "{\"k\":2}"},
        {std::string("\xf9\x3e\x00", 3), "1.5"},
        {std::string("\xfa\x3f\x80\x00\x00", 5), "1"},
        {std::string("\xfb\x3f\xb9\x99\x99\x99\x99\x99\x9a", 9), "0.1"}};
    for (const auto& [bytes, text] : cases) {
        const auto shown = cbor_to_json(bytes);
        ASSERT_TRUE(shown) << text << ": " << shown.error().message;
        EXPECT_EQ(*shown, text);
    }
}

TEST(CborText, MalformedBytes_AreRefused) {
    const std::string deep(1000, '\x81');
    for (const std::string& bytes :
         {std::string(), std::string("\x62h"), std::string("\x15\x15"), std::string("\x9f\xff"),
          std::string("\xc1\x01"), deep, std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff")}) {
        EXPECT_FALSE(cbor_to_json(bytes)) << bytes.size();
    }
}

RC_GTEST_PROP(CborText, AnyBytes_AreRefusedOrAreJson, (const std::vector<std::uint8_t>& bytes)) {
    const auto shown = cbor_to_json(std::string(bytes.begin(), bytes.end()));
    RC_ASSERT(!shown || !shown->empty());
}

TEST(Base64, KnownTexts_AreDecoded) {
    EXPECT_EQ(*decode_base64("FQ=="), "\x15");
    EXPECT_EQ(*decode_base64("YmRk"), "bdd");
    EXPECT_EQ(*decode_base64(""), "");
    EXPECT_FALSE(decode_base64("FQ="));
    EXPECT_FALSE(decode_base64("!!!!"));
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
