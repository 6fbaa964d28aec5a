// The short form of the fuzz targets: mutated seeds through parser, validation, variables and SDL conversion.
#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/graphql_check.h"

namespace cairn::query {
namespace {

using namespace std::string_literals;

const std::vector<std::string>& request_seeds() {
    static const std::vector<std::string> kSeeds = {
        "query Q($n: Int = 3, $f: BookFilterArg) @explain(type: simple) { Book(limit: $n, filter: $f) { x: "
        "title ...F } } "
        "fragment F on Book { author { name books(order: {rating: ASC}) { title } } }\0{\"n\": 4, \"f\": "
        "{\"title\": "
        "{\"_like\": \"%a\\u00e9\"}}}"s,
        "mutation M($in: [BookMutationInputArg!]) { create_Book(input: $in) { _docID } }\0{\"in\": "
        "[{\"title\": \"t\", "
        "\"rating\": 1e3, \"prices\": [1, 2.5], \"info\": {\"a\": [null, true]}, "
        "\"author\": {\"_docID\": \"bae-1\"}}]}"s,
        "mutation { create_Book(input: [{title: \"a\\n\\u0041\", cover: \"ff\", printed: "
        "\"2017-07-23T03:46:56Z\", years: [1, "
        "null], info: {k: [1.5, WORD, \"\"\"\n  block\n  \"\"\"]}}]) { _docID } }"s,
        "{ _avg(Book: {field: rating}) Author(groupBy: [name]) { name _group { age } _count(_group: {}) ... "
        "on Author { age } } "
        "commits { cid links { name } } } # comment"s,
    };
    return kSeeds;
}

const std::vector<std::string>& sdl_seeds() {
    static const std::vector<std::string> kSeeds = {
        "\"text\" type User implements A & B @index(includes: [{field: \"name\", direction: DESC}]) "
        "@branchable { name: String "
        "@default(string: \"x\") n: [Int!] @constraints(size: 2) c: Int @crdt(type: pcounter) }",
        "type A { b: B @primary @relation(name: \"x\") j: JSON @default(json: {a: [1, 2.5]}) t: DateTime "
        "@default(dateTime: "
        "\"2017-07-23T03:46:56Z\") } type B { a: A @relation(name: \"x\") v: [Float32!] @embedding(fields: "
        "[\"s\"], provider: "
        "\"ollama\", model: \"m\") s: String @index(unique: true) }",
        "enum E { A @x } union U = A | B scalar S input I { f: Int = 1 } extend type T { z: Int } directive "
        "@x(a: Int) on FIELD | "
        "OBJECT schema { query: Query } interface F { a: Int }",
    };
    return kSeeds;
}

class Mutator {
  public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::string mutate(const std::vector<std::string>& seeds) {
        std::string text = seeds[below(seeds.size())];
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text, seeds);
        return text;
    }

  private:
    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    void change(std::string& text, const std::vector<std::string>& seeds) {
        static constexpr std::string_view kPieces[] = {
            "{",      "}",   "(",    ")",  "[", "]",   "!", "$n",    "...F",           "\"",
            "\"\"\"", "\\u", "null", "@x", ":", "-1e", "0", "type ", "fragment F on ", "é",
            "\x01",   "#"};
        std::size_t at = below(text.size() + 1);
        switch (below(5)) {
            case 0:
                text.insert(at, kPieces[below(std::size(kPieces))]);
                break;
            case 1:
                text.erase(at, 1 + below(6));
                break;
            case 2:
                text.resize(at);
                break;
            case 3: {
                const std::string& other = seeds[below(seeds.size())];
                std::size_t from = below(other.size());
                text.insert(at, other, from, below(40));
                break;
            }
            default:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
        }
    }

    std::mt19937 random_;
};

constexpr std::uint32_t kSeed = 20240731;
constexpr int kRounds = 30'000;

TEST(GraphqlMutations, Seeds_AreAccepted) {
    for (const std::string& seed : request_seeds()) EXPECT_TRUE(test::check_request(seed)) << seed;
    EXPECT_TRUE(test::check_sdl(sdl_seeds()[1]));
}

TEST(GraphqlMutations, Requests_NeverBreak) {
    Mutator mutator(kSeed);
    int valid = 0;
    for (int i = 0; i < kRounds; ++i) valid += test::check_request(mutator.mutate(request_seeds())) ? 1 : 0;
    std::cout << "  " << kRounds << " requests, " << valid << " valid\n";
    EXPECT_GT(valid, 0);
    EXPECT_LT(valid, kRounds);
}

TEST(GraphqlMutations, Sdl_NeverBreaks) {
    Mutator mutator(kSeed);
    int valid = 0;
    for (int i = 0; i < kRounds; ++i) valid += test::check_sdl(mutator.mutate(sdl_seeds())) ? 1 : 0;
    std::cout << "  " << kRounds << " SDL texts, " << valid << " valid\n";
    EXPECT_GT(valid, 0);
    EXPECT_LT(valid, kRounds);
}

TEST(GraphqlMutations, EveryPrefix_NeverBreaks) {
    for (const std::string& seed : request_seeds()) {
        for (std::size_t length = 0; length <= seed.size(); ++length)
            test::check_request(seed.substr(0, length));
    }
    for (const std::string& seed : sdl_seeds()) {
        for (std::size_t length = 0; length <= seed.size(); ++length) test::check_sdl(seed.substr(0, length));
    }
}

}  // namespace
}  // namespace cairn::query
