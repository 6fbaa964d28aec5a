#include "collections/json_reader.h"

#include <fmt/format.h>

#include <array>

#include "collections/number_text.h"
#include "collections/text_scan.h"
#include "collections/utf8.h"
#include "dag/limits.h"

namespace cairn {
namespace {

constexpr std::size_t kShownEndBytes = 40;  // of a long rest of the text, at each end

// Where a string cannot be taken byte by byte: at its end or at an escape.
struct StringStop {
    static bool matches(unsigned char c) { return c == '"' || c == '\\'; }
#if defined(__SSE2__)
    static __m128i matches(__m128i x) {
        return _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
    }
#endif
};

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr std::array<bool, 256> kNumberBytes = [] {
    std::array<bool, 256> table{};
    for (unsigned char c : std::string_view("0123456789.eE+-")) table[c] = true;
    return table;
}();

bool begins_word(std::string_view text, std::string_view lower) {
    if (text.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if ((text[i] | 0x20) != lower[i]) return false;
    }
    return true;
}

std::string shown(std::string_view text) {
    if (text.size() <= 2 * kShownEndBytes) return go_quoted(text);
    return go_quoted(
        fmt::format("{}...{}", text.substr(0, kShownEndBytes), text.substr(text.size() - kShownEndBytes)));
}

// The four hexadecimal digits at the front, -1 if there are not four.
int hex4(std::string_view text) {
    if (text.size() < 4) return -1;
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'                     ? c - '0'
                    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0) return -1;
        value = value << 4 | digit;
    }
    return value;
}

char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return 0;
    }
}

}  // namespace

std::string_view json_type_name(JsonType type) {
    switch (type) {
        case JsonType::object:
            return "object";
        case JsonType::array:
            return "array";
        case JsonType::string:
            return "string";
        case JsonType::number:
            return "number";
        case JsonType::truth:
            return "true";
        case JsonType::falsehood:
            return "false";
        case JsonType::null:
            return "null";
    }
    return "unknown";
}

bool JsonReader::fail_at(std::string_view cause, std::string_view tail) {
    cause_ = cause;
    tail_ = tail;
    return false;
}

bool JsonReader::within(std::string_view what) {
    // Outer levels add to the front of the cause; a failure at the deepest level must not make the text
    // longer than is of use.
    constexpr std::size_t kMaxCauseBytes = 4096;
    if (cause_.size() < kMaxCauseBytes) cause_.insert(0, fmt::format("cannot parse {}: ", what));
    return false;
}

Error JsonReader::error() const {
    if (trailing_) return {ErrorCode::invalid_argument, fmt::format("unexpected tail: {}", shown(tail_))};
    return {too_deep_ ? ErrorCode::limit_exceeded : ErrorCode::invalid_argument,
            fmt::format("cannot parse JSON: {}; unparsed tail: {}", cause_, shown(tail_))};
}

void JsonReader::skip_space() {
    std::size_t i = 0;
    while (i < rest_.size() && is_blank(rest_[i])) ++i;
    rest_.remove_prefix(i);
}

bool JsonReader::take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
}

bool JsonReader::enter() {
    if (depth_ == limits::kMaxJsonNesting) {
        too_deep_ = true;
        return fail_here(
            fmt::format("too big depth for the nested JSON; it exceeds {}", limits::kMaxJsonNesting));
    }
    ++depth_;
    rest_.remove_prefix(1);
    return true;
}

bool JsonReader::peek(JsonType& type) {
    skip_space();
    if (rest_.empty()) return fail_here("cannot parse empty string");
    switch (rest_[0]) {
        case '{':
            type = JsonType::object;
            return true;
        case '[':
            type = JsonType::array;
            return true;
        case '"':
            type = JsonType::string;
            return true;
        case 't':
            type = JsonType::truth;
            return true;
        case 'f':
            type = JsonType::falsehood;
            return true;
        case 'n':
            type =
                rest_.starts_with("null") || !begins_word(rest_, "nan") ? JsonType::null : JsonType::number;
            return true;
        default:
            type = JsonType::number;
            return true;
    }
}

bool JsonReader::read_literal(JsonType type) {
    std::string_view word = json_type_name(type);
    if (!rest_.starts_with(word)) return fail_here(fmt::format("unexpected value found: {}", shown(rest_)));
    rest_.remove_prefix(word.size());
    return true;
}

bool JsonReader::read_number(std::string_view& token) {
    std::size_t length = 0;
    while (length < rest_.size() && kNumberBytes[static_cast<unsigned char>(rest_[length])]) ++length;
    bool sign_only = length == 1 && (rest_[0] == '-' || rest_[0] == '+');
    if (length < rest_.size() && (length == 0 || sign_only)) {
        std::string_view word = rest_.substr(length);
        if (!begins_word(word, "inf") && !begins_word(word, "nan")) {
            return fail_here(fmt::format("unexpected char: {}", go_quoted(rest_.substr(0, 1)))) ||
                   within("number");
        }
        length += 3;
    }
    token = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
}

bool JsonReader::read_raw_string(std::string_view& raw, bool& escaped) {
    const char *begin = rest_.data() + 1, *end = rest_.data() + rest_.size();
    escaped = false;
    for (const char* p = begin;; p += 2) {
        p = find_byte<StringStop>(p, end);
        if (p == end || (*p == '\\' && end - p < 2)) break;
        if (*p == '"') {
            raw = {begin, static_cast<std::size_t>(p - begin)};
            rest_.remove_prefix(raw.size() + 2);
            return true;
        }
        escaped = true;
    }
    return fail_at("missing closing '\"'", {});
}

bool JsonReader::read_string(std::string_view& text) {
    bool escaped = false;
    if (!read_raw_string(text, escaped)) return within("string");
    if (escaped) {
        decode(text);
        text = decoded_;
    }
    return true;
}

// What is no escape stays as it is written, its backslash too.
void JsonReader::decode(std::string_view raw) {
    decoded_.clear();
    while (true) {
        std::size_t backslash = raw.find('\\');
        decoded_.append(raw.substr(0, backslash));
        if (backslash == std::string_view::npos) return;
        raw.remove_prefix(backslash);
        if (char c = simple_escape(raw[1]); c != 0) {
            decoded_.push_back(c);
            raw.remove_prefix(2);
        } else if (raw[1] == 'u') {
            raw.remove_prefix(decode_unicode(raw));
        } else {
            decoded_.append(raw.substr(0, 2));
            raw.remove_prefix(2);
        }
    }
}

// Decodes the \u escape at the front and returns how many bytes it took.
std::size_t JsonReader::decode_unicode(std::string_view raw) {
    constexpr std::size_t kMark = 2, kEscape = 6;
    int unit = hex4(raw.substr(kMark));
    if (unit < 0) {
        decoded_.append(raw.substr(0, kMark));
        return kMark;
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        append_utf8(static_cast<char32_t>(unit), decoded_);
        return kEscape;
    }
    std::string_view next = raw.substr(kEscape);
    int low = next.starts_with("\\u") ? hex4(next.substr(kMark)) : -1;
    if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
        auto high_part = static_cast<char32_t>(unit - 0xd800) << 10;
        append_utf8(0x10000 + high_part + static_cast<char32_t>(low - 0xdc00), decoded_);
        return 2 * kEscape;
    }
    decoded_.append(raw.substr(0, kEscape));
    return kEscape;
}

bool JsonReader::begin_member(std::string_view& name) {
    skip_space();
    if (rest_.empty() || rest_[0] != '"') return fail_here("cannot find opening '\"\" for object key");
    bool escaped = false;
    if (!read_raw_string(name, escaped)) return within("object key");
    if (escaped) {
        decode(name);
        name = decoded_;
    }
    skip_space();
    if (!take(':')) return fail_here("missing ':' after object key");
    return true;
}

bool JsonReader::end_item(char close, std::string_view what, bool& more) {
    skip_space();
    if (rest_.empty()) return fail_here(fmt::format("unexpected end of {}", what));
    more = take(',');
    if (more || take(close)) return true;
    return fail_here(fmt::format("missing ',' after {} value", what));
}

bool JsonReader::skip_value() {
    JsonType type{};
    if (!peek(type)) return false;
    std::string_view ignored;
    switch (type) {
        case JsonType::object:
            return read_object([this](std::string_view) { return skip_value(); });
        case JsonType::array:
            return read_array([this] { return skip_value(); });
        case JsonType::string:
            return read_string(ignored);
        case JsonType::number:
            return read_number(ignored);
        default:
            return read_literal(type);
    }
}

bool JsonReader::finish() {
    skip_space();
    if (rest_.empty()) return true;
    trailing_ = true;
    tail_ = rest_;
    return false;
}

}  // namespace cairn
