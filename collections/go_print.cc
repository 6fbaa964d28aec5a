#include <algorithm>

#include "collections/date_time.h"
#include "collections/number_text.h"
#include "collections/utf8.h"
#include "collections/value.h"

namespace cairn {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_map(const Value::Object& members, std::string& out) {
    std::vector<const Value::Object::value_type*> sorted;
    sorted.reserve(members.size());
    for (const auto& member : members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    out.append("map[");
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0) out.push_back(' ');
        out.append(sorted[i]->first).append(":");
        append_go_print(sorted[i]->second, FieldKind::json, out);
    }
    out.push_back(']');
}

void append_zero(FieldKind kind, std::string& out) {
    switch (kind) {
        case FieldKind::boolean:
            out.append("false");
            break;
        case FieldKind::integer:
        case FieldKind::float64:
        case FieldKind::float32:
            out.append("0");
            break;
        default:
            break;
    }
}

void append_array(const Value::Array& elements, FieldKind kind, std::string& out) {
    bool nillable = has_nillable_elements(kind);
    FieldKind inner = element_kind(kind);
    out.push_back('[');
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) out.push_back(' ');
        if (!nillable) {
            append_go_print(elements[i], inner, out);
        } else if (elements[i].is_null()) {
            out.append("{false ");
            append_zero(inner, out);
            out.push_back('}');
        } else {
            out.append("{true ");
            append_go_print(elements[i], inner, out);
            out.push_back('}');
        }
    }
    out.push_back(']');
}

struct GoAppender {
    FieldKind kind;
    std::string& out;
    void operator()(std::monostate) const { out.append("<nil>"); }
    void operator()(bool value) const { out.append(value ? "true" : "false"); }
    void operator()(std::int64_t value) const { append_json_number(value, out); }
    void operator()(double value) const { append_go_number(value, out); }
    void operator()(float value) const { append_go_number(value, out); }
    void operator()(const std::string& value) const {
        if (kind == FieldKind::date_time) {
            append_go_time(value, out);
        } else {
            out.append(value);
        }
    }
    void operator()(const Value::Array& elements) const { append_array(elements, kind, out); }
    void operator()(const Value::Object& members) const { append_map(members, out); }
};

void append_hex(std::uint32_t value, int digits, std::string& out) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out.push_back(kHex[(value >> shift) & 15]);
}

// Beyond ASCII Go asks its tables what is printable; here the controls, separators and private or special
// areas are not.
bool is_printable(char32_t rune) {
    if (rune < 0x80) return rune >= 0x20 && rune != 0x7f;
    return rune > 0xa0 && rune != 0xad && !(rune >= 0x2000 && rune <= 0x200f) &&
           !(rune >= 0x2028 && rune <= 0x202f) && !(rune >= 0x205f && rune <= 0x206f) && rune != 0x3000 &&
           rune != 0xfeff && !(rune >= 0xe000 && rune <= 0xf8ff) && !(rune >= 0xfff0 && rune <= 0xfffb) &&
           rune < 0xe0000;
}

char short_escape(unsigned char c) {
    switch (c) {
        case '\a':
            return 'a';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        case '\v':
            return 'v';
        case '"':
            return '"';
        case '\\':
            return '\\';
        default:
            return 0;
    }
}

}  // namespace

void append_go_print(const Value& value, FieldKind kind, std::string& out) {
    std::visit(GoAppender{kind, out}, value.data);
}

void append_go_quoted(std::string_view text, std::string& out) {
    out.push_back('"');
    while (!text.empty()) {
        char32_t rune = 0;
        std::size_t length = read_rune(text, rune);
        if (char escape = short_escape(static_cast<unsigned char>(text[0])); escape != 0) {
            out.push_back('\\');
            out.push_back(escape);
        } else if (length == 0 || (rune < 0x80 && !is_printable(rune))) {
            out.append("\\x");
            append_hex(static_cast<unsigned char>(text[0]), 2, out);
        } else if (is_printable(rune)) {
            out.append(text.substr(0, length));
        } else {
            out.append(rune < 0x10000 ? "\\u" : "\\U");
            append_hex(rune, rune < 0x10000 ? 4 : 8, out);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out.push_back('"');
}

std::string go_quoted(std::string_view text) {
    std::string out;
    append_go_quoted(text, out);
    return out;
}

}  // namespace cairn
