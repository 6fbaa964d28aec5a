#include "collections/schema_change.h"

#include <algorithm>
#include <utility>

#include "collections/schema_joins.h"
#include "collections/schema_kinds.h"

namespace cairn {

std::vector<Definition> active_definitions(const Catalog& catalog) {
    std::vector<Definition> active;
    for (const CollectionVersionDescription& version : catalog.versions()) {
        if (version.is_active) active.push_back({&version, catalog.schema(version.version_id)});
    }
    return active;
}

CatalogDraft::CatalogDraft(const Catalog& catalog) : next_version_(catalog.version() + 1) {
    versions_.reserve(catalog.versions().size() + 1);
    for (const SchemaDescription& schema : catalog.schemas()) {
        schema_by_id_.emplace(schema.version_id, schemas_.size());
        schemas_.push_back(schema);
    }
    for (const CollectionVersionDescription& version : catalog.versions()) {
        by_id_.emplace(version.version_id, versions_.size());
        by_collection_[version.collection_id].push_back(versions_.size());
        versions_.push_back(version);
    }
}

void CatalogDraft::add(CollectionVersionDescription version, SchemaDescription schema) {
    by_id_.emplace(version.version_id, versions_.size());
    by_collection_[version.collection_id].push_back(versions_.size());
    schema_by_id_.emplace(schema.version_id, schemas_.size());
    versions_.push_back(std::move(version));
    schemas_.push_back(std::move(schema));
}

const SchemaDescription* CatalogDraft::schema(std::string_view version_id) const {
    auto it = schema_by_id_.find(std::string(version_id));
    return it == schema_by_id_.end() ? nullptr : &schemas_[it->second];
}

void CatalogDraft::activate(std::string_view version_id) {
    CollectionVersionDescription& version = versions_[by_id_.at(std::string(version_id))];
    for (std::size_t index : by_collection_[version.collection_id]) versions_[index].is_active = false;
    version.is_active = true;
}

Status CatalogDraft::check_active(const std::vector<std::string>& version_ids) const {
    std::unordered_map<std::string_view, std::size_t> active_names;
    for (const CollectionVersionDescription& version : versions_) {
        if (version.is_active) ++active_names[version.name];
    }
    for (const std::string& version_id : version_ids) {
        const CollectionVersionDescription& version = versions_[by_id_.at(version_id)];
        if (active_names.at(version.name) > 1) {
            return fail(ErrorCode::invalid_argument, "collection already exists. Name: " + version.name);
        }
        CAIRN_TRY(check_api({&version, schema(version_id)}));
    }
    return check_active_joins();
}

// Another version of the joined collection may lack a field, or have it of another kind.
Status CatalogDraft::check_active_joins() const {
    std::vector<Definition> active;
    bool any = false;
    for (const CollectionVersionDescription& version : versions_) {
        if (!version.is_active) continue;
        active.push_back({&version, schema(version.version_id)});
        any = any || has_joins(version);
    }
    return any ? check_joins(DefinitionState(active, {})) : Status();
}

Result<SchemaChange> CatalogDraft::finish(std::vector<std::string> version_ids,
                                          std::vector<std::string> hashed_json) && {
    CAIRN_ASSIGN(std::shared_ptr<const Catalog> catalog,
                 Catalog::build(next_version_, std::move(versions_), std::move(schemas_)));
    return SchemaChange{std::move(catalog), std::move(version_ids), std::move(hashed_json)};
}

CatalogDraft::FieldNumbers::FieldNumbers(const CatalogDraft& draft, std::string_view collection_id) {
    auto collection = draft.by_collection_.find(std::string(collection_id));
    if (collection == draft.by_collection_.end()) return;
    for (std::size_t index : collection->second) {
        const CollectionVersionDescription& version = draft.versions_[index];
        std::unordered_map<std::string_view, const SchemaField*> on_schema;
        if (const SchemaDescription* schema = draft.schema(version.version_id)) {
            for (const SchemaField& field : schema->fields) on_schema.emplace(field.name, &field);
        }
        for (std::size_t i = 0; i < version.fields.size(); ++i) {
            auto field = on_schema.find(version.fields[i].name);
            const SchemaField* found = field == on_schema.end() ? nullptr : field->second;
            numbers_.emplace(key(version.fields[i].name, found), version.field_short_ids[i]);
            next_ = std::max(next_, version.field_short_ids[i] + 1);
        }
    }
}

std::uint32_t CatalogDraft::FieldNumbers::number(const SchemaField& field) {
    auto [it, added] = numbers_.emplace(key(field.name, &field), next_);
    if (added) ++next_;
    return it->second;
}

std::string CatalogDraft::FieldNumbers::key(std::string_view name, const SchemaField* field) {
    std::string key(name);
    key += '\0';  // no field name holds it
    if (field != nullptr) {
        append_kind_json(*field, key);
        key.append(":").append(std::to_string(field->crdt));
    }
    return key;
}

}  // namespace cairn
