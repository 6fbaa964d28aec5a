// Patches of collection versions (spec/schema.md section 11). Pure; thread-safe.
#pragma once

#include <string_view>

#include "cairn/error.h"
#include "collections/schema_builder.h"

namespace cairn {

// Applies a JSON Patch to the object "version id -> collection version" of all versions. What may change:
// IsActive, IsMaterialized of views, VectorEmbeddings. Errors: invalid_argument, the messages of section 11
// joined by '\n'; unsupported for a changed query or transform of a view.
Result<SchemaChange> patch_collections(const Catalog& catalog, std::string_view patch_json);

}  // namespace cairn
