// Multibase texts as they may stand before the first hyphen of a document id (spec/blocks.md section 1.3).
// Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn {

// The bytes of a multibase text in any of the bases that the reference reads, but for the emoji base. Errors:
// invalid_argument with the reference's "selected encoding not supported", or one that names the wrong
// character.
Result<std::string> multibase_decode(std::string_view text);

}  // namespace cairn
