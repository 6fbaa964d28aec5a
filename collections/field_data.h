// Field bytes of field blocks as they were before encryption (spec/blocks.md 11). Thread-safe like the view.
#pragma once

#include <optional>
#include <string>

#include "cairn/error.h"
#include "collections/storage.h"
#include "dag/block.h"

namespace cairn {

// The field bytes of a field block: its data, or what they decrypt to, which is then kept in opened. Nothing
// when the key is not known here. Errors: corruption (it does not decrypt), io.
Result<std::optional<std::string_view>> field_data(const ReadView& reader, const dag::BlockView& block,
                                                   const dag::Digest& digest, std::string& opened);

}  // namespace cairn
