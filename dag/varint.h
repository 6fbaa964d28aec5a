// Unsigned LEB128 integers and big-endian fixed integers in keys and records. Header-only, pure.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cairn::dag {

inline void append_varint(std::string& out, std::uint64_t value) {
    char buffer[10];
    int n = 0;
    while (value >= 0x80) {
        buffer[n++] = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    buffer[n++] = static_cast<char>(value);
    out.append(buffer, static_cast<std::size_t>(n));
}

// Reads from the front of `in` and drops what was read. False when it is cut or longer than 64 bits.
inline bool read_varint(std::string_view& in, std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
        auto byte = static_cast<std::uint8_t>(in[i]);
        if (i == 9 && byte > 1) return false;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            in.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

inline void append_big_endian32(std::string& out, std::uint32_t value) {
    const char bytes[4] = {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                           static_cast<char>(value >> 8), static_cast<char>(value)};
    out.append(bytes, 4);
}
inline void append_big_endian64(std::string& out, std::uint64_t value) {
    append_big_endian32(out, static_cast<std::uint32_t>(value >> 32));
    append_big_endian32(out, static_cast<std::uint32_t>(value));
}
inline std::uint32_t read_big_endian32(const char* p) {
    std::uint32_t value;
    std::memcpy(&value, p, 4);
    return __builtin_bswap32(value);
}
inline std::uint64_t read_big_endian64(const char* p) {
    std::uint64_t value;
    std::memcpy(&value, p, 8);
    return __builtin_bswap64(value);
}

}  // namespace cairn::dag
