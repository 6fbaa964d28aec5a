#include "collections/schema_kinds.h"

#include <algorithm>
#include <utility>

namespace cairn {

std::string_view crdt_type_name(CrdtType type) {
    switch (type) {
        case CrdtType::none:
            return "none";
        case CrdtType::lww:
            return "lww";
        case CrdtType::object:
            return "object";
        case CrdtType::composite:
            return "composite";
        case CrdtType::pncounter:
            return "pncounter";
        case CrdtType::pcounter:
            return "pcounter";
    }
    return "unknown";
}

std::string_view delete_rule_name(DeleteRule rule) {
    switch (rule) {
        case DeleteRule::none:
            break;
        case DeleteRule::restrict_:
            return "RESTRICT";
        case DeleteRule::set_null:
            return "SET_NULL";
        case DeleteRule::cascade:
            return "CASCADE";
    }
    return {};
}

std::optional<DeleteRule> delete_rule_named(std::string_view name) {
    for (DeleteRule rule : {DeleteRule::restrict_, DeleteRule::set_null, DeleteRule::cascade}) {
        if (delete_rule_name(rule) == name) return rule;
    }
    return std::nullopt;
}

SchemaField scalar_field(std::string name, FieldKind kind, CrdtType crdt) {
    return {std::move(name), kind, static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(crdt)};
}

std::string kind_text(const ObjectKind& kind) {
    std::string text;
    switch (kind.form) {
        case ObjectKind::Form::root:
        case ObjectKind::Form::named:
            text = kind.text;
            break;
        case ObjectKind::Form::self:
            text = kind.text.empty() ? "Self" : "Self-" + kind.text;
            break;
    }
    return kind.array ? "[" + text + "]" : text;
}

std::string kind_text(const SchemaField& field) {
    if (const ObjectKind* object = object_kind(field)) return kind_text(*object);
    FieldKind kind = std::get<FieldKind>(field.kind);
    return kind == FieldKind::none ? std::to_string(field.kind_number) : std::string(kind_name(kind));
}

void append_kind_json(const ObjectKind& kind, std::string& out) {
    std::string_view array = kind.array ? "true" : "false";
    switch (kind.form) {
        case ObjectKind::Form::named:
            out += "{\"Name\":";
            append_json_string(kind.text, out);
            out.append(",\"Array\":").append(array).append("}");
            return;
        case ObjectKind::Form::root:
            out.append("{\"Array\":").append(array).append(",\"Root\":");
            append_json_string(kind.text, out);
            out += '}';
            return;
        case ObjectKind::Form::self:
            out += "{\"RelativeID\":";
            append_json_string(kind.text, out);
            out.append(",\"Array\":").append(array).append("}");
            return;
    }
}

void append_kind_json(const SchemaField& field, std::string& out) {
    if (const ObjectKind* object = object_kind(field)) return append_kind_json(*object, out);
    out += std::to_string(field.kind_number);
}

std::string_view root_base(std::string_view root) {
    return root.substr(0, root.find('-'));
}

std::string_view root_suffix(std::string_view root) {
    std::size_t dash = root.find('-');
    return dash == std::string_view::npos ? std::string_view{} : root.substr(dash + 1);
}

std::string target_root(std::string_view host_root, const ObjectKind& kind) {
    switch (kind.form) {
        case ObjectKind::Form::root:
            return kind.text;
        case ObjectKind::Form::self:
            if (kind.text.empty()) return std::string(host_root);
            return std::string(root_base(host_root)).append("-").append(kind.text);
        case ObjectKind::Form::named:
            break;
    }
    return {};
}

std::string generated_relation_name(std::string_view type, std::string_view other_type) {
    auto lower = [](std::string_view name) {
        std::string text(name);
        for (char& c : text) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return text;
    };
    std::string a = lower(type), b = lower(other_type);
    if (b < a) std::swap(a, b);
    return a + "_" + b;
}

bool is_graphql_name(std::string_view name) {
    auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    if (name.empty() || !letter(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace cairn
