// The table of groups and the windows of lists, by themselves.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "query/aggregates.h"
#include "query/groups.h"
#include "query/list_window.h"

namespace cairn::query {
namespace {

TEST(GroupTable, ManyKeys_KeepTheNumbersOfTheirFirstAppearance) {
    GroupTable table;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < 20000; ++i) EXPECT_EQ(table.find_or_add(fmt::format("key {}", i)), i);
    }
    EXPECT_EQ(table.size(), 20000u);
}

TEST(GroupTable, KeysThatDifferInZeroBytesOrLength_AreDifferent) {
    GroupTable table;
    std::vector<std::string> keys = {"",
                                     std::string(1, '\0'),
                                     std::string(2, '\0'),
                                     std::string(8, '\0'),
                                     std::string(9, '\0'),
                                     "12345678",
                                     "123456780",
                                     std::string("12345678\0", 9)};
    for (std::uint32_t i = 0; i < keys.size(); ++i) EXPECT_EQ(table.find_or_add(keys[i]), i);
    for (std::uint32_t i = 0; i < keys.size(); ++i) EXPECT_EQ(table.find_or_add(keys[i]), i);
}

TEST(ListWindow, OfSelects_TakesZeroAndNegativeLimitsForNone) {
    EXPECT_EQ(plain_window({}, {}).size_of(5), 5u);
    EXPECT_EQ(plain_window(0, {}).size_of(5), 5u);
    EXPECT_EQ(plain_window(-3, 2).size_of(5), 3u);
    EXPECT_EQ(plain_window(2, 4).size_of(5), 1u);
    EXPECT_EQ(plain_window(2, 9).size_of(5), 0u);
    EXPECT_EQ(plain_window({}, -1).size_of(5), 0u);
}

TEST(ListWindow, OfMembers_ShowsNothingForZeroOrAnOffsetAlone) {
    EXPECT_EQ(member_window({}, {}).size_of(5), 5u);
    EXPECT_EQ(member_window(0, {}).size_of(5), 0u);
    EXPECT_EQ(member_window({}, 0).size_of(5), 0u);
    EXPECT_EQ(member_window(2, 1).size_of(5), 2u);
    EXPECT_EQ(member_window(-1, 1).size_of(5), 4u);
    EXPECT_TRUE(member_window(2, 1).shows(2));
    EXPECT_FALSE(member_window(2, 1).shows(3));
    EXPECT_FALSE(member_window(2, 1).shows(0));
}

TEST(Numbers, OfBothKinds_CompareWithoutLoss) {
    std::int64_t large = 9007199254740993;
    EXPECT_GT(compare_numbers(Number::of(large), Number::of(9007199254740992.0)), 0);
    EXPECT_EQ(compare_numbers(Number::of(std::int64_t{2}), Number::of(2.0)), 0);
    EXPECT_LT(compare_numbers(Number(), Number::of(-1e300)), 0);
    EXPECT_LT(compare_numbers(Number::of(std::nan("")), Number::of(-1e300)), 0);
    EXPECT_EQ(compare_numbers(Number(), Number()), 0);
}

TEST(Accumulator, IntegerSums_AreCutOffAndClamped) {
    auto sum = [](double value) {
        Accumulator items;
        items.add(AggregateOp::sum, Number::of(value));
        return items.result(AggregateOp::sum, false).integer;
    };
    EXPECT_EQ(sum(-2.9), -2);
    EXPECT_EQ(sum(1e30), INT64_MAX);
    EXPECT_EQ(sum(-1e30), INT64_MIN);
}

}  // namespace
}  // namespace cairn::query
