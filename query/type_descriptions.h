// What introspection says about types and directives (spec/query.md section 2.1 asks for one text; the others
// are ours).
#pragma once

#include <string_view>

namespace cairn::query {

// Of a generated input, enum or scalar type, or of an object type that does not belong to a collection; empty
// when there is nothing to say.
std::string_view type_description(std::string_view name);
std::string_view directive_description(std::string_view name);

}  // namespace cairn::query
