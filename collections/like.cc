#include <clocale>
#include <cwctype>
#include <string>

#include "collections/utf8.h"
#include "collections/value.h"

namespace cairn {
namespace {

char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool is_ascii(std::string_view text) {
    unsigned char all = 0;
    for (char c : text) all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

// The C library's Unicode tables, independent of the process's own locale. Null where the system lacks
// C.UTF-8; then only ASCII letters are lowered.
locale_t unicode_locale() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

// Lower case letter by letter, as Go's strings.ToLower. The text must be valid UTF-8.
std::string lower_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    locale_t locale = unicode_locale();
    for (std::size_t i = 0; i < text.size();) {
        auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            out.push_back(lower_ascii(text[i++]));
            continue;
        }
        char32_t rune = 0;
        std::size_t length = read_rune(text.substr(i), rune);
        if (locale != nullptr) rune = static_cast<char32_t>(towlower_l(static_cast<wint_t>(rune), locale));
        append_utf8(rune, out);
        i += length;
    }
    return out;
}

struct Exact {
    static bool same(char a, char b) { return a == b; }
    static bool contains(std::string_view text, std::string_view part) {
        return text.find(part) != text.npos;
    }
};

struct IgnoringAsciiCase {
    static bool same(char a, char b) { return lower_ascii(a) == lower_ascii(b); }
    static bool contains(std::string_view text, std::string_view part) {
        // Lowered copies keep the search linear, which a loop of comparisons is not.
        std::string low_text(text), low_part(part);
        for (char& c : low_text) c = lower_ascii(c);
        for (char& c : low_part) c = lower_ascii(c);
        return Exact::contains(low_text, low_part);
    }
};

template <typename Compare>
bool equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!Compare::same(a[i], b[i])) return false;
    }
    return true;
}

template <typename Compare>
bool begins(std::string_view text, std::string_view part) {
    return text.size() >= part.size() && equal<Compare>(text.substr(0, part.size()), part);
}

template <typename Compare>
bool ends(std::string_view text, std::string_view part) {
    return text.size() >= part.size() && equal<Compare>(text.substr(text.size() - part.size()), part);
}

template <typename Compare>
bool matches(std::string_view pattern, std::string_view text) {
    if (pattern.size() < 2) return equal<Compare>(pattern, text);
    bool open_start = pattern.starts_with('%');
    if (open_start) pattern.remove_prefix(1);
    bool open_end = pattern.ends_with('%');
    if (open_end) pattern.remove_suffix(1);
    if (open_start && open_end) return Compare::contains(text, pattern);
    if (open_start) return ends<Compare>(text, pattern);
    if (open_end) return begins<Compare>(text, pattern);
    std::size_t inner = pattern.find('%');
    if (inner == pattern.npos || pattern.find('%', inner + 1) != pattern.npos)
        return equal<Compare>(text, pattern);
    return begins<Compare>(text, pattern.substr(0, inner)) && ends<Compare>(text, pattern.substr(inner + 1));
}

}  // namespace

bool like_matches(std::string_view pattern, std::string_view text, bool ignore_case) {
    if (!ignore_case) return matches<Exact>(pattern, text);
    if (is_ascii(pattern) && is_ascii(text)) return matches<IgnoringAsciiCase>(pattern, text);
    // Foreign letters may change their length, so both sides are lowered first. What is no UTF-8 is left as
    // it is.
    std::string low_pattern = is_valid_utf8(pattern) ? lower_utf8(pattern) : std::string(pattern);
    std::string low_text = is_valid_utf8(text) ? lower_utf8(text) : std::string(text);
    return matches<Exact>(low_pattern, low_text);
}

}  // namespace cairn
