// Finds what is wrong with a JSON text, in the words of Go's decoder. Runs only after a text was refused.
#include <fmt/format.h>

#include <vector>

#include "query/lexer_text.h"
#include "query/variable_reader.h"

namespace cairn::query {

namespace {

class JsonSyntax {
  public:
    explicit JsonSyntax(std::string_view text) : text_(text) {}
    std::string problem();

  private:
    enum class Next { value, value_or_end, key, key_or_end, colon, after_element, after_member, end };

    bool fail(std::string_view where);
    bool step();
    bool value(char c);
    bool close(char c);
    bool string();
    bool number();
    bool word(std::string_view expected);
    void after_value();
    void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    bool is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<char> open_;  // '[' and '{' around
    Next next_ = Next::value;
    std::string problem_;
};

std::string quoted_character(std::string_view text, std::size_t at) {
    char c = text[at];
    if (c == '\'') return R"('\'')";
    if (c == '"') return R"('"')";
    if (c == '\n') return R"('\n')";
    if (c == '\r') return R"('\r')";
    if (c == '\t') return R"('\t')";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
        return fmt::format("'\\x{:02x}'", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    // Go's scanner looks at bytes and shows them as Latin-1 characters.
    std::string shown = "'";
    append_utf8(static_cast<unsigned char>(c), shown);
    return shown + "'";
}

bool JsonSyntax::fail(std::string_view where) {
    problem_ = at_ >= text_.size()
                   ? "unexpected end of JSON input"
                   : fmt::format("invalid character {} {}", quoted_character(text_, at_), where);
    return false;
}

std::string JsonSyntax::problem() {
    do {
        skip_space();
    } while (!(next_ == Next::end && at_ == text_.size()) && step());
    return problem_;
}

bool JsonSyntax::step() {
    if (at_ >= text_.size()) return fail({});
    char c = text_[at_];
    switch (next_) {
        case Next::value:
            return value(c);
        case Next::value_or_end:
            return c == ']' ? close(c) : value(c);
        case Next::key_or_end:
        case Next::key:
            if (c == '}' && next_ == Next::key_or_end) return close(c);
            if (c != '"') return fail("looking for beginning of object key string");
            next_ = Next::colon;
            return string();
        case Next::colon:
            if (c != ':') return fail("after object key");
            break;
        case Next::after_element:
            if (c == ']') return close(c);
            if (c != ',') return fail("after array element");
            break;
        case Next::after_member:
            if (c == '}') return close(c);
            if (c != ',') return fail("after object key:value pair");
            ++at_;
            next_ = Next::key;
            return true;
        case Next::end:
            return fail("after top-level value");
    }
    ++at_;
    next_ = Next::value;
    return true;
}

bool JsonSyntax::value(char c) {
    if (c == '[' || c == '{') {
        open_.push_back(c);
        ++at_;
        next_ = c == '[' ? Next::value_or_end : Next::key_or_end;
        return true;
    }
    after_value();
    if (c == '"') return string();
    if (c == 't') return word("true");
    if (c == 'f') return word("false");
    if (c == 'n') return word("null");
    if (c == '-' || is_digit()) return number();
    return fail("looking for beginning of value");
}

void JsonSyntax::after_value() {
    next_ = open_.empty() ? Next::end : open_.back() == '[' ? Next::after_element : Next::after_member;
}

bool JsonSyntax::close(char) {
    open_.pop_back();
    ++at_;
    after_value();
    return true;
}

bool JsonSyntax::string() {
    for (++at_; at_ < text_.size(); ++at_) {
        char c = text_[at_];
        if (c == '"') {
            ++at_;
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20) return fail("in string literal");
        if (c != '\\') continue;
        ++at_;
        if (at_ >= text_.size()) break;
        if (text_[at_] == 'u') {
            for (int digit = 0; digit < 4; ++digit) {
                ++at_;
                if (at_ >= text_.size()) return fail({});
                if (std::string_view("0123456789abcdefABCDEF").find(text_[at_]) == std::string_view::npos) {
                    return fail("in \\u hexadecimal character escape");
                }
            }
        } else if (std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
            return fail("in string escape code");
        }
    }
    return fail({});
}

bool JsonSyntax::number() {
    auto skip_digits = [&] {
        while (is_digit()) ++at_;
    };
    if (text_[at_] == '-') ++at_;
    if (!is_digit()) return fail("in numeric literal");
    if (text_[at_] == '0') {
        ++at_;
    } else {
        skip_digits();
    }
    if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        if (!is_digit()) return fail("after decimal point in numeric literal");
        skip_digits();
    }
    if (at_ < text_.size() && (text_[at_] | 0x20) == 'e') {
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
        if (!is_digit()) return fail("in exponent of numeric literal");
        skip_digits();
    }
    return true;
}

bool JsonSyntax::word(std::string_view expected) {
    for (std::size_t i = 0; i < expected.size(); ++i, ++at_) {
        if (at_ < text_.size() && text_[at_] == expected[i]) continue;
        return fail(fmt::format("in literal {} (expecting '{}')", expected, expected[i]));
    }
    return true;
}

}  // namespace

std::string json_syntax_problem(std::string_view json) {
    return JsonSyntax(json).problem();
}

}  // namespace cairn::query
