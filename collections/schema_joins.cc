#include "collections/schema_joins.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "collections/schema_kinds.h"
#include "collections/schema_rule_list.h"

namespace cairn {

namespace {

bool is_text(FieldKind kind) {
    return kind == FieldKind::id || kind == FieldKind::string;
}

// One join of a definition while it is checked.
struct JoinCheck {
    const DefinitionState& state;
    const Definition& definition;
    const CollectionFieldDescription& field;
    RuleMessages& messages;

    void refuse(std::string_view what, std::string_view detail) const {
        messages.add(
            fmt::format("{}. Type: {}, Field: {}, {}", what, definition.version->name, field.name, detail));
    }

    // The kind of a field that may be compared; nothing, with a message, for one that may not.
    std::optional<FieldKind> compared_kind(const Definition& of, std::string_view name,
                                           std::string_view argument) const {
        std::string place = fmt::format("{}: {}.{}", argument, of.version->name, name);
        const SchemaField* on_schema = state.schema_field(of, name);
        if (on_schema == nullptr) {
            const bool described = std::any_of(of.version->fields.begin(), of.version->fields.end(),
                                               [&](const auto& other) { return other.name == name; });
            refuse(described ? "join on a field that is not stored" : "join on a field that does not exist",
                   place);
            return std::nullopt;
        }
        const FieldKind* kind = std::get_if<FieldKind>(&on_schema->kind);
        if (kind == nullptr || !can_join(*kind, *kind)) {
            refuse("join on a field of a kind that cannot be joined",
                   fmt::format("{}, Kind: {}", place, kind_text(*on_schema)));
            return std::nullopt;
        }
        return *kind;
    }

    void run() const {
        const ObjectKind* object = object_kind(field);
        if (object == nullptr) return refuse("join of a field that is no relation", "Kind: none");
        if (state.schema_field(definition, field.name) != nullptr)
            return refuse("join field cannot be stored as well", fmt::format("On schema: {}", field.name));
        const Definition* target = state.target(definition.schema->root, *object);
        if (target == nullptr)
            return refuse("join with a type that does not exist", "Kind: " + kind_text(*object));
        if (has_no_rows(definition) || has_no_rows(*target)) {
            return refuse("join of a view or an interface", "Kind: " + target->version->name);
        }
        auto on = compared_kind(definition, field.join->on, "On");
        auto references = compared_kind(*target, field.join->references, "References");
        if (!on || !references || can_join(*on, *references)) return;
        refuse("join of fields whose kinds cannot be compared",
               fmt::format("On: {} ({}), References: {}.{} ({})", field.join->on, kind_name(*on),
                           target->version->name, field.join->references, kind_name(*references)));
    }

    static bool has_no_rows(const Definition& of) {
        return of.version->is_view || of.version->is_embedded_only;
    }
};

}  // namespace

bool has_joins(const CollectionVersionDescription& version) {
    return std::any_of(version.fields.begin(), version.fields.end(),
                       [](const CollectionFieldDescription& field) { return field.join.has_value(); });
}

bool can_join(FieldKind a, FieldKind b) {
    if (is_number_kind(a) || is_text(a)) return is_number_kind(a) ? is_number_kind(b) : is_text(b);
    return a == b && (a == FieldKind::boolean || a == FieldKind::date_time || a == FieldKind::blob);
}

void joins_fit(const DefinitionState& state, const Definition& definition, RuleMessages& messages) {
    for (const CollectionFieldDescription& field : definition.version->fields) {
        if (field.join) JoinCheck{state, definition, field, messages}.run();
    }
}

Status check_joins(const DefinitionState& state) {
    RuleMessages messages;
    for (const Definition& definition : state.given()) joins_fit(state, definition, messages);
    if (messages.empty()) return {};
    return fail(ErrorCode::invalid_argument, messages.text());
}

}  // namespace cairn
