// @skip(if:) and @include(if:): a document without the selections that they take away. Pure.
#pragma once

#include <memory>

#include "query/ast.h"
#include "query/variables.h"

namespace cairn::query {

// Whether the conditions of a document's selections are there, and whether variables decide.
enum class Conditions : std::uint8_t { none, constant, variable };
Conditions conditions_of(const Document& document);

// The document with the selections that its conditions leave, operations and fragments in the same places; it
// keeps the original alive. variables may be without values when all conditions are constant.
std::shared_ptr<const Document> apply_conditions(std::shared_ptr<const Document> document,
                                                 const VariableValues& variables);

}  // namespace cairn::query
