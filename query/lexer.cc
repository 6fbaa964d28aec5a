#include "query/lexer.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "query/lexer_text.h"

namespace cairn::query {

namespace {

using tao::pegtl::parse;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<std::uint32_t> hex4(std::string_view digits) {
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) return std::nullopt;
    return value;
}

}  // namespace

std::string_view token_kind_name(TokenKind kind) {
    static constexpr std::string_view kNames[] = {
        "EOF", "!", "$", "&", "(", ")",    "...", ":",     "=",      "@",
        "[",   "]", "{", "|", "}", "Name", "Int", "Float", "String", "BlockString"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string Token::description() const {
    if (value.empty()) return std::string(token_kind_name(kind));
    return fmt::format("{} \"{}\"", token_kind_name(kind), value);
}

bool Lexer::fail(std::size_t position, std::string detail) {
    failure_ = {position, std::move(detail)};
    return false;
}

std::string_view Lexer::keep(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(arena_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

bool Lexer::punctuator(Token& token, TokenKind kind, std::size_t bytes) {
    token.kind = kind;
    token.value = {};
    input_.bump_in_this_line(bytes);
    return true;
}

bool Lexer::next(Token& token) {
    parse<grammar::ignored>(input_);
    token.start = static_cast<std::uint32_t>(position());
    if (input_.empty()) return punctuator(token, TokenKind::end, 0);
    switch (char c = *input_.current()) {
        case '!':
            return punctuator(token, TokenKind::bang, 1);
        case '$':
            return punctuator(token, TokenKind::dollar, 1);
        case '&':
            return punctuator(token, TokenKind::amp, 1);
        case '(':
            return punctuator(token, TokenKind::paren_open, 1);
        case ')':
            return punctuator(token, TokenKind::paren_close, 1);
        case ':':
            return punctuator(token, TokenKind::colon, 1);
        case '=':
            return punctuator(token, TokenKind::equals, 1);
        case '@':
            return punctuator(token, TokenKind::at, 1);
        case '[':
            return punctuator(token, TokenKind::bracket_open, 1);
        case ']':
            return punctuator(token, TokenKind::bracket_close, 1);
        case '{':
            return punctuator(token, TokenKind::brace_open, 1);
        case '|':
            return punctuator(token, TokenKind::pipe, 1);
        case '}':
            return punctuator(token, TokenKind::brace_close, 1);
        case '.':
            if (source_.substr(position(), 3) == "...") return punctuator(token, TokenKind::spread, 3);
            return unexpected_character();
        case '"':
            return string(token);
        default:
            if (c == '-' || is_digit(c)) return number(token);
            if (!parse<grammar::name>(input_)) return unexpected_character();
            token.kind = TokenKind::name;
            token.value = source_.substr(token.start, position() - token.start);
            return true;
    }
}

bool Lexer::unexpected_character() {
    std::size_t at = position();
    bool control = static_cast<unsigned char>(source_[at]) < 0x20;
    if (control) return fail(at, fmt::format("Invalid character {}", printed_character(source_, at)));
    return fail(at, fmt::format("Unexpected character {}.", printed_character(source_, at)));
}

bool Lexer::number(Token& token) {
    if (!parse<grammar::whole_part>(input_)) return number_failure(token.start);
    token.kind = TokenKind::integer;
    bool has_fraction = parse<grammar::fraction>(input_);
    if (!has_fraction && !input_.empty() && *input_.current() == '.') return number_failure(token.start);
    bool has_exponent = parse<grammar::exponent>(input_);
    if (!has_exponent && !input_.empty() && (*input_.current() | 0x20) == 'e')
        return number_failure(token.start);
    if (has_fraction || has_exponent) token.kind = TokenKind::floating;
    token.value = source_.substr(token.start, position() - token.start);
    return true;
}

// Goes over a malformed number again to find what is wrong with it.
bool Lexer::number_failure(std::size_t start) {
    std::size_t at = start;
    auto peek = [&] { return at < source_.size() ? source_[at] : '\0'; };
    auto skip_digits = [&] {
        while (is_digit(peek())) ++at;
    };
    if (peek() == '-') ++at;
    if (peek() == '0') {
        ++at;
        if (is_digit(peek())) {
            return fail(at, fmt::format("Invalid number, unexpected digit after 0: {}.",
                                        printed_character(source_, at)));
        }
    } else {
        skip_digits();
    }
    if (peek() == '.') {
        ++at;
        skip_digits();
    }
    if (is_digit(source_[at - 1]) && (peek() | 0x20) == 'e') {
        ++at;
        if (peek() == '+' || peek() == '-') ++at;
    }
    return fail(at,
                fmt::format("Invalid number, expected digit but got: {}.", printed_character(source_, at)));
}

bool Lexer::string(Token& token) {
    if (parse<grammar::block_quote>(input_)) return block_string(token);
    input_.bump_in_this_line(1);
    token.kind = TokenKind::string;
    std::size_t start = position();
    parse<grammar::string_run>(input_);
    if (!input_.empty() && *input_.current() == '"') {
        token.value = source_.substr(start, position() - start);
        input_.bump_in_this_line(1);
        return true;
    }
    return string_with_escapes(token, start);
}

bool Lexer::string_with_escapes(Token& token, std::size_t run_start) {
    std::string text;
    for (;;) {
        text.append(source_, run_start, position() - run_start);
        if (input_.empty() || *input_.current() == '\n' || *input_.current() == '\r') {
            return fail(position(), "Unterminated string.");
        }
        char c = *input_.current();
        if (c == '"') break;
        if (c != '\\') {
            return fail(position(), fmt::format("Invalid character within String: {}.",
                                                printed_character(source_, position())));
        }
        input_.bump_in_this_line(1);
        if (!escape(text)) return false;
        run_start = position();
        parse<grammar::string_run>(input_);
    }
    input_.bump_in_this_line(1);
    token.value = keep(text);
    return true;
}

bool Lexer::escape(std::string& text) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (input_.empty()) return fail(position(), "Unterminated string.");
    char c = *input_.current();
    if (c == 'u') return unicode_escape(text);
    std::size_t index = kLetters.find(c);
    if (index == std::string_view::npos) {
        std::string_view character = source_.substr(position(), character_bytes(source_, position()));
        return fail(position(), fmt::format("Invalid character escape sequence: \\\\{}.", character));
    }
    text += kMeanings[index];
    input_.bump_in_this_line(1);
    return true;
}

// A pair of surrogate escapes is one character; a surrogate that stands alone becomes U+FFFD.
bool Lexer::unicode_escape(std::string& text) {
    std::size_t at = position();
    std::optional<std::uint32_t> unit = hex4(source_.substr(at + 1, 4));
    if (!unit) {
        return fail(at,
                    fmt::format("Invalid character escape sequence: \\\\u{}.", source_.substr(at + 1, 4)));
    }
    input_.bump_in_this_line(5);
    if (*unit >= 0xD800 && *unit < 0xDC00 && source_.substr(at + 5, 2) == "\\u") {
        std::optional<std::uint32_t> low = hex4(source_.substr(at + 7, 4));
        if (low && *low >= 0xDC00 && *low < 0xE000) {
            unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
            input_.bump_in_this_line(6);
        }
    }
    append_utf8(*unit, text);
    return true;
}

bool Lexer::block_string(Token& token) {
    token.kind = TokenKind::block_string;
    std::string raw;
    std::size_t run_start = position();
    auto flush = [&] { raw.append(source_, run_start, position() - run_start); };
    while (!input_.empty()) {
        char c = *input_.current();
        if (c == '"' && source_.substr(position(), 3) == "\"\"\"") {
            flush();
            input_.bump_in_this_line(3);
            token.value = keep(block_string_value(raw));
            return true;
        }
        if (c == '\\' && source_.substr(position(), 4) == "\\\"\"\"") {
            flush();
            raw += "\"\"\"";
            input_.bump_in_this_line(4);
            run_start = position();
            continue;
        }
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            return fail(position(), fmt::format("Invalid character within String: {}.",
                                                printed_character(source_, position())));
        }
        input_.bump(1);
    }
    return fail(position(), "Unterminated string.");
}

}  // namespace cairn::query
