#include "query/input_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "dag/cbor.h"
#include "dag/limits.h"
#include "query/relation_input.h"

namespace cairn::query {
namespace {

std::unexpected<Error> wrong_kind(const AstValue& value, FieldKind kind) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("Expected type \"{}\", found {}.", kind_name(kind), print_value(value)));
}

template <typename T>
T number_of(std::string_view text) {
    T number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) {
        bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
        number = static_cast<T>(tiny ? 0.0 : HUGE_VAL);
        if (!text.empty() && text[0] == '-') number = -number;
    }
    return number;
}

Result<Value> scalar_value(const AstValue& value, FieldKind kind) {
    using Kind = AstValue::Kind;
    bool number = value.kind == Kind::integer || value.kind == Kind::floating;
    switch (kind) {
        case FieldKind::boolean:
            if (value.kind == Kind::boolean) return Value(value.boolean);
            break;
        case FieldKind::integer: {
            std::int64_t parsed = 0;
            auto [end, error] =
                std::from_chars(value.text.data(), value.text.data() + value.text.size(), parsed);
            if (value.kind == Kind::integer && error == std::errc{}) return Value(parsed);
            break;
        }
        case FieldKind::float64:
            if (number) return Value(number_of<double>(value.text));
            break;
        case FieldKind::float32:
            if (number) return Value(number_of<float>(value.text));
            break;
        case FieldKind::date_time:
            if (value.kind == Kind::string) {
                CAIRN_ASSIGN(std::string text, normalize_date_time(value.text));
                return Value(std::move(text));
            }
            break;
        case FieldKind::id:
            if (value.kind == Kind::string || value.kind == Kind::integer)
                return Value(std::string(value.text));
            break;
        case FieldKind::string:
        case FieldKind::blob:
            if (value.kind == Kind::string) return Value(std::string(value.text));
            break;
        default:
            break;
    }
    return wrong_kind(value, kind);
}

}  // namespace

Result<Value> json_value(const AstValue* given, const VariableValues& variables, std::size_t depth) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr) return Value();
    if (depth > limits::kMaxCborNesting) {  // deeper values could be stored but not read again
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("JSON value is nested deeper than {} levels", limits::kMaxCborNesting));
    }
    switch (value->kind) {
        case AstValue::Kind::null:
            return Value();
        case AstValue::Kind::boolean:
            return Value(value->boolean);
        case AstValue::Kind::integer:
        case AstValue::Kind::floating:
            return Value(number_of<double>(value->text));
        case AstValue::Kind::string:
        case AstValue::Kind::enumeration:
            return Value(std::string(value->text));
        case AstValue::Kind::list: {
            Value::Array items;
            items.reserve(value->items.size());
            for (const AstValue* item : value->items) {
                CAIRN_ASSIGN(Value element, json_value(item, variables, depth + 1));
                items.push_back(std::move(element));
            }
            return Value(std::move(items));
        }
        case AstValue::Kind::object: {
            Value::Object members;
            for (const AstObjectField& field : value->fields) {
                if (variables.resolve(field.value) == nullptr) continue;
                CAIRN_ASSIGN(Value member, json_value(field.value, variables, depth + 1));
                members.emplace_back(std::string(field.name), std::move(member));
            }
            std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
                return dag::cbor_key_less(a.first, b.first);
            });
            // Of a repeated key the last one written counts.
            Value::Object unique;
            for (auto& member : members) {
                if (!unique.empty() && unique.back().first == member.first) {
                    unique.back() = std::move(member);
                } else {
                    unique.push_back(std::move(member));
                }
            }
            return Value(std::move(unique));
        }
        case AstValue::Kind::variable:
            return Value();
    }
    return Value();
}

Result<Value> input_value(const AstValue* given, FieldKind kind, const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr || value->kind == AstValue::Kind::null) return Value();
    if (kind == FieldKind::json) return json_value(value, variables);
    if (!is_array_kind(kind)) return scalar_value(*value, kind);
    FieldKind element = element_kind(kind);
    Value::Array items;
    if (value->kind != AstValue::Kind::list) {
        CAIRN_ASSIGN(Value only, scalar_value(*value, element));
        items.push_back(std::move(only));
        return Value(std::move(items));
    }
    items.reserve(value->items.size());
    for (const AstValue* entry : value->items) {
        const AstValue* item = variables.resolve(entry);
        if (item == nullptr || item->kind == AstValue::Kind::null) {
            items.emplace_back();
            continue;
        }
        CAIRN_ASSIGN(Value parsed, scalar_value(*item, element));
        items.push_back(std::move(parsed));
    }
    return Value(std::move(items));
}

namespace {

// Whether a relation is given by the id that its key field here takes.
bool is_key_value(const Field& field, const AstValue& value) {
    return field.primary && (value.kind != AstValue::Kind::object || is_link_object(value));
}

void set_input(std::vector<FieldInput>& inputs, int index, Value value, bool by_object_name) {
    auto same = std::find_if(inputs.begin(), inputs.end(),
                             [&](const FieldInput& input) { return input.field == index; });
    if (same == inputs.end()) {
        inputs.push_back({index, std::move(value)});
    } else if (!by_object_name) {  // the <f>_id form wins over the object's name (spec/query.md 10.3)
        same->value = std::move(value);
    }
}

}  // namespace

Result<DocumentInput> read_document_input(const Collection& collection, const AstValue* given,
                                          const VariableValues& variables) {
    DocumentInput input;
    const AstValue* object = variables.resolve(given);
    if (object == nullptr || object->kind == AstValue::Kind::null) return input;
    if (object->kind != AstValue::Kind::object) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("Expected \"{}MutationInputArg\", found not an object.", collection.name));
    }
    input.values.reserve(object->fields.size());
    for (const AstObjectField& member : object->fields) {
        const AstValue* value = variables.resolve(member.value);
        if (value == nullptr || member.name == "_docID") continue;
        int index = collection.field_index(member.name);
        if (index < 0) {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("In field \"{}\": Unknown field.", member.name));
        }
        const Field& field = collection.fields[static_cast<std::size_t>(index)];
        FieldKind kind = field.kind;
        if (field.is_relation) {
            if (!is_key_value(field, *value)) {
                input.relations.push_back({index, value});
                continue;
            }
            index = field.id_field;
            kind = FieldKind::id;
            if (value->kind == AstValue::Kind::object) value = value->fields[0].value;
        }
        CAIRN_ASSIGN(Value parsed, input_value(value, kind, variables));
        set_input(input.values, index, std::move(parsed), field.is_relation);
    }
    return input;
}

bool has_relation_inputs(const Collection& collection, const AstValue* given,
                         const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr) return false;
    if (value->kind == AstValue::Kind::list) {
        return std::any_of(value->items.begin(), value->items.end(), [&](const AstValue* item) {
            return has_relation_inputs(collection, item, variables);
        });
    }
    if (value->kind != AstValue::Kind::object) return false;
    return std::any_of(value->fields.begin(), value->fields.end(), [&](const AstObjectField& member) {
        const AstValue* inner = variables.resolve(member.value);
        const Field* field = collection.find(member.name);
        return inner != nullptr && field != nullptr && field->is_relation && !is_key_value(*field, *inner);
    });
}

namespace {

// One nested document or a list of them.
bool are_new_documents(const Catalog& catalog, const Collection& type, const AstValue& given,
                       const VariableValues& variables, bool (*passes)(const Collection&)) {
    const AstValue* value = variables.resolve(&given);
    if (value == nullptr) return true;
    if (value->kind == AstValue::Kind::list) {
        return std::all_of(value->items.begin(), value->items.end(), [&](const AstValue* item) {
            return are_new_documents(catalog, type, *item, variables, passes);
        });
    }
    const bool is_new = value->kind == AstValue::Kind::object && !is_list_change(*value) &&
                        find_member(value, "_docID", variables) == nullptr;
    return is_new && passes(type) && nests_new_documents(catalog, type, value, variables, passes);
}

}  // namespace

bool nests_new_documents(const Catalog& catalog, const Collection& collection, const AstValue* given,
                         const VariableValues& variables, bool (*passes)(const Collection&)) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr) return true;
    if (value->kind == AstValue::Kind::list) {
        return std::all_of(value->items.begin(), value->items.end(), [&](const AstValue* item) {
            return nests_new_documents(catalog, collection, item, variables, passes);
        });
    }
    if (value->kind != AstValue::Kind::object) return true;
    return std::all_of(value->fields.begin(), value->fields.end(), [&](const AstObjectField& member) {
        const AstValue* inner = variables.resolve(member.value);
        const Field* field = collection.find(member.name);
        if (inner == nullptr || field == nullptr || !field->is_relation || is_key_value(*field, *inner))
            return true;
        return are_new_documents(catalog, catalog.collection(field->target), *inner, variables, passes);
    });
}

std::optional<std::int64_t> integer_argument(const AstValue* given, const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr || value->kind != AstValue::Kind::integer) return std::nullopt;
    std::int64_t number = 0;
    std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
    return number;
}

bool boolean_argument(const AstValue* given, const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    return value != nullptr && value->kind == AstValue::Kind::boolean && value->boolean;
}

std::optional<std::vector<std::string>> text_list_argument(const AstValue* given,
                                                           const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr || value->kind == AstValue::Kind::null) return std::nullopt;
    std::vector<std::string> texts;
    if (value->kind != AstValue::Kind::list) {
        texts.emplace_back(value->text);
        return texts;
    }
    for (const AstValue* item : value->items) {
        const AstValue* text = variables.resolve(item);
        if (text != nullptr && text->kind != AstValue::Kind::null) texts.emplace_back(text->text);
    }
    return texts;
}

const AstValue* find_argument(std::span<const AstArgument> arguments, std::string_view name,
                              const VariableValues& variables) {
    for (const AstArgument& argument : arguments) {
        if (argument.name == name) return variables.resolve(argument.value);
    }
    return nullptr;
}

const AstValue* find_member(const AstValue* object, std::string_view name, const VariableValues& variables) {
    if (object == nullptr || object->kind != AstValue::Kind::object) return nullptr;
    const AstValue* found = nullptr;
    for (const AstObjectField& field : object->fields) {
        if (field.name == name) found = variables.resolve(field.value);
    }
    return found;
}

}  // namespace cairn::query
