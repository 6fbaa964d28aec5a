// From an SDL text to type definitions: stages 1 to 3 of spec/schema.md section 2 (syntax, GraphQL validation
// of directives and their arguments, conversion), with the exact messages of sections 2, 3 and 4. Pure;
// thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/type_definition.h"
#include "query/type_system.h"

namespace cairn::query {

// Types and interfaces in SDL order; other definitions are checked and dropped. Names of API types (`schema {
// query: … }`, operations beside the types) are looked up in the given schema. Errors: invalid_argument,
// limit_exceeded.
Result<std::vector<TypeDefinition>> parse_sdl(std::string_view sdl, const TypeSystem& schema);

// The same against the schema of a database without collections.
Result<std::vector<TypeDefinition>> parse_sdl(std::string_view sdl);

}  // namespace cairn::query
