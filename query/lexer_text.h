// Text work of the lexer: characters as messages show them, block strings, the text of syntax errors
// (spec/query.md section 3.8). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::query {

struct SyntaxFailure {
    std::size_t position = 0;  // byte offset in the source
    std::string detail;
};

// `Syntax Error GraphQL request (1:2) <detail>`, an empty line, the excerpt with its caret.
std::string syntax_error_text(std::string_view source, std::string_view source_name,
                              const SyntaxFailure& failure);

struct SourcePlace {
    std::size_t line = 1, column = 1;  // both from 1, columns in bytes
};
SourcePlace source_place(std::string_view source, std::size_t position);

// The character at a place as messages show it: "a", "\\u00E9", <EOF>.
std::string printed_character(std::string_view source, std::size_t position);
// Number of bytes of the UTF-8 character at a place; 1 for a byte that begins none.
std::size_t character_bytes(std::string_view source, std::size_t position);
// Appends one character; U+FFFD for what is no Unicode scalar value.
void append_utf8(std::uint32_t code_point, std::string& text);

// Value of a block string: common indentation and blank first and last lines removed.
std::string block_string_value(std::string_view raw);

}  // namespace cairn::query
