// How relations are written in mutation inputs, beyond an ID (README, "Relations in mutations"):
//   an item is "bae-…", {_docID: "bae-…"}, {_docID: "bae-…", <fields to update>} or {<fields to create>};
//   a single relation takes an item, a list relation a list of them, one alone, or {_add: […], _remove: […]}.
// The side of a one-to-one relation without the key takes objects only (spec/schema.md section 5). Pure.
#pragma once

#include <algorithm>
#include <string_view>

#include "query/ast.h"
#include "query/type_system.h"

namespace cairn::query {

// Names of input types: what a collection's mutations take, and what may be nested in others'.
inline constexpr std::string_view kMutationInputSuffix = "MutationInputArg",
                                  kRelationInputSuffix = "RelationInput";

inline constexpr std::string_view kAddMember = "_add", kRemoveMember = "_remove";

// {_docID: …}
inline bool is_link_object(const AstValue& value) {
    return value.kind == AstValue::Kind::object && value.fields.size() == 1 &&
           value.fields[0].name == "_docID";
}

// {_add: …, _remove: …}, or one of them
inline bool is_list_change(const AstValue& value) {
    return value.kind == AstValue::Kind::object && !value.fields.empty() &&
           std::all_of(value.fields.begin(), value.fields.end(), [](const AstObjectField& member) {
               return member.name == kAddMember || member.name == kRemoveMember;
           });
}

// Whether an input object may have this value for a field: known, and written in a form that the field takes.
inline bool takes_value(const InputValue* field, const AstValue& value) {
    if (field == nullptr || field->shown_only) return false;
    return !field->objects_only || value.kind == AstValue::Kind::object ||
           value.kind == AstValue::Kind::variable;
}

}  // namespace cairn::query
