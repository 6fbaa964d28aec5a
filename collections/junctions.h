// Many-to-many relations: which fields are one, and the junction collections that hold their pairs
// (collections/README.md "Many-to-many"). Pure; thread-safe.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "collections/schema_fields.h"
#include "collections/type_definition.h"

namespace cairn {

// One side of a many-to-many relation.
struct RelationSide {
    std::string_view type, field;
    friend auto operator<=>(const RelationSide&, const RelationSide&) = default;
};

// Names in the junction collection of a relation; the same whichever side comes first. A relation of a field
// with itself (symmetric) has twice the same side.
struct JunctionNames {
    std::string collection;
    std::string key_a, key_b;  // relation fields that name a document of the smaller side, of the larger one
    std::string relinked;      // Int: how often the pair was unlinked before; null for never
};
JunctionNames junction_names(const RelationSide& side, const RelationSide& other);

// Types of the junctions that the many-to-many relations among the types need, in order of the types.
std::vector<TypeDefinition> junction_types(const std::vector<TypeDefinition>& types);

}  // namespace cairn
