// Fields of an SDL type: their kind, @crdt, @constraints, @primary, @relation and what else is on a field.
#include <fmt/format.h>

#include <algorithm>

#include "query/sdl_conversion.h"

namespace cairn::query {

namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

Status convert_list_kind(const AstFieldDefinition& node, FieldDefinition& field) {
    const AstType& element = *node.type->inner;
    if (element.inner != nullptr) {
        return invalid(fmt::format("nested list types are not supported. Field: {}", node.name));
    }
    field.kind = kind_from_name(fmt::format("[{}{}]", element.name, element.non_null ? "!" : ""));
    if (field.kind != FieldKind::none) return {};
    if (element.non_null) {
        return invalid(fmt::format("NonNull variants for type are not supported. Type: {}", element.name));
    }
    field.type_name = element.name;
    field.relation_many = true;
    return {};
}

Status convert_kind(const AstFieldDefinition& node, std::string_view type_name, FieldDefinition& field) {
    if (node.type == nullptr) {
        return invalid(fmt::format("field type not specified. Object: {}, Field: {}", type_name, node.name));
    }
    if (node.type->non_null) return invalid("NonNull fields are not currently supported");
    if (node.type->inner != nullptr) return convert_list_kind(node, field);
    field.kind = kind_from_name(node.type->name);
    if (field.kind == FieldKind::none) field.type_name = node.type->name;
    return {};
}

std::string kind_text(const FieldDefinition& field) {
    if (!field.is_relation()) return std::string(kind_name(field.kind));
    return field.relation_many ? "[" + field.type_name + "]" : field.type_name;
}

Status convert_crdt(const AstFieldDefinition& node, FieldDefinition& field) {
    field.crdt = field.is_relation() && field.relation_many ? CrdtType::none : CrdtType::lww;
    auto directive = std::find_if(node.directives.begin(), node.directives.end(),
                                  [](const AstDirective& candidate) { return candidate.name == "crdt"; });
    if (directive == node.directives.end()) return {};
    const AstValue* type = argument_of(*directive, "type");
    if (type == nullptr || type->text == "lww") return {};
    if (!is_number_kind(field.kind)) {
        return invalid(
            fmt::format("CRDT type {} can't be assigned to field kind {}", type->text, kind_text(field)));
    }
    field.crdt = type->text == "pcounter" ? CrdtType::pcounter : CrdtType::pncounter;
    return {};
}

Status convert_constraints(const AstDirective& directive, FieldDefinition& field) {
    const AstValue* size = argument_of(directive, "size");
    if (size == nullptr) return {};
    if (!field.relation_many && !is_array_kind(field.kind)) {
        return invalid(
            fmt::format("size constraint can only be applied to array fields. Actual: {}", kind_text(field)));
    }
    CAIRN_ASSIGN(field.size, integer_of(*size));
    return {};
}

void convert_relation(const AstFieldDefinition& node, FieldDefinition& field) {
    for (const AstDirective& directive : node.directives) {
        if (directive.name == "primary") field.primary = true;
        if (directive.name != "relation") continue;
        if (!field.relation_name) field.relation_name = text_argument(directive, "name");
        if (auto rule = text_argument(directive, "onDelete"))
            field.on_delete = delete_rule_named(*rule).value_or(DeleteRule::none);
    }
}

}  // namespace

Status convert_field(const AstFieldDefinition& node, TypeDefinition& type) {
    FieldDefinition field;
    field.name = node.name;
    CAIRN_TRY(convert_kind(node, type.name, field));
    CAIRN_TRY(convert_join(node, type.name, field));
    CAIRN_TRY(convert_crdt(node, field));
    for (const AstDirective& directive : node.directives) {
        if (directive.name == "default") {
            CAIRN_ASSIGN(field.default_value, convert_default(node, directive));
        } else if (directive.name == "constraints") {
            CAIRN_TRY(convert_constraints(directive, field));
        }
    }
    for (const AstDirective& directive : node.directives) {
        if (directive.name == "index") {
            CAIRN_ASSIGN(IndexDirective index, convert_index(directive, node.name));
            type.indexes.push_back(std::move(index));
        } else if (directive.name == "embedding") {
            CAIRN_ASSIGN(field.embedding, convert_embedding(directive, node.name));
        }
    }
    if (field.is_relation()) convert_relation(node, field);
    type.fields.push_back(std::move(field));
    return {};
}

}  // namespace cairn::query
