#include "query/filter.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "query/filter_json.h"
#include "query/filter_operators.h"
#include "query/input_values.h"
#include "query/select_plan.h"

namespace cairn::query {
namespace {

using Pointer = std::unique_ptr<Filter>;

Pointer make(Filter::Kind kind) {
    auto filter = std::make_unique<Filter>();
    filter->kind = kind;
    return filter;
}

void adopt(Filter& parent, Pointer child) {
    parent.uses_relations = parent.uses_relations || child->uses_relations;
    parent.uses_computed = parent.uses_computed || child->uses_computed;
    parent.uses_aggregates = parent.uses_aggregates || child->uses_aggregates;
    parent.children.push_back(std::move(child));
}

Pointer negation(Pointer inner) {
    Pointer filter = make(Filter::Kind::negation);
    adopt(*filter, std::move(inner));
    return filter;
}

// Joins conditions into one; a single one stays as it is.
Pointer conjunction(std::vector<Pointer> parts) {
    if (parts.empty()) return make(Filter::Kind::always);
    if (parts.size() == 1) return std::move(parts[0]);
    Pointer all = make(Filter::Kind::all_of);
    for (Pointer& part : parts) adopt(*all, std::move(part));
    return all;
}

class Compiler {
  public:
    Compiler(const Catalog& catalog, const VariableValues& variables)
        : catalog_(catalog), variables_(variables) {}

    // The conjunction of an object's entries. plan: the select of the documents, where there is one.
    Result<Pointer> object(int collection, const AstValue* given, const SelectPlan* plan) {
        const AstValue* value = variables_.resolve(given);
        std::vector<Pointer> parts;
        if (value == nullptr || value->kind != AstValue::Kind::object) return make(Filter::Kind::always);
        for (const AstObjectField& member : value->fields) {
            const AstValue* condition = variables_.resolve(member.value);
            if (condition == nullptr) continue;
            CAIRN_ASSIGN(Pointer part, entry(collection, member.name, *condition, plan));
            if (part->kind != Filter::Kind::always) parts.push_back(std::move(part));
        }
        return conjunction(std::move(parts));
    }

  private:
    Result<Pointer> entry(int collection, std::string_view name, const AstValue& condition,
                          const SelectPlan* plan) {
        auto inner = [&](const AstValue* item) { return object(collection, item, plan); };
        if (name == "_and" || name == "_or") return list(name == "_and", condition, inner);
        if (name == "_not") {
            if (condition.kind == AstValue::Kind::null) return make(Filter::Kind::always);
            CAIRN_ASSIGN(Pointer negated, inner(&condition));
            return negation(std::move(negated));
        }
        if (name == "_alias") return alias(collection, &condition, plan);
        const Collection& type = catalog_.collection(collection);
        int at = type.field_index(name);
        if (at < 0) return unknown_name(name);
        const Field& field = type.fields[static_cast<std::size_t>(at)];
        if (field.is_relation) return relation(field, at, condition, plan ? plan->below(at) : nullptr);
        if (field.relation_object >= 0 && !field.stored) {
            return secondary_id(type, field.relation_object, condition);
        }
        return field_block(field, at, condition);
    }

    // The names in `_alias` are response names of the select (spec/query.md 5.8); their values may be
    // anything.
    Result<Pointer> alias(int collection, const AstValue* given, const SelectPlan* plan) {
        const AstValue* names = variables_.resolve(given);
        if (names == nullptr) return make(Filter::Kind::always);
        if (names->kind != AstValue::Kind::object) return make(Filter::Kind::never);
        bool outer = std::exchange(any_type_, true);
        std::vector<Pointer> parts;
        for (const AstObjectField& member : names->fields) {
            const AstValue* condition = variables_.resolve(member.value);
            if (condition == nullptr) continue;
            CAIRN_ASSIGN(Pointer part, alias_entry(collection, member.name, *condition, plan));
            parts.push_back(std::move(part));
        }
        any_type_ = outer;
        return conjunction(std::move(parts));
    }

    Result<Pointer> alias_entry(int collection, std::string_view name, const AstValue& condition,
                                const SelectPlan* plan) {
        auto inner = [&](const AstValue* item) { return alias(collection, item, plan); };
        if (name == "_and" || name == "_or") return list(name == "_and", condition, inner);
        if (name == "_not") {
            if (condition.kind == AstValue::Kind::null) return make(Filter::Kind::always);
            CAIRN_ASSIGN(Pointer negated, inner(&condition));
            return negation(std::move(negated));
        }
        const Collection& type = catalog_.collection(collection);
        if (auto at = plan == nullptr ? std::nullopt : plan->find(name)) {
            return alias_item(type, *plan, *at, condition);
        }
        // Also what is not selected, but no relations.
        const Field* field = type.find(name);
        if (field == nullptr || field->is_relation) return unknown_name(name);
        return entry(collection, name, condition, plan);
    }

    Result<Pointer> alias_item(const Collection& type, const SelectPlan& plan, std::size_t at,
                               const AstValue& condition) {
        using Kind = OutputItem::Kind;
        const OutputItem& item = plan.items[at];
        switch (item.kind) {
            case Kind::doc_id:
                return field_block(type.fields[0], 0, condition);
            case Kind::scalar:
                return field_block(type.fields[static_cast<std::size_t>(item.field)], item.field, condition);
            case Kind::secondary_id:
                return secondary_id(type, item.field, condition);
            case Kind::relation:
                return relation(type.fields[static_cast<std::size_t>(item.field)], item.field, condition,
                                item.child.get());
            case Kind::aggregate:
            case Kind::similarity:
            case Kind::deleted: {
                CAIRN_ASSIGN(Pointer inner, compile_json_filter(condition, variables_));
                Pointer filter = make(Filter::Kind::computed);
                filter->uses_relations = true;
                filter->uses_computed = true;
                filter->uses_aggregates = item.kind == Kind::aggregate;
                filter->plan = &plan;
                filter->item = at;
                filter->children.push_back(std::move(inner));
                return filter;
            }
            default:
                return unknown_name(item.key);
        }
    }

    static std::unexpected<Error> unknown_name(std::string_view name) {
        return fail(ErrorCode::invalid_argument, fmt::format("field or alias not found. Name: {}", name));
    }

    // _and and _or; compile makes a condition of each element.
    template <typename Compile>
    Result<Pointer> list(bool all, const AstValue& condition, const Compile& compile) {
        if (condition.kind == AstValue::Kind::null) return make(Filter::Kind::always);
        Pointer combined = make(all ? Filter::Kind::all_of : Filter::Kind::any_of);
        const AstValue* const single[] = {&condition};
        std::span<const AstValue* const> items = single;
        if (condition.kind == AstValue::Kind::list) items = condition.items;
        for (const AstValue* item : items) {
            CAIRN_ASSIGN(Pointer part, compile(item));
            adopt(*combined, std::move(part));
        }
        if (combined->children.empty()) return make(all ? Filter::Kind::always : Filter::Kind::never);
        return combined;
    }

    Result<Pointer> relation(const Field& field, int at, const AstValue& condition, const SelectPlan* below) {
        bool is_null = condition.kind == AstValue::Kind::null;
        if (!is_null && condition.kind != AstValue::Kind::object) return make(Filter::Kind::never);
        Pointer filter = make(is_null ? Filter::Kind::relation_null : Filter::Kind::relation);
        filter->uses_relations = true;
        filter->field = at;
        filter->target = field.target;
        filter->many = field.many;
        if (!is_null) {
            CAIRN_ASSIGN(Pointer inner, object(field.target, &condition, below));
            filter->children.push_back(std::move(inner));
        }
        return filter;
    }

    // `rel_id` on the side that does not hold the key: the related document's id (spec/query.md Q7).
    Result<Pointer> secondary_id(const Collection& type, int relation_at, const AstValue& condition) {
        const Field& object_field = type.fields[static_cast<std::size_t>(relation_at)];
        Pointer filter = make(Filter::Kind::relation);
        filter->uses_relations = true;
        filter->field = relation_at;
        filter->target = object_field.target;
        const Field& id = catalog_.collection(object_field.target).fields[0];
        CAIRN_ASSIGN(Pointer inner, field_block(id, 0, condition));
        filter->children.push_back(std::move(inner));
        return filter;
    }

    Result<Pointer> field_block(const Field& field, int at, const AstValue& condition) {
        if (field.kind == FieldKind::json) {
            CAIRN_ASSIGN(Pointer inner, compile_json_filter(condition, variables_));
            Pointer filter = make(Filter::Kind::json);
            filter->field = at;
            filter->slot = field.slot;
            filter->children.push_back(std::move(inner));
            return filter;
        }
        if (condition.kind == AstValue::Kind::null) return scalar(field, at, Operator::eq, Value());
        if (condition.kind != AstValue::Kind::object) return comparison(field, at, Operator::eq, condition);
        std::vector<Pointer> parts;
        for (const AstObjectField& member : condition.fields) {
            const AstValue* operand = variables_.resolve(member.value);
            if (operand == nullptr) continue;
            bool of_elements = member.name == "_any" || member.name == "_all" || member.name == "_none";
            if (is_array_kind(field.kind) && of_elements && operand->kind == AstValue::Kind::object) {
                CAIRN_ASSIGN(Pointer part, array_block(field, at, member.name, *operand));
                parts.push_back(std::move(part));
                continue;
            }
            CAIRN_ASSIGN(Operator op, parse_operator(member.name));
            CAIRN_ASSIGN(Pointer part, comparison(field, at, op, *operand));
            parts.push_back(std::move(part));
        }
        return conjunction(std::move(parts));
    }

    // Within `_alias` nothing has checked that the operand fits the field.
    Result<Pointer> comparison(const Field& field, int at, Operator op, const AstValue& operand) {
        FieldKind kind = field.short_id == 1 ? FieldKind::id : field.kind;
        auto value = operand_value(op, kind, operand, variables_);
        if (value) return scalar(field, at, op, std::move(*value));
        if (!any_type_) return std::unexpected(value.error());
        CAIRN_ASSIGN(Value loose, operand_value(op, FieldKind::json, operand, variables_));
        Pointer filter = scalar(field, at, Operator::eq, Value());
        filter->as_json = true;
        filter->op = op;
        filter->operand = std::move(loose);
        return filter;
    }

    Result<Pointer> array_block(const Field& field, int at, std::string_view name,
                                const AstValue& condition) {
        Pointer filter = make(name == "_any"   ? Filter::Kind::array_any
                              : name == "_all" ? Filter::Kind::array_all
                                               : Filter::Kind::array_none);
        filter->field = at;
        filter->slot = field.slot;
        filter->value_kind = field.kind;
        CAIRN_ASSIGN(Pointer inner, compile_element_filter(element_kind(field.kind), condition, variables_));
        filter->children.push_back(std::move(inner));
        return filter;
    }

  public:
    static Pointer scalar(const Field& field, int at, Operator op, Value operand) {
        bool is_id = field.short_id == 1;
        Pointer filter = make(is_id ? Filter::Kind::doc_id : Filter::Kind::scalar);
        filter->field = at;
        filter->slot = field.slot;
        filter->value_kind = is_id ? FieldKind::id : field.kind;
        filter->op = op;
        bool exact = filter->value_kind == FieldKind::string || filter->value_kind == FieldKind::id ||
                     filter->value_kind == FieldKind::blob || filter->value_kind == FieldKind::boolean ||
                     filter->value_kind == FieldKind::integer;
        if (exact && !is_id && !operand.is_null() && (op == Operator::eq || op == Operator::ne)) {
            append_stored(operand, filter->value_kind, filter->stored_operand);
            filter->compare_raw = true;
        }
        filter->operand = std::move(operand);
        return filter;
    }

  private:
    const Catalog& catalog_;
    const VariableValues& variables_;
    bool any_type_ = false;  // within `_alias`
};

Result<bool> test_scalar(const Filter& filter, const RowView& row) {
    bool present = row.has(filter.slot);
    if (filter.compare_raw) {
        bool equal = present && row.raw(filter.slot) == filter.stored_operand;
        return equal == (filter.op == Operator::eq);
    }
    Value value;
    if (present) {
        std::string_view raw = row.raw(filter.slot);
        if (filter.value_kind == FieldKind::integer && raw.size() == 8) {
            std::int64_t number;
            std::memcpy(&number, raw.data(), 8);
            if (const auto* operand = filter.operand.get_if<std::int64_t>()) {
                switch (filter.op) {
                    case Operator::gt:
                        return number > *operand;
                    case Operator::ge:
                        return number >= *operand;
                    case Operator::lt:
                        return number < *operand;
                    case Operator::le:
                        return number <= *operand;
                    default:
                        break;
                }
            }
        }
        CAIRN_ASSIGN(value, read_stored(raw, filter.value_kind));
    }
    return test_operator(filter.op, filter.operand, value,
                         filter.as_json ? FieldKind::json : filter.value_kind);
}

Result<bool> test_array(const Filter& filter, const RowView& row) {
    if (!row.has(filter.slot)) return false;
    CAIRN_ASSIGN(Value value, read_stored(row.raw(filter.slot), filter.value_kind));
    for (const Value& element : value.as<Value::Array>()) {
        CAIRN_ASSIGN(bool holds, test_value(*filter.children[0], element));
        if (filter.kind == Filter::Kind::array_any && holds) return true;
        if (filter.kind == Filter::Kind::array_none && holds) return false;
        if (filter.kind == Filter::Kind::array_all && !holds) return false;
    }
    return filter.kind != Filter::Kind::array_any;
}

// row is null for a document that does not exist.
Result<bool> test(const Filter& filter, const RowView* row, const DocId* id) {
    static const RowView kNoRow;
    const RowView& at = row == nullptr ? kNoRow : *row;
    switch (filter.kind) {
        case Filter::Kind::always:
            return true;
        case Filter::Kind::never:
            return false;
        case Filter::Kind::all_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test(*child, row, id));
                if (!holds) return false;
            }
            return true;
        case Filter::Kind::any_of:
            for (const auto& child : filter.children) {
                CAIRN_ASSIGN(bool holds, test(*child, row, id));
                if (holds) return true;
            }
            return false;
        case Filter::Kind::negation: {
            CAIRN_ASSIGN(bool holds, test(*filter.children[0], row, id));
            return !holds;
        }
        case Filter::Kind::scalar:
            return test_scalar(filter, at);
        case Filter::Kind::doc_id:
            return test_operator(filter.op, filter.operand, id == nullptr ? Value() : Value(id->text()),
                                 FieldKind::id);
        case Filter::Kind::array_any:
        case Filter::Kind::array_all:
        case Filter::Kind::array_none:
            return test_array(filter, at);
        case Filter::Kind::json: {
            Value value;
            if (at.has(filter.slot)) {
                CAIRN_ASSIGN(value, read_stored(at.raw(filter.slot), FieldKind::json));
            }
            return test_json(*filter.children[0], value, false);
        }
        case Filter::Kind::relation:  // only for a document that does not exist: nothing is related to it
            return filter.many ? Result<bool>(false) : test(*filter.children[0], nullptr, nullptr);
        case Filter::Kind::computed:  // likewise
            return test_json(*filter.children[0], Value(), false);
        case Filter::Kind::relation_null:
            return true;
        case Filter::Kind::failing:
            return fail(ErrorCode::invalid_argument, filter.name);
        case Filter::Kind::json_step:
            break;
    }
    return fail(ErrorCode::internal, "filter condition in a wrong place");
}

}  // namespace

Result<std::unique_ptr<Filter>> compile_filter(const Catalog& catalog, int collection, const AstValue* value,
                                               const VariableValues& variables, const SelectPlan* plan) {
    const AstValue* resolved = variables.resolve(value);
    if (resolved == nullptr || resolved->kind != AstValue::Kind::object) return nullptr;
    CAIRN_ASSIGN(Pointer filter, Compiler(catalog, variables).object(collection, resolved, plan));
    if (filter->kind == Filter::Kind::always) return nullptr;
    return filter;
}

std::unique_ptr<Filter> and_not_null(std::unique_ptr<Filter> filter, const Field& field, int field_index) {
    std::vector<Pointer> parts;
    if (filter) parts.push_back(std::move(filter));
    parts.push_back(Compiler::scalar(field, field_index, Operator::ne, Value()));
    return conjunction(std::move(parts));
}

Result<bool> test_row(const Filter& filter, const RowView& row, const DocId& id) {
    return test(filter, &row, &id);
}

Result<bool> test_missing(const Filter& filter) {
    return test(filter, nullptr, nullptr);
}

namespace {

// Moves the conjuncts with the property out of a filter.
Pointer split_off(Pointer& filter, bool Filter::* property) {
    if (!filter || !(*filter.*property)) return nullptr;
    if (filter->kind != Filter::Kind::all_of) return std::move(filter);
    std::vector<Pointer> left, taken;
    for (Pointer& child : filter->children) (*child.*property ? taken : left).push_back(std::move(child));
    filter = left.empty() ? nullptr : conjunction(std::move(left));
    return conjunction(std::move(taken));
}

}  // namespace

std::unique_ptr<Filter> split_relations(std::unique_ptr<Filter>& filter) {
    return split_off(filter, &Filter::uses_relations);
}

std::unique_ptr<Filter> split_computed(std::unique_ptr<Filter>& filter) {
    return split_off(filter, &Filter::uses_computed);
}

std::unique_ptr<Filter> split_aggregates(std::unique_ptr<Filter>& filter) {
    return split_off(filter, &Filter::uses_aggregates);
}

}  // namespace cairn::query
