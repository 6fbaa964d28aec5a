// Answers `__schema` and `__type` from the type system (spec/query.md section 2.13). A plan is made once per
// prepared request and is immutable; answering reads only the plan, the type system and the variables, so any
// number of threads may do it at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "query/ast.h"
#include "query/selection_groups.h"
#include "query/type_system.h"
#include "query/variables.h"

namespace cairn::query {

// The introspection types refer to one another, so that a short request can ask for an answer of any size;
// this bounds it.
inline constexpr std::size_t kMaxIntrospectionBytes = std::size_t{128} << 20;

// One field of an introspection object, with what is selected below it.
struct IntrospectionItem {
    enum class Field : std::uint8_t {
        args,
        default_value,
        deprecation_reason,
        description,
        directives,
        enum_values,
        fields,
        input_fields,
        interfaces,
        is_deprecated,
        kind,
        locations,
        mutation_type,
        name,
        of_type,
        on_field,
        on_fragment,
        on_operation,
        possible_types,
        query_type,
        schema,
        subscription_type,
        type,
        type_by_name,
        type_name,
        types,
    };
    Field field = Field::name;
    std::string prefix;                    // `"key":`
    const AstValue* argument = nullptr;    // name or includeDeprecated; null when not written
    std::vector<IntrospectionItem> items;  // sorted by response key
};

// Whether root fields of a query ask for introspection; all other fields beside are null then.
bool is_introspection(const std::vector<const AstSelection*>& roots);

// Plans a root field `__schema` or `__type` of a valid document. Errors: limit_exceeded for too deep a
// nesting.
Result<IntrospectionItem> plan_introspection(const Document& document, const SelectionGroup& group);

// Appends the value of a planned root field; a type that does not exist is null. Errors: limit_exceeded when
// the answer is larger than kMaxIntrospectionBytes.
Status execute_introspection(const TypeSystem& schema, const VariableValues& variables,
                             const IntrospectionItem& item, std::string& out);

}  // namespace cairn::query
