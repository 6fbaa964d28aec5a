// Filters on JSON fields (spec/query.md 5.5). Internal to the filter files.
#pragma once

#include "query/filter.h"

namespace cairn::query {

// Compiles what stands for a JSON field in a filter: operators, property steps, compound conditions, or a
// bare value (equality).
Result<std::unique_ptr<Filter>> compile_json_filter(const AstValue& condition,
                                                    const VariableValues& variables, std::size_t depth = 0);
// missing: the enclosing value is an object that lacks the property. Errors: a property step into a value
// that is neither object nor null ("field or alias not found. Name: <step>"), operands of a wrong type.
Result<bool> test_json(const Filter& filter, const Value& value, bool missing);

}  // namespace cairn::query
