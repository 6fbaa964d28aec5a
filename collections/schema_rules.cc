#include "collections/schema_rules.h"

#include <utility>

#include "collections/schema_kinds.h"
#include "collections/schema_rule_list.h"

namespace cairn {

DefinitionState::DefinitionState(const std::vector<Definition>& given,
                                 const std::vector<Definition>& existing)
    : given_(given), existing_(existing) {
    for (const auto* list : {&given_, &existing_}) {
        for (const Definition& definition : *list) {
            by_root_.emplace(definition.schema->root, &definition);
            by_name_.emplace(definition.schema->name, &definition);
        }
    }
}

bool DefinitionState::is_given(const Definition& definition) const {
    return !given_.empty() && &definition >= given_.data() && &definition < given_.data() + given_.size();
}

const Definition* DefinitionState::target(std::string_view host_root, const ObjectKind& kind) const {
    const auto& index = kind.form == ObjectKind::Form::named ? by_name_ : by_root_;
    std::string key = kind.form == ObjectKind::Form::named ? kind.text : target_root(host_root, kind);
    auto it = index.find(key);
    return it == index.end() ? nullptr : it->second;
}

const DefinitionState::Fields& DefinitionState::fields(const Definition& definition) const {
    auto [it, added] = fields_.try_emplace(definition.schema);
    if (added) {
        for (const SchemaField& field : definition.schema->fields)
            it->second.on_schema.emplace(field.name, &field);
        for (const CollectionFieldDescription& field : definition.version->fields) {
            if (field.kind) it->second.with_kind.emplace(field.name, &field);
            if (!field.relation_name || object_kind(field) == nullptr) continue;
            auto& list = it->second.by_relation[*field.relation_name];
            if (list.size() < 2) list.push_back(&field);
        }
    }
    return it->second;
}

const SchemaField* DefinitionState::schema_field(const Definition& definition, std::string_view name) const {
    const auto& index = fields(definition).on_schema;
    auto it = index.find(name);
    return it == index.end() ? nullptr : it->second;
}

const CollectionFieldDescription* DefinitionState::kinded_field(const Definition& definition,
                                                                std::string_view name) const {
    const auto& index = fields(definition).with_kind;
    auto it = index.find(name);
    return it == index.end() ? nullptr : it->second;
}

const CollectionFieldDescription* DefinitionState::field_by_relation(
    const Definition& definition, std::string_view relation_name,
    const CollectionFieldDescription& not_this) const {
    const auto& index = fields(definition).by_relation;
    auto it = index.find(relation_name);
    if (it == index.end()) return nullptr;
    for (const CollectionFieldDescription* field : it->second) {
        if (field != &not_this) return field;
    }
    return nullptr;
}

namespace {

Status joined(const RuleMessages& messages) {
    if (messages.empty()) return {};
    return fail(ErrorCode::invalid_argument, messages.text());
}

// ---- rules of section 10 ----

void removed_fields(const SchemaDescription& existing, const SchemaDescription& changed,
                    RuleMessages& messages) {
    std::unordered_set<std::string_view> names;
    for (const SchemaField& field : changed.fields) names.insert(field.name);
    for (const SchemaField& field : existing.fields) {
        if (!names.contains(field.name)) {
            messages.add("deleting an existing field is not supported. Name: " + field.name);
        }
    }
}

void mutated_fields(const SchemaDescription& existing, const SchemaDescription& changed,
                    RuleMessages& messages) {
    std::unordered_map<std::string_view, const SchemaField*> by_name;
    for (const SchemaField& field : existing.fields) by_name.emplace(field.name, &field);
    for (std::size_t i = 0; i < changed.fields.size(); ++i) {
        const SchemaField& field = changed.fields[i];
        auto old = by_name.find(field.name);
        // A field that lost its kind and its name together can only be known by its place.
        bool emptied = field.name.empty() && field.kind == SchemaFieldKind(FieldKind::none) &&
                       field.kind_number == 0 && i < existing.fields.size();
        if (old == by_name.end() ? emptied : *old->second != field) {
            messages.add("mutating an existing field is not supported. ProposedName: " + field.name);
        }
    }
}

void moved_fields(const SchemaDescription& existing, const SchemaDescription& changed,
                  RuleMessages& messages) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < existing.fields.size(); ++i) places.emplace(existing.fields[i].name, i);
    for (std::size_t i = 0; i < changed.fields.size(); ++i) {
        auto old = places.find(changed.fields[i].name);
        if (old == places.end() || old->second == i) continue;
        messages.add("moving fields is not currently supported. Name: " + changed.fields[i].name +
                     ", ProposedIndex: " + std::to_string(i) +
                     ", ExistingIndex: " + std::to_string(old->second));
    }
}

}  // namespace

Status check_definitions(const DefinitionState& state) {
    RuleMessages messages;
    check_unique_names(state, messages);
    for (DefinitionRule rule : definition_rules()) {
        for (const Definition& definition : state.given()) rule(state, definition, messages);
    }
    return joined(messages);
}

Status check_changed_schema(const DefinitionState& state, const Definition& changed,
                            const SchemaDescription& existing) {
    RuleMessages messages;
    removed_fields(existing, *changed.schema, messages);
    mutated_fields(existing, *changed.schema, messages);
    moved_fields(existing, *changed.schema, messages);
    for (DefinitionRule rule : definition_rules()) rule(state, changed, messages);
    return joined(messages);
}

Status check_api(const Definition& definition) {
    if (definition.version->is_embedded_only && !definition.version->is_view) {
        return fail(ErrorCode::invalid_argument,
                    "no type found for given name. Type: " + definition.schema->name + "MutationInputArg");
    }
    auto bad_name = [](std::string_view name) {
        std::string message = "Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"";
        return fail(ErrorCode::invalid_argument, message.append(name).append("\" does not."));
    };
    if (!is_graphql_name(definition.schema->name)) return bad_name(definition.schema->name);
    for (const SchemaField& field : definition.schema->fields) {
        if (object_kind(field) == nullptr && std::get<FieldKind>(field.kind) == FieldKind::none) {
            return fail(ErrorCode::invalid_argument,
                        "no type found for given name. Type: " + std::to_string(field.kind_number));
        }
        if (!is_graphql_name(field.name)) return bad_name(field.name);
    }
    return {};
}

}  // namespace cairn
