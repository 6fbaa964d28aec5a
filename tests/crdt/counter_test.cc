#include "crdt/counter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>

#include "dag/cbor.h"
#include "tests/property.h"

namespace cairn::crdt {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::string integer_bytes(std::int64_t value) {
    std::string bytes;
    dag::CborWriter(bytes).integer(value);
    return bytes;
}

template <typename Number>
std::string float_bytes(Number value) {
    std::string bytes;
    dag::CborWriter(bytes).float_shortest(value);
    return bytes;
}

CounterValue increment(CounterKind kind, std::string_view bytes) {
    const auto value = read_increment(kind, false, bytes);
    if (!value) throw std::runtime_error(value.error().message);
    return *value;
}

CounterValue sum_of(CounterKind kind, const std::vector<std::string>& increments) {
    CounterValue total{.kind = kind};
    for (const std::string& bytes : increments) total = add_increment(total, increment(kind, bytes));
    return total;
}

TEST(Counter, Int_WrapsAround) {
    EXPECT_EQ(kMin, sum_of(CounterKind::int64, {integer_bytes(kMax), integer_bytes(1)}).integer);
    EXPECT_EQ(kMax, sum_of(CounterKind::int64, {integer_bytes(kMin), integer_bytes(-1)}).integer);
    EXPECT_EQ(0, sum_of(CounterKind::int64, {integer_bytes(kMin), integer_bytes(kMin)}).integer);
}

TEST(Counter, Float_OverflowsToInfinity) {
    const double greatest = std::numeric_limits<double>::max();
    EXPECT_TRUE(
        std::isinf(sum_of(CounterKind::float64, {float_bytes(greatest), float_bytes(greatest)}).number));
}

TEST(Counter, Float32_RoundsEveryStepToSingle) {
    const float third = 1.1f;
    const CounterValue sum =
        sum_of(CounterKind::float32, {float_bytes(third), float_bytes(2.2f), float_bytes(1e-3f)});
    EXPECT_EQ(static_cast<double>((third + 2.2f) + 1e-3f), sum.number);
    EXPECT_NE(1.1 + 2.2 + 1e-3, sum.number);
    const float greatest = std::numeric_limits<float>::max();
    EXPECT_TRUE(
        std::isinf(sum_of(CounterKind::float32, {float_bytes(greatest), float_bytes(greatest)}).number));
}

TEST(Counter, Float32_RoundsLikeTheHardware) {
    test::check_property(20'000, 100, [] {
        const auto x = test::any_number<std::uint32_t>();
        const auto y = test::any_number<std::uint32_t>();
        float a = 0;
        float b = 0;
        std::memcpy(&a, &x, sizeof a);
        std::memcpy(&b, &y, sizeof b);
        const CounterValue sum = add_increment({CounterKind::float32, 0, static_cast<double>(a)},
                                               {CounterKind::float32, 0, static_cast<double>(b)});
        const float expected = a + b;
        const bool same =
            std::isnan(expected) ? std::isnan(sum.number) : sum.number == static_cast<double>(expected);
        RC_ASSERT(same);
    });
}

TEST(Counter, Null_AddsZeroAndMakesTheCounterExist) {
    for (const CounterKind kind : {CounterKind::int64, CounterKind::float64, CounterKind::float32}) {
        EXPECT_EQ(CounterValue{.kind = kind}, increment(kind, "\xf6"sv));
    }
    EXPECT_EQ(5, sum_of(CounterKind::int64, {integer_bytes(5), "\xf6"}).integer);
    EXPECT_TRUE(read_increment(CounterKind::int64, true, "\xf6"sv));
}

TEST(Counter, PositiveOnly_RefusesNegativesAndNamesThem) {
    const auto refused = read_increment(CounterKind::int64, true, integer_bytes(-1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(ErrorCode::invalid_argument, refused.error().code);
    EXPECT_EQ("value cannot be negative. Value: -1", refused.error().message);
    EXPECT_EQ("value cannot be negative. Value: -0.5",
              read_increment(CounterKind::float64, true, float_bytes(-0.5)).error().message);
    EXPECT_EQ("value cannot be negative. Value: -1.1",
              read_increment(CounterKind::float32, true, float_bytes(-1.1f)).error().message);
    EXPECT_TRUE(read_increment(CounterKind::int64, true, integer_bytes(0)));
    EXPECT_TRUE(read_increment(CounterKind::float64, true, float_bytes(0.0)));
    EXPECT_TRUE(read_increment(CounterKind::int64, false, integer_bytes(-1)));
}

TEST(Counter, OtherBytes_AreRefused) {
    const auto refused = [](CounterKind kind, std::string_view bytes) {
        const auto value = read_increment(kind, false, bytes);
        return !value && value.error().code == ErrorCode::corruption;
    };
    EXPECT_TRUE(refused(CounterKind::int64, ""sv));
    EXPECT_TRUE(refused(CounterKind::int64, "\x01\x02"sv));
    EXPECT_TRUE(refused(CounterKind::int64, "\xf9\x3c\x00"sv));
    EXPECT_TRUE(refused(CounterKind::float64, "\x01"sv));
    EXPECT_TRUE(refused(CounterKind::float32, "\x61\x61"sv));
    EXPECT_TRUE(refused(CounterKind::int64, "\x1b\x80\x00\x00\x00\x00\x00\x00\x00"sv));  // 2^63
    EXPECT_TRUE(refused(CounterKind::int64, "\x3b\x80\x00\x00\x00\x00\x00\x00\x00"sv));  // -2^63-1
    EXPECT_EQ(kMin, increment(CounterKind::int64, "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"sv).integer);
}

// Delivers blocks in another order, some of them again, to a receiver that adds every block once.
CounterValue deliver(CounterKind kind, const std::vector<std::string>& blocks, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::size_t> deliveries;
    for (std::size_t i = 0; i < blocks.size(); ++i) deliveries.insert(deliveries.end(), 1 + random() % 2, i);
    std::shuffle(deliveries.begin(), deliveries.end(), random);
    std::set<std::size_t> added;
    CounterValue total{.kind = kind};
    for (const std::size_t block : deliveries) {
        if (added.insert(block).second) total = add_increment(total, increment(kind, blocks[block]));
    }
    return total;
}

TEST(Counter, RandomIntHistories_AnyOrderGivesTheSumModulo64Bits) {
    test::check_property(100'000, 16, [] {
        const auto increments = test::any_numbers<std::int64_t>();
        const auto seed = test::any_number<std::uint32_t>();
        std::vector<std::string> blocks;
        __extension__ using Wide = unsigned __int128;
        Wide exact = 0;
        for (const std::int64_t value : increments) {
            blocks.push_back(integer_bytes(value));
            exact += static_cast<Wide>(static_cast<std::uint64_t>(value));
        }
        const auto expected = static_cast<std::int64_t>(static_cast<std::uint64_t>(exact));
        RC_ASSERT(deliver(CounterKind::int64, blocks, seed).integer == expected);
        RC_ASSERT(sum_of(CounterKind::int64, blocks).integer == expected);
    });
}

// Increments are multiples of 1/8 below 2^10, at most 16 of them: every partial sum is a multiple of 1/8
// below 2^14, so it has at most 17 significant bits and is exact in single precision too. Where nothing is
// rounded, addition is associative; with increments such as 0.1 the last bits would depend on the order,
// which the rule allows.
void check_float_histories(CounterKind kind) {
    test::check_property(100'000, 16, [kind] {
        const auto numbers = test::any_numbers<std::int16_t>();
        const auto seed = test::any_number<std::uint32_t>();
        RC_ASSERT(numbers.size() <= 16u);
        std::vector<std::string> blocks;
        std::int64_t exact = 0;
        for (const std::int16_t drawn : numbers) {
            const int value = drawn % 8192;
            exact += value;
            const double number = value / 8.0;
            blocks.push_back(kind == CounterKind::float32 ? float_bytes(static_cast<float>(number))
                                                          : float_bytes(number));
        }
        const double expected = static_cast<double>(exact) / 8.0;
        RC_ASSERT(deliver(kind, blocks, seed).number == expected);
        RC_ASSERT(sum_of(kind, blocks).number == expected);
    });
}

TEST(Counter, RandomFloatHistories_AnyOrderGivesTheExactSum) {
    check_float_histories(CounterKind::float64);
}

TEST(Counter, RandomFloat32Histories_AnyOrderGivesTheExactSum) {
    check_float_histories(CounterKind::float32);
}

}  // namespace
}  // namespace cairn::crdt
