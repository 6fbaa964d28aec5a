// Stage 3 of parse_sdl: from syntax tree to TypeDefinition (spec/schema.md sections 2 to 4). The document was
// validated, so directives and their arguments are known and literals have the right form. Internal to query.
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "cairn/error.h"
#include "collections/type_definition.h"
#include "query/ast.h"

namespace cairn::query {

// All of them stop at the first problem. Errors: invalid_argument with the texts of spec/schema.md.
Result<TypeDefinition> convert_type(const AstTypeDefinition& node);
// Adds the field and its indexes.
Status convert_field(const AstFieldDefinition& node, TypeDefinition& type);

Result<Value> convert_default(const AstFieldDefinition& field, const AstDirective& directive);
// field is the name of the field that carries the directive; empty for a directive on a type.
Result<IndexDirective> convert_index(const AstDirective& directive, std::string_view field);
Result<EmbeddingDescription> convert_embedding(const AstDirective& directive, std::string_view field);
// Sets field.join, when the field has @join; its kind is known already.
Status convert_join(const AstFieldDefinition& node, std::string_view type_name, FieldDefinition& field);
Result<PolicyDescription> convert_policy(const AstDirective& directive);
// The argument `if` of @materialized and @branchable; true when it is not given.
bool convert_condition(const AstDirective& directive);

// Value of an argument; null when it is not given or given as null.
const AstValue* argument_of(const AstDirective& directive, std::string_view name);
// Text of a string argument; nothing when it is not given or null.
std::optional<std::string> text_argument(const AstDirective& directive, std::string_view name);
Result<std::int64_t> integer_of(const AstValue& literal);

}  // namespace cairn::query
