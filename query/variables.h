// Values of a request's variables (spec/query.md section 3.3), turned into syntax tree values so that a
// literal and a variable are the same thing to whoever reads them.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "query/ast.h"
#include "query/type_system.h"

namespace cairn::query {

class VariableValues {
  public:
    VariableValues() = default;
    // Reads the variables of one operation. Nodes and texts live in the arena, which must outlive the result.
    // A variable that was not supplied and has no default is absent. Errors: invalid_argument with the texts
    // of 3.3; limit_exceeded for a list of more items than allowed.
    static Result<VariableValues> coerce(const AstOperation& operation, const TypeSystem& schema,
                                         std::string_view variables_json, std::pmr::memory_resource& arena,
                                         std::size_t list_items = SIZE_MAX);
    // The value, or nullptr when the variable is absent.
    const AstValue* find(std::string_view name) const;

    // What a value stands for: itself, or the variable's value; nullptr when it is an absent variable (then
    // the argument or input field counts as not written).
    const AstValue* resolve(const AstValue* value) const {
        return value != nullptr && value->kind == AstValue::Kind::variable ? find(value->text) : value;
    }

  private:
    std::vector<std::pair<std::string_view, const AstValue*>> values_;
};

}  // namespace cairn::query
