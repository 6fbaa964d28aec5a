#include "crdt/heads.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/property.h"

namespace cairn::crdt {
namespace {

using dag::BlockView;
using dag::Digest;

Digest digest_of(std::uint64_t number) {
    // Spread, so that the order of texts is not the order of making.
    number = (number + 1) * 0x9e3779b97f4a7c15u;
    Digest digest{};
    std::memcpy(digest.data(), &number, sizeof number);
    return digest;
}

BlockView block_of(std::uint64_t height, std::vector<Digest> heads, std::vector<Digest> links = {}) {
    BlockView block;
    block.kind = dag::DeltaKind::composite;
    block.priority = height;
    block.heads = std::move(heads);
    for (const Digest& link : links) block.links.push_back({link, "name"});
    return block;
}

HeadSet apply(const HeadSet& heads, const Digest& digest, const BlockView& block,
              const std::set<Digest>& known) {
    const auto is_known = [&](const Digest& wanted) -> Result<bool> { return known.contains(wanted); };
    auto next = apply_heads(heads, digest, block, is_known);
    if (!next) throw std::runtime_error(next.error().message);
    return *next;
}

TEST(Heads, BlockWithoutHeads_IsAdded) {
    const HeadSet heads = apply({}, digest_of(1), block_of(1, {}), {});
    EXPECT_EQ((HeadSet{{digest_of(1), 1}}), heads);
}

TEST(Heads, Parent_IsReplaced) {
    const HeadSet heads = apply(HeadSet{{digest_of(1), 1}}, digest_of(2), block_of(2, {digest_of(1)}), {});
    EXPECT_EQ((HeadSet{{digest_of(2), 2}}), heads);
}

TEST(Heads, KnownParentThatIsNoHead_AddsABranch) {
    const HeadSet start{{digest_of(2), 2}};
    const HeadSet heads = apply(start, digest_of(3), block_of(2, {digest_of(1)}), {digest_of(1)});
    EXPECT_EQ(2u, heads.size());
    EXPECT_TRUE(contains_head(heads, digest_of(2)));
    EXPECT_TRUE(contains_head(heads, digest_of(3)));
}

TEST(Heads, NothingKnown_LeavesTheSet) {
    const HeadSet start{{digest_of(2), 2}};
    EXPECT_EQ(start, apply(start, digest_of(3), block_of(2, {digest_of(1)}), {}));
}

TEST(Heads, KnownLinkAlone_AddsTheBlock) {
    const HeadSet heads =
        apply({}, digest_of(3), block_of(2, {digest_of(1)}, {digest_of(9)}), {digest_of(9)});
    EXPECT_EQ((HeadSet{{digest_of(3), 2}}), heads);
}

TEST(Heads, SeveralParents_AreAllReplaced) {
    HeadSet start;
    add_head(start, {digest_of(1), 1});
    add_head(start, {digest_of(2), 4});
    EXPECT_EQ(5u, next_height(start));
    const HeadSet heads = apply(start, digest_of(3), block_of(5, head_digests(start)), {});
    EXPECT_EQ((HeadSet{{digest_of(3), 5}}), heads);
}

TEST(Heads, BlockAgainBesideItsDescendant_BecomesAHeadAgain) {
    // The quirk of section 10.2: a field block that two composites link to is applied twice.
    const std::set<Digest> known{digest_of(1), digest_of(2), digest_of(3)};
    HeadSet heads{{digest_of(3), 3}};
    heads = apply(heads, digest_of(2), block_of(2, {digest_of(1)}), known);
    EXPECT_EQ(2u, heads.size());
}

TEST(Heads, IsKnown_IsNotAskedWhenAParentIsAHead) {
    const auto never = [](const Digest&) -> Result<bool> { return fail(ErrorCode::io, "asked"); };
    EXPECT_TRUE(apply_heads(HeadSet{{digest_of(1), 1}}, digest_of(2),
                            block_of(2, {digest_of(7), digest_of(1)}, {digest_of(8)}), never));
}

TEST(Heads, ErrorOfIsKnown_IsReturned) {
    const auto failing = [](const Digest&) -> Result<bool> { return fail(ErrorCode::io, "disk is gone"); };
    const auto heads = apply_heads(HeadSet{}, digest_of(2), block_of(2, {digest_of(1)}), failing);
    ASSERT_FALSE(heads);
    EXPECT_EQ("disk is gone", heads.error().message);
}

TEST(Heads, Order_IsThatOfTexts) {
    HeadSet heads;
    for (std::uint64_t i = 0; i < 64; ++i) add_head(heads, {digest_of(i), i});
    ASSERT_EQ(64u, heads.size());
    for (std::size_t i = 1; i < heads.size(); ++i) {
        EXPECT_LT((dag::Cid{dag::Codec::dag_cbor, heads[i - 1].digest}.text()),
                  (dag::Cid{dag::Codec::dag_cbor, heads[i].digest}.text()));
    }
}

TEST(Heads, NextHeight_StaysAtTheGreatestNumber) {
    EXPECT_EQ(1u, next_height({}));
    EXPECT_EQ(UINT64_MAX, next_height(HeadSet{{digest_of(1), UINT64_MAX}}));
}

struct Block {
    Digest digest{};
    BlockView view{};
    std::vector<std::size_t> parents{};
};

// What three peers, who write on what they have and take each other's blocks, leave behind.
std::vector<Block> write_history(const std::vector<std::uint8_t>& steps) {
    constexpr std::size_t kPeers = 3;
    std::vector<Block> blocks;
    std::array<std::set<std::size_t>, kPeers> heads;
    std::array<std::set<std::size_t>, kPeers> present;
    for (const std::uint8_t step : steps) {
        const std::size_t peer = step % kPeers;
        const std::size_t other = (peer + 1 + step / kPeers % 2) % kPeers;
        if (step % 4 == 0) {  // take what the other one has
            present[peer].insert(present[other].begin(), present[other].end());
            heads[peer] = present[peer];
            for (const std::size_t i : present[peer]) {
                for (const std::size_t parent : blocks[i].parents) heads[peer].erase(parent);
            }
            continue;
        }
        Block block{.digest = digest_of(blocks.size())};
        std::uint64_t height = 0;
        for (const std::size_t head : heads[peer]) {
            block.parents.push_back(head);
            block.view.heads.push_back(blocks[head].digest);
            height = std::max(height, blocks[head].view.priority);
        }
        block.view.priority = height + 1;
        heads[peer] = {blocks.size()};
        present[peer].insert(blocks.size());
        blocks.push_back(std::move(block));
    }
    return blocks;
}

// Applies all blocks, each after its parents, otherwise in a random order.
HeadSet apply_in_causal_order(const std::vector<Block>& blocks, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<bool> done(blocks.size());
    std::set<Digest> known;
    HeadSet heads;
    for (std::size_t round = 0; round < blocks.size(); ++round) {
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const auto& parents = blocks[i].parents;
            if (!done[i] &&
                std::all_of(parents.begin(), parents.end(), [&](std::size_t p) { return done[p]; })) {
                ready.push_back(i);
            }
        }
        const std::size_t next = ready[random() % ready.size()];
        heads = apply(heads, blocks[next].digest, blocks[next].view, known);
        known.insert(blocks[next].digest);
        done[next] = true;
    }
    return heads;
}

TEST(Heads, RandomHistories_AnyCausalOrderLeavesTheBlocksThatNothingFollows) {
    test::check_property(100'000, 24, [] {
        const std::vector<Block> blocks = write_history(test::any_numbers<std::uint8_t>());
        const auto seed = test::any_number<std::uint32_t>();
        std::map<Digest, std::uint64_t> expected;
        for (const Block& block : blocks) expected[block.digest] = block.view.priority;
        for (const Block& block : blocks) {
            for (const Digest& parent : block.view.heads) expected.erase(parent);
        }
        const HeadSet one = apply_in_causal_order(blocks, seed);
        RC_ASSERT(one == apply_in_causal_order(blocks, seed + 1));
        RC_ASSERT(one.size() == expected.size());
        for (const Head& head : one) RC_ASSERT(expected.at(head.digest) == head.height);
    });
}

}  // namespace
}  // namespace cairn::crdt
