#include "dag/block.h"

#include <fmt/format.h>

#include <algorithm>

#include "dag/cbor.h"
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

constexpr std::size_t kLinkBytes = 41;
constexpr std::size_t kNamedLinkBytes = kLinkEntry.size() + kLinkBytes + kLinkName.size() + 1;
constexpr std::size_t kFixedBytes = 128;  // more than keys, numbers and heads of any block without its links

std::unexpected<Error> corrupt(std::size_t offset, std::string_view cause) {
    return fail(ErrorCode::corruption, fmt::format("invalid block at byte {}: {}", offset, cause));
}

// The key without its head, for messages.
std::string_view name_of(std::string_view key) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto* begin = std::find_if(key.begin() + 1, key.end(), is_letter);
    return {begin, std::find_if_not(begin, key.end(), is_letter)};
}

std::size_t expected_size(const BlockView& block) {
    std::size_t size = kFixedBytes + block.doc_id.size() + block.field_name.size() + block.data.size() +
                       block.schema_version_id.size() + block.heads.size() * kLinkBytes;
    for (const NamedLink& link : block.links) size += kNamedLinkBytes + link.name.size() + 4;
    return size + (block.signature ? kLinkBytes : 0) + (block.encryption ? kLinkBytes : 0);
}

void encode_delta(const BlockView& block, CborWriter& writer, std::string& out) {
    switch (block.kind) {
        case DeltaKind::lww:
        case DeltaKind::counter:
            out.append(block.kind == DeltaKind::lww ? kLww : kCounter);
            writer.byte_string(block.data);
            out.append(kDocIdKey);
            writer.byte_string(block.doc_id);
            if (block.kind == DeltaKind::counter) {
                out.append(kNonceKey);
                writer.integer(static_cast<std::int64_t>(block.nonce));
            }
            out.append(kPriorityKey);
            writer.unsigned_integer(block.priority);
            out.append(kFieldNameKey);
            writer.text(block.field_name);
            break;
        case DeltaKind::composite:
            out.append(kComposite);
            writer.byte_string(block.doc_id);
            out.append(kStatusKey);
            writer.unsigned_integer(block.status);
            out.append(kPriorityKey);
            writer.unsigned_integer(block.priority);
            break;
        case DeltaKind::collection:
            out.append(kCollection);
            writer.unsigned_integer(block.priority);
            break;
    }
    out.append(kSchemaVersionIdKey);
    writer.text(block.schema_version_id);
}

}  // namespace

void encode_block(const BlockView& block, std::string& out) {
    out.reserve(out.size() + expected_size(block));
    CborWriter writer(out);
    writer.map(1u + !block.heads.empty() + !block.links.empty() + block.signature.has_value() +
               block.encryption.has_value());
    out.append(kDeltaKey);
    encode_delta(block, writer, out);
    if (!block.heads.empty()) {
        out.append(kHeadsKey);
        writer.array(block.heads.size());
        for (const Digest& head : block.heads) writer.link(head);
    }
    if (!block.links.empty()) {
        out.append(kLinksKey);
        writer.array(block.links.size());
        for (const NamedLink& link : block.links) {
            out.append(kLinkEntry);
            writer.link(link.digest);
            out.append(kLinkName);
            writer.text(link.name);
        }
    }
    if (block.signature) {
        out.append(kSignatureKey);
        writer.link(*block.signature);
    }
    if (block.encryption) {
        out.append(kEncryptionKey);
        writer.link(*block.encryption);
    }
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
