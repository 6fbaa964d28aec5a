#include "query/filter_operators.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/input_values.h"

namespace cairn::query {
namespace {

std::unexpected<Error> unexpected_type(std::string_view actual) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("unexpected type. Property: condition, Actual: {}", actual));
}
std::unexpected<Error> unexpected_operand(const Value& operand) {
    return unexpected_type(operand_type_name(operand));
}

bool is_number(const Value& value) {
    return value.get_if<std::int64_t>() != nullptr || value.get_if<double>() != nullptr ||
           value.get_if<float>() != nullptr;
}

// Float32 operands are rounded to 32 bits before a comparison, as equality does.
Value as_float32(const Value& value) {
    if (const auto* number = value.get_if<double>()) return Value(static_cast<float>(*number));
    return value;
}

Result<bool> test_order(Operator op, const Value& operand, const Value& value, FieldKind kind) {
    if (kind == FieldKind::json && !operand.is_null() && !is_number(operand))
        return unexpected_operand(operand);
    if (operand.is_null()) {
        switch (op) {
            case Operator::gt:
                return !value.is_null();
            case Operator::ge:
                return true;
            case Operator::lt:
                return false;
            default:
                return value.is_null();
        }
    }
    if (value.is_null() || (kind == FieldKind::json && !is_number(value))) return false;
    auto order = kind == FieldKind::float32 ? compare_values(as_float32(value), as_float32(operand), kind)
                                            : compare_values(value, operand, kind);
    switch (op) {
        case Operator::gt:
            return order > 0;
        case Operator::ge:
            return order >= 0;
        case Operator::lt:
            return order < 0;
        default:
            return order <= 0;
    }
}

Result<bool> test_like(Operator op, const Value& operand, const Value& value) {
    const auto* pattern = operand.get_if<std::string>();
    if (pattern == nullptr) return unexpected_operand(operand);
    bool ignore_case = op == Operator::ilike || op == Operator::nilike;
    const auto* text = value.get_if<std::string>();
    bool matches = text != nullptr && like_matches(*pattern, *text, ignore_case);
    return matches == (op == Operator::like || op == Operator::ilike);
}

}  // namespace

std::string_view operand_type_name(const Value& value) {
    switch (value.data.index()) {
        case 0:
            return "<nil>";
        case 1:
            return "bool";
        case 2:
            return "int64";
        case 3:
            return "float64";
        case 4:
            return "float32";
        case 5:
            return "string";
        case 6:
            return "[]interface {}";
        default:
            return "map[string]interface {}";
    }
}

Result<Operator> parse_operator(std::string_view name) {
    static constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {"_eq", Operator::eq},       {"_ne", Operator::ne},       {"_gt", Operator::gt},
        {"_ge", Operator::ge},       {"_lt", Operator::lt},       {"_le", Operator::le},
        {"_in", Operator::in},       {"_nin", Operator::nin},     {"_like", Operator::like},
        {"_nlike", Operator::nlike}, {"_ilike", Operator::ilike}, {"_nilike", Operator::nilike}};
    for (const auto& [text, op] : kOperators) {
        if (text == name) return op;
    }
    return fail(ErrorCode::invalid_argument, fmt::format("unknown operator. Operator: {}", name));
}

Result<Value> operand_value(Operator op, FieldKind kind, const AstValue& operand,
                            const VariableValues& variables) {
    bool is_list = op == Operator::in || op == Operator::nin;
    bool is_like =
        op == Operator::like || op == Operator::nlike || op == Operator::ilike || op == Operator::nilike;
    if (is_like && kind != FieldKind::json) kind = FieldKind::string;
    if (!is_list || operand.kind == AstValue::Kind::null) return input_value(&operand, kind, variables);
    if (kind == FieldKind::json) return json_value(&operand, variables);
    Value::Array items;
    if (operand.kind != AstValue::Kind::list) {
        CAIRN_ASSIGN(Value only, input_value(&operand, kind, variables));
        items.push_back(std::move(only));
    } else {
        for (const AstValue* item : operand.items) {
            CAIRN_ASSIGN(Value element, input_value(item, kind, variables));
            items.push_back(std::move(element));
        }
    }
    return Value(std::move(items));
}

Result<std::unique_ptr<Filter>> compile_element_filter(FieldKind kind, const AstValue& condition,
                                                       const VariableValues& variables) {
    auto all = std::make_unique<Filter>();
    all->kind = Filter::Kind::all_of;
    for (const AstObjectField& member : condition.fields) {
        const AstValue* operand = variables.resolve(member.value);
        if (operand == nullptr) continue;
        auto part = std::make_unique<Filter>();
        if (member.name == "_and" || member.name == "_or") {
            if (operand->kind == AstValue::Kind::null) continue;
            part->kind = member.name == "_and" ? Filter::Kind::all_of : Filter::Kind::any_of;
            const AstValue* const single[] = {operand};
            std::span<const AstValue* const> items = operand->kind == AstValue::Kind::list
                                                         ? operand->items
                                                         : std::span<const AstValue* const>(single);
            for (const AstValue* given : items) {
                const AstValue* item = variables.resolve(given);
                if (item == nullptr) continue;
                CAIRN_ASSIGN(auto inner, compile_element_filter(kind, *item, variables));
                part->children.push_back(std::move(inner));
            }
        } else {
            part->kind = Filter::Kind::scalar;
            part->value_kind = kind;
            CAIRN_ASSIGN(part->op, parse_operator(member.name));
            CAIRN_ASSIGN(part->operand, operand_value(part->op, kind, *operand, variables));
        }
        all->children.push_back(std::move(part));
    }
    return all;
}

Result<bool> test_operator(Operator op, const Value& operand, const Value& value, FieldKind kind) {
    switch (op) {
        case Operator::eq:
            return values_equal(value, operand, kind);
        case Operator::ne:
            return !values_equal(value, operand, kind);
        case Operator::in:
        case Operator::nin: {
            const auto* list = operand.get_if<Value::Array>();
            if (list == nullptr) return unexpected_operand(operand);
            bool found = std::any_of(list->begin(), list->end(),
                                     [&](const Value& item) { return values_equal(value, item, kind); });
            return found == (op == Operator::in);
        }
        case Operator::gt:
        case Operator::ge:
        case Operator::lt:
        case Operator::le:
            return test_order(op, operand, value, kind);
        default:
            return test_like(op, operand, value);
    }
}

Result<bool> test_condition(const Filter& filter, const Value& value) {
    bool takes_numbers =
        filter.op != Operator::in && filter.op != Operator::nin && filter.op < Operator::like;
    if (!takes_numbers && !filter.name.empty()) return unexpected_type(filter.name);
    return test_operator(filter.op, filter.operand, value, filter.value_kind);
}

Result<bool> test_value(const Filter& filter, const Value& value) {
    switch (filter.kind) {
        case Filter::Kind::always:
            return true;
        case Filter::Kind::all_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test_value(*child, value));
                if (!holds) return false;
            }
            return true;
        case Filter::Kind::any_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test_value(*child, value));
                if (holds) return true;
            }
            return false;
        case Filter::Kind::scalar:
            return test_operator(filter.op, filter.operand, value, filter.value_kind);
        default:
            return fail(ErrorCode::internal, "element condition in a wrong place");
    }
}

}  // namespace cairn::query
