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
    bool is_junction = false;  // made for a many-to-many relation
};

// The name of a relation: the one given, or the generated one (spec/schema.md section 5).
std::string relation_name_of(const TypeDefinition& type, const FieldDefinition& field);

// One draft per type, in the same order, then those of the junctions that their many-to-many relations need.
// Never fails: what is wrong with the types is found by the rules.
std::vector<SchemaDraft> draft_types(const std::vector<TypeDefinition>& types);

}  // namespace cairn
