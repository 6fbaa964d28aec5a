// Short ways to write type definitions as plain values, for the schema tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "collections/schema_builder.h"

namespace cairn::testing {

inline FieldDefinition scalar(std::string name, FieldKind kind = FieldKind::string) {
    FieldDefinition field;
    field.name = std::move(name);
    field.kind = kind;
    return field;
}

// f: Target
inline FieldDefinition one(std::string name, std::string target) {
    FieldDefinition field;
    field.name = std::move(name);
    field.type_name = std::move(target);
    return field;
}

// f: [Target]
inline FieldDefinition many(std::string name, std::string target) {
    FieldDefinition field = one(std::move(name), std::move(target));
    field.relation_many = true;
    return field;
}

inline FieldDefinition primary(FieldDefinition field) {
    field.primary = true;
    return field;
}

inline FieldDefinition related(FieldDefinition field, std::string relation_name) {
    field.relation_name = std::move(relation_name);
    return field;
}

inline TypeDefinition type(std::string name, std::vector<FieldDefinition> fields = {}) {
    TypeDefinition definition;
    definition.name = std::move(name);
    definition.fields = std::move(fields);
    return definition;
}

inline TypeDefinition interface(std::string name, std::vector<FieldDefinition> fields = {}) {
    TypeDefinition definition = type(std::move(name), std::move(fields));
    definition.is_interface = true;
    return definition;
}

using CatalogPtr = std::shared_ptr<const Catalog>;

// The catalog after a change that must succeed; empty when it does not.
inline CatalogPtr catalog_of(const Result<SchemaChange>& change) {
    EXPECT_TRUE(change.has_value()) << change.error().message;
    return change ? change->catalog : Catalog::empty();
}

inline CatalogPtr with_types(const std::vector<TypeDefinition>& types,
                             const CatalogPtr& before = Catalog::empty()) {
    return catalog_of(add_types(*before, types));
}

inline CatalogPtr with_patch(const CatalogPtr& before, std::string_view patch, bool set_default = true) {
    return catalog_of(patch_schemas(*before, patch, set_default));
}

// The message of a change that must be refused.
template <typename T>
std::string error_of(const Result<T>& result) {
    return result ? "(succeeded)" : result.error().message;
}

inline std::string add_error(const std::vector<TypeDefinition>& types,
                             const CatalogPtr& before = Catalog::empty()) {
    return error_of(add_types(*before, types));
}

inline std::string patch_error(const CatalogPtr& before, std::string_view patch, bool set_default = true) {
    return error_of(patch_schemas(*before, patch, set_default));
}

// A collection that must be active.
inline const Collection& active(const CatalogPtr& catalog, std::string_view name) {
    static const Collection none;
    int index = catalog->collection_index(name);
    EXPECT_GE(index, 0) << name;
    return index < 0 ? none : catalog->collection(index);
}

inline const Field& field(const Collection& collection, std::string_view name) {
    static const Field none;
    const Field* found = collection.find(name);
    EXPECT_NE(found, nullptr) << collection.name << "." << name;
    return found == nullptr ? none : *found;
}

inline const SchemaDescription& schema(const CatalogPtr& catalog, std::string_view name) {
    static const SchemaDescription none;
    const SchemaDescription* found = catalog->schema(active(catalog, name).version_id);
    EXPECT_NE(found, nullptr) << name;
    return found == nullptr ? none : *found;
}

template <typename Fields>
std::string names(const Fields& fields) {
    std::string text;
    for (const auto& item : fields) text += (text.empty() ? "" : " ") + item.name;
    return text;
}

inline const CollectionVersionDescription& version(const CatalogPtr& catalog, std::string_view version_id) {
    static const CollectionVersionDescription none;
    for (const CollectionVersionDescription& item : catalog->versions()) {
        if (item.version_id == version_id) return item;
    }
    ADD_FAILURE() << "no version " << version_id;
    return none;
}

}  // namespace cairn::testing
