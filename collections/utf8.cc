#include "collections/utf8.h"

#include <simdjson.h>

#include "collections/value.h"

namespace cairn {

bool is_valid_utf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t read_rune(std::string_view text, char32_t& rune) {
    if (text.empty()) return 0;
    auto lead = static_cast<unsigned char>(text[0]);
    std::size_t length = lead < 0x80   ? 1
                         : lead < 0xc2 ? 0
                         : lead < 0xe0 ? 2
                         : lead < 0xf0 ? 3
                         : lead < 0xf5 ? 4
                                       : 0;
    if (length == 0 || length > text.size()) return 0;
    if (length == 1) {
        rune = lead;
        return 1;
    }
    rune = lead & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80) return 0;
        rune = (rune << 6) | (byte & 0x3fu);
    }
    // Long forms, surrogates, and what lies beyond the last plane.
    bool shortest = length == 2 || rune >= (length == 3 ? 0x800u : 0x10000u);
    bool surrogate = rune >= 0xd800 && rune <= 0xdfff;
    return shortest && !surrogate && rune < 0x110000 ? length : 0;
}

void append_utf8(char32_t rune, std::string& out) {
    if (rune < 0x80) {
        out.push_back(static_cast<char>(rune));
        return;
    }
    unsigned tail = rune < 0x800 ? 1 : rune < 0x10000 ? 2 : 3;
    constexpr unsigned kLead[] = {0, 0xc0, 0xe0, 0xf0};
    out.push_back(static_cast<char>(kLead[tail] | (rune >> (6 * tail))));
    while (tail-- > 0) out.push_back(static_cast<char>(0x80 | ((rune >> (6 * tail)) & 0x3f)));
}

std::size_t valid_utf8_prefix(std::string_view text) {
    std::size_t at = 0;
    char32_t rune = 0;
    while (std::size_t length = read_rune(text.substr(at), rune)) at += length;
    return at;
}

}  // namespace cairn
