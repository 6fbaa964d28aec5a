// From type definitions and patches to collection versions: fields, relations, version identifiers, rules
// (spec/blocks.md sections 4 and 5, spec/schema.md sections 2, 5, 6, 7, 10). Pure; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/type_definition.h"

namespace cairn {

struct SchemaChange {
    std::shared_ptr<const Catalog> catalog;  // the whole new catalog (version() + 1)
    std::vector<std::string>
        version_ids;  // versions that were added, in the order of the definitions or patch
    std::vector<std::string>
        hashed_json;  // texts whose CIDs the version ids are, in order of sets (for tests and tools)
};

// Adds the types of one SDL text. Errors: invalid_argument with the exact messages of spec/schema.md section
// 7, several joined by '\n'.
Result<SchemaChange> add_types(const Catalog& catalog, const std::vector<TypeDefinition>& types);

// Adds the types of a view's SDL; rules of views (section 14). The query text is kept in the versions.
Result<SchemaChange> add_view_types(const Catalog& catalog, const std::vector<TypeDefinition>& types,
                                    std::string_view query);

// Applies a JSON Patch to the active schemas (spec/blocks.md section 5, spec/schema.md section 10).
Result<SchemaChange> patch_schemas(const Catalog& catalog, std::string_view patch_json, bool set_default);

// Makes one version the active one of its collection (spec/schema.md section 12).
Result<SchemaChange> set_active_version(const Catalog& catalog, std::string_view version_id);

// The text that is hashed for one schema (spec/blocks.md 4.1).
std::string schema_hash_json(const SchemaDescription& schema);

}  // namespace cairn
