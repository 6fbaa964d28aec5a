#include "query/introspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "collections/value.h"
#include "dag/limits.h"
#include "query/type_descriptions.h"

namespace cairn::query {
namespace {

using Field = IntrospectionItem::Field;
using Items = std::vector<IntrospectionItem>;

constexpr std::pair<std::string_view, Field> kFields[] = {
    {"__schema", Field::schema},
    {"__type", Field::type_by_name},
    {"__typename", Field::type_name},
    {"args", Field::args},
    {"defaultValue", Field::default_value},
    {"deprecationReason", Field::deprecation_reason},
    {"description", Field::description},
    {"directives", Field::directives},
    {"enumValues", Field::enum_values},
    {"fields", Field::fields},
    {"inputFields", Field::input_fields},
    {"interfaces", Field::interfaces},
    {"isDeprecated", Field::is_deprecated},
    {"kind", Field::kind},
    {"locations", Field::locations},
    {"mutationType", Field::mutation_type},
    {"name", Field::name},
    {"ofType", Field::of_type},
    {"onField", Field::on_field},
    {"onFragment", Field::on_fragment},
    {"onOperation", Field::on_operation},
    {"possibleTypes", Field::possible_types},
    {"queryType", Field::query_type},
    {"subscriptionType", Field::subscription_type},
    {"type", Field::type},
    {"types", Field::types},
};

Result<IntrospectionItem> plan_item(const Document& document, const SelectionGroup& group,
                                    std::size_t depth) {
    if (depth > limits::kMaxSyntaxDepth)
        return fail(ErrorCode::limit_exceeded, "selection is nested too deeply");
    const AstSelection& first = group.first();
    auto known = std::find_if(std::begin(kFields), std::end(kFields),
                              [&](const auto& entry) { return entry.first == first.name; });
    if (known == std::end(kFields)) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("there is no introspection field {}", first.name));
    }
    IntrospectionItem item;
    item.field = known->second;
    item.prefix = key_prefix(group.key);
    if (!first.arguments.empty()) item.argument = first.arguments.front().value;
    CAIRN_ASSIGN(std::vector<SelectionGroup> below, group_selections(document, group.fields));
    item.items.reserve(below.size());
    for (const SelectionGroup& each : below) {
        CAIRN_ASSIGN(IntrospectionItem child, plan_item(document, each, depth + 1));
        item.items.push_back(std::move(child));
    }
    return item;
}

std::string_view kind_name(const TypeRef& type) {
    if (type.non_null) return "NON_NULL";
    if (type.is_list) return "LIST";
    switch (type.named->kind) {
        case GqlType::Kind::scalar:
            return "SCALAR";
        case GqlType::Kind::object:
            return "OBJECT";
        case GqlType::Kind::enumeration:
            return "ENUM";
        case GqlType::Kind::input_object:
            return "INPUT_OBJECT";
    }
    return "";
}

TypeRef reference(const GqlType& type) {
    return {&type, false, false, false};
}

class Writer {
  public:
    Writer(const TypeSystem& schema, const VariableValues& variables, std::string& out)
        : schema_(schema), variables_(variables), out_(out), largest_(out.size() + kMaxIntrospectionBytes) {}

    Status root(const IntrospectionItem& item) {
        if (item.field == Field::schema) return schema(item.items);
        const AstValue* name = variables_.resolve(item.argument);
        const GqlType* named = name == nullptr ? nullptr : schema_.type(name->text);
        if (named == nullptr || !schema_.lists(*named)) return null();
        return type(item.items, reference(*named));
    }

  private:
    // ---- values
    Status null() {
        out_ += "null";
        return {};
    }
    Status text(std::string_view value) {
        append_json_string(value, out_);
        return {};
    }
    Status boolean(bool value) {
        out_ += value ? "true" : "false";
        return {};
    }
    bool include_deprecated(const IntrospectionItem& item) const {
        const AstValue* value = variables_.resolve(item.argument);
        return value != nullptr && value->kind == AstValue::Kind::boolean && value->boolean;
    }

    // An object: write_field appends the value of each item.
    template <typename WriteField>
    Status object(const Items& items, const WriteField& write_field) {
        if (out_.size() > largest_) {
            return fail(
                ErrorCode::limit_exceeded,
                fmt::format("the introspection answer is larger than {} bytes", kMaxIntrospectionBytes));
        }
        char separator = '{';
        for (const IntrospectionItem& item : items) {
            out_ += separator;
            separator = ',';
            out_ += item.prefix;
            CAIRN_TRY(write_field(item));
        }
        out_ += '}';
        return {};
    }

    // A list of what takes holds for.
    template <typename Range, typename Takes, typename Write>
    Status list(const Range& range, const Takes& takes, const Write& write) {
        char separator = '[';
        for (const auto& each : range) {
            if (!takes(each)) continue;
            out_ += separator;
            separator = ',';
            CAIRN_TRY(write(each));
        }
        if (separator == '[') out_ += '[';
        out_ += ']';
        return {};
    }
    template <typename Range, typename Write>
    Status list(const Range& range, const Write& write) {
        return list(range, [](const auto&) { return true; }, write);
    }

    // ---- objects
    Status schema(const Items& items) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::types:
                    return list(
                        schema_.types(), [&](const auto& each) { return schema_.lists(*each); },
                        [&](const auto& each) { return type(item.items, reference(*each)); });
                case Field::query_type:
                    return type(item.items, reference(schema_.query()));
                case Field::mutation_type:
                    return type(item.items, reference(schema_.mutation()));
                case Field::subscription_type:
                    return type(item.items, reference(schema_.subscription()));
                case Field::directives:
                    return list(
                        schema_.directives(), [&](const DirectiveDef& each) { return schema_.lists(each); },
                        [&](const DirectiveDef& each) { return directive(item.items, each); });
                default:
                    return text("__Schema");
            }
        });
    }

    Status type(const Items& items, const TypeRef& ref) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::kind:
                    return text(kind_name(ref));
                case Field::type_name:
                    return text("__Type");
                case Field::of_type:
                    if (ref.non_null) return type(item.items, ref.nullable());
                    return ref.is_list ? type(item.items, ref.element()) : null();
                default:
                    break;
            }
            // What wraps another type has no more than that.
            return ref.non_null || ref.is_list ? null() : named_type(item, *ref.named);
        });
    }

    Status named_type(const IntrospectionItem& item, const GqlType& type) {
        bool all = include_deprecated(item);
        switch (item.field) {
            case Field::name:
                return text(type.name);
            case Field::description:
                return text(type.collection < 0 ? type_description(type.name) : std::string_view());
            case Field::fields:
                if (type.kind != GqlType::Kind::object) return null();
                return list(
                    type.fields,
                    [&](const FieldDef& each) {
                        return schema_.lists(each) && (all || each.deprecation_reason.empty());
                    },
                    [&](const FieldDef& each) { return field(item.items, each); });
            case Field::interfaces:
                if (type.kind != GqlType::Kind::object) return null();
                out_ += "[]";
                return {};
            case Field::enum_values:
                if (type.kind != GqlType::Kind::enumeration) return null();
                return list(type.enum_values,
                            [&](const std::string& each) { return enum_value(item.items, each); });
            case Field::input_fields:
                return type.kind == GqlType::Kind::input_object ? input_values(item.items, type.input_fields)
                                                                : null();
            default:
                return null();  // possibleTypes: no type is abstract
        }
    }

    Status input_values(const Items& items, const std::vector<InputValue>& values) {
        return list(
            values, [&](const InputValue& each) { return schema_.lists(each); },
            [&](const InputValue& each) { return input_value(items, each); });
    }

    Status field(const Items& items, const FieldDef& definition) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::name:
                    return text(definition.name);
                case Field::description:
                    return text("");
                case Field::args:
                    return input_values(item.items, definition.arguments);
                case Field::type:
                    return type(item.items, definition.type);
                case Field::is_deprecated:
                    return boolean(!definition.deprecation_reason.empty());
                case Field::deprecation_reason:
                    return definition.deprecation_reason.empty() ? null()
                                                                 : text(definition.deprecation_reason);
                default:
                    return text("__Field");
            }
        });
    }

    // Where extensions are shown, relations of inputs have the type of nested documents, not the reference's
    // ID.
    TypeRef shown_type(const InputValue& value) const {
        if (value.nested == nullptr || !schema_.shows_extensions()) return value.type;
        TypeRef shown = value.type;
        shown.named = value.nested;
        return shown;
    }

    Status input_value(const Items& items, const InputValue& value) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::name:
                    return text(value.name);
                case Field::description:
                    return text("");
                case Field::type:
                    return type(item.items, shown_type(value));
                case Field::default_value:
                    return value.default_value.empty() ? null() : text(value.default_value);
                default:
                    return text("__InputValue");
            }
        });
    }

    Status enum_value(const Items& items, std::string_view name) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::name:
                    return text(name);
                case Field::description:
                    return text("");
                case Field::is_deprecated:
                    return boolean(false);
                case Field::deprecation_reason:
                    return null();
                default:
                    return text("__EnumValue");
            }
        });
    }

    // onOperation, onFragment and onField are older names of what the locations tell.
    static bool is_on(const DirectiveDef& definition, std::initializer_list<std::string_view> locations) {
        return std::any_of(
            definition.locations.begin(), definition.locations.end(), [&](std::string_view location) {
                return std::find(locations.begin(), locations.end(), location) != locations.end();
            });
    }

    Status directive(const Items& items, const DirectiveDef& definition) {
        return object(items, [&](const IntrospectionItem& item) -> Status {
            switch (item.field) {
                case Field::name:
                    return text(definition.name);
                case Field::description:
                    return text(directive_description(definition.name));
                case Field::locations:
                    return list(definition.locations,
                                [&](std::string_view location) { return text(location); });
                case Field::args:
                    return input_values(item.items, definition.arguments);
                case Field::on_operation:
                    return boolean(is_on(definition, {"QUERY", "MUTATION", "SUBSCRIPTION"}));
                case Field::on_fragment:
                    return boolean(
                        is_on(definition, {"FRAGMENT_SPREAD", "INLINE_FRAGMENT", "FRAGMENT_DEFINITION"}));
                case Field::on_field:
                    return boolean(is_on(definition, {"FIELD"}));
                default:
                    return text("__Directive");
            }
        });
    }

    const TypeSystem& schema_;
    const VariableValues& variables_;
    std::string& out_;
    std::size_t largest_;
};

}  // namespace

bool is_introspection(const std::vector<const AstSelection*>& roots) {
    return std::any_of(roots.begin(), roots.end(), [](const AstSelection* root) {
        return root->name == "__schema" || root->name == "__type";
    });
}

Result<IntrospectionItem> plan_introspection(const Document& document, const SelectionGroup& group) {
    return plan_item(document, group, 0);
}

Status execute_introspection(const TypeSystem& schema, const VariableValues& variables,
                             const IntrospectionItem& item, std::string& out) {
    return Writer(schema, variables, out).root(item);
}

}  // namespace cairn::query
