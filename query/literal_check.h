// Does a literal fit a type? (spec/query.md sections 2.1 and 3.8: bad literals and their reasons). Variables
// fit everywhere here; their types are checked elsewhere. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "query/ast.h"
#include "query/type_system.h"

namespace cairn::query {

enum class IntRange : std::uint8_t {
    bits32,  // requests
    bits64,  // directives of an SDL
};

// The reasons why a literal does not fit, in order; empty when it does. At most about 1000 of them.
std::vector<std::string> literal_reasons(const TypeRef& type, const AstValue& value, IntRange range);

bool is_hex_text(std::string_view text);  // one or more hex digits
// true when the text of a number literal is a finite double, or a finite single.
bool is_finite_number(std::string_view text, bool single = false);
// true when every number in a JSON literal can be kept: ints of 32 bits, finite floats.
bool is_json_literal(const AstValue& value);

}  // namespace cairn::query
