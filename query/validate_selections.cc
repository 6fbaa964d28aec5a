// Rules of validation that look at selections; see validator.h.
#include <fmt/format.h>

#include "query/literal_check.h"
#include "query/suggestions.h"
#include "query/validator.h"

namespace cairn::query {

void Validator::selection_set(const GqlType* parent, AstSelectionSet selections) {
    if (!fragments_.has_cycle()) {
        for (std::string& message : merge_.conflicts(parent, selections)) report(std::move(message));
    }
    for (const AstSelection* selection : selections) {
        if (is_full()) return;
        switch (selection->kind) {
            case AstSelection::Kind::field:
                field(parent, *selection);
                break;
            case AstSelection::Kind::fragment_spread:
                fragment_spread(parent, *selection);
                break;
            case AstSelection::Kind::inline_fragment:
                inline_fragment(parent, *selection);
                break;
        }
    }
}

// parent is null inside a selection whose own type is unknown; rules about types are silent there.
void Validator::field(const GqlType* parent, const AstSelection& node) {
    const FieldDef* definition = parent == nullptr ? nullptr : schema_.find_field(*parent, node.name);
    if (parent != nullptr && definition == nullptr) {
        std::vector<std::string_view> names;
        for (const FieldDef& candidate : parent->fields) {
            if (schema_.lists(candidate)) names.push_back(candidate.name);
        }
        report(fmt::format("Cannot query field \"{}\" on type \"{}\".{}", node.name, parent->name,
                           did_you_mean(node.name, names)));
    }
    if (definition != nullptr) {
        bool leaf = definition->type.named->is_leaf();
        if (leaf && node.has_selection_set) {
            report(fmt::format("Field \"{}\" of type \"{}\" must not have a sub selection.", node.name,
                               definition->type.text()));
        } else if (!leaf && !node.has_selection_set) {
            report(fmt::format("Field \"{}\" of type \"{}\" must have a sub selection.", node.name,
                               definition->type.text()));
        }
    }
    arguments_of_field(parent, definition, node);
    directives(node.directives, "FIELD");
    if (node.has_selection_set) {
        selection_set(definition == nullptr ? nullptr : object_or_null(definition->type.named),
                      node.selections);
    }
    if (definition != nullptr) required_arguments(*definition, node);
}

void Validator::arguments_of_field(const GqlType* parent, const FieldDef* definition,
                                   const AstSelection& node) {
    for (std::size_t i = 0; i < node.arguments.size() && !is_full(); ++i) {
        const AstArgument& argument = node.arguments[i];
        const InputValue* known = definition == nullptr ? nullptr : definition->argument(argument.name);
        argument_value(argument, known, false);
        if (definition != nullptr && known == nullptr) {
            std::vector<std::string_view> names;
            for (const InputValue& candidate : definition->arguments) {
                if (schema_.lists(candidate)) names.push_back(candidate.name);
            }
            report(fmt::format("Unknown argument \"{}\" on field \"{}\" of type \"{}\".{}", argument.name,
                               node.name, parent->name, did_you_mean(argument.name, names)));
        }
        if (is_repeated_argument(node.arguments, i)) {
            report(fmt::format("There can be only one argument named \"{}\".", argument.name));
        }
        unique_input_fields(*argument.value);
    }
}

void Validator::required_arguments(const FieldDef& definition, const AstSelection& node) {
    for (const InputValue& argument : definition.arguments) {
        if (!argument.type.non_null) continue;
        bool given = false;
        for (const AstArgument& candidate : node.arguments) given = given || candidate.name == argument.name;
        if (!given) {
            report(fmt::format("Field \"{}\" argument \"{}\" of type \"{}\" is required but not provided.",
                               node.name, argument.name, argument.type.text()));
        }
    }
}

void Validator::fragment_spread(const GqlType* parent, const AstSelection& node) {
    const AstFragment* fragment = document_.fragment(node.name);
    if (fragment == nullptr) {
        report(fmt::format("Unknown fragment \"{}\".", node.name));
    } else {
        const GqlType* type = schema_.type(fragment->type_condition);
        if (type != nullptr && parent != nullptr && type != parent) {
            report(fmt::format(
                "Fragment \"{}\" cannot be spread here as objects of type \"{}\" can never be of type "
                "\"{}\".",
                node.name, parent->name, type->name));
        }
    }
    directives(node.directives, "FRAGMENT_SPREAD");
}

void Validator::inline_fragment(const GqlType* parent, const AstSelection& node) {
    const GqlType* type = parent;
    if (!node.type_condition.empty()) {
        type = schema_.type(node.type_condition);
        if (type != nullptr && type->kind != GqlType::Kind::object) {
            report(
                fmt::format("Fragment cannot condition on non composite type \"{}\".", node.type_condition));
        }
        if (type != nullptr && parent != nullptr && type != parent) {
            report(fmt::format(
                "Fragment cannot be spread here as objects of type \"{}\" can never be of type \"{}\".",
                parent->name, type->name));
        }
        known_type(node.type_condition);
    }
    directives(node.directives, "INLINE_FRAGMENT");
    selection_set(object_or_null(type), node.selections);
}

}  // namespace cairn::query
