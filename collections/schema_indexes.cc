#include "collections/schema_indexes.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "collections/schema_kinds.h"

namespace cairn {

namespace {

const SchemaField* find_field(const SchemaDescription& schema, std::string_view name) {
    auto it = std::find_if(schema.fields.begin(), schema.fields.end(),
                           [&](const SchemaField& field) { return field.name == name; });
    return it == schema.fields.end() ? nullptr : &*it;
}

// The fields as they are stored: a relation by its key. Errors name the first bad one.
Result<std::vector<IndexFieldDescription>> stored_fields(const std::vector<IndexFieldDescription>& fields,
                                                         const SchemaDescription& schema) {
    std::vector<IndexFieldDescription> stored;
    for (const IndexFieldDescription& field : fields) {
        const SchemaField* found = find_field(schema, field.name);
        std::string name = field.name;
        if (found != nullptr && object_kind(*found) != nullptr) {
            name += "_id";
            found = find_field(schema, name);
        }
        if (found == nullptr) {
            return fail(ErrorCode::invalid_argument,
                        "creating an index on a non-existing property. Field: " + field.name);
        }
        stored.push_back({std::move(name), field.descending});
    }
    return stored;
}

Status check_kinds(const std::vector<IndexFieldDescription>& fields, const SchemaDescription& schema) {
    for (const IndexFieldDescription& field : fields) {
        const SchemaField& found = *find_field(schema, field.name);
        if (object_kind(found) == nullptr && std::get<FieldKind>(found.kind) != FieldKind::none) continue;
        return fail(ErrorCode::invalid_argument, "unsupported index field type. Kind: " + kind_text(found));
    }
    return {};
}

// The lowest free name of the row `<Collection>_<field>_ASC`, `…_2`, `…_3`.
std::string generated_name(const CollectionVersionDescription& version, const std::string& first_field) {
    std::unordered_set<std::string_view> taken;
    for (const IndexDescription& index : version.indexes) taken.insert(index.name);
    const std::string base = version.name + "_" + first_field + "_ASC";
    std::string name = base;
    for (std::size_t number = 2; taken.contains(name); ++number) name = base + "_" + std::to_string(number);
    return name;
}

}  // namespace

Result<std::size_t> add_index(const IndexDirective& directive, const SchemaDescription& schema,
                              CollectionVersionDescription& version) {
    if (!directive.name.empty() && !is_graphql_name(directive.name)) {
        return fail(ErrorCode::invalid_argument, "index with invalid name. Name: " + directive.name);
    }
    if (directive.fields.empty()) return fail(ErrorCode::invalid_argument, "index missing fields");
    for (const IndexFieldDescription& field : directive.fields) {
        if (field.name.empty()) return fail(ErrorCode::invalid_argument, "index field missing name");
    }
    CAIRN_ASSIGN(std::vector<IndexFieldDescription> fields, stored_fields(directive.fields, schema));
    IndexDescription index{directive.name, version.next_index_id, std::move(fields), directive.unique};
    if (index.name.empty()) {
        index.name = generated_name(version, index.fields.front().name);
    } else if (std::any_of(version.indexes.begin(), version.indexes.end(),
                           [&](const IndexDescription& other) { return other.name == index.name; })) {
        return fail(ErrorCode::invalid_argument, "index with name already exists. Name: " + index.name);
    }
    CAIRN_TRY(check_kinds(index.fields, schema));
    ++version.next_index_id;
    version.indexes.push_back(std::move(index));
    return version.indexes.size() - 1;
}

}  // namespace cairn
