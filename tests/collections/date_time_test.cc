#include "collections/date_time.h"

#include <gtest/gtest.h>

#include <chrono>

#include "collections/value.h"
#include "tests/collections/value_generators.h"

namespace cairn {
namespace {

std::string normal(std::string_view text) {
    auto result = normalize_date_time(text);
    return result ? *result : "refused: " + result.error().message;
}

std::string refusal(std::string_view text) {
    auto result = normalize_date_time(text);
    return result ? "accepted: " + *result : result.error().message;
}

TEST(DateTime, InputForms_AreNormalized) {
    EXPECT_EQ(normal("2017-07-23T03:46:56.500Z"), "2017-07-23T03:46:56.5Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56.000Z"), "2017-07-23T03:46:56Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56+00:00"), "2017-07-23T03:46:56Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56-00:00"), "2017-07-23T03:46:56Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56.10-05:30"), "2017-07-23T03:46:56.1-05:30");
    EXPECT_EQ(normal("2017-07-23T03:46:56.1234567899Z"), "2017-07-23T03:46:56.123456789Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56.0000000009Z"), "2017-07-23T03:46:56Z");
    EXPECT_EQ(normal("2017-07-23T3:46:56,5Z"), "2017-07-23T03:46:56.5Z");
    EXPECT_EQ(normal("2017-07-23T03:46:56+01:60"), "2017-07-23T03:46:56+02:00");
    EXPECT_EQ(normal("2017-07-23T03:46:56+24:60"), "2017-07-23T03:46:56+25:00");
    EXPECT_EQ(normal("2017-07-23T03:46:56-00:30"), "2017-07-23T03:46:56-00:30");
    EXPECT_EQ(normal("0000-02-29T00:00:00Z"), "0000-02-29T00:00:00Z");
}

TEST(DateTime, ZoneOf25Hours_IsReadOnlyFromTheStore) {
    EXPECT_FALSE(normalize_date_time("2017-07-23T03:46:56+25:00"));
    EXPECT_EQ(read_stored_date_time("2017-07-23T03:46:56+25:00").value(), "2017-07-23T03:46:56+25:00");
    EXPECT_EQ(parse_instant("2017-07-23T03:46:56+25:00"), parse_instant("2017-07-22T02:46:56Z"));
    EXPECT_FALSE(read_stored_date_time("2017-07-23T03:46:56+26:00"));
}

TEST(DateTime, WrongTexts_HaveTheReferencesMessages) {
    EXPECT_EQ(refusal(""), R"(parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006")");
    EXPECT_EQ(
        refusal("201x-07-23T03:46:56Z"),
        R"(parsing time "201x-07-23T03:46:56Z" as "2006-01-02T15:04:05Z07:00": cannot parse "201x-07-23T03:46:56Z" as "2006")");
    EXPECT_EQ(refusal("2017-13-23T03:46:56Z"), R"(parsing time "2017-13-23T03:46:56Z": month out of range)");
    EXPECT_EQ(refusal("2017-00-23T03:46:56Z"), R"(parsing time "2017-00-23T03:46:56Z": month out of range)");
    EXPECT_EQ(refusal("2017-07-00T03:46:56Z"), R"(parsing time "2017-07-00T03:46:56Z": day out of range)");
    EXPECT_EQ(refusal("1900-02-29T03:46:56Z"), R"(parsing time "1900-02-29T03:46:56Z": day out of range)");
    EXPECT_EQ(refusal("2017-07-23T24:46:56Z"), R"(parsing time "2017-07-23T24:46:56Z": hour out of range)");
    EXPECT_EQ(refusal("2017-07-23T03:60:56Z"), R"(parsing time "2017-07-23T03:60:56Z": minute out of range)");
    EXPECT_EQ(refusal("2017-07-23T03:46:60Z"), R"(parsing time "2017-07-23T03:46:60Z": second out of range)");
    EXPECT_EQ(refusal("2017-07-23T03:46:56Zx"), R"(parsing time "2017-07-23T03:46:56Zx": extra text: "x")");
    EXPECT_EQ(refusal("2017-07-23T03:46:56+25:00"),
              R"(parsing time "2017-07-23T03:46:56+25:00": time zone offset hour out of range)");
    EXPECT_EQ(refusal("2017-07-23T03:46:56+01:61"),
              R"(parsing time "2017-07-23T03:46:56+01:61": time zone offset minute out of range)");
    EXPECT_EQ(
        refusal("2017-07-23T03:46:56 01:00"),
        R"(parsing time "2017-07-23T03:46:56 01:00" as "2006-01-02T15:04:05Z07:00": cannot parse " 01:00" as "Z07:00")");
    EXPECT_EQ(
        refusal("\xc3\xa9\"\n"),
        R"(parsing time "\xc3\xa9\"\x0a" as "2006-01-02T15:04:05Z07:00": cannot parse "\xc3\xa9\"\x0a" as "2006")");
}

TEST(DateTime, EveryTruncation_IsRefused) {
    std::string_view text = "2017-07-23T03:46:56.25+05:30";
    for (std::size_t i = 0; i < text.size(); ++i) EXPECT_FALSE(normalize_date_time(text.substr(0, i))) << i;
    EXPECT_TRUE(normalize_date_time(text));
}

TEST(DateTime, NormalForm_StaysAsItIs) {
    EXPECT_TRUE(rc::check("idempotent", [] {
        std::string text = *test::date_times();
        RC_ASSERT(normalize_date_time(text).value() == text);
    }));
}

TEST(Instant, RandomTimes_AgreeWithTheCalendarOfTheStandardLibrary) {
    EXPECT_TRUE(rc::check("instants", [] {
        using namespace std::chrono;
        int y = *rc::gen::inRange(0, 10000);
        unsigned m = static_cast<unsigned>(*rc::gen::inRange(1, 13)),
                 d = static_cast<unsigned>(*rc::gen::inRange(1, 29));
        int h = *rc::gen::inRange(0, 24), mi = *rc::gen::inRange(0, 60), s = *rc::gen::inRange(0, 60);
        int nanos = *rc::gen::inRange(0, 1'000'000'000), offset = *rc::gen::inRange(-1499, 1500);
        char text[64];
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09d%c%02d:%02d", y, m, d, h, mi, s,
                      nanos, offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
        auto stored = normalize_date_time(text);
        RC_ASSERT(stored.has_value());
        auto day = sys_days{year{y} / month{m} / std::chrono::day{d}};
        auto expected =
            duration_cast<seconds>(day.time_since_epoch()) + hours{h} + minutes{mi - offset} + seconds{s};
        Instant instant = parse_instant(*stored);
        RC_ASSERT(instant.seconds == expected.count());
        RC_ASSERT(instant.nanos == nanos);
    }));
}

TEST(Instant, KnownTimes) {
    EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z"), (Instant{0, 0}));
    EXPECT_EQ(parse_instant("1969-12-31T23:59:59.5Z"), (Instant{-1, 500'000'000}));
    EXPECT_EQ(parse_instant("2000-03-01T00:00:00Z"), (Instant{951868800, 0}));
    EXPECT_EQ(parse_instant("0001-01-01T00:00:00Z"), kZeroInstant);
    EXPECT_EQ(parse_instant("0001-01-01T02:00:00+02:00"), kZeroInstant);
    EXPECT_EQ(parse_instant("9999-12-31T23:59:59.999999999Z"), (Instant{253402300799, 999'999'999}));
}

TEST(Instant, MalformedTexts_GiveTheZeroInstant) {
    for (std::string_view text :
         {"", "Z", "2017-07-23T03:46:56", "2017-07-23T03:46:56x", "2017-07-23T03:46:56.Z",
          "2017/07-23T03:46:56Z", "2017-13-23T03:46:56Z", "2017-07-23T03:46:56+0100",
          "2017-07-23T03:46:56+xx:00", "20a7-07-23T03:46:56Z"}) {
        EXPECT_EQ(parse_instant(text), kZeroInstant) << text;
    }
}

TEST(Instant, RandomBytes_DoNotHarm) {
    EXPECT_TRUE(rc::check("any text", [](const std::string& text) {
        (void)parse_instant(text);
        (void)normalize_date_time(text);
    }));
}

}  // namespace
}  // namespace cairn
