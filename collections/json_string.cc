#include <array>

#include "collections/text_scan.h"
#include "collections/utf8.h"
#include "collections/value.h"

namespace cairn {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// What cannot be copied: controls, the quote, the backslash, <, >, &, and all bytes beyond ASCII. The last
// are looked at once more, since U+2028 and U+2029 are escaped.
struct JsonSpecial {
    static bool matches(unsigned char c) { return kTable[c]; }
#if defined(__SSE2__)
    static __m128i matches(__m128i x) {
        __m128i control_or_high =
            _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));  // signed: bytes from 0x80 are below zero
        __m128i quote_or_ampersand = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(0x04)), _mm_set1_epi8('&'));
        __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(0x02)), _mm_set1_epi8('>'));
        __m128i backslash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
        return _mm_or_si128(_mm_or_si128(control_or_high, quote_or_ampersand),
                            _mm_or_si128(angle, backslash));
    }
#endif
    static constexpr std::array<bool, 256> kTable = [] {
        std::array<bool, 256> table{};
        for (std::size_t i = 0; i < 0x20; ++i) table[i] = true;
        for (std::size_t i = 0x80; i < 0x100; ++i) table[i] = true;
        for (unsigned char c : {'"', '\\', '<', '>', '&'}) table[c] = true;
        return table;
    }();
};

// The same in text that is known to be valid UTF-8: of the bytes beyond ASCII only the first of U+2028 and
// U+2029.
struct ValidJsonSpecial {
    static bool matches(unsigned char c) { return c < 0x80 ? JsonSpecial::kTable[c] : c == 0xe2; }
#if defined(__SSE2__)
    static __m128i matches(__m128i x) {
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1f)), x);
        __m128i quote_or_ampersand = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(0x04)), _mm_set1_epi8('&'));
        __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(0x02)), _mm_set1_epi8('>'));
        __m128i backslash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
        __m128i lead = _mm_cmpeq_epi8(x, _mm_set1_epi8(static_cast<char>(0xe2)));
        return _mm_or_si128(_mm_or_si128(_mm_or_si128(control, lead), quote_or_ampersand),
                            _mm_or_si128(angle, backslash));
    }
#endif
};

void append_escape(unsigned char c, std::string& out) {
    switch (c) {
        case '"':
            out.append("\\\"");
            return;
        case '\\':
            out.append("\\\\");
            return;
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        case '\b':
            out.append("\\b");
            return;
        case '\f':
            out.append("\\f");
            return;
        default: {
            char escape[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
            out.append(escape, sizeof escape);
        }
    }
}

void append_valid(const char* p, const char* end, std::string& out) {
    while (true) {
        const char* stop = find_byte<ValidJsonSpecial>(p, end);
        // An e2 that does not begin one of the two separators belongs to the run.
        while (stop != end && static_cast<unsigned char>(*stop) == 0xe2 &&
               !(end - stop >= 3 && static_cast<unsigned char>(stop[1]) == 0x80 &&
                 (static_cast<unsigned char>(stop[2]) & 0xfe) == 0xa8)) {
            stop = find_byte<ValidJsonSpecial>(stop + 1, end);
        }
        out.append(p, static_cast<std::size_t>(stop - p));
        if (stop == end) return;
        if (static_cast<unsigned char>(*stop) == 0xe2) {
            out.append(static_cast<unsigned char>(stop[2]) == 0xa8 ? "\\u2028" : "\\u2029");
            p = stop + 3;
        } else {
            append_escape(static_cast<unsigned char>(*stop), out);
            p = stop + 1;
        }
    }
}

// Text that is not UTF-8, as only a message quoting foreign input may hold: each wrong byte becomes \ufffd,
// as in Go.
void append_invalid(const char* p, const char* end, std::string& out) {
    while (p != end) {
        std::size_t good = valid_utf8_prefix({p, static_cast<std::size_t>(end - p)});
        append_valid(p, p + good, out);
        p += good;
        if (p == end) return;
        out.append("\\ufffd");
        ++p;
    }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    const char *p = text.data(), *end = p + text.size();
    const char* stop = find_byte<JsonSpecial>(p, end);
    out.push_back('"');
    out.append(p, static_cast<std::size_t>(stop - p));
    if (stop != end) {
        auto rest = static_cast<std::size_t>(end - stop);
        // Validation is a pass of its own over the rest, so it is done only where there is anything beyond
        // ASCII.
        if (is_valid_utf8({stop, rest})) {
            append_valid(stop, end, out);
        } else {
            append_invalid(stop, end, out);
        }
    }
    out.push_back('"');
}

}  // namespace cairn
