// From type definitions to the two field lists of each type (spec/blocks.md 4.2, spec/schema.md sections 2
// and 5). Pure; thread-safe.
#pragma once

#include <vector>

#include "collections/catalog.h"
#include "collections/type_definition.h"

namespace cairn {

// A schema and the collection version over it while they are being made: without identifiers, numbers and
// indexes, relations by name.
struct SchemaDraft {
    SchemaDescription schema;
    CollectionVersionDescription version;
};

// One draft per type, in the same order. Never fails: what is wrong with the types is found by the rules.
std::vector<SchemaDraft> draft_types(const std::vector<TypeDefinition>& types);

}  // namespace cairn
