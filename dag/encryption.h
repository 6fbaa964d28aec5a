// AES-256-GCM of the data of field blocks (spec/blocks.md section 11.1). Nonces and keys are given by the
// caller: nothing here has a source of randomness. All functions are thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn::dag {

inline constexpr std::size_t kEncryptionKeyBytes = 32;
inline constexpr std::size_t kEncryptionNonceBytes = 12;
inline constexpr std::size_t kEncryptionTagBytes = 16;

// nonce || cipher text || tag, of plain field bytes. A nonce must not be used twice with one key. Errors
// (invalid_argument): key or nonce of a wrong length.
Result<std::string> seal_data(Bytes key, Bytes nonce, Bytes plain);

// The plain bytes of what seal_data returned. Errors: invalid_argument for a key of a wrong length,
// corruption for sealed bytes that are too short or do not authenticate with this key.
Result<std::string> open_data(Bytes key, Bytes sealed);

}  // namespace cairn::dag
