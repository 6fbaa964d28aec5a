#include "collections/schema_builder.h"

#include <unordered_map>
#include <utility>

#include "collections/schema_change.h"
#include "collections/schema_fields.h"
#include "collections/schema_indexes.h"
#include "collections/schema_kinds.h"
#include "collections/schema_sets.h"

namespace cairn {

namespace {

// Relations in the collections' own lists (spec/blocks.md 4.5, last paragraph): to the type itself, else by
// root, also within a set. Types of this call come before those of earlier ones.
void resolve_collection_kinds(std::vector<SchemaDraft>& drafts, const std::vector<Definition>& existing) {
    std::unordered_map<std::string_view, const std::string*> roots;
    for (const SchemaDraft& draft : drafts) roots.emplace(draft.schema.name, &draft.schema.root);
    for (const Definition& definition : existing)
        roots.emplace(definition.version->name, &definition.schema->root);
    for (SchemaDraft& draft : drafts) {
        for (CollectionFieldDescription& field : draft.version.fields) {
            auto* kind = field.kind ? std::get_if<ObjectKind>(&*field.kind) : nullptr;
            if (kind == nullptr) continue;
            if (kind->text == draft.schema.name) {
                *kind = {ObjectKind::Form::self, "", kind->array};
            } else if (auto root = roots.find(kind->text); root != roots.end()) {
                *kind = {ObjectKind::Form::root, *root->second, kind->array};
            }
        }
    }
}

std::vector<std::string> identify(std::vector<SchemaDraft>& drafts, const std::vector<Definition>& existing) {
    // Each junction is hashed by itself: the identifiers of the given types are those that they would have
    // without it.
    std::vector<SchemaDescription*> schemas, junctions;
    for (SchemaDraft& draft : drafts) (draft.is_junction ? junctions : schemas).push_back(&draft.schema);
    std::vector<std::string> hashed = identify_schemas(schemas);
    for (SchemaDescription*& junction : junctions) {
        for (std::string& text : identify_schemas({&junction, 1})) hashed.push_back(std::move(text));
    }
    schemas.insert(schemas.end(), junctions.begin(), junctions.end());
    resolve_named_kinds(schemas);
    resolve_collection_kinds(drafts, existing);
    for (SchemaDraft& draft : drafts) {
        draft.version.version_id = draft.schema.version_id;
        draft.version.collection_id = draft.schema.root;
    }
    return hashed;
}

// Fields count from 1 in the order of the collection's list; a name that stands twice has one number.
void number_fields(CollectionVersionDescription& version) {
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    for (const CollectionFieldDescription& field : version.fields) {
        auto next = static_cast<std::uint32_t>(numbers.size()) + 1;
        version.field_short_ids.push_back(numbers.emplace(field.name, next).first->second);
    }
}

Status add_indexes(const TypeDefinition& type, SchemaDraft& draft) {
    if (type.indexes.empty()) return {};
    IndexBuilder builder(draft.schema, draft.version);
    for (const IndexDirective& directive : type.indexes) CAIRN_TRY(builder.add(directive));
    return {};
}

// A type that was deactivated leaves its versions behind: the same definition again would be the same
// version.
Status check_new_ids(const CatalogDraft& catalog, const std::vector<SchemaDraft>& drafts) {
    for (const SchemaDraft& draft : drafts) {
        if (!catalog.has_version(draft.schema.version_id)) continue;
        return fail(ErrorCode::already_exists, "collection already exists. ID: " + draft.schema.version_id);
    }
    return {};
}

// Stages 4 to 6 of spec/schema.md section 2.
Result<SchemaChange> add_drafts(const Catalog& catalog, const std::vector<TypeDefinition>& types,
                                std::vector<SchemaDraft> drafts) {
    std::vector<Definition> existing = active_definitions(catalog);
    std::vector<std::string> hashed = identify(drafts, existing);
    std::vector<Definition> given;
    for (const SchemaDraft& draft : drafts) given.push_back({&draft.version, &draft.schema});
    CAIRN_TRY(check_definitions(DefinitionState(given, existing)));
    CatalogDraft changed(catalog);
    CAIRN_TRY(check_new_ids(changed, drafts));
    for (std::size_t i = 0; i < types.size(); ++i) CAIRN_TRY(add_indexes(types[i], drafts[i]));
    for (const Definition& definition : given) CAIRN_TRY(check_api(definition));

    std::vector<std::string> version_ids;
    std::uint32_t next_short_id = catalog.next_collection_short_id();
    for (SchemaDraft& draft : drafts) {
        draft.version.short_id = next_short_id++;
        number_fields(draft.version);
        version_ids.push_back(draft.version.version_id);
        changed.add(std::move(draft.version), std::move(draft.schema));
    }
    return std::move(changed).finish(std::move(version_ids), std::move(hashed));
}

}  // namespace

Result<SchemaChange> add_types(const Catalog& catalog, const std::vector<TypeDefinition>& types) {
    return add_drafts(catalog, types, draft_types(types));
}

Result<SchemaChange> add_view_types(const Catalog& catalog, const std::vector<TypeDefinition>& types,
                                    std::string_view query) {
    if (!is_valid_utf8(query))
        return fail(ErrorCode::invalid_argument, "the query of a view is not valid UTF-8");
    std::vector<SchemaDraft> drafts = draft_types(types);
    for (SchemaDraft& draft : drafts) {
        draft.version.is_view = true;
        draft.version.view_query = std::string(query);
    }
    return add_drafts(catalog, types, std::move(drafts));
}

Result<SchemaChange> set_active_version(const Catalog& catalog, std::string_view version_id) {
    if (version_id.empty()) return fail(ErrorCode::invalid_argument, "schema version ID can't be empty");
    CatalogDraft changed(catalog);
    if (!changed.has_version(version_id)) return fail(ErrorCode::not_found, "key not found");
    changed.activate(version_id);
    CAIRN_TRY(changed.check_active({std::string(version_id)}));
    return std::move(changed).finish({}, {});
}

}  // namespace cairn
