// Grouping of schemas into sets and their identifiers (spec/blocks.md 4.3 to 4.5). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collections/catalog.h"

namespace cairn {

// Targets of by-name relations of one schema, in field order, repetitions kept: R(s) of 4.3.
struct NamedRelations {
    std::string_view schema;
    std::vector<std::string_view> targets;
};

// The sets of 4.3 as indexes into the input; sets in the order of their first members, members in input
// order. The input may name a schema twice (a later rule refuses that); then the first one counts.
std::vector<std::vector<std::size_t>> group_schemas(const std::vector<NamedRelations>& schemas);

// Gives every schema its version id, and its root when that is empty. Returns the text hashed for each set,
// in the order of the sets.
std::vector<std::string> identify_schemas(std::span<SchemaDescription* const> schemas);

// Replaces relations by name to one of the schemas by self and root kinds (4.5). Other names stay for the
// rules to refuse.
void resolve_named_kinds(std::span<SchemaDescription* const> schemas);

}  // namespace cairn
