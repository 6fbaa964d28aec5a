#include "dag/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::dag {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte as the reference shows it: its code point, and the character in quotes when it can be printed.
std::string describe_byte(unsigned char byte) {
    if (byte >= 0x20 && byte < 0x7f) return fmt::format("U+{:04X} '{}'", byte, static_cast<char>(byte));
    if (byte > 0xa0 && byte != 0xad) {
        const char high = static_cast<char>(0xc0 | byte >> 6);
        const char low = static_cast<char>(0x80 | (byte & 0x3f));
        return fmt::format("U+{:04X} '{}{}'", byte, high, low);
    }
    return fmt::format("U+{:04X}", byte);
}

}  // namespace

std::string hex_encode(Bytes bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kHexDigits[byte >> 4]);
        text.push_back(kHexDigits[byte & 15]);
    }
    return text;
}

Result<std::string> hex_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        if (high < 0) {
            return fail(ErrorCode::invalid_argument,
                        "encoding/hex: invalid byte: " + describe_byte(static_cast<unsigned char>(text[i])));
        }
        if (i + 1 == text.size()) {
            return fail(ErrorCode::invalid_argument, "encoding/hex: odd length hex string");
        }
        const int low = hex_value(text[i + 1]);
        if (low < 0) {
            return fail(
                ErrorCode::invalid_argument,
                "encoding/hex: invalid byte: " + describe_byte(static_cast<unsigned char>(text[i + 1])));
        }
        bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
}

std::string base58_encode(Bytes bytes) {
    const auto zeros = static_cast<std::size_t>(
        std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; }) -
        bytes.begin());
    std::vector<std::uint8_t> digits;  // least significant first
    digits.reserve(bytes.size() * 138 / 100 + 1);
    for (const std::uint8_t byte : bytes.subspan(zeros)) {
        unsigned carry = byte;
        for (std::uint8_t& digit : digits) {
            carry += static_cast<unsigned>(digit) << 8;
            digit = static_cast<std::uint8_t>(carry % 58);
            carry /= 58;
        }
        for (; carry != 0; carry /= 58) digits.push_back(static_cast<std::uint8_t>(carry % 58));
    }
    std::string text(zeros, '1');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text.push_back(kBase58Digits[*digit]);
    return text;
}

}  // namespace cairn::dag
