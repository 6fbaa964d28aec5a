#include "collections/schema_rule_list.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "collections/schema_joins.h"
#include "collections/schema_kinds.h"

namespace cairn {

namespace {

// Rule 2. Fields of the collection first, then those that are only on the schema.
void relation_targets_exist(const DefinitionState& state, const Definition& definition,
                            RuleMessages& messages) {
    auto check = [&](const std::string& field, const ObjectKind& kind) {
        if (state.target(definition.schema->root, kind) != nullptr) return;
        messages.add("no type found for given name. Field: " + field + ", Kind: " + kind_text(kind));
    };
    std::unordered_set<std::string_view> checked;
    for (const CollectionFieldDescription& field : definition.version->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr) continue;
        checked.insert(field.name);
        if (!field.join) check(field.name, *kind);
    }
    for (const SchemaField& field : definition.schema->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind != nullptr && !checked.contains(field.name)) check(field.name, *kind);
    }
}

// A list whose other side is a list that has it for its other side, or a list of a type of itself without
// another side: a many-to-many relation (collections/README.md "Many-to-many").
bool is_many_to_many(const DefinitionState& state, const Definition& definition, const Definition& target,
                     const CollectionFieldDescription& field) {
    if (!object_kind(field)->array || definition.version->is_view) return false;
    const CollectionFieldDescription* other = state.field_by_relation(target, *field.relation_name, field);
    if (other == nullptr) return &target == &definition;
    return object_kind(*other)->array &&
           state.field_by_relation(definition, *field.relation_name, *other) == &field;
}

// Rule 3. A field that stores nothing needs a primary one on the other side. A relation to a type of an
// earlier call, even one marked primary, has none: the reference stores such a relation as one of the type to
// itself (a defect), here it is refused alike.
void secondary_sides_pair_up(const DefinitionState& state, const Definition& definition,
                             RuleMessages& messages) {
    for (const CollectionFieldDescription& field : definition.version->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr || !field.relation_name) continue;
        const Definition* target = state.target(definition.schema->root, *kind);
        if (target == nullptr) continue;
        bool known_earlier = state.is_given(definition) && !state.is_given(*target);
        bool primary = state.schema_field(definition, field.name) != nullptr;
        if (primary && !known_earlier) continue;
        if (target->version->is_embedded_only || is_many_to_many(state, definition, *target, field)) continue;
        const CollectionFieldDescription* other =
            primary ? nullptr : state.field_by_relation(*target, *field.relation_name, field);
        if (other != nullptr && state.schema_field(*target, other->name) != nullptr) continue;
        std::string message = "relation missing field. Object: " + target->schema->name +
                              ", RelationName: " + *field.relation_name;
        if (other == nullptr) messages.add(message);
        messages.add(message);
    }
}

// Rule 4.
void one_side_is_primary(const DefinitionState& state, const Definition& definition, RuleMessages& messages) {
    for (const CollectionFieldDescription& field : definition.version->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr || !field.relation_name || state.schema_field(definition, field.name) == nullptr)
            continue;
        const Definition* target = state.target(definition.schema->root, *kind);
        if (target == nullptr) continue;
        const CollectionFieldDescription* other =
            state.field_by_relation(*target, *field.relation_name, field);
        if (other != nullptr && state.schema_field(*target, other->name) != nullptr) {
            messages.add("relation can only have a single field set as primary");
        }
    }
}

// Rule 5, as far as it does not need the policy itself, which only the access control knows.
void policy_is_named(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    const auto& policy = definition.version->policy;
    if (!policy) return;
    if (policy->id.empty() && policy->resource_name.empty()) {
        messages.add("missing policy arguments, must have both id and resource");
    } else if (policy->id.empty()) {
        messages.add("policyID must not be empty");
    } else if (policy->resource_name.empty()) {
        messages.add("resource name must not be empty");
    }
}

// Rules 6 and 7.
void schema_has_name(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    if (definition.schema->name.empty()) messages.add("schema name can't be empty");
}
void collection_has_name(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    if (definition.version->name.empty()) messages.add("collection name can't be empty");
}

// Rule 8.
void relation_ids_are_ids(const DefinitionState& state, const Definition& definition,
                          RuleMessages& messages) {
    for (const SchemaField& field : definition.schema->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr || kind->array) continue;
        const SchemaField* id = state.schema_field(definition, field.name + "_id");
        if (id == nullptr || id->kind == SchemaFieldKind(FieldKind::id)) continue;
        messages.add("relational id field of invalid kind. Field: " + id->name +
                     ", Expected: ID, Actual: " + kind_text(*id));
    }
}

// Rule 9.
void no_lists_of_relations(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    for (const SchemaField& field : definition.schema->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr || !kind->array) continue;
        messages.add("secondary relation fields cannot be defined on the schema. Name: " + field.name);
    }
}

bool is_counter(std::uint8_t crdt) {
    return crdt == static_cast<std::uint8_t>(CrdtType::pncounter) ||
           crdt == static_cast<std::uint8_t>(CrdtType::pcounter);
}

// Rule 10.
void crdt_types_are_supported(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    for (const SchemaField& field : definition.schema->fields) {
        if (field.crdt <= static_cast<std::uint8_t>(CrdtType::lww) || is_counter(field.crdt)) continue;
        messages.add("CRDT type not supported. Name: " + field.name +
                     ", CRDTType: " + std::string(crdt_type_name(static_cast<CrdtType>(field.crdt))));
    }
}

// Rule 11.
void counters_are_numbers(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    for (const SchemaField& field : definition.schema->fields) {
        if (!is_counter(field.crdt)) continue;
        if (const FieldKind* kind = std::get_if<FieldKind>(&field.kind)) {
            if (*kind == FieldKind::integer || *kind == FieldKind::float64 || *kind == FieldKind::float32)
                continue;
        }
        messages.add("CRDT type " + std::string(crdt_type_name(static_cast<CrdtType>(field.crdt))) +
                     " can't be assigned to field kind " + kind_text(field));
    }
}

// Rule 12. On the schema every repetition counts. In the collection a declared `<f>_id` stands beside the
// generated one; any other name that two fields share has no meaning (one of them would be unreachable).
void fields_are_unique(const DefinitionState& state, const Definition& definition, RuleMessages& messages) {
    std::unordered_set<std::string_view> names, reported;
    for (const SchemaField& field : definition.schema->fields) {
        if (names.insert(field.name).second) continue;
        reported.insert(field.name);
        messages.add("duplicate field. Name: " + field.name);
    }
    std::unordered_map<std::string_view, const CollectionFieldDescription*> first;
    for (const CollectionFieldDescription& field : definition.version->fields) {
        auto [it, added] = first.emplace(field.name, &field);
        if (added || reported.contains(field.name)) continue;
        bool one_is_scalar = !field.kind || !it->second->kind;
        bool one_is_relation_id = field.kind == SchemaFieldKind(FieldKind::id) ||
                                  it->second->kind == SchemaFieldKind(FieldKind::id);
        if (one_is_scalar && one_is_relation_id && state.schema_field(definition, field.name) != nullptr)
            continue;
        messages.add("duplicate field. Name: " + field.name);
    }
}

// Rule 13.
void self_references_say_self(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    for (const SchemaField& field : definition.schema->fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind == nullptr || kind->form != ObjectKind::Form::root || kind->text != definition.schema->root)
            continue;
        messages.add("must specify 'Self' kind for self referencing relations. Field: " + field.name);
    }
}

// Rules 14 and 15.
void only_views_are_computed(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    const CollectionVersionDescription& version = *definition.version;
    if (version.is_materialized || version.is_view) return;
    messages.add("non-materialized collections are not supported. Collection: " + version.name);
}
void materialized_views_have_no_policy(const DefinitionState&, const Definition& definition,
                                       RuleMessages& messages) {
    const CollectionVersionDescription& version = *definition.version;
    if (!version.is_view || !version.is_materialized || !version.policy) return;
    messages.add("materialized views do not support ACP. Collection: " + version.name);
}

// What a value of the kind is held as. JSON takes anything.
bool default_fits(const Value& value, FieldKind kind) {
    switch (kind) {
        case FieldKind::boolean:
            return value.get_if<bool>() != nullptr;
        case FieldKind::integer:
            return value.get_if<std::int64_t>() != nullptr;
        case FieldKind::float64:
            return value.get_if<double>() != nullptr;
        case FieldKind::float32:
            return value.get_if<float>() != nullptr;
        case FieldKind::date_time:
        case FieldKind::string:
        case FieldKind::blob:
            return value.get_if<std::string>() != nullptr;
        case FieldKind::json:
            return !value.is_null();
        default:
            return false;
    }
}

// Rule 16.
void defaults_fit(const DefinitionState& state, const Definition& definition, RuleMessages& messages) {
    for (const CollectionFieldDescription& field : definition.version->fields) {
        if (!field.default_value) continue;
        const SchemaField* on_schema = state.schema_field(definition, field.name);
        std::string kind = on_schema == nullptr ? "0" : kind_text(*on_schema);
        if (on_schema != nullptr && object_kind(*on_schema) == nullptr &&
            default_fits(*field.default_value, std::get<FieldKind>(on_schema->kind))) {
            continue;
        }
        std::string value;
        append_json(*field.default_value, value);
        messages.add("default field value is invalid. Collection: " + definition.version->name +
                     ", Inner: invalid value. Field: " + field.name + ", Kind: " + kind +
                     ", Value: " + value);
    }
}

// The kind of a field wherever it is described, as messages print it; empty when there is no such field.
std::string described_kind(const DefinitionState& state, const Definition& definition,
                           std::string_view name) {
    if (const SchemaField* field = state.schema_field(definition, name)) return kind_text(*field);
    const CollectionFieldDescription* field = state.kinded_field(definition, name);
    if (field == nullptr) return {};
    const ObjectKind* object = object_kind(*field);
    return object != nullptr ? kind_text(*object) : std::string(kind_name(std::get<FieldKind>(*field->kind)));
}

// Rule 17.
void embeddings_have_fields(const DefinitionState& state, const Definition& definition,
                            RuleMessages& messages) {
    for (const EmbeddingDescription& embedding : definition.version->embeddings) {
        if (embedding.field_name.empty()) {
            messages.add("embedding FieldName cannot be empty");
            continue;
        }
        std::string kind = described_kind(state, definition, embedding.field_name);
        if (kind.empty()) {
            messages.add("the given field does not exist. Vector field: " + embedding.field_name);
        } else if (kind != kind_name(FieldKind::float32_array)) {
            messages.add("invalid type for vector embedding. Actual: " + kind);
        }
    }
}

bool can_be_embedded(std::string_view kind) {
    for (FieldKind allowed :
         {FieldKind::string, FieldKind::integer, FieldKind::float32, FieldKind::float64}) {
        if (kind == kind_name(allowed)) return true;
    }
    return false;
}

// Rule 18.
void embeddings_have_sources(const DefinitionState& state, const Definition& definition,
                             RuleMessages& messages) {
    std::unordered_map<std::string_view, std::size_t> embeddings_on;
    for (const EmbeddingDescription& embedding : definition.version->embeddings)
        ++embeddings_on[embedding.field_name];
    for (const EmbeddingDescription& embedding : definition.version->embeddings) {
        if (embedding.fields.empty()) messages.add("embedding Fields cannot be empty");
        for (const std::string& source : embedding.fields) {
            auto on_source = embeddings_on.find(source);
            std::size_t refused = on_source == embeddings_on.end() ? 0 : on_source->second;
            for (std::size_t i = 0; i < refused && !messages.full(); ++i) {
                messages.add("embedding fields cannot refer to self or another embedding field. Field: " +
                             source);
            }
            std::string kind = described_kind(state, definition, source);
            if (kind.empty()) {
                messages.add("the given field does not exist. Embedding generation field: " + source);
            } else if (!can_be_embedded(kind)) {
                messages.add("invalid field type for vector embedding generation. Actual: " + kind);
            }
        }
    }
}

// Rule 19.
void embeddings_have_providers(const DefinitionState&, const Definition& definition, RuleMessages& messages) {
    for (const EmbeddingDescription& embedding : definition.version->embeddings) {
        if (embedding.provider.empty()) messages.add("embedding Provider cannot be empty");
        if (embedding.provider != "ollama" && embedding.provider != "openai") {
            messages.add("unknown embedding provider. Provider: " + embedding.provider);
        }
        if (embedding.model.empty()) messages.add("embedding Model cannot be empty");
    }
}

constexpr std::array kRules{
    DefinitionRule{relation_targets_exist},
    DefinitionRule{secondary_sides_pair_up},
    DefinitionRule{one_side_is_primary},
    DefinitionRule{policy_is_named},
    DefinitionRule{schema_has_name},
    DefinitionRule{collection_has_name},
    DefinitionRule{relation_ids_are_ids},
    DefinitionRule{no_lists_of_relations},
    DefinitionRule{crdt_types_are_supported},
    DefinitionRule{counters_are_numbers},
    DefinitionRule{fields_are_unique},
    DefinitionRule{self_references_say_self},
    DefinitionRule{only_views_are_computed},
    DefinitionRule{materialized_views_have_no_policy},
    DefinitionRule{defaults_fit},
    DefinitionRule{embeddings_have_fields},
    DefinitionRule{embeddings_have_sources},
    DefinitionRule{embeddings_have_providers},
    DefinitionRule{joins_fit},
};

}  // namespace

void check_unique_names(const DefinitionState& state, RuleMessages& messages) {
    std::unordered_set<std::string_view> names;
    for (const auto* list : {&state.given(), &state.existing()}) {
        for (const Definition& definition : *list) {
            if (names.insert(definition.version->name).second) continue;
            messages.add("collection already exists. Name: " + definition.version->name);
        }
    }
}

std::span<const DefinitionRule> definition_rules() {
    return kRules;
}

}  // namespace cairn
