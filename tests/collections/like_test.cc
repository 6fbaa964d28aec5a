#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "collections/value.h"

namespace cairn {
namespace {

bool like(std::string_view pattern, std::string_view text) {
    return like_matches(pattern, text, false);
}
bool ilike(std::string_view pattern, std::string_view text) {
    return like_matches(pattern, text, true);
}

TEST(Like, PatternsOfTheSpecification) {
    EXPECT_TRUE(like("%", "%"));
    EXPECT_FALSE(like("%", "a"));
    EXPECT_FALSE(like("%", ""));
    EXPECT_TRUE(like("", ""));
    EXPECT_FALSE(like("", "a"));
    EXPECT_TRUE(like("%%", ""));
    EXPECT_TRUE(like("%%", "anything"));
    EXPECT_TRUE(like("%b%", "abc"));
    EXPECT_FALSE(like("%B%", "abc"));
    EXPECT_TRUE(like("%bc", "abc"));
    EXPECT_FALSE(like("%ab", "abc"));
    EXPECT_TRUE(like("ab%", "abc"));
    EXPECT_FALSE(like("bc%", "abc"));
    EXPECT_TRUE(like("a%c", "abc"));
    EXPECT_TRUE(like("a%c", "ac"));
    EXPECT_FALSE(like("a%c", "abd"));
    EXPECT_TRUE(like("aba%aba", "ababa")) << "start and end may overlap";
    EXPECT_TRUE(like("a%b%c", "a%b%c")) << "two inner wildcards are literal";
    EXPECT_FALSE(like("a%b%c", "axbxc"));
    EXPECT_TRUE(like("%a%b", "x a%b")) << "an inner one beside a leading one is literal";
    EXPECT_FALSE(like("%a%b", "x axb"));
    EXPECT_TRUE(like("a_c", "a_c"));
    EXPECT_FALSE(like("a_c", "abc"));
}

TEST(Like, IgnoringCase_LowersBothSides) {
    EXPECT_TRUE(ilike("AB%", "abc"));
    EXPECT_TRUE(ilike("%bC%", "aBcd"));
    EXPECT_TRUE(ilike("%CD", "abcd"));
    EXPECT_TRUE(ilike("A%D", "aBcd"));
    EXPECT_FALSE(ilike("A%C", "abcd"));
    EXPECT_FALSE(ilike("[%", "{a")) << "only letters have a case";
    EXPECT_TRUE(ilike("\xc3\x89t\xc3\xa9", "\xc3\xa9T\xc3\x89"));                  // Été
    EXPECT_TRUE(ilike("%\xce\xa3%", "\xcf\x83\xce\xbf\xcf\x86\xce\xaf\xce\xb1"));  // Σ in σοφία
    EXPECT_TRUE(ilike("\xd0\x9c\xd0\x98\xd0\xa0%", "\xd0\xbc\xd0\xb8\xd1\x80!"));  // МИР
    EXPECT_TRUE(ilike("%k", "\xe2\x84\xaa"));  // the Kelvin sign is a small k
    EXPECT_TRUE(ilike("\xff%",
                      "\xff"
                      "a"));
}

TEST(Like, RandomTexts_FollowTheParts) {
    EXPECT_TRUE(rc::check("parts", [] {
        auto letters = rc::gen::container<std::string>(rc::gen::element('a', 'b', 'A', 'B'));
        std::string start = *letters, middle = *letters, end = *letters;
        std::string text = start + middle + end;
        RC_ASSERT(like("%" + middle + "%", text));
        if (!start.empty()) {
            RC_ASSERT(like(start + "%", text));
            RC_ASSERT(ilike(start + "%", text));
        }
        if (!end.empty()) RC_ASSERT(like("%" + end, text));
        if (!start.empty() && !end.empty()) RC_ASSERT(like(start + "%" + end, text));
        std::string low = text;
        for (char& c : low) c = static_cast<char>(std::tolower(c));
        RC_ASSERT(ilike(low, text));
        RC_ASSERT(like(low, text) == (low == text));
    }));
}

}  // namespace
}  // namespace cairn
