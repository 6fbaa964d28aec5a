#include "dag/block.h"

#include "dag/cbor.h"
#include "dag/limits.h"
#include "test_data.h"

namespace cairn::dag::test {
namespace {

constexpr std::string_view kDocId = "bae-a5b2ecbf-4c5e-58ca-9ebb-ce82334660ca";
constexpr std::string_view kVersionId = "bafkreiac7i6vqgk4vk62rbq75iyorqqmbtb66yqbjetoe5irwhb47eqdzi";

BlockView field_block() {
    BlockView block;
    block.doc_id = kDocId;
    block.field_name = "age";
    block.schema_version_id = kVersionId;
    block.data = "\x15";
    block.priority = 1;
    return block;
}

BlockView composite_block() {
    BlockView block;
    block.kind = DeltaKind::composite;
    block.doc_id = kDocId;
    block.schema_version_id = kVersionId;
    block.priority = 1;
    return block;
}

Digest numbered(std::uint32_t number) {
    Digest digest{};
    std::memcpy(digest.data(), &number, sizeof number);
    return digest;
}

void expect_round_trip(const BlockView& block) {
    const std::string bytes = encoded(block);
    const auto read = decode_block(as_bytes(bytes));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(block, *read);
}

std::string refusal(std::string_view bytes) {
    const auto block = decode_block(as_bytes(bytes));
    return block ? "accepted" : block.error().message;
}

TEST(Block, WorkedExampleOfTheSpecification_HasItsCid) {
    // spec/blocks.md section 6.1.
    EXPECT_EQ("bafyreievy6w6qkq75siw2pa7fn4wfy6oxyqph6cg42cymiem4oc6lxeskm",
              Cid::of(Codec::dag_cbor, as_bytes(encoded(field_block()))).text());
}

TEST(Block, EveryKind_RoundTrips) {
    expect_round_trip(field_block());
    expect_round_trip(composite_block());
    BlockView counter = field_block();
    counter.kind = DeltaKind::counter;
    counter.nonce = 0x7ffffffffffffffe;
    expect_round_trip(counter);
    BlockView collection;
    collection.kind = DeltaKind::collection;
    collection.schema_version_id = kVersionId;
    collection.priority = 300;
    collection.links = {{numbered(1), ""}};
    expect_round_trip(collection);
}

TEST(Block, AllParts_RoundTripInEveryCombination) {
    for (unsigned parts = 0; parts < 16; ++parts) {
        BlockView block = composite_block();
        if (parts & 1) block.heads = {numbered(2), numbered(1)};
        if (parts & 2) block.links = {{numbered(4), "name"}, {numbered(3), ""}};
        if (parts & 4) block.signature = numbered(5);
        if (parts & 8) block.encryption = numbered(6);
        expect_round_trip(block);
    }
}

TEST(Block, NumbersAtTheirLimits_RoundTrip) {
    BlockView block = composite_block();
    block.priority = UINT64_MAX;
    block.status = 255;
    expect_round_trip(block);
    block.status = 256;
    EXPECT_TRUE(refusal(encoded(block)).ends_with("status 256 is above 255"));
    BlockView counter = field_block();
    counter.kind = DeltaKind::counter;
    for (const std::int64_t nonce : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
        counter.nonce = static_cast<std::uint64_t>(nonce);
        expect_round_trip(counter);
    }
}

TEST(Block, CounterNonceBeyond64Bits_IsRefused) {
    BlockView counter = field_block();
    counter.kind = DeltaKind::counter;
    counter.nonce = INT64_MAX;
    for (const char* head : {"\x1b\x80", "\x3b\x80"}) {
        std::string bytes = encoded(counter);
        const std::size_t at = bytes.find("\x1b\x7f\xff");
        ASSERT_NE(std::string::npos, at);
        bytes.replace(at, 2, head);
        EXPECT_TRUE(refusal(bytes).ends_with("is outside of 64 bits")) << refusal(bytes);
    }
}

TEST(Block, Errors_NameTheOffsetAndTheCause) {
    std::string bytes = encoded(field_block());
    EXPECT_EQ("invalid block at byte " + std::to_string(bytes.size()) + ": bytes after the end",
              refusal(bytes + '\0'));
    EXPECT_EQ("invalid cbor at byte 0: truncated", refusal(""));
    EXPECT_EQ("invalid cbor at byte 0: expected map, found null", refusal("\xf6"));
    bytes[1 + 6] = '\xa2';
    EXPECT_EQ("invalid block at byte 1: expected the key delta", refusal(bytes));
    bytes = encoded(field_block());
    bytes.replace(bytes.find("docID"), 5, "docId");
    EXPECT_TRUE(refusal(bytes).ends_with("expected the key docID")) << refusal(bytes);
    bytes = encoded(field_block());
    bytes[0] = '\xa2';
    EXPECT_TRUE(refusal(bytes).ends_with("entry 2 of 2 is not a known key at its place")) << refusal(bytes);
}

TEST(Block, EncodingAppends_AndLeavesWhatWasThere) {
    std::string out = "before";
    encode_block(field_block(), out);
    EXPECT_EQ("before" + encoded(field_block()), out);
}

TEST(Block, SizeLimit_IsTakenAtItAndRefusedPastIt) {
    BlockView block = field_block();
    const std::size_t rest = encoded(block).size() - 2 + 5;  // data of this length has a head of five bytes
    const std::string data(limits::kMaxBlockBytes - rest, 'x');
    block.data = data;
    std::string bytes = encoded(block);
    ASSERT_EQ(limits::kMaxBlockBytes, bytes.size());
    EXPECT_EQ("accepted", refusal(bytes));
    const std::string more = data + 'x';
    block.data = more;
    bytes = encoded(block);
    const auto refused = decode_block(as_bytes(bytes));
    ASSERT_FALSE(refused);
    EXPECT_EQ(ErrorCode::limit_exceeded, refused.error().code);
    EXPECT_NE(std::string::npos, refused.error().message.find("16777217"));
}

TEST(Block, LinkLimit_CountsHeadsAndLinksTogether) {
    for (const bool both : {false, true}) {
        BlockView block = composite_block();
        const std::uint32_t heads = both ? limits::kMaxBlockLinks / 2 : limits::kMaxBlockLinks;
        for (std::uint32_t i = 0; i < heads; ++i) block.heads.push_back(numbered(i));
        if (both) {
            for (std::uint32_t i = 0; i < limits::kMaxBlockLinks - heads; ++i)
                block.links.push_back({numbered(i), "n"});
        }
        expect_round_trip(block);
        if (both) {
            block.links.push_back({numbered(0), "n"});
        } else {
            block.heads.push_back(numbered(0));
        }
        const std::string bytes = encoded(block);
        const auto refused = decode_block(as_bytes(bytes));
        ASSERT_FALSE(refused);
        EXPECT_EQ(ErrorCode::limit_exceeded, refused.error().code);
    }
}

TEST(Block, ClaimedLinksThatAreNotThere_AllocateNothing) {
    BlockView block = composite_block();
    block.heads = {numbered(1)};
    std::string bytes = encoded(block);
    bytes.replace(bytes.find("heads") + 5, 1, std::string("\x99\xff\xff", 3));
    EXPECT_TRUE(refusal(bytes).ends_with("truncated")) << refusal(bytes);
    bytes.replace(bytes.find("heads") + 5, 3, std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9));
    EXPECT_NE("accepted", refusal(bytes));
}

TEST(EncryptionBlock, KeyOfAnotherLength_IsRefused) {
    const std::string key(31, 'k');
    std::string bytes;
    encode_encryption_block({.doc_id = kDocId, .key = key}, bytes);
    const auto block = decode_encryption_block(as_bytes(bytes));
    ASSERT_FALSE(block);
    EXPECT_TRUE(block.error().message.ends_with("key has 31 bytes, not 32"));
}

TEST(EncryptionBlock, WithAndWithoutField_RoundTrips) {
    const std::string key(32, 'k');
    for (const auto& field : {std::optional<std::string_view>{}, std::optional<std::string_view>{"age"}}) {
        const EncryptionBlockView block{.doc_id = "", .key = key, .field_name = field};
        std::string bytes;
        encode_encryption_block(block, bytes);
        EXPECT_EQ(block, decode_encryption_block(as_bytes(bytes)).value_or(EncryptionBlockView{}));
        EXPECT_EQ(BlockClass::encryption, classify_block(as_bytes(bytes)));
    }
}

TEST(ClassifyBlock, OtherBytes_AreUnknown) {
    for (const char* text : {"", "a0", "a1", "f6", "a26576616c75", "a1646e616d65", "ff"}) {
        EXPECT_EQ(BlockClass::unknown, classify_block(as_bytes(unhex(text)))) << text;
    }
}

}  // namespace
}  // namespace cairn::dag::test
