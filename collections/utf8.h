// UTF-8 letter by letter, where simdjson's validation of whole texts does not suffice. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

// Length of the valid sequence that the text begins with, and its code point; 0 when it begins with none.
std::size_t read_rune(std::string_view text, char32_t& rune);

// Appends a code point below 0x110000.
void append_utf8(char32_t rune, std::string& out);

// Length of the longest valid prefix.
std::size_t valid_utf8_prefix(std::string_view text);

}  // namespace cairn
