// The fields of selection sets with fragments taken apart and equal response keys put together
// (spec/query.md 3.4). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "query/ast.h"

namespace cairn::query {

struct SelectionGroup {
    std::string_view key;
    std::vector<const AstSelection*> fields;  // in document order; one at least
    const AstSelection& first() const { return *fields.front(); }
};

// The fields of a selection set in document order. Errors: limit_exceeded when fragments are nested too
// deeply.
Status append_fields(const Document& document, AstSelectionSet selections,
                     std::vector<const AstSelection*>& fields, std::size_t depth = 0);

// The fields by response key, bytewise. The type conditions of fragments are not looked at: validation has
// refused impossible ones.
std::vector<SelectionGroup> group_by_key(std::vector<const AstSelection*> fields);
// The fields below several selections of one response key, by response key. Errors: those of append_fields.
Result<std::vector<SelectionGroup>> group_selections(const Document& document,
                                                     const std::vector<const AstSelection*>& parents);

// `"key":`
std::string key_prefix(std::string_view key);

}  // namespace cairn::query
