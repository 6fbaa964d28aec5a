// Merges that are large enough to go into sorted files (collections/README.md "Decisions").
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cairn/database.h"
#include "collections/storage.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type Author @branchable { name: String @index  books: [Book] }"
    "type Book { name: String  pages: Int @index  sold: Int @crdt(type: pncounter)  author: Author }";

void must_execute(Database& database, const std::string& query) {
    bool failed = false;
    const std::string answer = database.execute({query, {}, {}}, &failed);
    ASSERT_FALSE(failed) << answer;
}

// Some authors with books, updates and deletes: more than 1 MB of blocks.
void fill(Database& database, int first, int authors) {
    for (int a = first; a < first + authors; ++a) {
        auto author = database.create_document("Author", fmt::format(R"({{"name": "Author {}"}})", a));
        ASSERT_TRUE(author) << author.error().message;
        std::string inputs;
        for (int b = 0; b < 50; ++b) {
            inputs += fmt::format("{{name: \"Book {} of {}\", pages: {}, sold: 1, author: \"{}\"}} ", b, a,
                                  b * a % 97, *author);
        }
        must_execute(database, fmt::format("mutation {{ create_Book(input: [{}]) {{ _docID }} }}", inputs));
        must_execute(
            database,
            fmt::format("mutation {{ update_Book(filter: {{author: {{name: {{_eq: \"Author {}\"}}}}, "
                        "pages: {{_lt: 20}}}}, input: {{sold: 2}}) {{ _docID }} }}",
                        a));
    }
    must_execute(
        database,
        fmt::format("mutation {{ delete_Book(filter: {{name: {{_like: \"%7 of {}\"}}}}) {{ _docID }} }}",
                    first));
}

std::vector<Block> blocks_of(const Database& database) {
    std::vector<Block> all;
    std::uint64_t position = 0;
    for (bool more = true; more;) {
        auto batch = database.blocks_since(position);
        EXPECT_TRUE(batch);
        std::move(batch->blocks.begin(), batch->blocks.end(), std::back_inserter(all));
        position = batch->next_position;
        more = batch->more;
    }
    return all;
}

std::size_t bytes_of(const std::vector<Block>& blocks) {
    std::size_t bytes = 0;
    for (const Block& block : blocks) bytes += block.bytes.size();
    return bytes;
}

class LargeMerge : public testing::TestWithParam<Durability> {
  protected:
    Database open(const std::string& name) {
        Options options;
        options.durability = GetParam();
        return *Database::open(folder_ / name, options);
    }
    TemporaryFolder folder_;
};

TEST_P(LargeMerge, BlocksOfTwoStores_InAnyOrder_GiveEqualStores) {
    {
        Database alice = open("alice"), bob = open("bob");
        for (Database* database : {&alice, &bob}) ASSERT_TRUE(database->add_schema(kSchema));
        fill(alice, 1, 30);
        fill(bob, 20, 40);  // some authors are made on both
        std::vector<Block> from_alice = blocks_of(alice), from_bob = blocks_of(bob);
        ASSERT_GT(bytes_of(from_alice), std::size_t{1} << 20);
        ASSERT_GT(bytes_of(from_bob), std::size_t{1} << 20);
        std::shuffle(from_bob.begin(), from_bob.end(), std::mt19937(7));
        auto into_alice = alice.merge(from_bob);
        auto into_bob = bob.merge(from_alice);
        ASSERT_TRUE(into_alice) << into_alice.error().message;
        ASSERT_TRUE(into_bob) << into_bob.error().message;
        EXPECT_TRUE(into_alice->missing.empty());
        EXPECT_TRUE(into_bob->missing.empty());
        EXPECT_GT(into_alice->commits_applied, 1000u);
        auto again = alice.merge(from_bob);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->blocks_applied, 0u);
        for (Database* database : {&alice, &bob}) {
            auto report = database->check();
            ASSERT_TRUE(report) << report.error().message;
            EXPECT_EQ(report->problems, std::vector<std::string>{});
        }
    }
    const Projections alice = read_projections(folder_ / "alice"), bob = read_projections(folder_ / "bob");
    EXPECT_TRUE(alice == bob) << first_difference(alice, bob);
    EXPECT_GT(alice.rows.size(), 2500u);
}

TEST_P(LargeMerge, SnapshotTakenBefore_DoesNotSeeIt) {
    Database alice = open("alice"), bob = open("bob");
    for (Database* database : {&alice, &bob}) ASSERT_TRUE(database->add_schema(kSchema));
    fill(alice, 1, 30);
    fill(bob, 1, 1);
    Transaction before = *bob.begin(true);
    const Request books{"{ Book(filter: {pages: {_ge: 0}}) { _docID } }", {}, {}};
    const std::string seen = before.execute(books);
    ASSERT_TRUE(bob.merge(blocks_of(alice)));
    EXPECT_EQ(before.execute(books), seen);
    EXPECT_GT(bob.execute(books).size(), 10 * seen.size());
    must_execute(bob, "mutation { update_Book(filter: {pages: {_eq: 3}}, input: {sold: 5}) { _docID } }");
    EXPECT_TRUE(bob.check()->problems.empty());
}

INSTANTIATE_TEST_SUITE_P(Durabilities, LargeMerge,
                         testing::Values(Durability::full, Durability::process, Durability::memory));

}  // namespace
}  // namespace cairn::test
