// The limits on what a request may ask for, apart from what the parser counts (tokens, nesting, list items).
// Pure.
#pragma once

#include "cairn/database.h"
#include "cairn/error.h"
#include "query/ast.h"

namespace cairn::query {

// Looks at one operation of a valid document with its fragments in place. Errors: limit_exceeded, which name
// the limit: fields within fields, aliases, root fields.
Status check_request_shape(const Document& document, const AstOperation& operation,
                           const RequestLimits& limits);

}  // namespace cairn::query
