#include <fmt/format.h>

#include <algorithm>

#include "query/literal_check.h"
#include "query/suggestions.h"
#include "query/validator.h"

namespace cairn::query {

namespace {

std::string with_reasons(std::string message, const std::vector<std::string>& reasons) {
    for (const std::string& reason : reasons) {
        message += '\n';
        message += reason;
    }
    return message;
}

// The type a variable is declared with; nothing when it is unknown or nested deeper than the schema's types
// are.
TypeRef resolve(const AstType& node, const TypeSystem& schema) {
    const AstType& inner = node.inner == nullptr ? node : *node.inner;
    if (inner.inner != nullptr) return {};
    const GqlType* named = schema.type(inner.name);
    if (node.inner == nullptr) return {named, node.non_null, false, false};
    return {named, node.non_null, true, inner.non_null};
}

}  // namespace

const GqlType* object_or_null(const GqlType* type) {
    return type != nullptr && type->kind == GqlType::Kind::object ? type : nullptr;
}

std::string print_type(const AstType& type) {
    std::string text = type.inner == nullptr ? std::string(type.name) : "[" + print_type(*type.inner) + "]";
    if (type.non_null) text += '!';
    return text;
}

std::string_view innermost_name(const AstType& type) {
    const AstType* inner = &type;
    while (inner->inner != nullptr) inner = inner->inner;
    return inner->name;
}

std::vector<std::string> validate(const Document& document, const TypeSystem& schema) {
    return Validator(document, schema).run();
}

void Validator::report(std::string message) {
    if (!is_full()) errors_.push_back(std::move(message));
}

std::vector<std::string> Validator::run() {
    if (fragments_.is_too_large()) {
        report("document is too large with its fragments in place");
        return std::move(errors_);
    }
    definitions_in_order();
    unused_fragments();
    if (merge_.is_exhausted()) report("document has too many fields of one name to compare");
    return std::move(errors_);
}

void Validator::definitions_in_order() {
    std::span<const AstOperation> operations = document_.operations();
    std::span<const AstFragment> fragments = document_.fragments();
    std::span<const AstTypeDefinition> types = document_.types();
    std::size_t o = 0, f = 0, t = 0;
    auto offset_at = [](auto span, std::size_t i) { return i < span.size() ? span[i].offset : UINT32_MAX; };
    while (!is_full() && o + f + t < operations.size() + fragments.size() + types.size()) {
        std::uint32_t next_operation = offset_at(operations, o), next_fragment = offset_at(fragments, f);
        std::uint32_t next_type = offset_at(types, t);
        if (next_operation < next_fragment && next_operation < next_type) {
            operation(operations[o++]);
        } else if (next_fragment < next_type) {
            fragment(fragments[f++]);
        } else {
            type_definition(types[t++]);
        }
    }
}

void Validator::operation(const AstOperation& node) {
    bool anonymous = node.name.empty();
    if (anonymous && document_.operations().size() > 1) {
        report("This anonymous operation must be the only defined operation.");
    }
    if (!anonymous && !operation_names_.insert(node.name).second) {
        report(fmt::format("There can only be one operation named \"{}\".", node.name));
    }
    variable_names_.clear();
    for (const AstVariableDefinition& variable : node.variables) variable_definition(variable);
    const GqlType& root = node.type == AstOperation::Type::query      ? schema_.query()
                          : node.type == AstOperation::Type::mutation ? schema_.mutation()
                                                                      : schema_.subscription();
    std::string_view location = node.type == AstOperation::Type::query      ? "QUERY"
                                : node.type == AstOperation::Type::mutation ? "MUTATION"
                                                                            : "SUBSCRIPTION";
    directives(node.directives, location);
    selection_set(&root, node.selections);
    variables_of(node);
}

void Validator::variable_definition(const AstVariableDefinition& node) {
    if (is_full()) return;
    TypeRef type = resolve(*node.type, schema_);
    if (node.default_value != nullptr) {
        if (node.type->non_null) {
            std::string text = print_type(*node.type);
            report(fmt::format(
                "Variable \"${}\" of type \"{}\" is required and will not use the default value. Perhaps "
                "you meant to use type \"{}\".",
                node.name, text, text.substr(0, text.size() - 1)));
        }
        std::vector<std::string> reasons;
        if (type.named != nullptr) reasons = literal_reasons(type, *node.default_value, IntRange::bits32);
        if (!reasons.empty()) {
            report(with_reasons(fmt::format("Variable \"${}\" has invalid default value: {}.", node.name,
                                            print_value(*node.default_value)),
                                reasons));
        }
    }
    if (!variable_names_.insert(node.name).second) {
        report(fmt::format("There can be only one variable named \"{}\".", node.name));
    }
    const GqlType* named = schema_.type(innermost_name(*node.type));
    if (named != nullptr && !named->is_input()) {
        report(fmt::format("Variable \"${}\" cannot be non-input type \"{}\".", node.name,
                           print_type(*node.type)));
    }
    known_type(innermost_name(*node.type));
    if (node.default_value != nullptr) unique_input_fields(*node.default_value);
}

void Validator::fragment(const AstFragment& node) {
    const GqlType* type = schema_.type(node.type_condition);
    if (type != nullptr && type->kind != GqlType::Kind::object) {
        report(fmt::format("Fragment \"{}\" cannot condition on non composite type \"{}\".", node.name,
                           node.type_condition));
    }
    if (!visited_fragments_.contains(node.name)) cycles_from(node);
    if (!fragment_names_.insert(node.name).second) {
        report(fmt::format("There can only be one fragment named \"{}\".", node.name));
    }
    known_type(node.type_condition);
    directives(node.directives, "FRAGMENT_DEFINITION");
    selection_set(object_or_null(type), node.selections);
}

// Depth first over the spreads below a fragment; a spread of a fragment on the way from the start closes a
// cycle. The way is short: longer ones were refused as too large.
void Validator::cycles_from(const AstFragment& node) {
    if (!fragments_.has_cycle()) return;
    struct Step {
        const AstFragment* fragment;
        std::vector<const AstSelection*> spreads;
        std::size_t next = 0;
    };
    std::vector<Step> way;
    auto enter = [&](const AstFragment& fragment) {
        visited_fragments_.insert(fragment.name);
        way.push_back({&fragment, FragmentGraph::spreads(fragment.selections)});
    };
    enter(node);
    while (!way.empty() && !is_full()) {
        Step& step = way.back();
        if (step.next == step.spreads.size()) {
            way.pop_back();
            continue;
        }
        std::string_view name = step.spreads[step.next++]->name;
        auto start =
            std::find_if(way.begin(), way.end(), [&](const Step& s) { return s.fragment->name == name; });
        if (start == way.end()) {
            const AstFragment* fragment = document_.fragment(name);
            if (fragment != nullptr && !visited_fragments_.contains(name)) enter(*fragment);
            continue;
        }
        std::string via;
        for (auto it = start + 1; it != way.end(); ++it) {
            via += via.empty() ? " via " : ", ";
            via += it->fragment->name;
        }
        report(fmt::format("Cannot spread fragment \"{}\" within itself{}.", name, via));
    }
}

void Validator::unused_fragments() {
    if (document_.fragments().empty()) return;
    std::unordered_set<std::string_view> used;
    for (const AstOperation& node : document_.operations()) {
        for (const AstFragment* reached : fragments_.reachable(node.selections)) used.insert(reached->name);
    }
    for (const AstFragment& node : document_.fragments()) {
        if (!used.contains(node.name)) report(fmt::format("Fragment \"{}\" is never used.", node.name));
    }
}

void Validator::type_definition(const AstTypeDefinition& node) {
    struct Locations {
        std::string_view keyword, own, item;
    };
    static constexpr Locations kLocations[] = {
        {"type", "OBJECT", "FIELD_DEFINITION"},
        {"extend", "OBJECT", "FIELD_DEFINITION"},
        {"interface", "INTERFACE", "FIELD_DEFINITION"},
        {"enum", "ENUM", "ENUM_VALUE"},
        {"input", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION"},
        {"union", "UNION", ""},
        {"scalar", "SCALAR", ""},
        {"schema", "SCHEMA", ""},
        {"directive", "", "ARGUMENT_DEFINITION"},
    };
    auto locations = std::find_if(std::begin(kLocations), std::end(kLocations),
                                  [&](const Locations& l) { return l.keyword == node.keyword; });
    directives(node.directives, locations->own);
    bool names_types = node.keyword == "schema" || node.keyword == "directive";
    for (const AstFieldDefinition& field : node.fields) {
        for (const AstFieldDefinition& argument : field.arguments) {
            directives(argument.directives, "ARGUMENT_DEFINITION");
        }
        if (names_types) known_type(innermost_name(*field.type));
        directives(field.directives, locations->item);
    }
}

void Validator::directives(std::span<const AstDirective> nodes, std::string_view location) {
    for (const AstDirective& node : nodes) {
        if (is_full()) return;
        const DirectiveDef* definition = schema_.directive(node.name);
        if (definition == nullptr) {
            report(fmt::format("Unknown directive \"{}\".", node.name));
        } else if (std::find(definition->locations.begin(), definition->locations.end(), location) ==
                   definition->locations.end()) {
            report(fmt::format("Directive \"{}\" may not be used on {}.", node.name, location));
        }
        arguments_of_directive(node, definition);
    }
}

void Validator::arguments_of_directive(const AstDirective& node, const DirectiveDef* definition) {
    for (std::size_t i = 0; i < node.arguments.size() && !is_full(); ++i) {
        const AstArgument& argument = node.arguments[i];
        const InputValue* known = definition == nullptr ? nullptr : definition->argument(argument.name);
        argument_value(argument, known, true);
        if (definition != nullptr && known == nullptr) {
            std::vector<std::string_view> names;
            for (const InputValue& candidate : definition->arguments) names.push_back(candidate.name);
            report(fmt::format("Unknown argument \"{}\" on directive \"@{}\".{}", argument.name, node.name,
                               did_you_mean(argument.name, names)));
        }
        if (is_repeated_argument(node.arguments, i)) {
            report(fmt::format("There can be only one argument named \"{}\".", argument.name));
        }
        unique_input_fields(*argument.value);
    }
    if (definition == nullptr) return;
    for (const InputValue& argument : definition->arguments) {
        bool given = !argument.type.non_null ||
                     std::any_of(node.arguments.begin(), node.arguments.end(),
                                 [&](const AstArgument& one) { return one.name == argument.name; });
        if (given) continue;
        report(fmt::format("Directive \"@{}\" argument \"{}\" of type \"{}\" is required but not provided.",
                           node.name, argument.name, argument.type.text()));
    }
}

void Validator::argument_value(const AstArgument& node, const InputValue* definition, bool in_directive) {
    if (definition == nullptr) return;
    std::vector<std::string> reasons =
        literal_reasons(definition->type, *node.value, in_directive ? IntRange::bits64 : IntRange::bits32);
    if (reasons.empty()) return;
    report(with_reasons(
        fmt::format("Argument \"{}\" has invalid value {}.", node.name, print_value(*node.value)), reasons));
}

bool Validator::is_repeated_argument(std::span<const AstArgument> nodes, std::size_t index) {
    // Fields and directives have few arguments; what is beyond is only looked up among as many.
    constexpr std::size_t kScan = 64;
    std::span<const AstArgument> earlier = nodes.first(std::min(index, kScan));
    return std::any_of(earlier.begin(), earlier.end(),
                       [&](const AstArgument& argument) { return argument.name == nodes[index].name; });
}

void Validator::unique_input_fields(const AstValue& value) {
    if (value.kind == AstValue::Kind::list) {
        for (const AstValue* item : value.items) unique_input_fields(*item);
    }
    if (value.kind != AstValue::Kind::object) return;
    constexpr std::size_t kScan = 16;
    std::unordered_set<std::string_view> names;
    for (std::size_t i = 0; i < value.fields.size(); ++i) {
        std::string_view name = value.fields[i].name;
        auto same_name = [&](const AstObjectField& field) { return field.name == name; };
        bool repeated =
            value.fields.size() <= kScan
                ? std::any_of(value.fields.begin(), value.fields.begin() + static_cast<long>(i), same_name)
                : !names.insert(name).second;
        if (repeated) report(fmt::format("There can be only one input field named \"{}\".", name));
        unique_input_fields(*value.fields[i].value);
    }
}

void Validator::known_type(std::string_view name) {
    if (is_full() || schema_.type(name) != nullptr) return;
    std::vector<std::string_view> names;
    for (const auto& type : schema_.types()) {
        if (schema_.lists(*type)) names.push_back(type->name);
    }
    report(fmt::format("Unknown type \"{}\".{}", name, did_you_mean(name, names)));
}

}  // namespace cairn::query
