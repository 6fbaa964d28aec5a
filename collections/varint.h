// Unsigned LEB128 numbers in keys and records. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::size_t kMaxVarintBytes = 10;

// Appends the shortest form: seven bits a byte, the lowest first, the high bit set on all but the last byte.
inline void append_varint(std::uint64_t value, std::string& out) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

// Takes a number off the front of bytes. Nothing, and bytes unchanged, when it is cut short, exceeds 64 bits,
// or is not in the shortest form.
inline std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
        auto byte = static_cast<unsigned char>(bytes[i]);
        if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            if (byte == 0 && i > 0) return std::nullopt;
            bytes.remove_prefix(i + 1);
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace cairn
