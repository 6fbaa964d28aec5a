// Filter operators on single values (spec/query.md 5.2, 5.3). Pure. Internal to the filter files.
#pragma once

#include <string_view>

#include "query/filter.h"

namespace cairn::query {

// Errors: "unknown operator. Operator: _foo".
Result<Operator> parse_operator(std::string_view name);
// The operand of an operator on a field of the kind; a list for _in and _nin.
Result<Value> operand_value(Operator op, FieldKind kind, const AstValue& operand,
                            const VariableValues& variables);
// The condition of a scalar filter on a value. Errors: as test_operator.
Result<bool> test_condition(const Filter& filter, const Value& value);
// Errors: an operand that the operator cannot take ("unexpected type. Property: condition, Actual: <nil>").
Result<bool> test_operator(Operator op, const Value& operand, const Value& value, FieldKind kind);
// A condition of scalar and compound kinds on a value that is no row.
Result<bool> test_value(const Filter& filter, const Value& value);
// A filter on the elements of an inline array, `_and` and `_or` included (the leaf family of
// spec/query.md 2.6).
Result<std::unique_ptr<Filter>> compile_element_filter(FieldKind kind, const AstValue& condition,
                                                       const VariableValues& variables);
// Name of a value's type as the reference prints it ("bool", "string", "<nil>", …).
std::string_view operand_type_name(const Value& value);

}  // namespace cairn::query
