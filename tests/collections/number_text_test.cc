#include "collections/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>

#include "collections/json_document.h"

namespace cairn {
namespace {

// tests/data/number_texts.txt: a token and the bits of its double, made by an independent implementation of
// the rule.
TEST(NumberText, RecordedTokens_GiveTheRecordedBits) {
    std::ifstream file(CAIRN_TEST_DATA "/number_texts.txt");
    std::string token, bits;
    int checked = 0, inexact = 0;
    while (file >> token >> bits) {
        double value = number_from_document_text(token);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(value), std::stoull(bits, nullptr, 16)) << token;
        ++checked;
        if (value != std::strtod(token.c_str(), nullptr)) ++inexact;
    }
    EXPECT_EQ(checked, 10000);
    EXPECT_GT(inexact, 100) << "the tokens must cover the cases that differ from correct rounding";
    std::printf("number_texts.txt: %d tokens, %d of them not the nearest double\n", checked, inexact);
}

TEST(NumberText, Words_AreNumbers) {
    for (std::string_view word : {"nan", "NaN", "NAN", "-nan", "+nan"}) {
        EXPECT_TRUE(std::isnan(parse_document_number(word).value())) << word;
    }
    for (std::string_view word : {"inf", "Inf", "INF", "+inf"}) {
        EXPECT_EQ(parse_document_number(word).value(), INFINITY) << word;
    }
    EXPECT_EQ(parse_document_number("-iNf").value(), -INFINITY);
}

TEST(NumberText, BeyondTheRange_IsInfinityOrZero) {
    auto bits = [](std::string_view token) {
        return std::bit_cast<std::uint64_t>(parse_document_number(token).value());
    };
    EXPECT_EQ(bits("1e400"), std::bit_cast<std::uint64_t>(HUGE_VAL));
    EXPECT_EQ(bits("-1e400"), std::bit_cast<std::uint64_t>(-HUGE_VAL));
    EXPECT_EQ(bits("1e-400"), 0u);
    EXPECT_EQ(bits("-1e-400"), std::bit_cast<std::uint64_t>(-0.0));
    EXPECT_EQ(bits("0e400"), 0u);
    EXPECT_EQ(bits("0.0000000000000000000000000e999999999999999999999"), 0u);
    EXPECT_EQ(bits("1e99999999999999999999999"), std::bit_cast<std::uint64_t>(HUGE_VAL));
    EXPECT_EQ(bits("1e-99999999999999999999999"), 0u);
    EXPECT_EQ(bits("1" + std::string(400, '0')), std::bit_cast<std::uint64_t>(HUGE_VAL));
    EXPECT_EQ(bits("0." + std::string(400, '0') + "1"), 0u);
    EXPECT_EQ(bits("-0"), std::bit_cast<std::uint64_t>(-0.0));
    EXPECT_EQ(bits("5e-324"), 1u);
}

TEST(NumberText, WrongTokens_AreNamed) {
    auto message = [](std::string_view token) {
        auto number = parse_document_number(token);
        return number ? "accepted" : number.error().message;
    };
    EXPECT_EQ(message("1e"), R"(cannot parse exponent in "1e")");
    EXPECT_EQ(message("1e+"), R"(cannot parse exponent in "1e+")");
    EXPECT_EQ(message("."), R"(missing integer and fractional part in ".")");
    EXPECT_EQ(message("-.e5"), R"(missing integer and fractional part in "-.e5")");
    EXPECT_EQ(message("-"), R"(cannot parse float64 from "-")");
    EXPECT_EQ(message(""), R"(cannot parse float64 from "")");
    EXPECT_EQ(message("1.2.3"), R"(cannot parse float64 from "1.2.3")");
    EXPECT_EQ(message("1-2"), R"(cannot parse float64 from "1-2")");
    EXPECT_EQ(message("+1"), R"(unparsed tail left after parsing float64 from "+1": "+1")");
    EXPECT_EQ(message("e5"), R"(unparsed tail left after parsing float64 from "e5": "e5")");
    EXPECT_TRUE(std::isnan(number_from_document_text("1e")));
}

TEST(NumberText, Integers_AreDigitsWithinInt64) {
    EXPECT_EQ(parse_document_integer("9223372036854775807").value(), INT64_MAX);
    EXPECT_EQ(parse_document_integer("-9223372036854775808").value(), INT64_MIN);
    EXPECT_EQ(parse_document_integer("-0").value(), 0);
    EXPECT_EQ(parse_document_integer("00000000000000000000000000012").value(), 12);
    auto message = [](std::string_view token) { return parse_document_integer(token).error().message; };
    EXPECT_EQ(message("9223372036854775808"),
              R"(strconv.ParseInt: parsing "9223372036854775808": value out of range)");
    EXPECT_EQ(message("21.0"), R"(unparsed tail left after parsing int64 form "21.0": ".0")");
    EXPECT_EQ(message("1e3"), R"(unparsed tail left after parsing int64 form "1e3": "e3")");
    EXPECT_EQ(message("+1"), R"(cannot parse int64 from "+1")");
    EXPECT_EQ(message("-"), R"(cannot parse int64 from "-")");
    EXPECT_EQ(message("nan"), R"(cannot parse int64 from "nan")");
}

}  // namespace
}  // namespace cairn
