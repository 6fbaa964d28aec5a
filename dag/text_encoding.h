// Hexadecimal and base58btc texts of bytes, as keys and identities are written (spec/blocks.md
// sections 12.2, 12.3). All functions are pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn::dag {

// Lower-case hexadecimal digits, two for a byte.
std::string hex_encode(Bytes bytes);

// Reads hexadecimal digits of either case. Errors (invalid_argument) have the reference's texts:
// "encoding/hex: invalid byte: U+0068 'h'" and "encoding/hex: odd length hex string".
Result<std::string> hex_decode(std::string_view text);

// base58btc without the multibase letter. The cost grows with the square of the length: for keys and
// identifiers.
std::string base58_encode(Bytes bytes);

}  // namespace cairn::dag
