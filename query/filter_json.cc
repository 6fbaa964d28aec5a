#include "query/filter_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/limits.h"
#include "query/filter_operators.h"
#include "query/input_values.h"

namespace cairn::query {
namespace {

using Pointer = std::unique_ptr<Filter>;

Pointer make(Filter::Kind kind) {
    auto filter = std::make_unique<Filter>();
    filter->kind = kind;
    return filter;
}

// An unknown operator fails when a document is compared, not before (spec/query.md 5.2).
Result<Pointer> compile_operator(std::string_view name, const AstValue& operand,
                                 const VariableValues& variables) {
    auto op = parse_operator(name);
    if (!op) {
        Pointer failing = make(Filter::Kind::failing);
        failing->name = op.error().message;
        return failing;
    }
    Pointer condition = make(Filter::Kind::scalar);
    condition->op = *op;
    condition->value_kind = FieldKind::json;
    CAIRN_ASSIGN(condition->operand, operand_value(*op, FieldKind::json, operand, variables));
    // Within JSON all numbers are doubles, but messages name what was written.
    if (operand.kind == AstValue::Kind::integer) condition->name = "int32";
    return condition;
}

Result<Pointer> compile_member(std::string_view name, const AstValue& operand,
                               const VariableValues& variables, std::size_t depth) {
    auto compile = [&](const AstValue& value) { return compile_json_filter(value, variables, depth + 1); };
    if (!name.starts_with('_')) {
        Pointer step = make(Filter::Kind::json_step);
        step->name = name;
        CAIRN_ASSIGN(Pointer inner, compile(operand));
        step->children.push_back(std::move(inner));
        return step;
    }
    bool is_null = operand.kind == AstValue::Kind::null;
    if (name == "_and" || name == "_or") {
        if (is_null) return make(Filter::Kind::always);
        Pointer combined = make(name == "_and" ? Filter::Kind::all_of : Filter::Kind::any_of);
        if (operand.kind != AstValue::Kind::list) {
            CAIRN_ASSIGN(Pointer part, compile(operand));
            combined->children.push_back(std::move(part));
        } else {
            for (const AstValue* given : operand.items) {
                const AstValue* item = variables.resolve(given);
                if (item == nullptr) continue;
                CAIRN_ASSIGN(Pointer part, compile(*item));
                combined->children.push_back(std::move(part));
            }
        }
        return combined;
    }
    if (name == "_not" || name == "_any" || name == "_all" || name == "_none") {
        if (name == "_not" && is_null) return make(Filter::Kind::always);
        Pointer outer = make(name == "_not"   ? Filter::Kind::negation
                             : name == "_any" ? Filter::Kind::array_any
                             : name == "_all" ? Filter::Kind::array_all
                                              : Filter::Kind::array_none);
        CAIRN_ASSIGN(Pointer inner, compile(operand));
        outer->children.push_back(std::move(inner));
        return outer;
    }
    return compile_operator(name, operand, variables);
}

Result<bool> test_elements(const Filter& filter, const Value& value) {
    const auto* array = value.get_if<Value::Array>();
    if (array == nullptr) return false;
    for (const Value& element : *array) {
        CAIRN_ASSIGN(bool holds, test_json(*filter.children[0], element, false));
        if (filter.kind == Filter::Kind::array_any && holds) return true;
        if (filter.kind == Filter::Kind::array_none && holds) return false;
        if (filter.kind == Filter::Kind::array_all && !holds) return false;
    }
    return filter.kind != Filter::Kind::array_any;
}

Result<bool> test_step(const Filter& filter, const Value& value) {
    if (value.is_null()) return test_json(*filter.children[0], Value(), false);
    const auto* object = value.get_if<Value::Object>();
    if (object == nullptr) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("field or alias not found. Name: {}", filter.name));
    }
    auto member = std::find_if(object->begin(), object->end(),
                               [&](const auto& entry) { return entry.first == filter.name; });
    if (member == object->end()) return test_json(*filter.children[0], Value(), true);
    return test_json(*filter.children[0], member->second, false);
}

}  // namespace

Result<std::unique_ptr<Filter>> compile_json_filter(const AstValue& condition,
                                                    const VariableValues& variables, std::size_t depth) {
    if (depth > limits::kMaxJsonNesting) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("filter is nested deeper than {} levels", limits::kMaxJsonNesting));
    }
    if (condition.kind != AstValue::Kind::object) {  // a bare value is equality
        Pointer equality = make(Filter::Kind::scalar);
        equality->op = Operator::eq;
        equality->value_kind = FieldKind::json;
        CAIRN_ASSIGN(equality->operand, json_value(&condition, variables));
        return equality;
    }
    Pointer all = make(Filter::Kind::all_of);
    for (const AstObjectField& member : condition.fields) {
        const AstValue* operand = variables.resolve(member.value);
        if (operand == nullptr) continue;
        CAIRN_ASSIGN(Pointer part, compile_member(member.name, *operand, variables, depth));
        all->children.push_back(std::move(part));
    }
    return all;
}

Result<bool> test_json(const Filter& filter, const Value& value, bool missing) {
    switch (filter.kind) {
        case Filter::Kind::always:
            return true;
        case Filter::Kind::all_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test_json(*child, value, missing));
                if (!holds) return false;
            }
            return true;
        case Filter::Kind::any_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test_json(*child, value, missing));
                if (holds) return true;
            }
            return false;
        case Filter::Kind::negation: {
            CAIRN_ASSIGN(bool holds, test_json(*filter.children[0], value, missing));
            return !holds;
        }
        case Filter::Kind::array_any:
        case Filter::Kind::array_all:
        case Filter::Kind::array_none:
            return test_elements(filter, value);
        case Filter::Kind::json_step:
            return test_step(filter, value);
        case Filter::Kind::scalar:
            if (missing && filter.op == Operator::ne) return false;
            return test_condition(filter, value);
        case Filter::Kind::failing:
            return fail(ErrorCode::invalid_argument, filter.name);
        default:
            return fail(ErrorCode::internal, "JSON condition in a wrong place");
    }
}

}  // namespace cairn::query
