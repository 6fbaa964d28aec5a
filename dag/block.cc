#include "dag/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "dag/cbor.h"
#include "dag/cbor_head.h"
#include "dag/limits.h"

namespace cairn::dag {
namespace {

// Keys with their heads, as they stand in the bytes. A canonical map has its keys at fixed places, so writing
// a key is appending it and reading one is comparing it. The literals are cut where a letter would continue
// the escape.
constexpr std::string_view kDeltaKey =
    "\x65"
    "delta"
    "\xa1";  // with the head of the union around the delta
constexpr std::string_view kHeadsKey =
    "\x65"
    "heads";
constexpr std::string_view kLinksKey =
    "\x65"
    "links";
constexpr std::string_view kSignatureKey =
    "\x69"
    "signature";
constexpr std::string_view kEncryptionKey =
    "\x6a"
    "encryption";
constexpr std::string_view kLinkEntry =
    "\xa2\x64"
    "link";
constexpr std::string_view kLinkName =
    "\x64"
    "name";

// Union tags with the head of the delta map and, since it is fixed as well, its first key.
constexpr std::string_view kLww =
    "\x63"
    "lww"
    "\xa5\x64"
    "data";
constexpr std::string_view kCounter =
    "\x67"
    "counter"
    "\xa6\x64"
    "data";
constexpr std::string_view kComposite =
    "\x69"
    "composite"
    "\xa4\x65"
    "docID";
constexpr std::string_view kCollection =
    "\x6a"
    "collection"
    "\xa2\x68"
    "priority";

constexpr std::string_view kDocIdKey =
    "\x65"
    "docID";
constexpr std::string_view kNonceKey =
    "\x65"
    "nonce";
constexpr std::string_view kStatusKey =
    "\x66"
    "status";
constexpr std::string_view kPriorityKey =
    "\x68"
    "priority";
constexpr std::string_view kFieldNameKey =
    "\x69"
    "fieldName";
constexpr std::string_view kSchemaVersionIdKey =
    "\x6f"
    "schemaVersionID";

constexpr std::string_view kSignatureBlock =
    "\xa2\x65"
    "value";
constexpr std::string_view kHeaderKey =
    "\x66"
    "header"
    "\xa2\x64"
    "type";
constexpr std::string_view kIdentityKey =
    "\x68"
    "identity";

constexpr std::string_view kKeyKey =
    "\x63"
    "key";
constexpr std::size_t kKeyBytes = 32;

// Tag 42, head of 37 bytes, identity multibase, then what all CIDs of dag-cbor blocks begin with.
constexpr std::string_view kLinkHead("\xd8\x2a\x58\x25\x00\x01\x71\x12\x20", 9);
constexpr std::size_t kLinkBytes = kLinkHead.size() + sizeof(Digest);
constexpr std::size_t kNamedLinkBytes =
    kLinkEntry.size() + kLinkBytes + kLinkName.size() + 1;  // with an empty name

std::unexpected<Error> corrupt(std::size_t offset, std::string_view cause) {
    return fail(ErrorCode::corruption, fmt::format("invalid block at byte {}: {}", offset, cause));
}

// The key without its head, for messages.
std::string_view name_of(std::string_view key) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto* begin = std::find_if(key.begin() + 1, key.end(), is_letter);
    return {begin, std::find_if_not(begin, key.end(), is_letter)};
}

// Where the bytes of a block are written. The room was made before: see room_for. Copies of literals and
// digests become plain stores this way, which makes encoding a block three times as fast as appending to a
// string.
class Cursor {
  public:
    explicit Cursor(char* at) : at_(at) {}
    char* at() const { return at_; }

    void literal(std::string_view bytes) {
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }
    void head(CborMajor major, std::uint64_t argument) { at_ += write_cbor_head(at_, major, argument); }
    void string(CborMajor major, std::string_view bytes) {
        head(major, bytes.size());
        at_ = std::copy(bytes.begin(), bytes.end(), at_);  // may be an empty view of nothing
    }
    void link(const Digest& digest) {
        literal(kLinkHead);
        literal({reinterpret_cast<const char*>(digest.data()), sizeof digest});
    }

  private:
    char* at_;
};

// At least as many bytes as the block takes.
std::size_t room_for(const BlockView& block) {
    constexpr std::size_t kFixedBytes = 256;  // more than all keys and heads outside of links
    std::size_t room = kFixedBytes + block.doc_id.size() + block.field_name.size() + block.data.size() +
                       block.schema_version_id.size() + (block.heads.size() + 2) * kLinkBytes;
    for (const NamedLink& link : block.links) room += kNamedLinkBytes + kMaxCborHeadBytes + link.name.size();
    return room;
}

void encode_integer(std::int64_t value, Cursor& to) {
    if (value >= 0) {
        to.head(CborMajor::unsigned_integer, static_cast<std::uint64_t>(value));
    } else {
        to.head(CborMajor::negative_integer, ~static_cast<std::uint64_t>(value));
    }
}

void encode_field_delta(const BlockView& block, Cursor& to) {
    to.string(CborMajor::byte_string, block.data);
    to.literal(kDocIdKey);
    to.string(CborMajor::byte_string, block.doc_id);
    if (block.kind == DeltaKind::counter) {
        to.literal(kNonceKey);
        encode_integer(static_cast<std::int64_t>(block.nonce), to);
    }
    to.literal(kPriorityKey);
    to.head(CborMajor::unsigned_integer, block.priority);
    to.literal(kFieldNameKey);
    to.string(CborMajor::text, block.field_name);
}

void encode_delta(const BlockView& block, Cursor& to) {
    switch (block.kind) {
        case DeltaKind::lww:
            to.literal(kLww);
            encode_field_delta(block, to);
            break;
        case DeltaKind::counter:
            to.literal(kCounter);
            encode_field_delta(block, to);
            break;
        case DeltaKind::composite:
            to.literal(kComposite);
            to.string(CborMajor::byte_string, block.doc_id);
            to.literal(kStatusKey);
            to.head(CborMajor::unsigned_integer, block.status);
            to.literal(kPriorityKey);
            to.head(CborMajor::unsigned_integer, block.priority);
            break;
        case DeltaKind::collection:
            to.literal(kCollection);
            to.head(CborMajor::unsigned_integer, block.priority);
            break;
    }
    to.literal(kSchemaVersionIdKey);
    to.string(CborMajor::text, block.schema_version_id);
}

void encode_links(const BlockView& block, Cursor& to) {
    if (!block.heads.empty()) {
        to.literal(kHeadsKey);
        to.head(CborMajor::array, block.heads.size());
        for (const Digest& head : block.heads) to.link(head);
    }
    if (!block.links.empty()) {
        to.literal(kLinksKey);
        to.head(CborMajor::array, block.links.size());
        for (const NamedLink& link : block.links) {
            to.literal(kLinkEntry);
            to.link(link.digest);
            to.literal(kLinkName);
            to.string(CborMajor::text, link.name);
        }
    }
    if (block.signature) {
        to.literal(kSignatureKey);
        to.link(*block.signature);
    }
    if (block.encryption) {
        to.literal(kEncryptionKey);
        to.link(*block.encryption);
    }
}

}  // namespace

void encode_block(const BlockView& block, std::string& out) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + room_for(block), [&](char* text, std::size_t) {
        Cursor to(text + before);
        to.head(CborMajor::map, 1u + !block.heads.empty() + !block.links.empty() +
                                    block.signature.has_value() + block.encryption.has_value());
        to.literal(kDeltaKey);
        encode_delta(block, to);
        encode_links(block, to);
        return static_cast<std::size_t>(to.at() - text);
    });
}

void encode_signature_block(const SignatureBlockView& block, std::string& out) {
    CborWriter writer(out);
    out.append(kSignatureBlock);
    writer.byte_string(block.value);
    out.append(kHeaderKey);
    writer.text(block.type);
    out.append(kIdentityKey);
    writer.byte_string(block.identity);
}

void encode_encryption_block(const EncryptionBlockView& block, std::string& out) {
    CborWriter writer(out);
    writer.map(block.field_name ? 3 : 2);
    out.append(kKeyKey);
    writer.byte_string(block.key);
    out.append(kDocIdKey);
    writer.byte_string(block.doc_id);
    if (block.field_name) {
        out.append(kFieldNameKey);
        writer.text(*block.field_name);
    }
}

namespace {

// Reads the parts of one block in the order of its tables. Every step either takes what the tables ask for at
// this place in its one canonical form or fails, so what passes encodes again to the same bytes.
class BlockReader {
  public:
    explicit BlockReader(Bytes bytes) : cbor_(bytes, TextCheck::none), size_(bytes.size()) {}

    std::size_t offset() const { return cbor_.offset(); }
    bool skip(std::string_view literal) { return cbor_.skip_literal(literal); }

    Status key(std::string_view literal) {
        if (cbor_.skip_literal(literal)) return {};
        return corrupt(cbor_.offset(), fmt::format("expected the key {}", name_of(literal)));
    }

    Result<std::uint64_t> number(CborType type) {
        CAIRN_ASSIGN(const CborItem item, cbor_.expect(type));
        return item.value;
    }

    Result<std::string_view> string(CborType type) {
        CAIRN_ASSIGN(const CborItem item, cbor_.expect(type));
        return item.bytes;
    }

    Result<std::string_view> keyed_string(std::string_view literal, CborType type) {
        CAIRN_TRY(key(literal));
        return string(type);
    }

    Result<std::uint64_t> keyed_unsigned(std::string_view literal) {
        CAIRN_TRY(key(literal));
        return number(CborType::unsigned_integer);
    }

    // A signed integer of 64 bits, in two's complement.
    Result<std::uint64_t> keyed_signed(std::string_view literal) {
        CAIRN_TRY(key(literal));
        const std::size_t start = cbor_.offset();
        CAIRN_ASSIGN(const CborItem item, cbor_.next());
        const bool negative = item.type == CborType::negative_integer;
        if (!negative && item.type != CborType::unsigned_integer) {
            return corrupt(start, fmt::format("expected integer, found {}", cbor_type_name(item.type)));
        }
        if (item.value > static_cast<std::uint64_t>(INT64_MAX)) {
            return corrupt(
                start, fmt::format("integer {}{} is outside of 64 bits", negative ? "-1-" : "", item.value));
        }
        return negative ? ~item.value : item.value;
    }

    // The count of a non-empty array of links, of which the block already has some.
    Result<std::size_t> link_count(std::size_t present, std::size_t bytes_each) {
        const std::size_t start = cbor_.offset();
        CAIRN_ASSIGN(const std::uint64_t count, number(CborType::array));
        if (count == 0) return corrupt(start, "an empty list is left out");
        if (count > limits::kMaxBlockLinks - present) {
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("block has {} more links after {}, at most {} are allowed", count,
                                    present, limits::kMaxBlockLinks));
        }
        if (count > (size_ - cbor_.offset()) / bytes_each) return corrupt(size_, "truncated");
        return count;
    }

    Result<Digest> link() { return cbor_.link(); }

    Status end() {
        if (cbor_.at_end()) return {};
        return corrupt(cbor_.offset(), "bytes after the end");
    }

  private:
    CborReader cbor_;
    std::size_t size_;
};

Status check_size(Bytes bytes) {
    if (bytes.size() <= limits::kMaxBlockBytes) return {};
    return fail(ErrorCode::limit_exceeded, fmt::format("block has {} bytes, at most {} are allowed",
                                                       bytes.size(), limits::kMaxBlockBytes));
}

Status read_field_delta(BlockReader& reader, BlockView& block) {
    CAIRN_ASSIGN(block.data, reader.string(CborType::byte_string));
    CAIRN_ASSIGN(block.doc_id, reader.keyed_string(kDocIdKey, CborType::byte_string));
    if (block.kind == DeltaKind::counter) {
        CAIRN_ASSIGN(block.nonce, reader.keyed_signed(kNonceKey));
    }
    CAIRN_ASSIGN(block.priority, reader.keyed_unsigned(kPriorityKey));
    CAIRN_ASSIGN(block.field_name, reader.keyed_string(kFieldNameKey, CborType::text));
    return {};
}

Status read_composite_delta(BlockReader& reader, BlockView& block) {
    CAIRN_ASSIGN(block.doc_id, reader.string(CborType::byte_string));
    const std::size_t start = reader.offset();
    CAIRN_ASSIGN(block.status, reader.keyed_unsigned(kStatusKey));
    if (block.status > UINT8_MAX) return corrupt(start, fmt::format("status {} is above 255", block.status));
    CAIRN_ASSIGN(block.priority, reader.keyed_unsigned(kPriorityKey));
    return {};
}

Status read_delta(BlockReader& reader, BlockView& block) {
    CAIRN_TRY(reader.key(kDeltaKey));
    if (reader.skip(kLww)) {
        block.kind = DeltaKind::lww;
        CAIRN_TRY(read_field_delta(reader, block));
    } else if (reader.skip(kComposite)) {
        block.kind = DeltaKind::composite;
        CAIRN_TRY(read_composite_delta(reader, block));
    } else if (reader.skip(kCounter)) {
        block.kind = DeltaKind::counter;
        CAIRN_TRY(read_field_delta(reader, block));
    } else if (reader.skip(kCollection)) {
        block.kind = DeltaKind::collection;
        CAIRN_ASSIGN(block.priority, reader.number(CborType::unsigned_integer));
    } else {
        return corrupt(reader.offset(), "expected a delta of the kind lww, counter, composite or collection");
    }
    CAIRN_ASSIGN(block.schema_version_id, reader.keyed_string(kSchemaVersionIdKey, CborType::text));
    return {};
}

Status read_heads(BlockReader& reader, BlockView& block) {
    CAIRN_ASSIGN(const std::size_t count, reader.link_count(0, kLinkBytes));
    block.heads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        CAIRN_ASSIGN(const Digest head, reader.link());
        block.heads.push_back(head);
    }
    return {};
}

Status read_links(BlockReader& reader, BlockView& block) {
    CAIRN_ASSIGN(const std::size_t count, reader.link_count(block.heads.size(), kNamedLinkBytes));
    block.links.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        CAIRN_TRY(reader.key(kLinkEntry));
        CAIRN_ASSIGN(const Digest digest, reader.link());
        CAIRN_ASSIGN(const std::string_view name, reader.keyed_string(kLinkName, CborType::text));
        block.links.push_back({digest, name});
    }
    return {};
}

}  // namespace

Result<BlockView> decode_block(Bytes bytes) {
    CAIRN_TRY(check_size(bytes));
    BlockReader reader(bytes);
    BlockView block;
    CAIRN_ASSIGN(const std::uint64_t entries, reader.number(CborType::map));
    CAIRN_TRY(read_delta(reader, block));
    std::uint64_t read = 1;
    if (read < entries && reader.skip(kHeadsKey)) {
        CAIRN_TRY(read_heads(reader, block));
        ++read;
    }
    if (read < entries && reader.skip(kLinksKey)) {
        CAIRN_TRY(read_links(reader, block));
        ++read;
    }
    if (read < entries && reader.skip(kSignatureKey)) {
        CAIRN_ASSIGN(block.signature, reader.link());
        ++read;
    }
    if (read < entries && reader.skip(kEncryptionKey)) {
        CAIRN_ASSIGN(block.encryption, reader.link());
        ++read;
    }
    if (read != entries) {
        return corrupt(reader.offset(),
                       fmt::format("entry {} of {} is not a known key at its place", read + 1, entries));
    }
    CAIRN_TRY(reader.end());
    return block;
}

Result<SignatureBlockView> decode_signature_block(Bytes bytes) {
    CAIRN_TRY(check_size(bytes));
    BlockReader reader(bytes);
    SignatureBlockView block;
    CAIRN_ASSIGN(block.value, reader.keyed_string(kSignatureBlock, CborType::byte_string));
    CAIRN_ASSIGN(block.type, reader.keyed_string(kHeaderKey, CborType::text));
    CAIRN_ASSIGN(block.identity, reader.keyed_string(kIdentityKey, CborType::byte_string));
    CAIRN_TRY(reader.end());
    return block;
}

Result<EncryptionBlockView> decode_encryption_block(Bytes bytes) {
    CAIRN_TRY(check_size(bytes));
    BlockReader reader(bytes);
    EncryptionBlockView block;
    CAIRN_ASSIGN(const std::uint64_t entries, reader.number(CborType::map));
    if (entries != 2 && entries != 3)
        return corrupt(0, fmt::format("expected 2 or 3 entries, found {}", entries));
    CAIRN_ASSIGN(block.key, reader.keyed_string(kKeyKey, CborType::byte_string));
    if (block.key.size() != kKeyBytes) {
        return corrupt(0, fmt::format("key has {} bytes, not {}", block.key.size(), kKeyBytes));
    }
    CAIRN_ASSIGN(block.doc_id, reader.keyed_string(kDocIdKey, CborType::byte_string));
    if (entries == 3) {
        CAIRN_ASSIGN(block.field_name, reader.keyed_string(kFieldNameKey, CborType::text));
    }
    CAIRN_TRY(reader.end());
    return block;
}

BlockClass classify_block(Bytes bytes) {
    const std::string_view text = as_text(bytes);
    if (text.empty()) return BlockClass::unknown;
    if (text.starts_with(kSignatureBlock)) return BlockClass::signature;
    const std::string_view rest = text.substr(1);
    if (text[0] >= '\xa1' && text[0] <= '\xa5' && rest.starts_with(kDeltaKey)) return BlockClass::delta;
    if ((text[0] == '\xa2' || text[0] == '\xa3') && rest.starts_with(kKeyKey)) return BlockClass::encryption;
    return BlockClass::unknown;
}

}  // namespace cairn::dag
