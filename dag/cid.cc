#include "dag/cid.h"

#include <fmt/format.h>

#include <bit>
#include <optional>

#include "dag/text_encoding.h"

namespace cairn::dag {
namespace {

constexpr std::string_view kBase32Digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::uint8_t kVersion = 0x01;
constexpr std::uint8_t kHashCode = 0x12;  // SHA2-256
constexpr std::uint8_t kHashBytes = 32;
constexpr std::size_t kShownTextBytes = 128;  // of a text that is named in an error

std::unexpected<Error> invalid(std::string_view reason) {
    return fail(ErrorCode::invalid_argument, fmt::format("invalid cid: {}", reason));
}

int base32_value(char c) {
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= '2' && c <= '7') return c - '2' + 26;
    return -1;
}

// Surplus bits of the last digit are dropped without a check, as the reference does.
Result<std::string> base32_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 5 / 8);
    unsigned buffer = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int value = base32_value(text[i]);
        if (value < 0) return invalid(fmt::format("illegal base32 data at input byte {}", i));
        buffer = (buffer << 5 | static_cast<unsigned>(value)) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(buffer >> bits & 0xff));
        }
    }
    return bytes;
}

// An unsigned varint of at most nine bytes at the front of rest, which is moved past it.
Result<std::uint64_t> take_varint(Bytes& rest) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < rest.size() && i < 9; ++i) {
        value |= static_cast<std::uint64_t>(rest[i] & 0x7f) << (7 * i);
        if (rest[i] < 0x80) {
            if (rest[i] == 0 && i > 0) return invalid("invalid cid: varint not minimally encoded");
            rest = rest.subspan(i + 1);
            return value;
        }
    }
    if (rest.size() >= 9) return invalid("invalid cid: varints larger than uint63 not supported");
    return invalid("invalid cid: varints malformed, could not reach the end");
}

}  // namespace

// What the reference's inner reader refuses it names twice ("invalid cid: invalid cid: …").
Result<Cid> Cid::from_binary(Bytes binary) {
    Bytes rest = binary;
    if (rest.size() > 2 && rest[0] == kHashCode && rest[1] == kHashBytes) {
        return invalid("version 0 is not supported");
    }
    CAIRN_ASSIGN(const std::uint64_t version, take_varint(rest));
    if (version != kVersion) {
        return invalid(fmt::format("invalid cid: expected 1 as the cid version number, got: {}", version));
    }
    CAIRN_ASSIGN(const std::uint64_t codec, take_varint(rest));
    if (rest.size() < 2) return invalid("invalid cid: multihash too short. must be >= 2 bytes");
    CAIRN_ASSIGN(const std::uint64_t hash, take_varint(rest));
    CAIRN_ASSIGN(const std::uint64_t length, take_varint(rest));
    if (length > rest.size())
        return invalid("invalid cid: length greater than remaining number of bytes in buffer");
    if (length < rest.size()) return invalid("trailing bytes in data buffer passed to cid Cast");
    if (hash != kHashCode || length != kHashBytes) {
        return invalid(fmt::format("unsupported hash function {:#x} of {} bytes", hash, length));
    }
    if (codec > 0x7f) return invalid(fmt::format("unsupported codec {:#x}", codec));
    Cid cid{static_cast<Codec>(codec), {}};
    std::memcpy(cid.digest.data(), rest.data(), kHashBytes);
    return cid;
}

Result<Cid> Cid::parse(std::string_view text) {
    if (text.size() < 2) return invalid("cid too short");
    if (text.size() == 46 && text.starts_with("Qm")) {
        return invalid(fmt::format("version 0 is not supported: {}", text));
    }
    // No CID that can be represented has a longer text in any of these bases; nothing large is decoded.
    if (text.size() > kShownTextBytes) {
        return invalid(fmt::format("too long, {} bytes: {}…", text.size(), text.substr(0, kCidTextBytes)));
    }
    const std::string_view digits = text.substr(1);
    switch (text.front()) {
        case 'b':
        case 'B': {
            CAIRN_ASSIGN(const std::string binary, base32_decode(digits));
            return from_binary(as_bytes(binary));
        }
        case 'f':
        case 'F': {
            auto binary = hex_decode(digits);
            if (!binary) return invalid(binary.error().message);
            return from_binary(as_bytes(*binary));
        }
        default:
            return invalid("selected encoding not supported");
    }
}

std::array<std::uint8_t, kCidBinaryBytes> Cid::binary() const {
    std::array<std::uint8_t, kCidBinaryBytes> out{kVersion, static_cast<std::uint8_t>(codec), kHashCode,
                                                  kHashBytes};
    std::memcpy(out.data() + 4, digest.data(), digest.size());
    return out;
}

void Cid::append_text(std::string& out) const {
    const auto bytes = binary();
    std::array<char, kCidTextBytes> text;
    text[0] = 'b';
    std::size_t written = 1;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : bytes) {
        buffer = buffer << 8 | byte;
        for (bits += 8; bits >= 5;) {
            bits -= 5;
            text[written++] = kBase32Digits[buffer >> bits & 31];
        }
    }
    text[written] = kBase32Digits[buffer << (5 - bits) & 31];
    out.append(text.data(), text.size());
}

std::string Cid::text() const {
    std::string out;
    append_text(out);
    return out;
}

std::strong_ordering compare_as_text(const Digest& a, const Digest& b) {
    // The texts share the 32 bits before the digest, so they first differ in the five-bit digit that holds
    // the first bit in which the digests differ.
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) continue;
        const auto bit = static_cast<int>(i * 8) + std::countl_zero(static_cast<std::uint8_t>(a[i] ^ b[i]));
        const int start =
            (bit + 32) / 5 * 5 - 32;  // of that digit, -2 when it begins in the two zero bits before
        const int first = start < 0 ? -1 : start / 8;
        const auto digit_of = [&](const Digest& digest) {
            const unsigned high = first < 0 ? 0u : digest[static_cast<std::size_t>(first)];
            const unsigned low = first + 1 < 32 ? digest[static_cast<std::size_t>(first + 1)] : 0u;
            return (high << 8 | low) >> (11 - (start - first * 8)) & 31;
        };
        // ASCII puts the digits 2 to 7, which stand for 26 to 31, before the letters.
        return (digit_of(a) + 6) % 32 <=> (digit_of(b) + 6) % 32;
    }
    return std::strong_ordering::equal;
}

}  // namespace cairn::dag
