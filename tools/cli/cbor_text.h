// Shows the CBOR value of a field commit (spec/blocks.md 2.2) as JSON text.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn::cli {

// Bytes of standard base64 with padding. Errors: invalid_argument.
Result<std::string> decode_base64(std::string_view text);

// JSON text of one CBOR value; byte strings as hex text. Errors: invalid_argument (cut, trailing bytes,
// nested too deeply, tags).
Result<std::string> cbor_to_json(std::string_view bytes);

}  // namespace cairn::cli
