#include "collections/varint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace cairn {
namespace {

TEST(Varint, Numbers_ReadBack) {
    EXPECT_TRUE(rc::check("round trip", [](std::uint64_t number, const std::string& tail) {
        auto value = number >> *rc::gen::inRange(0, 64);
        std::string bytes;
        append_varint(value, bytes);
        std::size_t length = bytes.size();
        bytes += tail;
        std::string_view rest = bytes;
        RC_ASSERT(take_varint(rest) == value);
        RC_ASSERT(rest == tail);
        std::string_view cut = std::string_view(bytes).substr(0, length - 1);
        RC_ASSERT(!take_varint(cut).has_value());
    }));
}

TEST(Varint, KnownBytes) {
    std::string bytes;
    append_varint(300, bytes);
    EXPECT_EQ(bytes, "\xac\x02");
    bytes.clear();
    append_varint(UINT64_MAX, bytes);
    EXPECT_EQ(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Varint, MalformedBytes_AreLeftAlone) {
    for (std::string_view bytes :
         {std::string_view(""), std::string_view("\x80"), std::string_view("\x80\x00", 2),
          std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
          std::string_view("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")}) {
        std::string_view rest = bytes;
        EXPECT_FALSE(take_varint(rest).has_value());
        EXPECT_EQ(rest, bytes);
    }
}

}  // namespace
}  // namespace cairn
