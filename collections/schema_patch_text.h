// The text side of a schema patch (spec/schema.md section 10): from the active schemas and a JSON Patch to
// the schemas it makes of them, before identifiers and rules. Used by schema_patch.cc only. Pure;
// thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"

namespace cairn {

// The schemas after the patch, in the order of their keys in the patched object, fields as written: relations
// by name stay so, types that are not given stay 0. Errors: invalid_argument with the texts of section 10,
// limit_exceeded.
Result<std::vector<SchemaDescription>> apply_schema_patch(
    std::string_view patch_json, const std::vector<const SchemaDescription*>& schemas);

}  // namespace cairn
