// Rules of validation about variables: undefined, unused, used where their type does not fit; see
// validator.h.
#include <fmt/format.h>

#include <algorithm>

#include "query/relation_input.h"
#include "query/validator.h"

namespace cairn::query {

namespace {

// Whether a value of a variable's type can stand where another type is expected. A default value takes away
// the null.
bool fits(const AstType& variable, bool has_default, const TypeRef& expected) {
    if (expected.non_null && !variable.non_null && !has_default) return false;
    if (expected.is_list != (variable.inner != nullptr)) return false;
    if (expected.is_list) return fits(*variable.inner, false, expected.element());
    return variable.name == expected.named->name;
}

// A relation takes a variable that holds what could be written there.
bool fits_relation(const Catalog& catalog, const AstType& variable, const InputValue& relation,
                   const TypeRef& expected) {
    if (relation.nested == nullptr || (variable.inner != nullptr && !expected.is_list)) return false;
    std::string_view name = variable.inner != nullptr ? variable.inner->name : variable.name;
    return name == relation.nested->name ||
           name == catalog.collection(relation.nested->collection).name + std::string(kMutationInputSuffix);
}

}  // namespace

void Validator::variables_of(const AstOperation& node) {
    if (!mentions_variables_) return;
    const GqlType& root = node.type == AstOperation::Type::query      ? schema_.query()
                          : node.type == AstOperation::Type::mutation ? schema_.mutation()
                                                                      : schema_.subscription();
    Usages usages;
    collect_directives(node.directives, usages);
    collect_selections(&root, node.selections, usages);
    for (const AstFragment* fragment : fragments_.reachable(node.selections)) {
        const Usages& inner = usages_of(*fragment);
        if (usage_steps_left_ < inner.size())
            return report("document uses its fragments' variables too often");
        usage_steps_left_ -= inner.size();
        usages.insert(usages.end(), inner.begin(), inner.end());
    }
    std::string_view name = node.name;
    for (const Usage& usage : usages) {
        if (variable_names_.contains(usage.variable)) continue;
        report(name.empty() ? fmt::format("Variable \"${}\" is not defined.", usage.variable)
                            : fmt::format("Variable \"${}\" is not defined by operation \"{}\".",
                                          usage.variable, name));
    }
    std::unordered_set<std::string_view> used;
    for (const Usage& usage : usages) used.insert(usage.variable);
    for (const AstVariableDefinition& variable : node.variables) {
        if (used.contains(variable.name)) continue;
        report(name.empty()
                   ? fmt::format("Variable \"${}\" is never used.", variable.name)
                   : fmt::format("Variable \"${}\" is never used in operation \"{}\".", variable.name, name));
    }
    wrong_positions(node, usages);
}

void Validator::wrong_positions(const AstOperation& node, const Usages& usages) {
    std::unordered_map<std::string_view, const AstVariableDefinition*> definitions;
    for (const AstVariableDefinition& variable : node.variables) definitions[variable.name] = &variable;
    for (const Usage& usage : usages) {
        auto it = definitions.find(usage.variable);
        if (it == definitions.end() || usage.type.named == nullptr) continue;
        const AstVariableDefinition& variable = *it->second;
        if (schema_.type(innermost_name(*variable.type)) == nullptr) continue;
        if (fits(*variable.type, variable.default_value != nullptr, usage.type)) continue;
        if (usage.relation != nullptr &&
            fits_relation(schema_.catalog(), *variable.type, *usage.relation, usage.type))
            continue;
        report(fmt::format("Variable \"${}\" of type \"{}\" used in position expecting type \"{}\".",
                           variable.name, print_type(*variable.type), usage.type.text()));
    }
}

const Validator::Usages& Validator::usages_of(const AstFragment& node) {
    auto [it, fresh] = usages_.try_emplace(&node);
    if (fresh) {
        collect_directives(node.directives, it->second);
        collect_selections(object_or_null(schema_.type(node.type_condition)), node.selections, it->second);
    }
    return it->second;
}

void Validator::collect_selections(const GqlType* parent, AstSelectionSet selections, Usages& out) {
    for (const AstSelection* node : selections) {
        const GqlType* inner = parent;
        if (node->kind == AstSelection::Kind::field) {
            const FieldDef* definition =
                parent == nullptr ? nullptr : schema_.find_field(*parent, node->name);
            for (const AstArgument& argument : node->arguments) {
                const InputValue* known =
                    definition == nullptr ? nullptr : definition->argument(argument.name);
                collect_value(known == nullptr ? TypeRef{} : known->type, *argument.value, out);
            }
            inner = definition == nullptr ? nullptr : object_or_null(definition->type.named);
        } else if (!node->type_condition.empty()) {
            inner = object_or_null(schema_.type(node->type_condition));
        }
        collect_directives(node->directives, out);
        collect_selections(inner, node->selections, out);
    }
}

void Validator::collect_directives(std::span<const AstDirective> nodes, Usages& out) {
    for (const AstDirective& node : nodes) {
        const DirectiveDef* definition = schema_.directive(node.name);
        for (const AstArgument& argument : node.arguments) {
            const InputValue* known = definition == nullptr ? nullptr : definition->argument(argument.name);
            collect_value(known == nullptr ? TypeRef{} : known->type, *argument.value, out);
        }
    }
}

// What stands inside a JSON literal has no type, and fits.
void Validator::collect_value(const TypeRef& type, const AstValue& value, Usages& out) {
    bool is_object = type.named != nullptr && type.named->kind == GqlType::Kind::input_object;
    switch (value.kind) {
        case AstValue::Kind::variable:
            out.push_back({value.text, type});
            break;
        case AstValue::Kind::list:
            for (const AstValue* item : value.items) {
                collect_value(type.is_list ? type.element() : TypeRef{}, *item, out);
            }
            break;
        case AstValue::Kind::object:
            for (const AstObjectField& field : value.fields) {
                const InputValue* known = is_object ? type.named->input_field(field.name) : nullptr;
                if (known != nullptr && known->relation) {
                    collect_related(*known, known->type, *field.value, out);
                } else {
                    collect_value(known == nullptr ? TypeRef{} : known->type, *field.value, out);
                }
            }
            break;
        default:
            break;
    }
}

void Validator::collect_related(const InputValue& relation, const TypeRef& type, const AstValue& value,
                                Usages& out) {
    switch (value.kind) {
        case AstValue::Kind::variable:
            out.push_back({value.text, type, &relation});
            break;
        case AstValue::Kind::list:
            for (const AstValue* item : value.items)
                collect_related(relation, type.is_list ? type.element() : TypeRef{}, *item, out);
            break;
        case AstValue::Kind::object:
            if (is_link_object(value)) {
                collect_value(type.element(), *value.fields[0].value, out);
            } else if (is_list_change(value)) {
                for (const AstObjectField& member : value.fields)
                    collect_related(relation, type, *member.value, out);
            } else {
                collect_value(TypeRef{relation.nested, false, false, false}, value, out);
            }
            break;
        default:
            break;
    }
}

}  // namespace cairn::query
