#include "collections/schema_indexes.h"

#include <utility>

#include "collections/schema_kinds.h"

namespace cairn {

IndexBuilder::IndexBuilder(const SchemaDescription& schema, CollectionVersionDescription& version)
    : version_(version) {
    for (const SchemaField& field : schema.fields) fields_.emplace(field.name, &field);
    for (const IndexDescription& index : version.indexes) names_.insert(index.name);
}

const SchemaField* IndexBuilder::find_field(std::string_view name) const {
    auto it = fields_.find(name);
    return it == fields_.end() ? nullptr : it->second;
}

// The fields as they are stored: a relation by its key. Errors name the first bad one.
Result<std::vector<IndexFieldDescription>> IndexBuilder::stored_fields(
    const std::vector<IndexFieldDescription>& fields) const {
    std::vector<IndexFieldDescription> stored;
    stored.reserve(fields.size());
    for (const IndexFieldDescription& field : fields) {
        const SchemaField* found = find_field(field.name);
        std::string name = field.name;
        if (found != nullptr && object_kind(*found) != nullptr) {
            name += "_id";
            found = find_field(name);
        }
        if (found == nullptr) {
            return fail(ErrorCode::invalid_argument,
                        "creating an index on a non-existing property. Field: " + field.name);
        }
        stored.push_back({std::move(name), field.descending});
    }
    return stored;
}

Status IndexBuilder::check_kinds(const std::vector<IndexFieldDescription>& fields) const {
    for (const IndexFieldDescription& field : fields) {
        const SchemaField& found = *find_field(field.name);
        if (object_kind(found) == nullptr && std::get<FieldKind>(found.kind) != FieldKind::none) continue;
        return fail(ErrorCode::invalid_argument, "unsupported index field type. Kind: " + kind_text(found));
    }
    return {};
}

// The lowest free name of the row `<Collection>_<field>_ASC`, `…_2`, `…_3`.
std::string IndexBuilder::generated_name(const std::string& first_field) {
    const std::string base = version_.name + "_" + first_field + "_ASC";
    std::size_t& number = next_numbers_.try_emplace(base, 1).first->second;
    std::string name = number == 1 ? base : base + "_" + std::to_string(number);
    while (names_.contains(name)) name = base + "_" + std::to_string(++number);
    return name;
}

Result<std::size_t> IndexBuilder::add(const IndexDirective& directive) {
    if (!directive.name.empty() && !is_graphql_name(directive.name)) {
        return fail(ErrorCode::invalid_argument, "index with invalid name. Name: " + directive.name);
    }
    if (directive.fields.empty()) return fail(ErrorCode::invalid_argument, "index missing fields");
    for (const IndexFieldDescription& field : directive.fields) {
        if (field.name.empty()) return fail(ErrorCode::invalid_argument, "index field missing name");
    }
    CAIRN_ASSIGN(std::vector<IndexFieldDescription> fields, stored_fields(directive.fields));
    std::string name = directive.name.empty() ? generated_name(fields.front().name) : directive.name;
    if (names_.contains(name)) {
        return fail(ErrorCode::invalid_argument, "index with name already exists. Name: " + name);
    }
    CAIRN_TRY(check_kinds(fields));
    names_.insert(name);
    version_.indexes.push_back(
        {std::move(name), version_.next_index_id++, std::move(fields), directive.unique});
    return version_.indexes.size() - 1;
}

}  // namespace cairn
