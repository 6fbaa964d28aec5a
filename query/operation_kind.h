// What kind of operation a request asks for, before it is validated. Pure; thread-safe.
#pragma once

#include <string_view>

#include "cairn/database.h"

namespace cairn::query {

// The kind of the operation that the name chooses (the first one without a name); `query` when there is none
// or the text cannot be parsed.
Database::OperationKind operation_kind(std::string_view text, std::string_view operation_name);

}  // namespace cairn::query
