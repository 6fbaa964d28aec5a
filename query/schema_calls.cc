// Calls of a transaction that change or describe the schema.
#include <algorithm>

#include "collections/collection_patch.h"
#include "collections/schema_builder.h"
#include "query/database_impl.h"
#include "query/sdl.h"

namespace cairn {
namespace {

using Version = CollectionVersionDescription;

std::string version_array(const Catalog& catalog, const std::vector<std::string>& ids) {
    std::string json = "[";
    for (const std::string& id : ids) {
        for (const Version& version : catalog.versions()) {
            if (version.version_id != id) continue;
            if (json.size() > 1) json += ',';
            json += Catalog::version_json(version);
        }
    }
    return json + "]";
}

std::string definition_json(const Catalog& catalog, const Version& version) {
    const SchemaDescription* schema = catalog.schema(version.version_id);
    return "{\"version\":" + Catalog::version_json(version) + ",\"schema\":" +
           (schema != nullptr ? Catalog::schema_json(*schema)
                              : std::string(R"({"Root":"","VersionID":"","Name":"","Fields":null})")) +
           "}";
}

// The versions that a selector chooses, in the order of spec/schema.md section 9.
Result<std::vector<const Version*>> select_versions(const Catalog& catalog,
                                                    const CollectionSelector& selector) {
    std::vector<const Version*> chosen;
    bool by_version = !selector.name && selector.version_id;
    for (const Version& version : catalog.versions()) {
        bool fits;
        if (selector.name) {
            fits = version.is_active && version.name == *selector.name &&
                   (!selector.version_id || version.version_id == *selector.version_id);
        } else if (by_version) {
            fits = version.version_id == *selector.version_id;
        } else {
            fits = (version.is_active || selector.include_inactive) &&
                   (!selector.collection_id || version.collection_id == *selector.collection_id);
        }
        if (fits) chosen.push_back(&version);
    }
    if (by_version && chosen.empty()) return fail(ErrorCode::not_found, "key not found");
    if (!selector.name && !by_version && selector.collection_id) {  // the root version comes first
        std::stable_partition(chosen.begin(), chosen.end(), [](const Version* version) {
            return version->version_id == version->collection_id;
        });
    }
    return chosen;
}

}  // namespace

Result<std::string> Transaction::add_schema(std::string_view sdl) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::string> {
        CAIRN_ASSIGN(auto types_now, impl_->database->schema(transaction.catalog_pointer()));
        CAIRN_ASSIGN(std::vector<TypeDefinition> types, query::parse_sdl(sdl, *types_now));
        CAIRN_ASSIGN(SchemaChange change, add_types(transaction.catalog(), types));
        if (change.version_ids.empty()) return "[]";
        CAIRN_TRY(impl_->database->change_catalog(transaction, change.catalog));
        return version_array(*change.catalog, change.version_ids);
    });
}

Result<std::string> Transaction::patch_schema(std::string_view patch_json, bool set_default) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::string> {
        CAIRN_ASSIGN(SchemaChange change, patch_schemas(transaction.catalog(), patch_json, set_default));
        CAIRN_TRY(impl_->database->change_catalog(transaction, change.catalog));
        return version_array(*change.catalog, change.version_ids);
    });
}

Status Transaction::patch_collections(std::string_view patch_json) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(SchemaChange change, cairn::patch_collections(transaction.catalog(), patch_json));
        return impl_->database->change_catalog(transaction, change.catalog);
    });
}

Status Transaction::set_default_schema(std::string_view version_id) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(SchemaChange change, set_active_version(transaction.catalog(), version_id));
        return impl_->database->change_catalog(transaction, change.catalog);
    });
}

Result<std::string> Transaction::describe_definitions(const CollectionSelector& selector) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    CAIRN_ASSIGN(std::vector<const Version*> versions, select_versions(transaction->catalog(), selector));
    std::string json = "[";
    for (const Version* version : versions) {
        if (json.size() > 1) json += ',';
        json += definition_json(transaction->catalog(), *version);
    }
    return json + "]";
}

Result<std::string> Transaction::describe_schemas(const SchemaSelector& selector) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    std::string json = "[";
    for (const SchemaDescription& schema : transaction->catalog().schemas()) {
        bool fits = selector.version_id ? schema.version_id == *selector.version_id
                    : selector.root     ? schema.root == *selector.root
                                        : !selector.name || schema.name == *selector.name;
        if (!fits) continue;
        if (json.size() > 1) json += ',';
        json += Catalog::schema_json(schema);
    }
    if (selector.version_id && json.size() == 1) return fail(ErrorCode::not_found, "key not found");
    return json + "]";
}

}  // namespace cairn
