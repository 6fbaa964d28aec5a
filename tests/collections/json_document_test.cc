#include "collections/json_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "dag/limits.h"
#include "tests/collections/value_generators.h"
#include "tests/fuzz/json_document_check.h"

namespace cairn {
namespace {

std::string rendered(const Result<Value>& value) {
    if (!value) return "refused: " + value.error().message;
    std::string out;
    append_json(*value, out);
    return out;
}

std::string read(std::string_view json, FieldKind kind) {
    return rendered(parse_json_value(json, kind));
}

std::string refusal(std::string_view json) {
    auto document = parse_json_document(json, test::LetterResolver());
    return document ? "accepted" : document.error().message;
}

std::string brackets(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonDocument, Values_FollowTheirKind) {
    EXPECT_EQ(read("true", FieldKind::boolean), "true");
    EXPECT_EQ(read(" -12 ", FieldKind::integer), "-12");
    EXPECT_EQ(read("1.10", FieldKind::float64), "1.1");
    EXPECT_EQ(read("1e39", FieldKind::float32), "null");  // infinity
    EXPECT_EQ(read("\"zz\"", FieldKind::blob), "\"zz\"");
    EXPECT_EQ(read("\"2017-07-23T03:46:56.500Z\"", FieldKind::date_time), "\"2017-07-23T03:46:56.5Z\"");
    EXPECT_EQ(read("[1,null]", FieldKind::integer_array), "[1,0]");
    EXPECT_EQ(read("[true,null]", FieldKind::boolean_array), "[true,false]");
    EXPECT_EQ(read("[\"a\",null]", FieldKind::string_array), "[\"a\",\"\"]");
    EXPECT_EQ(read("[1.5,null]", FieldKind::float32_array), "[1.5,0]");
    EXPECT_EQ(read("[1,null]", FieldKind::nillable_integer_array), "[1,null]");
    EXPECT_EQ(read("{\"bb\":1,\"a\":[true,null,\"x\",{}]}", FieldKind::json),
              R"({"a":[true,null,"x",{}],"bb":1})");
    for (FieldKind kind : test::kAllKinds) EXPECT_TRUE(parse_json_value("null", kind).value().is_null());
}

TEST(JsonDocument, WrongTypes_AreNamed) {
    EXPECT_EQ(read("1", FieldKind::boolean), "refused: value doesn't contain bool; it contains number");
    EXPECT_EQ(read("\"1\"", FieldKind::integer), "refused: value doesn't contain number; it contains string");
    EXPECT_EQ(read("true", FieldKind::float64), "refused: value doesn't contain number; it contains true");
    EXPECT_EQ(read("false", FieldKind::string), "refused: value doesn't contain string; it contains false");
    EXPECT_EQ(read("{}", FieldKind::string_array),
              "refused: value doesn't contain array; it contains object");
    EXPECT_EQ(read("[[1]]", FieldKind::integer_array),
              "refused: value doesn't contain number; it contains array");
    EXPECT_EQ(read("[1.5]", FieldKind::integer_array),
              "refused: unparsed tail left after parsing int64 form \"1.5\": \".5\"");
    EXPECT_EQ(read("{\"a\":[1,2e]}", FieldKind::json), "refused: cannot parse exponent in \"2e\"");
    EXPECT_EQ(read("\"bae-x\"", FieldKind::id), "refused: uuid: incorrect UUID length 1 in string \"x\"");
}

TEST(JsonDocument, Strings_KeepWhatIsNoEscape) {
    auto text = [](std::string_view json) {
        return parse_json_value(json, FieldKind::string).value().as<std::string>();
    };
    EXPECT_EQ(text(R"("a\"\\\/\b\f\n\r\t")"), "a\"\\/\b\f\n\r\t");
    EXPECT_EQ(text(R"("\u00e9\u4e16\u0000")"), std::string("\xc3\xa9\xe4\xb8\x96\0", 6));
    EXPECT_EQ(text(R"("\ud83d\ude00")"), "\xf0\x9f\x98\x80");
    EXPECT_EQ(text(R"("\ud83d")"), R"(\ud83d)");
    EXPECT_EQ(text(R"("\ude00x")"), R"(\ude00x)");
    EXPECT_EQ(text(R"("\ud83d\ud83d\ude00")"), "\\ud83d\xf0\x9f\x98\x80");
    EXPECT_EQ(text(R"("\ud83d\u0041")"), R"(\ud83dA)");
    EXPECT_EQ(text(R"("\ud83d\n")"), "\\ud83d\n");
    EXPECT_EQ(text(R"("\q\x")"), R"(\q\x)");
    EXPECT_EQ(text(R"("\u12g4\n")"), "\\u12g4\n");
    EXPECT_EQ(text(R"("\u12")"), R"(\u12)");
    EXPECT_EQ(text("\"\\u\""), "\\u");
    EXPECT_EQ(text("\"a\nb\tc\x01\""), "a\nb\tc\x01");
}

TEST(JsonDocument, Strings_OfEveryLength_EndWhereTheyEnd) {
    for (std::size_t length = 0; length < 40; ++length) {
        std::string plain(length, 'x');
        EXPECT_EQ(read("\"" + plain + "\"", FieldKind::string), "\"" + plain + "\"");
        EXPECT_EQ(read("\"" + plain + "\\\\\"", FieldKind::string), "\"" + plain + "\\\\\"");
        EXPECT_EQ(read("\"" + plain + "\\\"\"", FieldKind::string), "\"" + plain + "\\\"\"");
        EXPECT_FALSE(parse_json_value("\"" + plain + "\\\"", FieldKind::string).has_value());
        EXPECT_FALSE(parse_json_value("\"" + plain + "\\", FieldKind::string).has_value());
        EXPECT_FALSE(parse_json_value("\"" + plain, FieldKind::string).has_value());
    }
}

TEST(JsonDocument, SyntaxErrors_HaveTheReferencesMessages) {
    EXPECT_EQ(refusal(""), R"(cannot parse JSON: cannot parse empty string; unparsed tail: "")");
    EXPECT_EQ(refusal("{"), R"(cannot parse JSON: cannot parse object: missing '}'; unparsed tail: "")");
    EXPECT_EQ(refusal("{\"d\""),
              R"(cannot parse JSON: cannot parse object: missing ':' after object key; unparsed tail: "")");
    EXPECT_EQ(refusal("{\"d\":1"),
              R"(cannot parse JSON: cannot parse object: unexpected end of object; unparsed tail: "")");
    EXPECT_EQ(
        refusal("{\"d\":}"),
        R"(cannot parse JSON: cannot parse object: cannot parse object value: cannot parse number: unexpected char: "}"; unparsed tail: "}")");
    EXPECT_EQ(
        refusal("{\"e\":[1"),
        R"(cannot parse JSON: cannot parse object: cannot parse object value: cannot parse array: unexpected end of array; unparsed tail: "")");
    EXPECT_EQ(
        refusal("{\"e\":[1 2]}"),
        R"(cannot parse JSON: cannot parse object: cannot parse object value: cannot parse array: missing ',' after array value; unparsed tail: "2]}")");
    EXPECT_EQ(
        refusal("{\"d\":tru}"),
        R"(cannot parse JSON: cannot parse object: cannot parse object value: unexpected value found: "tru}"; unparsed tail: "tru}")");
    EXPECT_EQ(
        refusal("{\"k\":\"x"),
        R"(cannot parse JSON: cannot parse object: cannot parse object value: cannot parse string: missing closing '"'; unparsed tail: "")");
    EXPECT_EQ(
        refusal("{\"k"),
        R"(cannot parse JSON: cannot parse object: cannot parse object key: missing closing '"'; unparsed tail: "")");
    EXPECT_EQ(refusal("{} {}"), R"(unexpected tail: "{}")");
    EXPECT_EQ(refusal("5"), "value doesn't contain object; it contains number");
    EXPECT_EQ(refusal("null"), "value doesn't contain object; it contains null");
}

TEST(JsonDocument, LongTail_IsCutInTheMessage) {
    std::string message = refusal("{\"d\":1} " + std::string(1000, 'x'));
    EXPECT_EQ(message, "unexpected tail: \"" + std::string(40, 'x') + "..." + std::string(40, 'x') + "\"");
}

TEST(JsonDocument, SyntaxErrorAnywhere_WinsOverAWrongType) {
    EXPECT_NE(refusal(R"({"zz":1,"d":"x","k":{"a":[1,]}})").find("cannot parse JSON"), std::string::npos);
    EXPECT_EQ(refusal(R"({"d":"x","zz":1})"), "value doesn't contain number; it contains string");
    EXPECT_EQ(refusal(R"({"zz":1,"d":"x"})"), "the given field does not exist. Name: zz");
    EXPECT_EQ(refusal(R"({"o":1})"), "refused: o");
}

TEST(JsonDocument, RepeatedKey_KeepsTheLastValue) {
    auto document = parse_json_document(R"({"d":1,"k":"a","d":2,"\u0064":3})", test::LetterResolver());
    ASSERT_TRUE(document.has_value());
    ASSERT_EQ(document->size(), 2u);
    EXPECT_EQ((*document)[0].name, "d");
    EXPECT_EQ((*document)[0].value, Value(std::int64_t{3}));
    EXPECT_EQ((*document)[1].name, "k");
    EXPECT_EQ(read(R"({"b":1,"a":{"x":1,"x":2,"x":3},"b":2})", FieldKind::json), R"({"a":{"x":3},"b":2})");
}

TEST(JsonDocument, ManyKeys_KeepOrderAndLastValues) {
    std::string json = "{";
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 100; ++i)
            json += "\"d" + std::to_string(i) + "\":" + std::to_string(i + 1000 * round) + ",";
    }
    json.back() = '}';
    auto document = parse_json_document(json, test::LetterResolver());
    ASSERT_TRUE(document.has_value());
    ASSERT_EQ(document->size(), 100u);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ((*document)[i].name, "d" + std::to_string(i));
        EXPECT_EQ((*document)[i].value, Value(static_cast<std::int64_t>(i + 1000)));
    }
}

TEST(JsonDocument, InvalidUtf8_IsRefusedWithItsPlace) {
    EXPECT_EQ(refusal("{\"k\":\"a\xff\"}"), R"(JSON document is not valid UTF-8 at byte 7: "\xff\"}")");
    EXPECT_NE(refusal("{\"k\":\"\xed\xa0\x80\"}").find("at byte 6"), std::string::npos);
}

TEST(JsonDocument, JsonFieldNesting_AtTheLimitAndOnePast) {
    EXPECT_TRUE(parse_json_value(brackets(limits::kMaxCborNesting), FieldKind::json).has_value());
    auto past = parse_json_value(brackets(limits::kMaxCborNesting + 1), FieldKind::json);
    ASSERT_FALSE(past.has_value());
    EXPECT_EQ(past.error().code, ErrorCode::limit_exceeded);
    EXPECT_NE(past.error().message.find("128"), std::string::npos);
}

TEST(JsonDocument, TextNesting_AtTheLimitAndOnePast) {
    // Of another type than the field, so that only the reader's own limit counts.
    auto at_limit = parse_json_value(brackets(limits::kMaxJsonNesting), FieldKind::integer);
    ASSERT_FALSE(at_limit.has_value());
    EXPECT_EQ(at_limit.error().code, ErrorCode::invalid_argument);
    auto past = parse_json_value(brackets(limits::kMaxJsonNesting + 1), FieldKind::integer);
    ASSERT_FALSE(past.has_value());
    EXPECT_EQ(past.error().code, ErrorCode::limit_exceeded);
    EXPECT_NE(past.error().message.find("too big depth for the nested JSON; it exceeds 512"),
              std::string::npos);
    auto far_past = parse_json_value(std::string(1'000'000, '['), FieldKind::json);
    ASSERT_FALSE(far_past.has_value());
    EXPECT_LT(far_past.error().message.size(), 10'000u);
}

// The library rounds numbers correctly, the dialect not always: they may differ in the last bits.
bool agrees(const Value& value, const nlohmann::json& other) {
    if (const auto* array = value.get_if<Value::Array>()) {
        return other.is_array() && other.size() == array->size() &&
               std::equal(array->begin(), array->end(), other.begin(), agrees);
    }
    if (const auto* object = value.get_if<Value::Object>()) {
        return other.is_object() && other.size() == object->size() &&
               std::all_of(object->begin(), object->end(), [&](const auto& member) {
                   return other.contains(member.first) && agrees(member.second, other[member.first]);
               });
    }
    if (const auto* number = value.get_if<double>()) {
        if (!other.is_number()) return false;
        double wanted = other.get<double>();
        return std::abs(*number - wanted) <= std::abs(wanted) * 1e-15 || std::abs(wanted) < 1e-300;
    }
    if (const auto* text = value.get_if<std::string>()) return other.is_string() && other == *text;
    if (const auto* truth = value.get_if<bool>()) return other.is_boolean() && other == *truth;
    return value.is_null() && other.is_null();
}

TEST(JsonDocument, RandomJson_AgreesWithAnotherReader) {
    EXPECT_TRUE(rc::check("reading", [] {
        auto parsed = nlohmann::json::parse(rendered(*test::json_values(3)));
        bool ascii_only = *rc::gen::arbitrary<bool>();
        std::string text = parsed.dump(*rc::gen::element(-1, 0, 3), ' ', ascii_only);
        auto value = parse_json_value(text, FieldKind::json);
        RC_ASSERT(value.has_value());
        RC_ASSERT(agrees(*value, parsed));
    }));
}

TEST(JsonDocument, RandomDocuments_CanBeStoredAndRead) {
    EXPECT_TRUE(rc::check("documents", [] {
        std::string json = "{";
        for (FieldKind kind : test::kAllKinds) {
            if (kind == FieldKind::id) continue;
            json += std::string("\"") + static_cast<char>('a' + static_cast<int>(kind) - 1) + "\":";
            append_json(*test::values_of(kind), json);
            json += ",";
        }
        json.back() = '}';
        RC_ASSERT(test::check_json_document(json));
    }));
}

// The short form of the fuzz target: mutations of a few documents, the same ones each run.
TEST(JsonDocumentFuzz, MutatedDocuments_KeepTheInvariants) {
    const std::string seeds[] = {
        R"({"b":true,"d":-7,"f":2.5e-3,"h":.5,"j":"2020-01-02T03:04:05.06Z","k":"s\u00e9\ud83d\ude00\q","m":"ab","n":{"x":[1,null,{"y":""}]}})",
        R"({"c":[true,null],"e":[1,2],"g":[1e30,nan,-inf],"i":[1.1],"l":["a",""],"r":[null],"s":[1,null],"t":[.1],"u":["x"],"v":[1]})",
        "{\"a\":\"bae-be6d8024-4953-5a92-84b4-f042d25230c6\",\"k\":\"h\xc3\xa9llo\"}",
    };
    std::mt19937 random(20240611);
    int accepted = 0;
    constexpr int kRounds = 60'000;
    for (int round = 0; round < kRounds; ++round) {
        std::string json = seeds[random() % std::size(seeds)];
        for (unsigned changes = random() % 4; changes > 0; --changes) {
            std::size_t place = random() % json.size();
            switch (random() % 4) {
                case 0:
                    json[place] = static_cast<char>(random());
                    break;
                case 1:
                    json.erase(place, 1 + random() % 3);
                    break;
                case 2:
                    json.insert(place, 1, "[]{}\",:\\u0e-.n"[random() % 14]);
                    break;
                default:
                    json.insert(place, json.substr(random() % json.size(), random() % 20));
                    break;
            }
            if (json.empty()) json = "{";
        }
        accepted += test::check_json_document(json);
    }
    EXPECT_GT(accepted, kRounds / 10);
    EXPECT_LT(accepted, kRounds);
}

}  // namespace
}  // namespace cairn
