// Content identifiers (spec/blocks.md section 1.2): CIDv1, SHA2-256, codec raw or dag-cbor.
// Hot paths carry the 32-byte Digest; text is computed on demand. Values are immutable and thread-safe.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn::dag {

using Bytes = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Everything stored here is raw or dag_cbor. A CID that a user names may have another codec of one byte: it
// is kept, so that it can be told back, and names nothing. Compare the codec before looking a digest up.
enum class Codec : std::uint8_t { raw = 0x55, dag_pb = 0x70, dag_cbor = 0x71 };

inline constexpr std::size_t kCidBinaryBytes = 36;
inline constexpr std::size_t kCidTextBytes = 59;

// SHA2-256 of bytes. Never fails, but for memory (std::bad_alloc).
Digest sha256(Bytes bytes);

struct Cid {
    Codec codec = Codec::dag_cbor;
    Digest digest{};

    // The CID of content: hashes it.
    static Cid of(Codec codec, Bytes content) { return {codec, sha256(content)}; }

    // Reads a text form: base32 (the form written here, 59 characters; either letter case, surplus bits of
    // the last character are dropped) or base16. Errors (invalid_argument): "invalid cid: <reason>" with the
    // reference's reasons ("cid too short", "selected encoding not supported", ...).
    static Result<Cid> parse(std::string_view text);
    // Reads the 36-byte binary form. Errors as parse.
    static Result<Cid> from_binary(Bytes binary);

    std::string text() const;
    void append_text(std::string& out) const;
    std::array<std::uint8_t, kCidBinaryBytes> binary() const;

    friend auto operator<=>(const Cid&, const Cid&) = default;
};

// Orders digests of dag-cbor CIDs as their texts would be ordered (ASCII: digits before letters), without
// making the texts. Spec section 1.2: heads and links of a block are sorted so.
std::strong_ordering compare_as_text(const Digest& a, const Digest& b);
struct TextOrder {
    bool operator()(const Digest& a, const Digest& b) const { return compare_as_text(a, b) < 0; }
};

struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
        std::size_t value;
        std::memcpy(&value, digest.data(), sizeof value);
        return value;
    }
};

}  // namespace cairn::dag
