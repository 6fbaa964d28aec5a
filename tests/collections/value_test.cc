#include "collections/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "collections/number_text.h"
#include "dag/limits.h"
#include "tests/collections/value_generators.h"

namespace cairn {
namespace {

std::string bytes_of(const Value& value, FieldKind kind) {
    std::string out;
    encode_field_bytes(value, kind, out);
    return out;
}

std::string json_of(const Value& value) {
    std::string out;
    append_json(value, out);
    return out;
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

std::string go_print(const Value& value, FieldKind kind) {
    std::string out;
    append_go_print(value, kind, out);
    return out;
}

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return out;
}

Value strings(std::initializer_list<const char*> texts) {
    Value::Array out;
    for (const char* text : texts) out.push_back(text == nullptr ? Value() : Value(std::string(text)));
    return Value(std::move(out));
}

// An array in an array in an array …
Value nested(std::size_t depth) {
    Value value(Value::Array{});
    for (std::size_t i = 1; i < depth; ++i) value = Value(Value::Array{std::move(value)});
    return value;
}

void expect_refused(std::string_view hex, FieldKind kind, std::string_view message) {
    auto value = decode_field_bytes(from_hex(hex), kind);
    ASSERT_FALSE(value.has_value()) << hex;
    EXPECT_EQ(value.error().code, ErrorCode::corruption) << hex;
    EXPECT_NE(value.error().message.find(message), std::string::npos) << value.error().message;
}

TEST(Kinds, NameOfEveryKind_ReadsBack) {
    for (FieldKind kind : test::kAllKinds) {
        EXPECT_EQ(kind_from_name(kind_name(kind)), kind) << kind_name(kind);
        EXPECT_TRUE(is_valid_kind_number(static_cast<int>(kind)));
    }
    EXPECT_EQ(kind_name(FieldKind::none), "0");
    EXPECT_EQ(kind_from_name("Float"), FieldKind::float64);
    EXPECT_EQ(kind_from_name("[Float!]"), FieldKind::float64_array);
    EXPECT_EQ(kind_from_name("[Float]"), FieldKind::nillable_float64_array);
    EXPECT_EQ(kind_from_name("[DateTime]"), FieldKind::none);
    EXPECT_EQ(kind_from_name(""), FieldKind::none);
}

TEST(Kinds, UnusedNumbers_AreNotValid) {
    for (int number : {-1, 0, 15, 16, 17, 23, 255, 1000})
        EXPECT_FALSE(is_valid_kind_number(number)) << number;
}

TEST(Kinds, ElementKind_IsScalar) {
    for (FieldKind kind : test::kAllKinds) {
        EXPECT_FALSE(is_array_kind(element_kind(kind)));
        EXPECT_EQ(element_kind(kind) == kind, !is_array_kind(kind));
    }
    EXPECT_EQ(element_kind(FieldKind::nillable_float32_array), FieldKind::float32);
}

TEST(FieldBytes, ValueOfEveryKind_ReadsBack) {
    for (FieldKind kind : test::kAllKinds) {
        bool ok = rc::check("round trip of " + std::string(kind_name(kind)), [kind] {
            Value value = *test::values_of(kind);
            std::string bytes = bytes_of(value, kind);
            auto back = decode_field_bytes(bytes, kind);
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == value);
            RC_ASSERT(bytes_of(*back, kind) == bytes);
        });
        EXPECT_TRUE(ok) << kind_name(kind);
    }
}

TEST(FieldBytes, NullOfEveryKind_IsF6) {
    for (FieldKind kind : test::kAllKinds) {
        EXPECT_EQ(bytes_of(Value(), kind), "\xf6");
        auto back = decode_field_bytes("\xf6", kind);
        ASSERT_TRUE(back.has_value());
        EXPECT_TRUE(back->is_null());
    }
}

TEST(FieldBytes, SpecialNumbers_HaveTheirBytes) {
    double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(bytes_of(Value(infinity), FieldKind::float64), from_hex("f97c00"));
    EXPECT_EQ(bytes_of(Value(-infinity), FieldKind::float64), from_hex("f9fc00"));
    double odd_nan = std::bit_cast<double>(std::uint64_t{0xfff8000000001234});
    EXPECT_EQ(bytes_of(Value(odd_nan), FieldKind::float64), from_hex("f97e00"));
    EXPECT_EQ(bytes_of(Value(1.1f), FieldKind::float32), from_hex("fa3f8ccccd"));
    EXPECT_EQ(bytes_of(Value(90.0), FieldKind::float64), from_hex("f955a0"));
    EXPECT_TRUE(std::isnan(decode_field_bytes(from_hex("f97e00"), FieldKind::float32)->as<float>()));
}

TEST(FieldBytes, YearOneInstant_IsStoredAsNull) {
    EXPECT_EQ(bytes_of(Value(std::string("0001-01-01T00:00:00Z")), FieldKind::date_time), "\xf6");
    EXPECT_EQ(bytes_of(Value(std::string("0001-01-01T02:00:00+02:00")), FieldKind::date_time), "\xf6");
    EXPECT_EQ(bytes_of(Value(std::string("0000-12-31T23:00:00-01:00")), FieldKind::date_time), "\xf6");
    EXPECT_NE(bytes_of(Value(std::string("0001-01-01T00:00:00.1Z")), FieldKind::date_time), "\xf6");
    // In a text field it is a text.
    EXPECT_NE(bytes_of(Value(std::string("0001-01-01T00:00:00Z")), FieldKind::string), "\xf6");
}

TEST(FieldBytes, WrongType_NamesKindAndWhatWasFound) {
    expect_refused("6141", FieldKind::integer, "Int field bytes hold a text");
    expect_refused("15", FieldKind::float64, "Float64 field bytes hold an integer");
    expect_refused("f5", FieldKind::string, "String field bytes hold a boolean");
    expect_refused("4141", FieldKind::blob, "Blob field bytes hold a byte string");
    expect_refused("01", FieldKind::boolean, "Boolean field bytes hold an integer");
    expect_refused("15", FieldKind::json, "JSON field bytes hold an integer");
    expect_refused("15", FieldKind::integer_array, "[Int!] field bytes hold an integer");
    expect_refused("8201f6", FieldKind::integer_array, "[Int!] field bytes hold null");
    expect_refused("8181f6", FieldKind::nillable_integer_array, "[Int] field bytes hold an array");
    expect_refused("a0", FieldKind::string_array, "[String!] field bytes hold a map");
    expect_refused("fb3ff199999999999a", FieldKind::float32, "Float32 field bytes hold a float");
    expect_refused("1b8000000000000000", FieldKind::integer, "Int field bytes hold an integer");
    expect_refused("3b8000000000000000", FieldKind::integer, "Int field bytes hold an integer");
    expect_refused("6a323031372d30372d3233", FieldKind::date_time, "DateTime field bytes hold no time");
}

TEST(FieldBytes, MalformedBytes_AreRefused) {
    expect_refused("", FieldKind::integer, "");
    expect_refused("1515", FieldKind::integer, "go on after the value at offset 1");
    expect_refused("6361", FieldKind::string, "");
    expect_refused("1801", FieldKind::integer, "");          // long head
    expect_refused("fa3f800000", FieldKind::float64, "");    // 1.0 fits a half
    expect_refused("62c328", FieldKind::string, "");         // not UTF-8
    expect_refused("9f15ff", FieldKind::integer_array, "");  // indefinite length
    expect_refused("9bffffffffffffffff", FieldKind::string_array, "");
    expect_refused("a26162f66161f6", FieldKind::json, "\"a\" out of order");
    expect_refused("a26161f66161f6", FieldKind::json, "\"a\" out of order");
    expect_refused("a101f6", FieldKind::json, "");
}

TEST(FieldBytes, EveryTruncation_IsRefused) {
    Value::Object members{{"a", strings({"x", nullptr})}, {"bb", Value(1.1)}};
    std::string bytes = bytes_of(Value(members), FieldKind::json);
    ASSERT_TRUE(decode_field_bytes(bytes, FieldKind::json).has_value());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_FALSE(decode_field_bytes(std::string_view(bytes).substr(0, i), FieldKind::json).has_value())
            << i;
    }
}

TEST(FieldBytes, NestingAtTheLimitAndOnePast) {
    std::string at_limit = bytes_of(nested(limits::kMaxCborNesting), FieldKind::json);
    EXPECT_TRUE(decode_field_bytes(at_limit, FieldKind::json).has_value());
    auto past =
        decode_field_bytes(bytes_of(nested(limits::kMaxCborNesting + 1), FieldKind::json), FieldKind::json);
    ASSERT_FALSE(past.has_value());
    EXPECT_EQ(past.error().code, ErrorCode::limit_exceeded);
}

TEST(JsonText, Numbers_AreInGoForm) {
    auto number = [](auto value) {
        std::string out;
        append_json_number(value, out);
        return out;
    };
    EXPECT_EQ(number(10.0), "10");
    EXPECT_EQ(number(-0.0), "-0");
    EXPECT_EQ(number(0.0), "0");
    EXPECT_EQ(number(1e-6), "0.000001");
    EXPECT_EQ(number(1e-7), "1e-7");
    EXPECT_EQ(number(1.5e-7), "1.5e-7");
    EXPECT_EQ(number(1e-10), "1e-10");
    EXPECT_EQ(number(1e20), "100000000000000000000");
    EXPECT_EQ(number(123456789012345680000.0), "123456789012345680000");
    EXPECT_EQ(number(1e21), "1e+21");
    EXPECT_EQ(number(-1.25e+100), "-1.25e+100");
    EXPECT_EQ(number(5e-324), "5e-324");
    EXPECT_EQ(number(0.1), "0.1");
    EXPECT_EQ(number(-123.456), "-123.456");
    EXPECT_EQ(number(16777216.0), "16777216");
    EXPECT_EQ(number(4.9), "4.9");
    EXPECT_EQ(number(-0.0001), "-0.0001");
    EXPECT_EQ(number(99999999999.9999), "99999999999.9999");
    EXPECT_EQ(number(999999999999.9999), "999999999999.9999");
    EXPECT_EQ(number(100.25), "100.25");
    EXPECT_EQ(number(1.1f), "1.1");
    EXPECT_EQ(number(-16777216.0f), "-16777216");
    EXPECT_EQ(number(3.4028235e38f), "3.4028235e+38");
    EXPECT_EQ(number(1e-7f), "1e-7");
    EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(number(std::numeric_limits<float>::quiet_NaN()), "null");
    EXPECT_EQ(number(std::int64_t{INT64_MIN}), "-9223372036854775808");
}

TEST(JsonText, Numbers_GiveTheSameNumberBack) {
    EXPECT_TRUE(rc::check("doubles", [] {
        double value = *test::doubles();
        std::string out;
        append_json_number(value, out);
        RC_ASSERT(std::bit_cast<std::uint64_t>(std::strtod(out.c_str(), nullptr)) ==
                  std::bit_cast<std::uint64_t>(value));
    }));
    EXPECT_TRUE(rc::check("floats", [] {
        float value = *test::floats();
        std::string out;
        append_json_number(value, out);
        RC_ASSERT(std::bit_cast<std::uint32_t>(std::strtof(out.c_str(), nullptr)) ==
                  std::bit_cast<std::uint32_t>(value));
    }));
}

// The short way for few decimals must give what the general one gives.
TEST(JsonText, NumbersOfFewDecimals_AreTheShortestText) {
    EXPECT_TRUE(rc::check("decimals", [] {
        auto units =
            *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-2'000'000, 2'000'000),
                            rc::gen::inRange<std::int64_t>(-2'000'000'000'000'000, 2'000'000'000'000'000));
        double value = static_cast<double>(units) / *rc::gen::element(10.0, 100.0, 1000.0, 1e4, 1e5);
        std::string out;
        append_json_number(value, out);
        char shortest[32];
        auto end = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::fixed).ptr;
        RC_ASSERT(out == std::string(shortest, end));
    }));
}

TEST(JsonText, Strings_AreEscapedLikeGo) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string("plain"), R"("plain")");
    EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(json_string("<a>&</a>"), R"("\u003ca\u003e\u0026\u003c/a\u003e")");
    EXPECT_EQ(json_string("\n\r\t\b\f\x01\x1f\x7f"), "\"\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\"");
    EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
    EXPECT_EQ(json_string("h\xc3\xa9llo \xe4\xb8\x96 \xf0\x9f\x98\x80"),
              "\"h\xc3\xa9llo \xe4\xb8\x96 \xf0\x9f\x98\x80\"");
    EXPECT_EQ(json_string("a\xe2\x80\xa8"
                          "b\xe2\x80\xa9"
                          "c\xe2\x80\xb0"),
              "\"a\\u2028b\\u2029c\xe2\x80\xb0\"");
}

TEST(JsonText, EscapeAtEveryPlaceOfALongText_IsFound) {
    for (std::size_t length = 1; length < 40; ++length) {
        for (std::size_t place = 0; place < length; ++place) {
            for (char c : {'"', '\\', '<', '>', '&', '\x01', '\x1f'}) {
                std::string text(length, 'x');
                text[place] = c;
                std::string out = json_string(text);
                EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
                EXPECT_EQ(out[place + 1], '\\') << out;
            }
        }
    }
}

TEST(JsonText, WrongUtf8_BecomesReplacementCharacters) {
    EXPECT_EQ(json_string("a\xff"
                          "b"),
              R"("a\ufffdb")");
    EXPECT_EQ(json_string("\xc3"), R"("\ufffd")");
    EXPECT_EQ(json_string("\xc3\xa9\xed\xa0\x80<"), "\"\xc3\xa9\\ufffd\\ufffd\\ufffd\\u003c\"");
}

TEST(JsonText, ObjectKeys_AreSortedBytewise) {
    Value::Object members{{"B", Value(1.0)}, {"_", Value(2.0)}, {"a", Value(3.0)}, {"Aa", Value()}};
    EXPECT_EQ(json_of(Value(members)), R"({"Aa":null,"B":1,"_":2,"a":3})");
    EXPECT_EQ(json_of(Value(Value::Array{})), "[]");
    EXPECT_EQ(json_of(Value(Value::Object{})), "{}");
    EXPECT_EQ(json_of(Value(Value::Array{Value(true), Value(std::int64_t{-5}), Value(std::string("x"))})),
              R"([true,-5,"x"])");
}

bool same_as_parsed(const Value& value, const nlohmann::json& parsed) {
    if (const auto* array = value.get_if<Value::Array>()) {
        if (!parsed.is_array() || parsed.size() != array->size()) return false;
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (!same_as_parsed((*array)[i], parsed[i])) return false;
        }
        return true;
    }
    if (const auto* object = value.get_if<Value::Object>()) {
        if (!parsed.is_object() || parsed.size() != object->size()) return false;
        for (const auto& [key, member] : *object) {
            if (!parsed.contains(key) || !same_as_parsed(member, parsed[key])) return false;
        }
        return true;
    }
    if (const auto* text = value.get_if<std::string>())
        return parsed.is_string() && parsed.get<std::string>() == *text;
    if (const auto* number = value.get_if<double>())
        return parsed.is_number() && parsed.get<double>() == *number;
    if (const auto* truth = value.get_if<bool>()) return parsed.is_boolean() && parsed.get<bool>() == *truth;
    return value.is_null() && parsed.is_null();
}

TEST(JsonText, RandomJson_IsReadBackByAnotherReader) {
    EXPECT_TRUE(rc::check("rendering", [] {
        Value value = *test::json_values(3);
        RC_ASSERT(same_as_parsed(value, nlohmann::json::parse(json_of(value))));
    }));
}

TEST(GoPrint, Forms_AreThoseOfTheReference) {
    EXPECT_EQ(go_print(Value(), FieldKind::string), "<nil>");
    EXPECT_EQ(go_print(Value(std::int64_t{21}), FieldKind::integer), "21");
    EXPECT_EQ(go_print(Value(1e6), FieldKind::float64), "1e+06");
    EXPECT_EQ(go_print(Value(123456.5), FieldKind::float64), "123456.5");
    EXPECT_EQ(go_print(Value(100000.0), FieldKind::float64), "100000");
    EXPECT_EQ(go_print(Value(0.0001), FieldKind::float64), "0.0001");
    EXPECT_EQ(go_print(Value(0.00001), FieldKind::float64), "1e-05");
    EXPECT_EQ(go_print(Value(1.1f), FieldKind::float32), "1.1");
    EXPECT_EQ(go_print(Value(-std::numeric_limits<double>::infinity()), FieldKind::float64), "-Inf");
    EXPECT_EQ(go_print(Value(std::numeric_limits<double>::infinity()), FieldKind::float64), "+Inf");
    EXPECT_EQ(go_print(Value(std::nan("")), FieldKind::float64), "NaN");
    EXPECT_EQ(go_print(strings({"y", "z"}), FieldKind::nillable_string_array), "[{true y} {true z}]");
    EXPECT_EQ(go_print(strings({"q", nullptr}), FieldKind::nillable_string_array), "[{true q} {false }]");
    EXPECT_EQ(go_print(Value(Value::Array{Value()}), FieldKind::nillable_integer_array), "[{false 0}]");
    EXPECT_EQ(go_print(Value(Value::Array{Value()}), FieldKind::nillable_boolean_array), "[{false false}]");
    EXPECT_EQ(go_print(Value(Value::Array{Value(std::int64_t{3}), Value(std::int64_t{2})}),
                       FieldKind::integer_array),
              "[3 2]");
    EXPECT_EQ(go_print(Value(Value::Object{{"a", Value(1.0)}}), FieldKind::json), "map[a:1]");
    EXPECT_EQ(go_print(Value(Value::Object{{"b", Value(true)}, {"aa", Value()}}), FieldKind::json),
              "map[aa:<nil> b:true]");
    EXPECT_EQ(
        go_print(Value(Value::Object{{"n", Value(Value::Array{Value(6.0), Value()})}}), FieldKind::json),
        "map[n:[6 <nil>]]");
    EXPECT_EQ(go_print(Value(std::string("2020-01-02T03:04:05Z")), FieldKind::date_time),
              "2020-01-02 03:04:05 +0000 UTC");
    EXPECT_EQ(go_print(Value(std::string("2020-01-02T03:04:05.25-05:30")), FieldKind::date_time),
              "2020-01-02 03:04:05.25 -0530 -0530");
    EXPECT_EQ(go_print(Value(std::string("ff")), FieldKind::blob), "ff");
}

TEST(GoPrint, Quoted_EscapesLikeGo) {
    EXPECT_EQ(go_quoted("plain"), R"("plain")");
    EXPECT_EQ(go_quoted("a\"b\\\n\t\x01\x7f"), R"("a\"b\\\n\t\x01\x7f")");
    EXPECT_EQ(go_quoted("h\xc3\xa9\xff\xe2\x80\xa8\xf0\x9f\x98\x80"),
              "\"h\xc3\xa9\\xff\\u2028\xf0\x9f\x98\x80\"");
    EXPECT_EQ(go_quoted("\xf3\xa0\x80\x81"), R"("\U000e0001")");
}

TEST(Order, TypesAndNull_AreRanked) {
    Value null, truth(true), number(1.0), text(std::string("a")), array(Value::Array{}),
        object(Value::Object{});
    const Value* ranked[] = {&null, &truth, &number, &text, &array};
    for (std::size_t i = 0; i < std::size(ranked); ++i) {
        for (std::size_t j = 0; j < std::size(ranked); ++j) {
            EXPECT_EQ(compare_values(*ranked[i], *ranked[j], FieldKind::json), i <=> j) << i << " " << j;
        }
    }
    EXPECT_EQ(compare_values(array, object, FieldKind::json), std::partial_ordering::equivalent);
    EXPECT_EQ(compare_values(strings({"a"}), strings({"b"}), FieldKind::string_array),
              std::partial_ordering::equivalent);
}

TEST(Order, NumbersOfDifferentTypes_CompareWithoutLoss) {
    auto compare = [](auto a, auto b) { return compare_values(Value(a), Value(b), FieldKind::integer); };
    std::int64_t big = (1LL << 53) + 1;
    EXPECT_EQ(compare(big, 9007199254740992.0), std::partial_ordering::greater);
    EXPECT_EQ(compare(9007199254740992.0, big), std::partial_ordering::less);
    EXPECT_EQ(compare(std::int64_t{3}, 3.0), std::partial_ordering::equivalent);
    EXPECT_EQ(compare(std::int64_t{3}, 3.5), std::partial_ordering::less);
    EXPECT_EQ(compare(std::int64_t{-3}, -3.5), std::partial_ordering::greater);
    EXPECT_EQ(compare(std::int64_t{INT64_MAX}, 9223372036854775808.0), std::partial_ordering::less);
    EXPECT_EQ(compare(std::int64_t{INT64_MIN}, -9223372036854775808.0), std::partial_ordering::equivalent);
    EXPECT_EQ(compare(std::int64_t{INT64_MIN}, -1e300), std::partial_ordering::greater);
    EXPECT_EQ(compare(std::nan(""), -1e300), std::partial_ordering::less);
    EXPECT_EQ(compare(std::int64_t{0}, std::nan("")), std::partial_ordering::greater);
    EXPECT_EQ(compare(std::nan(""), std::nan("")), std::partial_ordering::equivalent);
}

TEST(Order, DateTimes_CompareAsInstants) {
    Value a(std::string("2020-01-01T12:00:00+02:00")), b(std::string("2020-01-01T10:00:00Z")),
        c(std::string("2020-01-01T09:00:00-02:00"));
    EXPECT_EQ(compare_values(a, b, FieldKind::date_time), std::partial_ordering::equivalent);
    EXPECT_EQ(compare_values(b, c, FieldKind::date_time), std::partial_ordering::less);
    EXPECT_EQ(compare_values(b, c, FieldKind::string), std::partial_ordering::greater);
    EXPECT_TRUE(values_equal(a, b, FieldKind::date_time));
    EXPECT_FALSE(values_equal(a, b, FieldKind::string));
}

TEST(Equality, Numbers_FollowTheKind) {
    EXPECT_TRUE(values_equal(Value(1.1f), Value(1.1), FieldKind::float32));
    EXPECT_FALSE(values_equal(Value(1.1f), Value(1.1), FieldKind::float64));
    EXPECT_TRUE(values_equal(Value(std::int64_t{5}), Value(5.0), FieldKind::integer));
    EXPECT_FALSE(
        values_equal(Value(std::int64_t{(1LL << 53) + 1}), Value(9007199254740992.0), FieldKind::integer));
    EXPECT_TRUE(values_equal(Value(0.0), Value(-0.0), FieldKind::float64));
    EXPECT_FALSE(values_equal(Value(std::nan("")), Value(std::nan("")), FieldKind::float64));
    EXPECT_FALSE(values_equal(Value(1.0), Value(std::string("1")), FieldKind::json));
    EXPECT_FALSE(values_equal(Value(1.0), Value(true), FieldKind::json));
}

TEST(Equality, NullEqualsOnlyNull) {
    EXPECT_TRUE(values_equal(Value(), Value(), FieldKind::string));
    EXPECT_FALSE(values_equal(Value(), Value(std::string()), FieldKind::string));
    EXPECT_FALSE(values_equal(Value(false), Value(), FieldKind::boolean));
}

TEST(Equality, ArraysAndObjects_CompareMembers) {
    Value ints(Value::Array{Value(std::int64_t{1}), Value(std::int64_t{2})}),
        reals(Value::Array{Value(1.0), Value(2.0)});
    EXPECT_TRUE(values_equal(ints, reals, FieldKind::json));
    EXPECT_FALSE(values_equal(ints, Value(Value::Array{Value(1.0)}), FieldKind::json));
    Value a(Value::Object{{"x", ints}}), b(Value::Object{{"x", reals}}), c(Value::Object{{"y", reals}});
    EXPECT_TRUE(values_equal(a, b, FieldKind::json));
    EXPECT_FALSE(values_equal(b, c, FieldKind::json));
    EXPECT_FALSE(values_equal(a, ints, FieldKind::json));
    EXPECT_FALSE(values_equal(ints, a, FieldKind::json));
}

TEST(Utf8, ValidPrefix_AgreesWithTheValidator) {
    EXPECT_TRUE(rc::check("random bytes", [] {
        auto text = *rc::gen::container<std::string>(
            rc::gen::oneOf(rc::gen::arbitrary<char>(),
                           rc::gen::element<char>('\xe2', '\x80', '\xa8', '\xf0', '\x90', 'a', '\xc2')));
        std::size_t good = valid_utf8_prefix(text);
        RC_ASSERT(is_valid_utf8(text.substr(0, good)));
        RC_ASSERT(is_valid_utf8(text) == (good == text.size()));
    }));
    EXPECT_TRUE(rc::check("valid text", [] {
        std::string text = *test::utf8_text();
        RC_ASSERT(valid_utf8_prefix(text) == text.size());
    }));
}

}  // namespace
}  // namespace cairn
