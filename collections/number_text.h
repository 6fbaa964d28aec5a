// Numbers to and from text as the reference writes and reads them (spec/blocks.md section 2.5, spec/query.md
// section 3.5, spec/schema.md section 15). Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn {

// A number token of a JSON document to double by the quirk of 2.5; the words nan and inf included. Errors:
// invalid_argument with the reference's text and the token.
Result<double> parse_document_number(std::string_view token);

// A number token of a JSON document to an Int: -?digits within int64. Errors as above.
Result<std::int64_t> parse_document_integer(std::string_view token);

// Appends a number as Go's fmt prints it with %v: 1e+06, 0.0001, +Inf, NaN.
void append_go_number(double value, std::string& out);
void append_go_number(float value, std::string& out);

// Appends text as Go's strconv.Quote does. What is not printable ASCII, nor a letter beyond it, is escaped.
void append_go_quoted(std::string_view text, std::string& out);
std::string go_quoted(std::string_view text);

}  // namespace cairn
