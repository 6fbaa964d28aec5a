// Schema patches (spec/blocks.md section 5, spec/schema.md section 10).
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "collections/schema_builder.h"
#include "collections/schema_change.h"
#include "collections/schema_kinds.h"
#include "collections/schema_patch_text.h"
#include "collections/schema_sets.h"

namespace cairn {

namespace {

// A schema of the patched object beside what it was.
struct PatchedSchema {
    const Definition* existing = nullptr;
    SchemaDescription schema;
    CollectionVersionDescription version;  // the next version of its collection
    bool differs = false;                  // from the existing schema as far as versions are made for it
};

bool same_content(const SchemaDescription& a, const SchemaDescription& b) {
    return a.name == b.name && a.fields == b.fields;
}

// Pairs every schema of the patched object with the active one of its name. A name may stand under several
// keys (a copied schema); then the changed one counts.
Result<std::vector<PatchedSchema>> pair_with_existing(std::vector<SchemaDescription> schemas,
                                                      const std::vector<Definition>& active) {
    std::unordered_map<std::string_view, const Definition*> by_name;
    for (const Definition& definition : active) by_name.emplace(definition.schema->name, &definition);
    for (const SchemaDescription& schema : schemas) {
        if (schema.name.empty()) return fail(ErrorCode::invalid_argument, "schema name can't be empty");
        if (!by_name.contains(schema.name)) {
            return fail(ErrorCode::invalid_argument,
                        "adding schema via patch is not supported. Name: " + schema.name);
        }
    }
    std::vector<PatchedSchema> patched;
    std::unordered_map<std::string_view, std::size_t> places;
    for (SchemaDescription& schema : schemas) {
        const Definition* existing = by_name.at(schema.name);
        auto [place, added] = places.emplace(existing->schema->name, patched.size());
        if (added) {
            patched.push_back({existing, std::move(schema), {}, false});
            continue;
        }
        PatchedSchema& other = patched[place->second];
        if (same_content(schema, *existing->schema) || same_content(schema, other.schema)) continue;
        if (!same_content(other.schema, *existing->schema)) {
            return fail(ErrorCode::invalid_argument,
                        "the patch changes one schema under two keys. Name: " + existing->schema->name);
        }
        other.schema = std::move(schema);
    }
    return patched;
}

// Steps 1 and 2 of section 5. The root is not the patch's to change.
void complete_fields(PatchedSchema& patched) {
    const SchemaDescription& existing = *patched.existing->schema;
    SchemaDescription& schema = patched.schema;
    schema.root = existing.root;
    std::unordered_set<std::string> old_names, names;
    for (const SchemaField& field : existing.fields) old_names.insert(field.name);
    for (SchemaField& field : schema.fields) {
        names.insert(field.name);
        if (field.crdt == 0 && !old_names.contains(field.name))
            field.crdt = static_cast<std::uint8_t>(CrdtType::lww);
    }
    bool has_relation = false;
    for (std::size_t i = 0, count = schema.fields.size(); i < count; ++i) {
        const ObjectKind* kind = object_kind(schema.fields[i]);
        if (kind == nullptr) continue;
        has_relation = true;
        std::string id = schema.fields[i].name + "_id";
        if (kind->array || !names.insert(id).second) continue;
        schema.fields.push_back(scalar_field(std::move(id), FieldKind::id, CrdtType::none));
    }
    patched.differs = has_relation || schema.fields != existing.fields;
}

// The next version of the collection: what it was, with the new fields at the end.
void draft_version(PatchedSchema& patched, const CatalogDraft& catalog) {
    const CollectionVersionDescription& previous = *patched.existing->version;
    CollectionVersionDescription& version = patched.version;
    version = previous;
    version.version_id = patched.schema.version_id;
    version.previous_version_id = previous.version_id;
    version.is_active = false;
    std::unordered_set<std::string_view> names;
    for (const CollectionFieldDescription& field : previous.fields) names.insert(field.name);
    std::vector<const SchemaField*> added;
    for (const SchemaField& field : patched.schema.fields) {
        if (names.insert(field.name).second) added.push_back(&field);
    }
    if (added.empty()) return;
    CatalogDraft::FieldNumbers numbers(catalog, version.collection_id);
    for (const SchemaField* field : added) {
        CollectionFieldDescription described;
        described.name = field->name;
        version.fields.push_back(std::move(described));
        version.field_short_ids.push_back(numbers.number(*field));
    }
}

std::vector<std::string> identify(std::vector<PatchedSchema>& patched) {
    std::vector<SchemaDescription*> schemas;
    for (PatchedSchema& item : patched) schemas.push_back(&item.schema);
    std::vector<std::string> hashed = identify_schemas(schemas);
    resolve_named_kinds(schemas);
    return hashed;
}

// The rules on every schema that differs; the first that fails answers alone. Relations are looked up among
// all active types.
Status check(const std::vector<PatchedSchema>& patched, const std::vector<Definition>& active) {
    std::unordered_set<const Definition*> replaced;
    std::vector<Definition> state_definitions;
    for (const PatchedSchema& item : patched) {
        replaced.insert(item.existing);
        state_definitions.push_back({&item.version, &item.schema});
    }
    for (const Definition& definition : active) {
        if (!replaced.contains(&definition)) state_definitions.push_back(definition);
    }
    DefinitionState state(state_definitions, {});
    for (std::size_t i = 0; i < patched.size(); ++i) {
        if (!patched[i].differs) continue;
        CAIRN_TRY(check_changed_schema(state, state.given()[i], *patched[i].existing->schema));
    }
    return {};
}

}  // namespace

Result<SchemaChange> patch_schemas(const Catalog& catalog, std::string_view patch_json, bool set_default) {
    std::vector<Definition> active = active_definitions(catalog);
    std::vector<const SchemaDescription*> schemas;
    for (const Definition& definition : active) schemas.push_back(definition.schema);
    CAIRN_ASSIGN(std::vector<SchemaDescription> texts, apply_schema_patch(patch_json, schemas));
    CAIRN_ASSIGN(std::vector<PatchedSchema> patched, pair_with_existing(std::move(texts), active));
    for (PatchedSchema& item : patched) complete_fields(item);
    std::vector<std::string> hashed = identify(patched);

    CatalogDraft changed(catalog);
    for (PatchedSchema& item : patched) draft_version(item, changed);
    CAIRN_TRY(check(patched, active));
    std::vector<std::string> version_ids, activated;
    for (PatchedSchema& item : patched) {
        if (!item.differs) continue;
        activated.push_back(item.schema.version_id);
        // Repeating a patch whose version was not made active gives that version again: it stays as it is.
        if (changed.has_version(item.schema.version_id)) continue;
        version_ids.push_back(item.schema.version_id);
        changed.add(std::move(item.version), std::move(item.schema));
    }
    if (set_default) {
        for (const std::string& version_id : activated) changed.activate(version_id);
        CAIRN_TRY(changed.check_active(activated));
    }
    return std::move(changed).finish(std::move(version_ids), std::move(hashed));
}

}  // namespace cairn
