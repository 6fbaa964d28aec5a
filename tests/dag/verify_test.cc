#include "dag/verify.h"

#include <iostream>

#include "dag/signature.h"
#include "memory_blocks.h"

namespace cairn::dag::test {
namespace {

constexpr std::string_view kEdKey =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

struct Document {
    MemoryBlocks store;
    Digest age = store.field({}, "age", "\x15");
    Digest root = store.composite({}, {{age, "age"}});
    Digest age_next = store.field({age}, "age", "\x16");
    Digest top = store.composite({root}, {{age_next, "age"}});

    VerifyReport verify(Digest from, VerifyOptions options = {}) {
        auto report = verify_dag(store, std::vector{from}, options);
        if (!report) throw std::runtime_error(report.error().message);
        return *report;
    }
    // The only problem below this block, without the CID it begins with.
    std::string problem(Digest from, const Digest& of) {
        const VerifyReport report = verify(from);
        if (report.problems.size() != 1) return std::to_string(report.problems.size()) + " problems";
        const std::string start = cid_text(of) + " ";
        return report.problems[0].starts_with(start) ? report.problems[0].substr(start.size())
                                                     : "of another block: " + report.problems[0];
    }
    // Signs and stores a composite.
    Digest put_signed(BlockView block, const std::string& signature_block) {
        block.signature = store.put(signature_block);
        return store.put(block);
    }
};

TEST(VerifyBlockBytes, RightBytes_AreAccepted) {
    Document document;
    EXPECT_TRUE(verify_block_bytes(document.top, as_bytes(document.store.blocks[document.top])));
}

TEST(VerifyBlockBytes, OtherBytesOrNoBlock_AreNamed) {
    Document document;
    const auto other = verify_block_bytes(document.top, as_bytes(document.store.blocks[document.root]));
    ASSERT_FALSE(other);
    EXPECT_EQ(cid_text(document.top) + " is stored with the bytes of " + cid_text(document.root),
              other.error().message);
    const std::string bytes = "\xf6";
    const auto none = verify_block_bytes(sha256(as_bytes(bytes)), as_bytes(bytes));
    ASSERT_FALSE(none);
    EXPECT_EQ(ErrorCode::corruption, none.error().code);
    EXPECT_NE(std::string::npos, none.error().message.find("cannot be read"));
}

TEST(VerifyDag, SoundDag_HasNoProblems) {
    Document document;
    const VerifyReport report = document.verify(document.top);
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(4u, report.blocks);
    EXPECT_EQ(0u, report.signatures);
}

TEST(VerifyDag, MissingBlocks_AreEachNamed) {
    Document document;
    document.store.blocks.erase(document.age);
    EXPECT_EQ("is missing", document.problem(document.top, document.age));
    document.store.blocks.erase(document.root);
    EXPECT_EQ(2u, document.verify(document.top).problems.size());
    EXPECT_EQ("is missing", document.problem(Digest{1}, Digest{1}));
}

TEST(VerifyDag, SwappedBytes_AreFound) {
    Document document;
    document.store.blocks[document.age] = document.store.blocks[document.age_next];
    EXPECT_EQ("is stored with the bytes of " + cid_text(document.age_next),
              document.problem(document.top, document.age));
}

TEST(VerifyDag, BytesThatAreNotCanonical_AreFound) {
    Document document;
    std::string bytes = document.store.blocks[document.age];
    bytes.replace(bytes.find("priority\x01"), 9, "priority\x18\x01");
    const Digest digest = document.store.put(bytes);
    const Digest above = document.store.composite({}, {{digest, "age"}});
    EXPECT_TRUE(document.problem(above, digest).starts_with("cannot be read: invalid cbor at byte"));
}

TEST(VerifyDag, WrongHeight_IsFound) {
    Document document;
    BlockView block = document.store.make(DeltaKind::composite, {document.top});
    block.priority = 7;
    const Digest wrong = document.store.put(block);
    EXPECT_EQ("has height 7 above heads of height 2", document.problem(wrong, wrong));
    block = document.store.make(DeltaKind::composite, {});
    block.priority = 2;
    const Digest lonely = document.store.put(block);
    EXPECT_EQ("has height 2 above heads of height 0", document.problem(lonely, lonely));
    block.priority = UINT64_MAX;
    const Digest last = document.store.put(block);
    block = document.store.make(DeltaKind::composite, {});
    block.heads = {last};
    block.priority = 0;
    EXPECT_EQ(2u, document.verify(document.store.put(block)).problems.size());
}

TEST(VerifyDag, HeightOfUnevenHeads_IsOneAboveTheHighest) {
    Document document;
    EXPECT_TRUE(document.verify(document.store.composite({document.top, document.store.composite({})})).ok());
}

TEST(VerifyDag, HeadOfAnotherKind_IsFound) {
    Document document;
    BlockView block = document.store.make(DeltaKind::composite, {document.root});
    block.heads.push_back(document.age);
    std::sort(block.heads.begin(), block.heads.end(), TextOrder());
    const Digest wrong = document.store.put(block);
    EXPECT_EQ("is a composite block with a head of another kind: " + cid_text(document.age),
              document.problem(wrong, wrong));
}

TEST(VerifyDag, LinksThatDoNotFit_AreFound) {
    Document document;
    const Digest renamed = document.store.composite({}, {{document.age, "name"}});
    EXPECT_EQ("links as 'name' to " + cid_text(document.age) + ", a field block that does not fit",
              document.problem(renamed, renamed));
    BlockView foreign = document.store.make(DeltaKind::composite, {});
    foreign.doc_id = "bae-00000000-0000-5000-8000-000000000000";
    foreign.links = {{document.age, "age"}};
    const Digest stolen = document.store.put(foreign);
    EXPECT_TRUE(document.problem(stolen, stolen).starts_with("links as 'age'"));
    BlockView field = document.store.make(DeltaKind::lww, {});
    field.links = {{document.age, "age"}};
    const Digest linking = document.store.put(field);
    EXPECT_EQ("is a field block with links", document.problem(linking, linking));
}

TEST(VerifyDag, CollectionBlocks_LinkToOneComposite) {
    Document document;
    BlockView block = document.store.make(DeltaKind::collection, {});
    const Digest empty = document.store.put(block);
    EXPECT_EQ("is a collection block with 0 links, not 1", document.problem(empty, empty));
    block.links = {{document.top, ""}};
    EXPECT_TRUE(document.verify(document.store.put(block)).ok());
    block.links = {{document.age, ""}};
    const Digest wrong = document.store.put(block);
    EXPECT_TRUE(document.problem(wrong, wrong).starts_with("links as ''"));
}

TEST(VerifyDag, Cycle_EndsWithTheHashProblem) {
    Document document;
    BlockView forged = document.store.make(DeltaKind::composite, {document.top});
    document.store.blocks[document.root] = encoded(forged);
    EXPECT_TRUE(document.problem(document.top, document.root).starts_with("is stored with the bytes of"));
}

TEST(VerifyDag, Signatures_AreVerified) {
    Document document;
    const SigningKey key = SigningKey::parse(KeyType::ed25519, kEdKey).value();
    const BlockView block = document.store.make(DeltaKind::composite, {document.top});
    const std::string right = sign_block(block, key).value();
    const Digest good = document.put_signed(block, right);
    EXPECT_EQ(1u, document.verify(good).signatures);
    EXPECT_TRUE(document.verify(good).ok());

    BlockView other = block;
    other.status = kStatusDeleted;
    const Digest wrong = document.put_signed(other, right);
    EXPECT_EQ("signature verification failed", document.problem(wrong, wrong));
    EXPECT_TRUE(document.verify(wrong, {.signatures = false}).ok());

    std::string unknown;
    encode_signature_block({"RS256\n", "00", "00"}, unknown);
    const Digest strange = document.put_signed(block, unknown);
    EXPECT_EQ("unknown signature type: RS256?", document.problem(strange, strange));

    const Digest signature = *document.store.view(good).signature;
    document.store.blocks.erase(signature);
    EXPECT_EQ("its signature block " + cid_text(signature) + " is missing", document.problem(good, good));
}

TEST(VerifyDag, BudgetAndErrorsOfTheSource_AreReturned) {
    Document document;
    const std::vector roots{document.top};
    EXPECT_TRUE(verify_dag(document.store, roots, {.budget = 4}));
    EXPECT_EQ(ErrorCode::limit_exceeded, verify_dag(document.store, roots, {.budget = 3}).error().code);
    document.store.failing = document.age;
    EXPECT_EQ(ErrorCode::io, verify_dag(document.store, roots).error().code);
}

TEST(VerifyDag, ManyProblems_AreCut) {
    MemoryBlocks store;
    std::vector<Digest> roots;
    for (std::uint8_t i = 0; i < 20; ++i) roots.push_back(Digest{i});
    const auto report = verify_dag(store, roots, {.max_problems = 5}).value();
    ASSERT_EQ(6u, report.problems.size());
    EXPECT_EQ("and 15 more problems", report.problems.back());
}

TEST(VerifyVectors, BlocksOfEveryCase_HaveNoProblems) {
    int cases = 0;
    std::uint64_t blocks = 0;
    std::uint64_t signatures = 0;
    for (const std::string& name : vector_files()) {
        const Json file = load_vectors(name);
        for (const Json& vector : file["cases"]) {
            MemoryBlocks store = load_blocks(vector);
            std::vector<Digest> roots;
            for (const auto& [digest, bytes] : store.blocks) {
                if (classify_block(as_bytes(bytes)) == BlockClass::delta) roots.push_back(digest);
            }
            if (roots.empty()) continue;
            const auto report = verify_dag(store, roots).value();
            // many_updates lists only some of its blocks, so parents are missing there.
            const std::string label = name + " " + vector.value("name", "");
            const bool lists_all = !label.ends_with("many_updates");
            for (const std::string& problem : report.problems) {
                EXPECT_TRUE(!lists_all && problem.ends_with(" is missing")) << label << " " << problem;
            }
            EXPECT_EQ(roots.size(), report.blocks);
            blocks += report.blocks;
            signatures += report.signatures;
            ++cases;
        }
    }
    std::cout << "  " << cases << " cases, " << blocks << " blocks, " << signatures << " signatures\n";
    EXPECT_GT(cases, 100);
    EXPECT_GT(signatures, 20u);
}

}  // namespace
}  // namespace cairn::dag::test
