#include "server/json_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cairn/database.h"
#include "server/query_string.h"

namespace cairn::server {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_key(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

void append_utf8(std::uint32_t letter, std::string& out) {
    if (letter < 0x80) {
        out += static_cast<char>(letter);
        return;
    }
    int followers = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
    constexpr unsigned kLead[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kLead[followers] | letter >> (6 * followers));
    while (followers-- > 0) out += static_cast<char>(0x80 | (letter >> (6 * followers) & 0x3F));
}

std::uint32_t hex4(std::string_view digits) {
    std::uint32_t value = 0;
    for (char c : digits.substr(0, 4)) {
        value = value << 4 | static_cast<std::uint32_t>(hex_digit(c));
    }
    return value;
}

// Walks over a text that is known to be JSON.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) { skip_blank(); }

    char peek() const { return text_[at_]; }
    void skip_blank() { at_ = std::min(text_.find_first_not_of(kBlank, at_), text_.size()); }
    // Passes over one character and the blanks behind it.
    void step() {
        ++at_;
        skip_blank();
    }
    std::string_view value() {
        std::size_t begin = at_;
        if (peek() == '"') {
            skip_string();
        } else if (peek() == '{' || peek() == '[') {
            skip_brackets();
        } else {
            at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        }
        std::string_view found = text_.substr(begin, at_ - begin);
        skip_blank();
        return found;
    }

  private:
    void skip_string() {
        for (++at_; text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
    }
    void skip_brackets() {
        std::size_t depth = 0;
        do {
            char c = text_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            ++at_;
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string decode_string(std::string_view literal) {
    std::string_view inner = literal.substr(1, literal.size() - 2);
    std::string out;
    out.reserve(inner.size());
    for (std::size_t at = 0; at < inner.size();) {
        std::size_t escape = std::min(inner.find('\\', at), inner.size());
        out.append(inner, at, escape - at);
        at = escape;
        if (at == inner.size()) break;
        char c = inner[at + 1];
        at += 2;
        if (c != 'u') {
            constexpr std::string_view kNames = "bfnrt", kLetters = "\b\f\n\r\t";
            std::size_t known = kNames.find(c);
            out += known == std::string_view::npos ? c : kLetters[known];
            continue;
        }
        std::uint32_t letter = hex4(inner.substr(at));
        at += 4;
        if (letter >= 0xD800 && letter < 0xDC00 && inner.substr(at).starts_with("\\u")) {
            std::uint32_t second = hex4(inner.substr(at + 2));
            if (second >= 0xDC00 && second < 0xE000) {
                letter = 0x10000 + ((letter - 0xD800) << 10) + (second - 0xDC00);
                at += 6;
            }
        }
        append_utf8(letter >= 0xD800 && letter < 0xE000 ? 0xFFFD : letter, out);
    }
    return out;
}

std::vector<std::string_view> elements(std::string_view array) {
    std::vector<std::string_view> found;
    Walker walker(array);
    walker.step();
    while (walker.peek() != ']') {
        if (walker.peek() == ',') walker.step();
        found.push_back(walker.value());
    }
    return found;
}

std::string_view kind_of(std::string_view value) {
    switch (value.front()) {
        case '{':
            return "object";
        case '[':
            return "array";
        case '"':
            return "string";
        case 't':
        case 'f':
            return "bool";
        default:
            return "number";
    }
}

Result<std::string_view> check_syntax(std::string_view text) {
    if (std::string problem = Database::json_problem(text); !problem.empty())
        return fail(ErrorCode::invalid_argument, problem);
    return Walker(text).value();
}

std::unexpected<Error> wrong_body(std::string_view value, std::string_view go_type) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("json: cannot unmarshal {} into Go value of type {}", kind_of(value), go_type));
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    constexpr std::string_view kNamed = "\b\f\n\r\t\"\\", kNames = "bfnrt\"\\";
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        bool html = c == '<' || c == '>' || c == '&';
        if (std::size_t named = kNamed.find(text[i]); named != std::string_view::npos) {
            out += '\\';
            out += kNames[named];
        } else if (c < 0x20 || html) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
        } else if (c == 0xE2 && (text.substr(i).starts_with("\xE2\x80\xA8") ||
                                 text.substr(i).starts_with("\xE2\x80\xA9"))) {
            out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            out += text[i];
        }
    }
    out += '"';
}

std::string json_list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        if (out.size() > 1) out += ',';
        append_json_string(text, out);
    }
    return out + "]";
}

Result<JsonObject> JsonObject::parse(std::string_view text, std::string_view go_type) {
    CAIRN_ASSIGN(std::string_view value, check_syntax(text));
    JsonObject object;
    object.type_ = go_type.substr(go_type.find('.') + 1);
    if (value == "null") return object;
    if (value.front() != '{') return wrong_body(value, go_type);
    Walker walker(value);
    walker.step();
    while (walker.peek() != '}') {
        if (walker.peek() == ',') walker.step();
        std::string name = decode_string(walker.value());
        walker.step();  // the colon
        object.members_.push_back({std::move(name), walker.value()});
    }
    return object;
}

std::string_view JsonObject::raw(std::string_view key) const {
    auto member = std::find_if(members_.rbegin(), members_.rend(),
                               [&](const Member& known) { return same_key(known.name, key); });
    return member == members_.rend() ? std::string_view() : member->value;
}

Error JsonObject::mismatch(std::string_view key, std::string_view value, std::string_view wanted) const {
    return {ErrorCode::invalid_argument,
            fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", kind_of(value),
                        type_, key, wanted)};
}

Result<std::string> JsonObject::text(std::string_view key) const {
    std::string_view value = raw(key);
    if (value.empty() || value == "null") return std::string();
    if (value.front() != '"') return std::unexpected(mismatch(key, value, "string"));
    return decode_string(value);
}

Result<bool> JsonObject::boolean(std::string_view key) const {
    std::string_view value = raw(key);
    if (value.empty() || value == "null") return false;
    if (value != "true" && value != "false") return std::unexpected(mismatch(key, value, "bool"));
    return value == "true";
}

Result<std::vector<std::string>> JsonObject::texts(std::string_view key) const {
    std::vector<std::string> found;
    std::string_view value = raw(key);
    if (value.empty() || value == "null") return found;
    if (value.front() != '[') return std::unexpected(mismatch(key, value, "[]string"));
    for (std::string_view element : elements(value)) {
        if (element.front() != '"' && element != "null")
            return std::unexpected(mismatch(key, element, "string"));
        found.push_back(element == "null" ? std::string() : decode_string(element));
    }
    return found;
}

Result<std::vector<JsonObject>> JsonObject::objects(std::string_view key) const {
    std::vector<JsonObject> found;
    std::string_view value = raw(key);
    if (value.empty() || value == "null") return found;
    if (value.front() != '[') return std::unexpected(mismatch(key, value, "[]object"));
    for (std::string_view element : elements(value)) {
        if (element.front() != '{' && element != "null")
            return std::unexpected(mismatch(key, element, "object"));
        CAIRN_ASSIGN(JsonObject object, parse(element, type_ + "." + std::string(key)));
        object.type_ = fmt::format("{}.{}", type_, key);
        found.push_back(std::move(object));
    }
    return found;
}

Result<std::string_view> JsonObject::object_text(std::string_view key, std::string_view go_kind) const {
    std::string_view value = raw(key);
    if (value.empty() || value == "null") return std::string_view();
    if (value.front() != '{') return std::unexpected(mismatch(key, value, go_kind));
    return value;
}

Result<std::string> parse_json_text(std::string_view text) {
    CAIRN_ASSIGN(std::string_view value, check_syntax(text));
    if (value == "null") return std::string();
    if (value.front() != '"') return wrong_body(value, "string");
    return decode_string(value);
}

Result<std::vector<std::string>> parse_json_texts(std::string_view text) {
    CAIRN_ASSIGN(std::string_view value, check_syntax(text));
    std::vector<std::string> found;
    if (value == "null") return found;
    if (value.front() != '[') return wrong_body(value, "[]string");
    for (std::string_view element : elements(value)) {
        if (element.front() != '"') return wrong_body(element, "string");
        found.push_back(decode_string(element));
    }
    return found;
}

}  // namespace cairn::server
