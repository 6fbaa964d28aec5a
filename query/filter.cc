#include "query/filter.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "query/filter_json.h"
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

// Joins conditions into one; a single one stays as it is.
Pointer conjunction(std::vector<Pointer> parts) {
    if (parts.empty()) return make(Filter::Kind::always);
    if (parts.size() == 1) return std::move(parts[0]);
    Pointer all = make(Filter::Kind::all_of);
    for (const Pointer& part : parts) all->uses_relations = all->uses_relations || part->uses_relations;
    all->children = std::move(parts);
    return all;
}

class Compiler {
  public:
    Compiler(const Catalog& catalog, const VariableValues& variables)
        : catalog_(catalog), variables_(variables) {}

    // The conjunction of an object's entries.
    Result<Pointer> object(int collection, const AstValue* given) {
        const AstValue* value = variables_.resolve(given);
        std::vector<Pointer> parts;
        if (value == nullptr || value->kind != AstValue::Kind::object) return make(Filter::Kind::always);
        for (const AstObjectField& member : value->fields) {
            const AstValue* condition = variables_.resolve(member.value);
            if (condition == nullptr) continue;
            CAIRN_ASSIGN(Pointer part, entry(collection, member.name, *condition));
            if (part->kind != Filter::Kind::always) parts.push_back(std::move(part));
        }
        return conjunction(std::move(parts));
    }

  private:
    Result<Pointer> entry(int collection, std::string_view name, const AstValue& condition) {
        bool is_null = condition.kind == AstValue::Kind::null;
        if (name == "_and" || name == "_or") return list(collection, name == "_and", condition);
        if (name == "_not") {
            if (is_null) return make(Filter::Kind::always);
            CAIRN_ASSIGN(Pointer inner, object(collection, &condition));
            Pointer negation = make(Filter::Kind::negation);
            negation->uses_relations = inner->uses_relations;
            negation->children.push_back(std::move(inner));
            return negation;
        }
        if (name == "_alias") {
            return fail(ErrorCode::unsupported, "filtering by _alias is not supported");
        }
        const Collection& type = catalog_.collection(collection);
        int at = type.field_index(name);
        if (at < 0) {
            return fail(ErrorCode::invalid_argument, fmt::format("field or alias not found. Name: {}", name));
        }
        const Field& field = type.fields[static_cast<std::size_t>(at)];
        if (field.is_relation) return relation(field, at, condition);
        if (field.relation_object >= 0 && !field.stored) return secondary_id(type, field, condition);
        return field_block(field, at, condition);
    }

    Result<Pointer> list(int collection, bool all, const AstValue& condition) {
        if (condition.kind == AstValue::Kind::null) return make(Filter::Kind::always);
        Pointer combined = make(all ? Filter::Kind::all_of : Filter::Kind::any_of);
        auto add = [&](const AstValue* item) -> Status {
            CAIRN_ASSIGN(Pointer part, object(collection, item));
            combined->uses_relations = combined->uses_relations || part->uses_relations;
            combined->children.push_back(std::move(part));
            return {};
        };
        if (condition.kind != AstValue::Kind::list) {
            CAIRN_TRY(add(&condition));
        } else {
            for (const AstValue* item : condition.items) CAIRN_TRY(add(item));
        }
        if (combined->children.empty()) return make(all ? Filter::Kind::always : Filter::Kind::never);
        return combined;
    }

    Result<Pointer> relation(const Field& field, int at, const AstValue& condition) {
        bool is_null = condition.kind == AstValue::Kind::null;
        Pointer filter = make(is_null ? Filter::Kind::relation_null : Filter::Kind::relation);
        filter->uses_relations = true;
        filter->field = at;
        filter->target = field.target;
        if (!is_null) {
            CAIRN_ASSIGN(Pointer inner, object(field.target, &condition));
            filter->children.push_back(std::move(inner));
        }
        return filter;
    }

    // `rel_id` on the side that does not hold the key: the related document's id (spec/query.md Q7).
    Result<Pointer> secondary_id(const Collection& type, const Field& field, const AstValue& condition) {
        const Field& object_field = type.fields[static_cast<std::size_t>(field.relation_object)];
        Pointer filter = make(Filter::Kind::relation);
        filter->uses_relations = true;
        filter->field = field.relation_object;
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
        std::vector<Pointer> parts;
        bool is_id = field.short_id == 1;
        if (condition.kind == AstValue::Kind::null) {
            parts.push_back(scalar(field, at, Operator::eq, Value()));
        } else if (condition.kind == AstValue::Kind::object) {
            for (const AstObjectField& member : condition.fields) {
                const AstValue* operand = variables_.resolve(member.value);
                if (operand == nullptr) continue;
                if (is_array_kind(field.kind)) {
                    CAIRN_ASSIGN(Pointer part, array_block(field, at, member.name, *operand));
                    parts.push_back(std::move(part));
                    continue;
                }
                CAIRN_ASSIGN(Operator op, parse_operator(member.name));
                CAIRN_ASSIGN(Value value,
                             operand_value(op, is_id ? FieldKind::id : field.kind, *operand, variables_));
                parts.push_back(scalar(field, at, op, std::move(value)));
            }
        }
        return conjunction(std::move(parts));
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

    const Catalog& catalog_;
    const VariableValues& variables_;
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
    return test_operator(filter.op, filter.operand, value, filter.value_kind);
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
            return test(*filter.children[0], nullptr, nullptr);
        case Filter::Kind::relation_null:
            return true;
        case Filter::Kind::json_step:
            break;
    }
    return fail(ErrorCode::internal, "filter condition in a wrong place");
}

}  // namespace

Result<std::unique_ptr<Filter>> compile_filter(const Catalog& catalog, int collection, const AstValue* value,
                                               const VariableValues& variables) {
    const AstValue* resolved = variables.resolve(value);
    if (resolved == nullptr || resolved->kind != AstValue::Kind::object) return nullptr;
    CAIRN_ASSIGN(Pointer filter, Compiler(catalog, variables).object(collection, resolved));
    if (filter->kind == Filter::Kind::always) return nullptr;
    return filter;
}

Result<bool> test_row(const Filter& filter, const RowView& row, const DocId& id) {
    return test(filter, &row, &id);
}

Result<bool> test_missing(const Filter& filter) {
    return test(filter, nullptr, nullptr);
}

std::unique_ptr<Filter> split_relations(std::unique_ptr<Filter>& filter) {
    if (!filter || !filter->uses_relations) return nullptr;
    if (filter->kind != Filter::Kind::all_of) return std::move(filter);
    std::vector<Pointer> local, related;
    for (Pointer& child : filter->children) {
        (child->uses_relations ? related : local).push_back(std::move(child));
    }
    filter = local.empty() ? nullptr : conjunction(std::move(local));
    return conjunction(std::move(related));
}

}  // namespace cairn::query
