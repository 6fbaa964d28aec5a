#include "collections/multibase.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "collections/number_text.h"

namespace cairn {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;  // the radix conversion takes quadratic time

struct Base {
    char letter;
    std::string_view digits;
    int bits = 0;  // of one digit; 0 when the radix is no power of two
    bool any_case = false;
};

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kBase32Hex = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBase58Flickr = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr Base kBases[] = {
    {'0', "01", 1, false},       {'f', kHexDigits, 4, true}, {'F', kHexDigits, 4, true},
    {'b', kBase32, 5, true},     {'B', kBase32, 5, true},    {'c', kBase32, 5, true},
    {'C', kBase32, 5, true},     {'v', kBase32Hex, 5, true}, {'V', kBase32Hex, 5, true},
    {'t', kBase32Hex, 5, true},  {'T', kBase32Hex, 5, true}, {'k', kBase36, 0, true},
    {'K', kBase36, 0, true},     {'z', kBase58, 0, false},   {'Z', kBase58Flickr, 0, false},
    {'m', kBase64, 6, false},    {'M', kBase64, 6, false},   {'u', kBase64Url, 6, false},
    {'U', kBase64Url, 6, false},
};

Result<unsigned> digit_value(const Base& base, std::string_view text, std::size_t place) {
    char c = text[place];
    if (base.any_case && c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    std::size_t value = base.digits.find(c);
    if (value == std::string_view::npos) {
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("invalid character at place {} of the multibase text {}", place, go_quoted(text)));
    }
    return static_cast<unsigned>(value);
}

Result<std::string> decode_bits(const Base& base, std::string_view text) {
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '=' && base.bits >= 5) break;
        CAIRN_ASSIGN(unsigned value, digit_value(base, text, i));
        buffer = (buffer << base.bits | value) & 0xffff;
        bits += base.bits;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(buffer >> bits));
        }
    }
    return bytes;
}

// A text in a radix that is no power of two is one great number; leading zero digits are zero bytes.
Result<std::string> decode_radix(const Base& base, std::string_view text) {
    std::string little_endian;
    for (std::size_t i = 1; i < text.size(); ++i) {
        CAIRN_ASSIGN(unsigned carry, digit_value(base, text, i));
        for (char& byte : little_endian) {
            carry += static_cast<unsigned>(base.digits.size()) * static_cast<unsigned char>(byte);
            byte = static_cast<char>(carry & 0xff);
            carry >>= 8;
        }
        if (carry > 0) little_endian.push_back(static_cast<char>(carry));
    }
    for (std::size_t i = 1; i < text.size() && text[i] == base.digits[0]; ++i) little_endian.push_back('\0');
    std::reverse(little_endian.begin(), little_endian.end());
    return little_endian;
}

}  // namespace

Result<std::string> multibase_decode(std::string_view text) {
    if (text.empty()) {
        return fail(ErrorCode::invalid_argument, "cannot decode multibase for zero length string");
    }
    if (text.size() > kMaxTextBytes) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("multibase text of {} bytes is too long", text.size()));
    }
    if (text[0] == '\0') return std::string(text.substr(1));
    for (const Base& base : kBases) {
        if (base.letter == text[0]) return base.bits > 0 ? decode_bits(base, text) : decode_radix(base, text);
    }
    return fail(ErrorCode::invalid_argument, "selected encoding not supported");
}

}  // namespace cairn
