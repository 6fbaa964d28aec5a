#include "crdt/lww.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "tests/property.h"

namespace cairn::crdt {
namespace {

using namespace std::string_view_literals;

// Field bytes of several types, among them the one that wins over null (a float) and those of one head form.
constexpr std::array kValues = {"\x15"sv,
                                "\x16"sv,
                                "\x20"sv,
                                "\xf4"sv,
                                "\xf5"sv,
                                "\xf6"sv,
                                "\xf9\x3c\x00"sv,
                                "\x61\x61"sv,
                                "\x62zz"sv,
                                "\x63"
                                "aaa"sv,
                                "\x80"sv,
                                "\x81\x01"sv};

struct Write {
    std::size_t value = 0;
    std::uint64_t priority = 0;
    LwwDelta delta() const { return {kValues[value], priority}; }
};

Write to_write(std::uint16_t number) {
    return {number % kValues.size(), static_cast<std::uint64_t>(number >> 8) % 5};
}

std::vector<Write> to_history(const std::vector<std::uint16_t>& numbers) {
    std::vector<Write> history;
    for (const std::uint16_t number : numbers) history.push_back(to_write(number));
    return history;
}

LwwState fold(const std::vector<Write>& history) {
    LwwState state;
    for (const Write& write : history) state = apply_lww(state, write.delta());
    return state;
}

LwwDelta as_delta(const LwwState& state) {
    return {state.bytes.value_or(kNullFieldBytes), state.priority};
}

TEST(Lww, LowerPriority_IsIgnored) {
    const LwwState state{"\x15"sv, 3};
    EXPECT_EQ(state, apply_lww(state, {"\x16"sv, 2}));
}

TEST(Lww, HigherPriority_Wins) {
    EXPECT_EQ((LwwState{"\x15"sv, 4}), apply_lww({"\x16"sv, 3}, {"\x15"sv, 4}));
}

TEST(Lww, EqualPriority_ComparesBytes) {
    EXPECT_TRUE(lww_wins("\x62zz"sv, 2,
                         "\x63"
                         "aaa"sv,
                         2));  // a longer text
    EXPECT_FALSE(
        lww_wins("\x63"
                 "aaa"sv,
                 2, "\x62zz"sv, 2));
    EXPECT_TRUE(lww_wins("\x15"sv, 2, "\x20"sv, 2));      // a negative integer over a positive one
    EXPECT_TRUE(lww_wins("\xf4"sv, 2, "\xf5"sv, 2));      // true over false
    EXPECT_FALSE(lww_wins("\x15"sv, 2, "\x15"sv, 2));     // the same again
    EXPECT_TRUE(lww_wins("\x81"sv, 2, "\x81\x01"sv, 2));  // what begins with the other
}

TEST(Lww, EqualPriorityNull_WinsOverAllButFloats) {
    for (const std::string_view value : kValues) {
        const bool is_float = value.starts_with('\xf9');
        const bool is_null = value == kNullFieldBytes;
        EXPECT_EQ(is_float, lww_wins(std::nullopt, 2, value, 2));
        EXPECT_EQ(!is_float && !is_null, lww_wins(value, 2, std::nullopt, 2));
    }
    EXPECT_FALSE(lww_wins(std::nullopt, 2, std::nullopt, 2));
    EXPECT_FALSE(lww_wins(std::nullopt, 2, kNullFieldBytes, 2));
}

TEST(Lww, Null_RemovesTheValueAndKeepsThePriority) {
    EXPECT_EQ((LwwState{std::nullopt, 4}), apply_lww({"\x16"sv, 3}, {kNullFieldBytes, 4}));
}

TEST(Lww, RandomHistories_AnyOrderAndRepetitionGiveTheGreatestWrite) {
    test::check_property(100'000, 32, [] {
        const std::vector<Write> history = to_history(test::any_numbers<std::uint16_t>());
        std::pair<std::uint64_t, std::string> greatest{0, std::string(kNullFieldBytes)};
        for (const Write& write : history) {
            greatest = std::max(greatest, {write.priority, std::string(kValues[write.value])});
        }
        std::mt19937 random(test::any_number<std::uint32_t>());
        std::vector<Write> other = history;
        for (const Write& write : history) {
            if (random() % 2 == 0) other.push_back(write);
        }
        std::shuffle(other.begin(), other.end(), random);
        const LwwState state = fold(other);
        RC_ASSERT(state == fold(history));
        RC_ASSERT(state.priority == greatest.first);
        RC_ASSERT(state.bytes.value_or(kNullFieldBytes) == greatest.second);
    });
}

TEST(Lww, RandomStates_MergeAssociatively) {
    test::check_property(100'000, 16, [] {
        const auto any_state = [] {
            return apply_lww({}, to_write(test::any_number<std::uint16_t>()).delta());
        };
        const LwwState a = any_state();
        const LwwState b = any_state();
        const LwwState c = any_state();
        const auto merge = [](const LwwState& to, const LwwState& from) {
            return apply_lww(to, as_delta(from));
        };
        RC_ASSERT(merge(merge(a, b), c) == merge(a, merge(b, c)));
        RC_ASSERT(merge(a, b) == merge(b, a));
        RC_ASSERT(merge(a, a) == a);
    });
}

}  // namespace
}  // namespace cairn::crdt
