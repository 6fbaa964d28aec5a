// Blocks of documents, fields and collections, encryption blocks and signature blocks: their strict canonical
// dag-cbor form (spec/blocks.md section 6). decode(encode(b)) = b and encode(decode(bytes)) = bytes.
// All functions are pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn::dag {

enum class DeltaKind : std::uint8_t { lww, counter, composite, collection };

inline constexpr std::uint64_t kStatusActive = 1;
inline constexpr std::uint64_t kStatusDeleted = 2;

struct NamedLink {
    Digest digest{};
    std::string_view name{};  // field name; "" for the composite that a collection block records
    friend bool operator==(const NamedLink&, const NamedLink&) = default;
};

// A decoded block. Views point into the bytes it was decoded from (or that the caller keeps alive).
struct BlockView {
    DeltaKind kind = DeltaKind::lww;
    std::string_view doc_id{};             // text; not for collection
    std::string_view field_name{};         // lww, counter
    std::string_view schema_version_id{};  // all
    std::string_view data{};               // lww, counter: field bytes or cipher text
    std::uint64_t priority = 0;            // all: the height
    std::uint64_t nonce = 0;  // counter: a signed integer in two's complement; new ones are not negative
    std::uint64_t status = kStatusActive;  // composite
    std::vector<Digest> heads{};           // in stored order; new blocks are sorted by TextOrder
    std::vector<NamedLink> links{};        // in stored order; new blocks are sorted by TextOrder
    std::optional<Digest> signature{};
    std::optional<Digest> encryption{};
    friend bool operator==(const BlockView&, const BlockView&) = default;
};

struct SignatureBlockView {
    std::string_view type{};      // "ES256K" or "EdDSA"
    std::string_view identity{};  // hexadecimal text of the public key
    std::string_view value{};     // signature bytes
    friend bool operator==(const SignatureBlockView&, const SignatureBlockView&) = default;
};

struct EncryptionBlockView {
    std::string_view doc_id{};                     // "" for a collection block
    std::string_view key{};                        // 32 bytes
    std::optional<std::string_view> field_name{};  // only when the key is of one single field
    friend bool operator==(const EncryptionBlockView&, const EncryptionBlockView&) = default;
};

// Appends the canonical bytes. Requires what the kind needs; never fails.
void encode_block(const BlockView& block, std::string& out);
void encode_signature_block(const SignatureBlockView& block, std::string& out);
void encode_encryption_block(const EncryptionBlockView& block, std::string& out);

// Strict readers (spec section 6.4): accept exactly the bytes that encode again to themselves, within
// dag/limits.h. Errors: corruption (with the offset and what was wrong), limit_exceeded.
Result<BlockView> decode_block(Bytes bytes);
Result<SignatureBlockView> decode_signature_block(Bytes bytes);
Result<EncryptionBlockView> decode_encryption_block(Bytes bytes);

// What a block is, seen from its top-level keys without full decoding. unknown when none fits.
enum class BlockClass : std::uint8_t { unknown, delta, signature, encryption };
BlockClass classify_block(Bytes bytes);

}  // namespace cairn::dag
