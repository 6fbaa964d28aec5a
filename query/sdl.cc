#include "query/sdl.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/sdl_conversion.h"

namespace cairn::query {

namespace {

bool holds_variable(const AstValue& value) {
    switch (value.kind) {
        case AstValue::Kind::variable:
            return true;
        case AstValue::Kind::list:
            return std::any_of(value.items.begin(), value.items.end(),
                               [](const AstValue* item) { return holds_variable(*item); });
        case AstValue::Kind::object:
            return std::any_of(value.fields.begin(), value.fields.end(),
                               [](const AstObjectField& field) { return holds_variable(*field.value); });
        default:
            return false;
    }
}

Status refuse_variables(std::span<const AstDirective> directives) {
    for (const AstDirective& directive : directives) {
        for (const AstArgument& argument : directive.arguments) {
            if (!holds_variable(*argument.value)) continue;
            return fail(ErrorCode::invalid_argument,
                        fmt::format("a schema cannot use variables. Directive: {}, Argument: {}, Value: {}",
                                    directive.name, argument.name, print_value(*argument.value)));
        }
    }
    return {};
}

Status refuse_variables(const AstTypeDefinition& type) {
    CAIRN_TRY(refuse_variables(type.directives));
    for (const AstFieldDefinition& field : type.fields) CAIRN_TRY(refuse_variables(field.directives));
    return {};
}

}  // namespace

Result<TypeDefinition> convert_type(const AstTypeDefinition& node) {
    TypeDefinition type;
    type.name = node.name;
    type.is_interface = node.kind == AstTypeDefinition::Kind::interface;
    for (const AstFieldDefinition& field : node.fields) CAIRN_TRY(convert_field(field, type));
    std::optional<bool> materialized;
    for (const AstDirective& directive : node.directives) {
        if (directive.name == "index") {
            CAIRN_ASSIGN(IndexDirective index, convert_index(directive, {}));
            type.indexes.push_back(std::move(index));
        } else if (directive.name == "policy") {
            CAIRN_ASSIGN(type.policy, convert_policy(directive));
        } else if (directive.name == "materialized") {
            materialized = materialized.value_or(false) || convert_condition(directive);
        } else if (directive.name == "branchable") {
            type.branchable = type.branchable || convert_condition(directive);
        }
    }
    type.materialized = materialized.value_or(true);
    return type;
}

Result<std::vector<TypeDefinition>> parse_sdl(std::string_view sdl, const TypeSystem& schema) {
    CAIRN_ASSIGN(std::shared_ptr<const Document> document, Document::parse(sdl, ""));
    std::vector<std::string> problems = validate(*document, schema);
    if (!problems.empty())
        return fail(ErrorCode::invalid_argument, fmt::format("{}", fmt::join(problems, "\n")));
    std::vector<TypeDefinition> types;
    for (const AstTypeDefinition& node : document->types()) {
        if (node.kind == AstTypeDefinition::Kind::other) continue;
        CAIRN_TRY(refuse_variables(node));
        CAIRN_ASSIGN(TypeDefinition type, convert_type(node));
        types.push_back(std::move(type));
    }
    return types;
}

Result<std::vector<TypeDefinition>> parse_sdl(std::string_view sdl) {
    static const Result<std::shared_ptr<const TypeSystem>> kEmpty = TypeSystem::build(Catalog::empty());
    if (!kEmpty) return std::unexpected(kEmpty.error());
    return parse_sdl(sdl, **kEmpty);
}

}  // namespace cairn::query
