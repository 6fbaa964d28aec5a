// Tokens of a GraphQL document, one at a time (lexical part of spec/query.md section 3.8). Values are views
// into the source, or into the arena for strings that hold escapes. Not thread-safe; a lexer belongs to one
// parse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

#include "query/grammar.h"
#include "query/lexer_text.h"

namespace cairn::query {

enum class TokenKind : std::uint8_t {
    end,
    bang,
    dollar,
    amp,
    paren_open,
    paren_close,
    spread,
    colon,
    equals,
    at,
    bracket_open,
    bracket_close,
    brace_open,
    pipe,
    brace_close,
    name,
    integer,
    floating,
    string,
    block_string,
};
// As messages show it: `EOF`, `{`, `Name` …
std::string_view token_kind_name(TokenKind kind);

struct Token {
    TokenKind kind = TokenKind::end;
    std::uint32_t start = 0;  // byte offset in the source
    std::string_view value;   // names, numbers, unescaped strings; empty for the others

    std::string description() const;  // `Name "foo"`, `EOF`
};

class Lexer {
  public:
    Lexer(std::string_view source, std::pmr::memory_resource& arena)
        : source_(source), arena_(arena), input_(source.data(), source.data() + source.size(), "") {}

    // Reads the next token. Returns false on a lexical error; failure() then tells which.
    bool next(Token& token);
    const SyntaxFailure& failure() const { return failure_; }

  private:
    using Input = tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy, tao::pegtl::eol::lf, const char*>;

    std::size_t position() const { return static_cast<std::size_t>(input_.current() - source_.data()); }
    bool punctuator(Token& token, TokenKind kind, std::size_t bytes);
    bool number(Token& token);
    bool number_failure(std::size_t start);
    bool string(Token& token);
    bool string_with_escapes(Token& token, std::size_t run_start);
    bool escape(std::string& text);
    bool unicode_escape(std::string& text);
    bool block_string(Token& token);
    bool unexpected_character();
    bool fail(std::size_t position, std::string detail);
    std::string_view keep(std::string_view text);

    std::string_view source_;
    std::pmr::memory_resource& arena_;
    Input input_;
    SyntaxFailure failure_;
};

}  // namespace cairn::query
