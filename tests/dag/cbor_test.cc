#include "dag/cbor.h"

#include <bit>
#include <cmath>
#include <limits>

#include "test_data.h"
#include "tests/property.h"

namespace cairn::dag::test {
namespace {

template <typename Write>
std::string written(Write write) {
    std::string out;
    CborWriter writer(out);
    write(writer);
    return hex(out);
}

std::string float_hex(double value) {
    return written([=](CborWriter& writer) { writer.float_shortest(value); });
}
std::string single_hex(float value) {
    return written([=](CborWriter& writer) { writer.float_shortest(value); });
}
std::string integer_hex(std::int64_t value) {
    return written([=](CborWriter& writer) { writer.integer(value); });
}

Result<CborItem> read(std::string_view hex_text) {
    static std::string bytes;  // views of the item stay valid until the next call
    bytes = unhex(hex_text);
    CborReader reader(as_bytes(bytes));
    CAIRN_ASSIGN(CborItem item, reader.next());
    return item;
}

std::string cause(std::string_view hex_text) {
    const auto item = read(hex_text);
    return item ? "accepted" : item.error().message;
}

TEST(CborWriter, Floats_TakeTheShortestForm) {
    // The examples of spec/blocks.md section 1.1.
    EXPECT_EQ("f90001", float_hex(5.960464477539063e-8));
    EXPECT_EQ("f97bff", float_hex(65504));
    EXPECT_EQ("fa477fe100", float_hex(65505));
    EXPECT_EQ("fa00000001", float_hex(1.401298464324817e-45));
    EXPECT_EQ("f98000", float_hex(-0.0));
    EXPECT_EQ("f955a0", float_hex(90.0));
    EXPECT_EQ("f97e00", float_hex(std::nan("7")));
    EXPECT_EQ("f97c00", float_hex(std::numeric_limits<double>::infinity()));
    EXPECT_EQ("f9fc00", single_hex(-std::numeric_limits<float>::infinity()));
    EXPECT_EQ("fb3ff199999999999a", float_hex(1.1));
    EXPECT_EQ("fa3f8ccccd", single_hex(1.1f));
    EXPECT_EQ("fb7fefffffffffffff", float_hex(std::numeric_limits<double>::max()));
    EXPECT_EQ("fa7f7fffff", float_hex(std::numeric_limits<float>::max()));
    EXPECT_EQ("fb47efffffe0000001", float_hex(std::nextafter(std::numeric_limits<float>::max(), 1e300)));
    EXPECT_EQ("fb0000000000000001", float_hex(std::numeric_limits<double>::denorm_min()));
    EXPECT_EQ("fa33000000", float_hex(std::ldexp(1.0, -25)));  // half of the smallest half float
}

// The value of a half float, computed without the code under test.
float half_value(std::uint32_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const auto fraction = static_cast<float>(bits & 1023);
    float value = exponent == 0    ? std::ldexp(fraction, -24)
                  : exponent == 31 ? std::numeric_limits<float>::infinity()
                                   : std::ldexp(1024 + fraction, exponent - 25);
    return bits & 0x8000 ? -value : value;
}

TEST(CborWriter, EveryHalfFloat_IsWrittenAsItself) {
    int count = 0;
    for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
        const bool is_nan = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
        if (is_nan) continue;
        const std::string expected =
            hex(std::string{'\xf9', static_cast<char>(bits >> 8), static_cast<char>(bits)});
        ASSERT_EQ(expected, single_hex(half_value(bits)));
        ASSERT_EQ(expected, float_hex(half_value(bits)));
        const auto item = read(expected);
        ASSERT_TRUE(item) << item.error().message;
        ASSERT_EQ(half_value(bits), item->number);
        // The next single on either side is not a half.
        if (std::isfinite(half_value(bits))) {
            ASSERT_EQ(10u, single_hex(std::nextafter(half_value(bits), 1e30f)).size()) << expected;
        }
        ++count;
    }
    EXPECT_EQ(65536 - 2 * 1023, count);
}

TEST(CborWriter, RandomFloats_AreTheShortestThatGiveTheValueBack) {
    cairn::test::check_property(20'000, 100, [] {
        const auto bits = cairn::test::any_number<std::uint64_t>();
        const bool single = bits % 2 == 0;
        const double value =
            single ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 8)))
                   : std::bit_cast<double>(bits);
        const std::string text = float_hex(value);
        const auto item = read(text);
        RC_ASSERT(item.has_value());
        const bool same = std::isnan(value) ? std::isnan(item->number)
                                            : std::bit_cast<std::uint64_t>(value) ==
                                                  std::bit_cast<std::uint64_t>(item->number);
        RC_ASSERT(same);
        if (!std::isnan(value) && text.size() == 18)
            RC_ASSERT(static_cast<double>(static_cast<float>(value)) != value);
    });
}

TEST(CborWriter, Integers_HaveTheShortestHead) {
    EXPECT_EQ("00", integer_hex(0));
    EXPECT_EQ("17", integer_hex(23));
    EXPECT_EQ("1818", integer_hex(24));
    EXPECT_EQ("18ff", integer_hex(255));
    EXPECT_EQ("190100", integer_hex(256));
    EXPECT_EQ("19ffff", integer_hex(65535));
    EXPECT_EQ("1a00010000", integer_hex(65536));
    EXPECT_EQ("1affffffff", integer_hex(4294967295));
    EXPECT_EQ("1b0000000100000000", integer_hex(4294967296));
    EXPECT_EQ("20", integer_hex(-1));
    EXPECT_EQ("37", integer_hex(-24));
    EXPECT_EQ("3818", integer_hex(-25));
    EXPECT_EQ("3b7fffffffffffffff", integer_hex(std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ("1bffffffffffffffff", written([](CborWriter& writer) { writer.unsigned_integer(UINT64_MAX); }));
}

TEST(CborWriter, OtherItems_AreCanonical) {
    EXPECT_EQ("f5f4f6", written([](CborWriter& writer) {
                  writer.boolean(true);
                  writer.boolean(false);
                  writer.null();
              }));
    EXPECT_EQ("826161420001a1", written([](CborWriter& writer) {
                  writer.array(2);
                  writer.text("a");
                  writer.byte_string(std::string_view("\0\1", 2));
                  writer.map(1);
              }));
    EXPECT_EQ("d82a582500017112202a",
              written([](CborWriter& writer) { writer.link(Digest{42}); }).substr(0, 20));
}

TEST(CborReader, CanonicalItems_AreRead) {
    EXPECT_EQ(CborType::unsigned_integer, read("1bffffffffffffffff").value().type);
    EXPECT_EQ(UINT64_MAX, read("1bffffffffffffffff").value().value);
    EXPECT_EQ(CborType::negative_integer, read("20").value().type);
    EXPECT_EQ("é", read("62c3a9").value().bytes);
    EXPECT_EQ(CborType::byte_string, read("40").value().type);
    EXPECT_EQ(3u, read("83").value().value);
    EXPECT_EQ(CborType::map, read("a0").value().type);
    EXPECT_EQ(42u, read("d82a").value().value);
    EXPECT_EQ(1u, read("f5").value().value);
    EXPECT_EQ(CborType::null, read("f6").value().type);
    EXPECT_EQ(1.5, read("f93e00").value().number);
}

TEST(CborReader, WhatIsNotCanonical_IsRefused) {
    for (const char* text : {"1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "580161",
                             "7801"
                             "61",
                             "9800", "b80100", "d90001"}) {
        EXPECT_TRUE(cause(text).ends_with("head not in its shortest form")) << text << " " << cause(text);
    }
    for (const char* text : {"fb3ff8000000000000", "fa3fc00000", "f97e01", "f9fe00", "fa7fc00000",
                             "fb7ff8000000000000", "fa7f800000", "fb3ff19999a0000000"}) {
        EXPECT_TRUE(cause(text).ends_with("float not in its shortest form")) << text << " " << cause(text);
    }
    for (const char* text : {"5f4161ff", "7f6161ff", "9f01ff", "bf616101ff"}) {
        EXPECT_TRUE(cause(text).ends_with("indefinite length")) << text << " " << cause(text);
    }
    EXPECT_TRUE(cause("ff").ends_with("break outside an indefinite length"));
    EXPECT_TRUE(cause("f7").ends_with("undefined value"));
    for (const char* text :
         {"1c", "1f", "3c", "5c", "7d", "9e", "bc", "dc", "df", "e0", "f0", "f8", "f818", "f8ff", "fc"}) {
        EXPECT_NE("accepted", cause(text)) << text;
    }
    EXPECT_TRUE(cause("61ff").ends_with("text is not valid UTF-8"));
    EXPECT_TRUE(cause("63eda080").ends_with("text is not valid UTF-8"));  // a surrogate
    EXPECT_TRUE(cause("62c080").ends_with("text is not valid UTF-8"));    // overlong
}

TEST(CborReader, EveryInitialByte_IsReadOrRefused) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::string bytes(1, static_cast<char>(byte));
        CborReader reader(as_bytes(bytes));
        const auto item = reader.next();
        if (!item) {
            EXPECT_EQ(ErrorCode::corruption, item.error().code);
            EXPECT_EQ(0u, reader.offset());
        } else {
            EXPECT_TRUE(reader.at_end());
        }
    }
}

TEST(CborReader, HugeLengths_AreTruncatedNotAllocated) {
    for (const char* text :
         {"5bffffffffffffffff", "7bffffffffffffffff", "5affffffff", "7b7fffffffffffffff61"}) {
        EXPECT_TRUE(cause(text).ends_with("truncated")) << text << " " << cause(text);
    }
    EXPECT_EQ("invalid cbor at byte 0: truncated", cause(""));
}

TEST(CborReader, Expect_NamesBothTypesAndStays) {
    const std::string bytes = unhex("0120");
    CborReader reader(as_bytes(bytes));
    ASSERT_TRUE(reader.expect(CborType::unsigned_integer));
    const auto item = reader.expect(CborType::text);
    ASSERT_FALSE(item);
    EXPECT_EQ("invalid cbor at byte 1: expected text, found negative integer", item.error().message);
    EXPECT_EQ(1u, reader.offset());
}

TEST(CborReader, Links_AreTag42OnTheBinaryCid) {
    const std::string good = "d82a58250001711220" + std::string(64, 'a');
    const auto link_of = [](const std::string& text) {
        const std::string bytes = unhex(text);
        return CborReader(as_bytes(bytes)).link();
    };
    ASSERT_TRUE(link_of(good));
    EXPECT_EQ(0xaa, link_of(good)->front());
    for (std::size_t i = 0; i < 18; i += 2) {
        std::string other = good;
        other[i] = other[i] == '0' ? '7' : '0';
        EXPECT_FALSE(link_of(other)) << other;
    }
    EXPECT_FALSE(link_of(good.substr(0, good.size() - 2)));
    EXPECT_FALSE(link_of("01"));
    EXPECT_FALSE(link_of(""));
}

TEST(CborKeyLess, Keys_SortByLengthThenBytes) {
    EXPECT_TRUE(cbor_key_less("c", "ab"));
    EXPECT_TRUE(cbor_key_less("ab", "bb"));
    EXPECT_FALSE(cbor_key_less("ab", "ab"));
    EXPECT_TRUE(cbor_key_less("z", "\xc3\xa9"));
}

}  // namespace
}  // namespace cairn::dag::test
