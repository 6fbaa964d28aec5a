// What a store does with blocks that are wrong: a clear error, and nothing written; and with files that were
// damaged: errors that say so, and a check that names the place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "cairn/database.h"
#include "collections/merge.h"
#include "collections/rebuild.h"
#include "dag/block.h"
#include "dag/limits.h"
#include "dag/signature.h"
#include "store_node.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::string_view kSchema =
    "type User { name: String @index  age: Int  points: Int @crdt(type: pncounter)  up: Int @crdt(type: "
    "pcounter) }"
    " type Page @branchable { title: String }";

dag::Digest digest_of(std::string_view bytes) {
    return dag::sha256(dag::as_bytes(bytes));
}
std::string encode(const dag::BlockView& block) {
    std::string bytes;
    dag::encode_block(block, bytes);
    return bytes;
}

// A sender with a history, and a receiver that has its beginning: three blocks of Saadi, one commit of Hafez,
// one page.
class BadBlocks : public testing::Test {
  protected:
    BadBlocks() {
        EXPECT_TRUE(sender_.add_schema(kSchema));
        EXPECT_TRUE(receiver_.add_schema(kSchema));
        saadi_ = create("create_User", "name: \"Saadi\", age: 1, points: 2");
        hafez_ = create("create_User", "name: \"Hafez\", age: 1");
        create("create_Page", "title: \"first\"");
        known_ = events();
        std::vector<std::string_view> views(known_.begin(), known_.end());
        auto merged = merge_blocks(receiver_.store(), views);
        EXPECT_TRUE(merged) << merged.error().message;
        EXPECT_TRUE(receiver_.store().update_digest_index());
        sender_.request(fmt::format(
            "mutation {{ update_User(docID: \"{}\", input: {{name: \"S\", age: 5}}) {{ _docID }} }}",
            saadi_));
        std::vector<std::string> all = events();
        update_.assign(all.begin() + static_cast<std::ptrdiff_t>(known_.size()), all.end());
    }

    std::string create(const std::string& mutation, const std::string& input,
                       const dag::SigningKey* signer = nullptr) {
        Answer answer = sender_.request(
            fmt::format("mutation {{ {}(input: {{{}}}) {{ _docID }} }}", mutation, input), nullptr, signer);
        EXPECT_TRUE(answer.errors.empty()) << answer.errors[0];
        return answer.data[mutation][0]["_docID"];
    }
    // Bytes of all blocks of the sender in order of the log.
    std::vector<std::string> events() {
        std::vector<std::string> all;
        for (std::uint64_t at = 0; at < sender_.store().position(); ++at) {
            std::string record = *sender_.store().event(at);
            auto blocks = dag::read_event(record);
            for (const dag::EventBlock& block : *blocks) all.emplace_back(block.bytes);
        }
        return all;
    }
    static dag::BlockView decode(std::string_view bytes) {
        auto block = dag::decode_block(dag::as_bytes(bytes));
        EXPECT_TRUE(block) << block.error().message;
        return *block;
    }
    std::string& part(dag::DeltaKind kind, std::string_view field = {}) {
        for (std::string& bytes : update_) {
            dag::BlockView block = decode(bytes);
            if (block.kind == kind && block.field_name == field) return bytes;
        }
        ADD_FAILURE();
        return update_[0];
    }
    std::string& composite() { return part(dag::DeltaKind::composite); }

    Result<MergeSummary> give(const std::vector<std::string>& blocks) {
        std::vector<std::string_view> views(blocks.begin(), blocks.end());
        return merge_blocks(receiver_.store(), views);
    }
    // Gives blocks among good ones, of another document too: all of them must be refused.
    void expect_refused(std::vector<std::string> blocks, ErrorCode code, std::string_view part_of_message) {
        std::size_t before_good = events().size();
        create("create_User", fmt::format("name: \"innocent {}\"", ++innocent_));
        std::vector<std::string> all = events();
        blocks.insert(blocks.begin(), all.begin() + static_cast<std::ptrdiff_t>(before_good), all.end());
        std::vector<Entries> before = whole_store(receiver_.store().storage());
        std::uint64_t position = receiver_.store().position();
        auto merged = give(blocks);
        ASSERT_FALSE(merged) << "applied " << merged->blocks_applied;
        EXPECT_EQ(merged.error().code, code) << merged.error().message;
        EXPECT_NE(merged.error().message.find(part_of_message), std::string::npos) << merged.error().message;
        EXPECT_EQ(receiver_.store().position(), position);
        EXPECT_TRUE(whole_store(receiver_.store().storage()) == before);
    }
    // Gives blocks that lack something: it is named, and nothing is written.
    void expect_held_back(const std::vector<std::string>& blocks, const std::vector<dag::Digest>& missing) {
        std::vector<Entries> before = whole_store(receiver_.store().storage());
        auto merged = give(blocks);
        ASSERT_TRUE(merged) << merged.error().message;
        EXPECT_EQ(merged->missing, missing);
        EXPECT_EQ(merged->blocks_applied, 0u);
        EXPECT_TRUE(whole_store(receiver_.store().storage()) == before);
    }

    StoreNode sender_, receiver_;
    std::string saadi_, hafez_;
    std::vector<std::string> known_, update_;
    int innocent_ = 0;
};

TEST_F(BadBlocks, GoodUpdate_IsApplied) {
    auto merged = give(update_);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->blocks_applied, 3u);
    EXPECT_EQ(merged->missing.size(), 0u);
}

TEST_F(BadBlocks, TruncatedAtAnyByte_IsRefused) {
    std::string good = composite();
    for (std::size_t size = 0; size < good.size(); ++size) {
        std::vector<std::string_view> blocks{std::string_view(good).substr(0, size)};
        auto merged = merge_blocks(receiver_.store(), blocks);
        ASSERT_FALSE(merged) << size;
        ASSERT_EQ(merged.error().code, ErrorCode::corruption) << size;
    }
    std::string cut = good.substr(0, good.size() - 1);
    expect_refused({cut}, ErrorCode::corruption, dag::Cid{dag::Codec::dag_cbor, digest_of(cut)}.text());
}

TEST_F(BadBlocks, BytesAfterTheEnd_AreRefused) {
    expect_refused({composite() + '\0'}, ErrorCode::corruption, "is refused");
}

TEST_F(BadBlocks, Oversized_IsRefusedUnread) {
    expect_refused({std::string(limits::kMaxBlockBytes + 1, 'x')}, ErrorCode::limit_exceeded,
                   std::to_string(limits::kMaxBlockBytes + 1));
}

TEST_F(BadBlocks, Number_AtTheLimitIsRead_OnePastIsRefused) {
    const std::string block = composite();
    std::vector<std::string_view> blocks(limits::kMaxMergeBlocks, block);
    auto merged = merge_blocks(receiver_.store(), blocks);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->blocks_received, 1u);
    blocks.push_back(block);
    merged = merge_blocks(receiver_.store(), blocks);
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(merged.error().message, "4000001 blocks in one merge, at most 4000000 are allowed");
}

TEST_F(BadBlocks, NonCanonicalInteger_IsRefused) {
    // The priority, 02, in two bytes.
    std::string bytes = part(dag::DeltaKind::lww, "name");
    std::size_t at = bytes.find("priority\x02");
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at + 8, 1, "\x18\x02");
    expect_refused({bytes}, ErrorCode::corruption, "is refused");
}

TEST_F(BadBlocks, SignatureAndKeyBlocksThatAreDamaged_AreRefused) {
    std::string signature, key;
    dag::encode_signature_block({"ES256K", "00", "value"}, signature);
    dag::encode_encryption_block({saadi_, "of a wrong length"}, key);
    expect_refused({signature + "x"}, ErrorCode::corruption, "is refused");
    expect_refused({key + "x"}, ErrorCode::corruption, "is refused");
}

TEST_F(BadBlocks, FieldBlockWithOtherContents_LinkedOneIsMissing) {
    // The digest of the changed block is not the one that the composite links.
    std::string original = part(dag::DeltaKind::lww, "name");
    dag::BlockView changed = decode(original);
    changed.data = "\x61X";
    std::string forged = encode(changed);
    expect_held_back({composite(), forged, part(dag::DeltaKind::lww, "age")}, {digest_of(original)});
}

TEST_F(BadBlocks, FieldBlockOfAnotherDocument_IsRefused) {
    dag::BlockView field = decode(part(dag::DeltaKind::lww, "name"));
    field.doc_id = hafez_;
    std::string foreign = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(foreign), "name"}};
    expect_refused({foreign, encode(commit)}, ErrorCode::corruption, saadi_);
}

TEST_F(BadBlocks, FieldBlockLinkedUnderAnotherName_IsRefused) {
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(part(dag::DeltaKind::lww, "name")), "age"}};
    expect_refused({part(dag::DeltaKind::lww, "name"), encode(commit)}, ErrorCode::corruption,
                   "linked as field age");
}

TEST_F(BadBlocks, FieldLinkThatIsAComposite_IsRefused) {
    dag::BlockView commit = decode(composite());
    commit.links = {{commit.heads.at(0), "name"}};
    expect_refused({encode(commit)}, ErrorCode::corruption, "linked as field name");
}

TEST_F(BadBlocks, ValueOfAnotherKind_IsRefused) {
    dag::BlockView field = decode(part(dag::DeltaKind::lww, "age"));
    field.data = "\x61X";
    std::string text = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(text), "age"}};
    expect_refused({text, encode(commit)}, ErrorCode::corruption, "");
}

TEST_F(BadBlocks, RegisterBlockOfACounterField_IsRefused) {
    dag::BlockView field = decode(part(dag::DeltaKind::lww, "age"));
    field.field_name = "points";
    field.heads.clear();
    std::string text = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(text), "points"}};
    expect_refused({text, encode(commit)}, ErrorCode::corruption, "points");
}

TEST_F(BadBlocks, NegativeIncrementOfPositiveCounter_IsRefused) {
    dag::BlockView field;
    field.kind = dag::DeltaKind::counter;
    field.doc_id = saadi_;
    field.field_name = "up";
    field.schema_version_id = decode(composite()).schema_version_id;
    field.data = "\x20";  // -1
    field.priority = 1;
    field.nonce = 7;
    std::string text = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(text), "up"}};
    expect_refused({text, encode(commit)}, ErrorCode::invalid_argument,
                   "value cannot be negative. Value: -1");
}

TEST_F(BadBlocks, ParentOfAnotherKind_GivenOrStored_IsRefused) {
    std::string field = part(dag::DeltaKind::lww, "name");
    dag::BlockView commit = decode(composite());
    commit.heads = {digest_of(field)};
    expect_refused({field, part(dag::DeltaKind::lww, "age"), encode(commit)}, ErrorCode::corruption,
                   "another kind");
    commit = decode(composite());
    for (const std::string& bytes : known_) {
        dag::BlockView block = decode(bytes);
        if (block.kind == dag::DeltaKind::lww && block.doc_id == saadi_) commit.heads = {digest_of(bytes)};
    }
    expect_refused({field, part(dag::DeltaKind::lww, "age"), encode(commit)}, ErrorCode::corruption,
                   "another kind");
}

TEST_F(BadBlocks, ParentOfAnotherDocument_GivenOrStored_IsRefused) {
    std::vector<std::string> blocks = update_;
    for (const std::string& bytes : known_) {
        dag::BlockView block = decode(bytes);
        if (block.kind != dag::DeltaKind::composite || block.doc_id != hafez_) continue;
        dag::BlockView commit = decode(composite());
        commit.heads = {digest_of(bytes)};
        composite() = encode(commit);
    }
    expect_refused(update_, ErrorCode::corruption, hafez_);
    std::vector<std::string> with_parent = update_;
    with_parent.insert(with_parent.end(), known_.begin(), known_.end());
    expect_refused(with_parent, ErrorCode::corruption, hafez_);
}

TEST_F(BadBlocks, CollectionBlockWithWrongLinks_IsRefused) {
    std::string page;
    for (const std::string& bytes : known_) {
        if (decode(bytes).kind == dag::DeltaKind::collection) page = bytes;
    }
    dag::BlockView commit = decode(page);
    commit.priority = 2;
    commit.heads = {digest_of(page)};
    commit.links[0].digest = digest_of(page);  // a collection block where a composite belongs
    expect_refused({encode(commit)}, ErrorCode::corruption, "another kind");
    commit = decode(page);
    commit.heads = {decode(composite()).heads.at(0)};  // a composite as parent
    expect_refused({encode(commit)}, ErrorCode::corruption, "another kind");
}

TEST_F(BadBlocks, UnknownVersionOrDocumentId_IsRefused) {
    dag::BlockView commit;
    commit.kind = dag::DeltaKind::composite;
    commit.doc_id = "bae-0a24cf29-b2c2-5861-9d00-abd6250c475d";
    commit.schema_version_id = "bafkreiunknown";
    commit.priority = 1;
    expect_refused({encode(commit)}, ErrorCode::not_found, "bafkreiunknown");
    std::string version(decode(composite()).schema_version_id);
    commit.schema_version_id = version;
    commit.doc_id = "Saadi";
    expect_refused({encode(commit)}, ErrorCode::corruption, "Saadi");
}

TEST_F(BadBlocks, DocumentGivenAnotherCollection_IsRefused) {
    dag::BlockView commit = decode(composite());
    std::string version;
    for (const Collection& collection : receiver_.store().catalog()->collections()) {
        if (collection.name == "Page") version = collection.version_id;
    }
    commit.schema_version_id = version;
    commit.links.clear();
    expect_refused({encode(commit)}, ErrorCode::corruption, "another collection");
}

TEST_F(BadBlocks, WrongSignature_OfCommitOrField_IsRefused) {
    std::vector<std::uint8_t> secret(32, 1), other_secret(32, 2);
    auto key = dag::SigningKey::from_bytes(dag::KeyType::secp256k1, secret);
    auto other = dag::SigningKey::from_bytes(dag::KeyType::secp256k1, other_secret);
    ASSERT_TRUE(key && other);
    std::size_t before = events().size();
    create("create_User", "name: \"Rumi\"", &*key);
    std::vector<std::string> all = events(),
                             blocks(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
    for (dag::DeltaKind kind : {dag::DeltaKind::composite, dag::DeltaKind::lww}) {
        std::vector<std::string> forged = blocks;
        for (std::string& bytes : forged) {
            auto block = dag::decode_block(dag::as_bytes(bytes));
            if (!block || block->kind != kind) continue;
            ASSERT_TRUE(block->signature);
            // Signed by somebody who had another block before him.
            dag::BlockView signed_block = *block;
            signed_block.priority += 1;
            std::string signature = *dag::sign_block(signed_block, *other);
            std::string field_digest(dag::as_text(digest_of(bytes)));
            block->signature = digest_of(signature);
            std::string changed = encode(*block);
            // The composite must still link the field block.
            for (std::string& commit : forged) {
                if (std::size_t at = commit.find(field_digest);
                    at != std::string::npos && &commit != &bytes) {
                    dag::BlockView relinked = decode(commit);
                    for (dag::NamedLink& link : relinked.links) link.digest = digest_of(changed);
                    relinked.signature.reset();
                    commit = encode(relinked);
                }
            }
            bytes = changed;
            forged.push_back(signature);
            break;
        }
        expect_refused(forged, ErrorCode::corruption, "signature verification failed");
    }
    auto good = give(blocks);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->commits_applied, 1u);
}

TEST_F(BadBlocks, SignatureBlockThatIsMissing_OfCommitOrField_HoldsBack) {
    std::vector<std::uint8_t> secret(32, 1);
    auto key = dag::SigningKey::from_bytes(dag::KeyType::secp256k1, secret);
    std::size_t before = events().size();
    create("create_User", "name: \"Rumi\"", &*key);
    std::vector<std::string> all = events(),
                             blocks(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
    int signatures = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (dag::classify_block(dag::as_bytes(blocks[i])) != dag::BlockClass::signature) continue;
        ++signatures;
        std::vector<std::string> without = blocks;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        expect_held_back(without, {digest_of(blocks[i])});
    }
    EXPECT_EQ(signatures, 2);
}

TEST_F(BadBlocks, FieldBlockWithUnknownParent_HoldsBack) {
    dag::BlockView field = decode(part(dag::DeltaKind::lww, "name"));
    dag::Digest unknown = digest_of("nothing");
    field.heads = {unknown};
    std::string bytes = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(bytes), "name"}};
    expect_held_back({bytes, encode(commit)}, {unknown});
}

TEST_F(BadBlocks, CipherTextThatDoesNotAuthenticate_IsRefused) {
    std::string key;
    std::string secret(32, 'k');
    dag::encode_encryption_block({saadi_, secret}, key);
    dag::BlockView field = decode(part(dag::DeltaKind::lww, "name"));
    std::string sealed(12 + 3 + 16, 'z');
    field.data = sealed;
    field.encryption = digest_of(key);
    std::string bytes = encode(field);
    dag::BlockView commit = decode(composite());
    commit.links = {{digest_of(bytes), "name"}};
    expect_refused({key, bytes, encode(commit)}, ErrorCode::corruption, "does not decrypt");
}

TEST_F(BadBlocks, RandomDamage_IsRefusedOrHeldBack_AndStoreStaysSound) {
    std::uint64_t seed = from_environment("CAIRN_BAD_INPUT_SEED", 11);
    std::mt19937_64 random(seed);
    std::cout << "  CAIRN_BAD_INPUT_SEED=" << seed << "\n";
    std::size_t refused = 0, taken = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::string> blocks = update_;
        std::string& bytes = blocks[random() % blocks.size()];
        switch (random() % 3) {
            case 0:
                bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
                break;
            case 1:
                bytes.erase(random() % bytes.size(), 1 + random() % 3);
                break;
            default:
                bytes.insert(random() % bytes.size(), 1, static_cast<char>(random()));
                break;
        }
        auto merged = give(blocks);
        ++(merged ? taken : refused);
    }
    // A flipped bit in a text is still a good block; it is one of another history.
    EXPECT_GT(refused, 1000u);
    std::cout << fmt::format("  {} refused, {} read\n", refused, taken);
    TemporaryFolder folder;
    auto verified = verify_projections(receiver_.store(), folder / "scratch", 10, {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->differences, std::vector<std::string>{});
}

}  // namespace
}  // namespace cairn::test
