#include "query/variables.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "dag/limits.h"
#include "query/variable_reader.h"
#include "tests/property.h"
#include "tests/query/schema_helper.h"

namespace cairn::query {
namespace {

struct Coerced {
    std::pmr::monotonic_buffer_resource arena;
    std::shared_ptr<const Document> document;
    Result<VariableValues> values = VariableValues();
};

std::unique_ptr<Coerced> coerce(const std::string& definitions, std::string_view json) {
    auto coerced = std::make_unique<Coerced>();
    coerced->document = test::parsed("query Q(" + definitions + ") { Book { title } }");
    coerced->values =
        VariableValues::coerce(coerced->document->operations()[0], *test::library(), json, coerced->arena);
    return coerced;
}

// What the variable $a of a type becomes, as literals are printed.
std::string value_of(const std::string& type, const std::string& json) {
    auto coerced = coerce("$a: " + type, "{\"a\": " + json + "}");
    if (!coerced->values) return coerced->values.error().message;
    const AstValue* value = coerced->values->find("a");
    return value == nullptr ? "absent" : print_value(*value);
}

std::string reason_of(const std::string& type, const std::string& json) {
    std::string message = value_of(type, json);
    std::size_t line = message.find('\n');
    return line == std::string::npos ? "accepted: " + message : message.substr(line + 1);
}

TEST(Variables, Absent_DefaultOrNothing) {
    auto coerced = coerce("$a: Int, $b: Int = 3, $c: Int = 4, $d: [BookOrderArg] = [{pages: ASC}]",
                          R"({"c": null, "surplus": 1})");
    ASSERT_TRUE(coerced->values.has_value());
    EXPECT_EQ(coerced->values->find("a"), nullptr);
    EXPECT_EQ(print_value(*coerced->values->find("b")), "3");
    EXPECT_EQ(coerced->values->find("c")->kind, AstValue::Kind::null);
    EXPECT_EQ(print_value(*coerced->values->find("d")), "[{pages: ASC}]");
    EXPECT_EQ(coerced->values->find("surplus"), nullptr);

    auto literal = test::parsed("{ Book(limit: $b, offset: $a) { title } }");
    auto arguments = literal->operations()[0].selections[0]->arguments;
    EXPECT_EQ(print_value(*coerced->values->resolve(arguments[0].value)), "3");
    EXPECT_EQ(coerced->values->resolve(arguments[1].value), nullptr);
    EXPECT_EQ(coerced->values->resolve(nullptr), nullptr);
}

TEST(Variables, NoJson_IsNoValues) {
    for (std::string_view json : {"", "  \n", "null", " null ", "{}"}) {
        EXPECT_TRUE(coerce("$a: Int", json)->values.has_value()) << json;
    }
}

TEST(Variables, Required_MissingOrNull_IsRefused) {
    constexpr std::string_view kMessage = "Variable \"$age\" of required type \"Int!\" was not provided.";
    EXPECT_EQ(coerce("$age: Int!", "{}")->values.error().message, kMessage);
    EXPECT_EQ(coerce("$age: Int!", "{\"age\": null}")->values.error().message, kMessage);
    EXPECT_EQ(coerce("$a: Book", "{}")->values.error().message,
              "Variable \"$a\" expected value of type \"Book\" which cannot be used as an input type.");
}

TEST(Variables, Int_TakesWhatHasANumber) {
    EXPECT_EQ(value_of("Int", "7"), "7");
    EXPECT_EQ(value_of("Int", "-2147483648"), "-2147483648");
    EXPECT_EQ(value_of("Int", "1.9"), "1");
    EXPECT_EQ(value_of("Int", "-1.9"), "-1");
    EXPECT_EQ(value_of("Int", "1e3"), "1000");
    EXPECT_EQ(value_of("Int", "\"12\""), "12");
    EXPECT_EQ(value_of("Int", "\"+3.5\""), "3");
    EXPECT_EQ(value_of("Int", "true"), "1");
    EXPECT_EQ(value_of("Int", "false"), "0");
    EXPECT_EQ(
        value_of("Int", "2147483648"),
        "Variable \"$a\" got invalid value 2147483648.\nExpected type \"Int\", found \"2.147483648e+09\".");
    EXPECT_EQ(value_of("Int", "3000000000"),
              "Variable \"$a\" got invalid value 3000000000.\nExpected type \"Int\", found \"3e+09\".");
    EXPECT_EQ(reason_of("Int", "\"x\""), "Expected type \"Int\", found \"x\".");
    EXPECT_EQ(reason_of("Int", "\"1 \""), "Expected type \"Int\", found \"1 \".");
    EXPECT_EQ(reason_of("Int", "\"nan\""), "Expected type \"Int\", found \"nan\".");
    EXPECT_EQ(reason_of("Int", "[1, 2]"), "Expected type \"Int\", found \"[1 2]\".");
    EXPECT_EQ(reason_of("Int", "{\"b\": 1}"), "Expected type \"Int\", found \"map[b:1]\".");
}

TEST(Variables, Floats_TakeNumbersTextsAndBooleans) {
    EXPECT_EQ(value_of("Float64", "1.5"), "1.5");
    EXPECT_EQ(value_of("Float64", "2"), "2");
    EXPECT_EQ(value_of("Float64", "\"1e2\""), "100");
    EXPECT_EQ(value_of("Float32", "true"), "1");
    EXPECT_EQ(value_of("Float64", "12345678901234567890123"), "1.2345678901234568e+22");
    EXPECT_EQ(reason_of("Float32", "1e39"), "Expected type \"Float32\", found \"1e+39\".");
    EXPECT_EQ(reason_of("Float32", "\"1e39\""), "Expected type \"Float32\", found \"1e39\".");
    EXPECT_EQ(reason_of("Float64", "\"\""), "Expected type \"Float64\", found \"\".");
    EXPECT_EQ(reason_of("Float64", "{}"), "Expected type \"Float64\", found \"map[]\".");
}

TEST(Variables, BooleanAndString_TakeAnything) {
    EXPECT_EQ(value_of("Boolean", "\"\""), "false");
    EXPECT_EQ(value_of("Boolean", "\"false\""), "false");
    EXPECT_EQ(value_of("Boolean", "\"no\""), "true");
    EXPECT_EQ(value_of("Boolean", "0"), "false");
    EXPECT_EQ(value_of("Boolean", "0.5"), "true");
    EXPECT_EQ(value_of("Boolean", "[1]"), "false");
    EXPECT_EQ(value_of("String", "3"), "\"3\"");
    EXPECT_EQ(value_of("String", "1000000"), "\"1e+06\"");
    EXPECT_EQ(value_of("String", "true"), "\"true\"");
    EXPECT_EQ(value_of("String", "[1, \"x\"]"), "\"[1 x]\"");
    EXPECT_EQ(value_of("ID", "{\"b\": 1}"), "\"map[b:1]\"");
}

TEST(Variables, DateTimeBlobEnum_MustFit) {
    EXPECT_EQ(value_of("DateTime", "\"2017-07-23T03:46:56Z\""), "\"2017-07-23T03:46:56Z\"");
    EXPECT_EQ(reason_of("DateTime", "\"x\""), "Expected type \"DateTime\", found \"x\".");
    EXPECT_EQ(reason_of("DateTime", "5"), "Expected type \"DateTime\", found \"5\".");
    EXPECT_EQ(value_of("Blob", "\"fF\""), "\"fF\"");
    EXPECT_EQ(reason_of("Blob", "\"g\""), "Expected type \"Blob\", found \"g\".");
    EXPECT_EQ(value_of("Ordering", "\"ASC\""), "ASC");
    EXPECT_EQ(reason_of("Ordering", "\"asc\""), "Expected type \"Ordering\", found \"asc\".");
    EXPECT_EQ(reason_of("Ordering", "0"), "Expected type \"Ordering\", found \"0\".");
}

TEST(Variables, Json_IsTheTreeAsGiven) {
    EXPECT_EQ(value_of("JSON", R"({"b": [1, 2.5, "x", null, true], "a": {}})"),
              R"({b: [1, 2.5, "x", <nil>, true], a: {}})");
    EXPECT_EQ(value_of("JSON", "123456789012345678901"), "123456789012345683968");
    EXPECT_EQ(value_of("JSON", R"(["\\\"9999999999999999999\\", -12345678901234567890123, 1.25])"),
              R"(["\"9999999999999999999\", -1.2345678901234568e+22, 1.25])");
}

TEST(Variables, InputObjectsAndLists_AreCoercedInside) {
    EXPECT_EQ(value_of("[BookOrderArg]", R"([{"pages": "ASC"}, {"author": {"name": "DESC"}}])"),
              "[{pages: ASC}, {author: {name: DESC}}]");
    EXPECT_EQ(value_of("[BookMutationInputArg!]", R"({"title": 7, "pages": "3", "tags": "one"})"),
              "{title: \"7\", pages: 3, tags: \"one\"}");
    EXPECT_EQ(value_of("BookMutationInputArg", R"({"author": {"_docID": "bae-1"}})"), "{author: \"bae-1\"}");
    EXPECT_EQ(value_of("Book__NumericSelector", R"({"field": "pages"})"), "{field: pages}");
    EXPECT_EQ(reason_of("Book__NumericSelector", "{}"),
              "In field \"field\": Expected \"BookNumericFieldsArg!\", found null.");
    EXPECT_EQ(reason_of("BookMutationInputArg", R"({"author": {"cell": 1}})"),
              "In field \"author\": In field \"cell\": Unknown field.");
    EXPECT_EQ(reason_of("BookMutationInputArg", R"({"author": {}})"),
              "In field \"author\": Expected type \"ID\", found \"map[]\".");
}

TEST(Variables, WrongValues_AreGivenInOrderOfNames) {
    EXPECT_EQ(value_of("BookMutationInputArg",
                       R"({"title": null, "zz": 1, "printed": "x", "pages": "y", "aa": {"<": 1}})"),
              "Variable \"$a\" got invalid value "
              "{\"aa\":{\"\\u003c\":1},\"pages\":\"y\",\"printed\":\"x\",\"title\":null,\"zz\":1}.\n"
              "In field \"aa\": Unknown field.\nIn field \"zz\": Unknown field.\n"
              "In field \"pages\": Expected type \"Int\", found \"y\".\n"
              "In field \"printed\": Expected type \"DateTime\", found \"x\".");
    EXPECT_EQ(reason_of("BookFilterArg", "[{}]"), "Expected \"BookFilterArg\", found not an object.");
    EXPECT_EQ(reason_of("[BookFilterArg!]", "[{}, null, {\"a\": 1, \"b\": 2}]"),
              "In element #1: Expected \"BookFilterArg!\", found null.\nIn element #1: In field \"a\": "
              "Unknown field.\nIn element "
              "#2: In field \"b\": Unknown field.");
}

TEST(Variables, FirstWrongVariable_InOrderOfDefinition_IsReported) {
    EXPECT_EQ(coerce("$b: Int, $a: Int", R"({"a": "x", "b": "y"})")->values.error().message,
              "Variable \"$b\" got invalid value \"y\".\nExpected type \"Int\", found \"y\".");
}

TEST(Variables, RepeatedKeys_TheLastCounts) {
    EXPECT_EQ(value_of("JSON", R"({"x": 1, "y": 2, "x": 3})"), "{x: 3, y: 2}");
    EXPECT_EQ(value_of("Int", "1, \"a\": 2"), "2");
    std::string many = "{", expected = "{";
    for (int i = 0; i < 60; ++i)
        many += "\"k" + std::to_string(i % 30) + "\": " + std::to_string(i) + (i < 59 ? "," : "}");
    for (int i = 0; i < 30; ++i) {
        expected += "k" + std::to_string(i) + ": " + std::to_string(i + 30) + (i < 29 ? ", " : "}");
    }
    EXPECT_EQ(value_of("JSON", many), expected);
}

TEST(Variables, NoJsonText_GivesTheDecodersWords) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"x", "invalid character 'x' looking for beginning of value"},
        {"{", "unexpected end of JSON input"},
        {"{\"a\"", "unexpected end of JSON input"},
        {"{\"a", "unexpected end of JSON input"},
        {"{a: 1}", "invalid character 'a' looking for beginning of object key string"},
        {"{\"a\" 1}", "invalid character '1' after object key"},
        {"{\"a\": 1 \"b\"}", "invalid character '\"' after object key:value pair"},
        {"{\"a\": [1 2]}", "invalid character '2' after array element"},
        {"{\"a\": [1,]}", "invalid character ']' looking for beginning of value"},
        {"{\"a\": 1,}", "invalid character '}' looking for beginning of object key string"},
        {"{\"a\": 01}", "invalid character '1' after object key:value pair"},
        {"{\"a\": 1.x}", "invalid character 'x' after decimal point in numeric literal"},
        {"{\"a\": 1ex}", "invalid character 'x' in exponent of numeric literal"},
        {"{\"a\": -x}", "invalid character 'x' in numeric literal"},
        {"{\"a\": trUe}", "invalid character 'U' in literal true (expecting 'u')"},
        {"{\"a\": \"\\q\"}", "invalid character 'q' in string escape code"},
        {"{\"a\": \"\\u12x\"}", "invalid character 'x' in \\u hexadecimal character escape"},
        {"{\"a\": \"\n\"}", "invalid character '\\n' in string literal"},
        {"{} {}", "invalid character '{' after top-level value"},
        {"null x", "invalid character 'x' after top-level value"},
        {"[1]", "json: cannot unmarshal array into Go value of type map[string]interface {}"},
        {"\"a\"", "json: cannot unmarshal string into Go value of type map[string]interface {}"},
        {"true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"},
        {"12", "json: cannot unmarshal number into Go value of type map[string]interface {}"},
        {"{\"a\": 1e400}", "json: cannot unmarshal number 1e400 into Go value of type float64"},
    };
    for (const auto& [json, message] : rows) {
        auto coerced = coerce("$a: Int", json);
        ASSERT_FALSE(coerced->values.has_value()) << json;
        EXPECT_EQ(coerced->values.error().message, message) << json;
        EXPECT_EQ(coerced->values.error().code, ErrorCode::invalid_argument);
    }
}

TEST(Variables, Nesting_AtTheLimit_PassesAndOnePastFails) {
    auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    // The object of all variables is a level of its own.
    EXPECT_TRUE(
        coerce("$a: JSON", "{\"a\": " + nested(limits::kMaxJsonNesting - 1) + "}")->values.has_value());
    for (std::size_t depth : {limits::kMaxJsonNesting, std::size_t{1100}, std::size_t{100'000}}) {
        EXPECT_EQ(coerce("$a: JSON", "{\"a\": " + nested(depth) + "}")->values.error().code,
                  ErrorCode::limit_exceeded)
            << depth;
    }
}

TEST(Variables, Numbers_KeepTheirValue) {
    cairn::test::check_property(20'000, 10, [] {
        double number = cairn::test::any_number<double>();
        if (*rc::gen::element(0, 1) == 0)
            number = static_cast<double>(*rc::gen::inRange(-1'000'000, 1'000'000)) / 1000;
        if (!std::isfinite(number)) return;
        std::pmr::monotonic_buffer_resource arena;
        auto tree = read_variables("{\"a\":" + nlohmann::json(number).dump() + "}", arena);
        RC_ASSERT(tree.has_value());
        RC_ASSERT(std::stod(std::string((*tree)->fields[0].value->text)) == number);
    });
}

TEST(Variables, Texts_KeepTheirBytes) {
    cairn::test::check_property(2'000, 30, [] {
        nlohmann::json object = nlohmann::json::object();
        for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
            std::string key, text;
            for (int code : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 128)))
                key += static_cast<char>(code);
            for (int code : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 128)))
                text += static_cast<char>(code);
            object[key] = text;
        }
        std::pmr::monotonic_buffer_resource arena;
        auto tree = read_variables(object.dump(), arena);
        RC_ASSERT(tree.has_value());
        RC_ASSERT((*tree)->fields.size() == object.size());
        for (const AstObjectField& field : (*tree)->fields) {
            RC_ASSERT(object.at(std::string(field.name)).get<std::string>() == field.value->text);
        }
    });
}

}  // namespace
}  // namespace cairn::query
