// From an SDL text to type definitions: stages 1 to 3 of spec/schema.md section 2 (syntax, GraphQL validation of directives and their
// arguments, conversion), with the exact messages of sections 2, 3 and 4. Pure; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/type_definition.h"

namespace cairn::query {

Result<std::vector<TypeDefinition>> parse_sdl(std::string_view sdl);

}  // namespace cairn::query
