#include "cli/collection_info.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "cli/json_text.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

// spec/schema.md section 3, by kind number.
constexpr std::array<std::string_view, 23> kKindNames = {
    "?",       "ID",         "Boolean",   "[Boolean!]", "Int",       "[Int!]",   "Float64",  "[Float64!]",
    "Float32", "[Float32!]", "DateTime",  "String",     "[String!]", "Blob",     "JSON",     "?",
    "?",       "?",          "[Boolean]", "[Int]",      "[Float64]", "[String]", "[Float32]"};

// spec/schema.md section 3, by Typ.
constexpr std::array<std::string_view, 6> kCrdtNames = {"",          "lww",       "object",
                                                        "composite", "pncounter", "pcounter"};

using NamesByRoot = std::map<std::string, std::string, std::less<>>;

// A member that every definition has.
element member(element definition, std::string_view key) {
    element value;
    return definition[key].get(value) == simdjson::SUCCESS ? value : definition;
}

bool is_array_kind(element kind) {
    bool array = false;
    return kind["Array"].get(array) == simdjson::SUCCESS && array;
}

std::string related_name(element kind, const std::string& host, const NamesByRoot& names) {
    const std::string root = text_at(kind, "Root");
    if (!root.empty()) {
        const auto found = names.find(root);
        return found == names.end() ? root : found->second;
    }
    const std::string relative = text_at(kind, "RelativeID");
    return relative.empty() ? host : "Self-" + relative;
}

std::string kind_text(element kind, const std::string& host, const NamesByRoot& names) {
    std::uint64_t number = 0;
    if (kind.get(number) == simdjson::SUCCESS) {
        return std::string(number < kKindNames.size() ? kKindNames[number] : "?");
    }
    if (!kind.is_object()) return {};
    const std::string name = related_name(kind, host, names);
    return is_array_kind(kind) ? "[" + name + "]" : name;
}

struct SchemaField {
    element kind;
    std::uint64_t crdt = 0;
};

// Fields of each schema version: version id -> field name -> what it holds.
using Schemas = std::map<std::string, std::map<std::string, SchemaField, std::less<>>, std::less<>>;

Schemas read_schemas(element definitions) {
    Schemas result;
    for (const element definition : items_of(definitions)) {
        const element schema = member(definition, "schema");
        auto& fields = result[text_at(schema, "VersionID")];
        for (const element field : items_at(schema, "Fields")) {
            element kind;
            if (field["Kind"].get(kind) != simdjson::SUCCESS) continue;
            fields.emplace(text_at(field, "Name"), SchemaField{kind, number_at(field, "Typ")});
        }
    }
    return result;
}

FieldInfo read_field(element field, const CollectionInfo& host, const Schemas& schemas,
                     const NamesByRoot& names) {
    FieldInfo info;
    info.name = text_at(field, "Name");
    info.relation = text_at(field, "RelationName");
    info.on_delete = text_at(field, "OnDelete");
    if (element join; field["Join"].get(join) == simdjson::SUCCESS) {
        info.join_on = text_at(join, "On");
        info.join_references = text_at(join, "References");
    }
    const auto schema = schemas.find(host.version_id);
    if (schema != schemas.end()) {
        if (const auto stored = schema->second.find(info.name); stored != schema->second.end()) {
            info.kind = kind_text(stored->second.kind, host.name, names);
            info.stored = !stored->second.kind.is_object();
            info.crdt = stored->second.crdt < kCrdtNames.size() ? kCrdtNames[stored->second.crdt] : "?";
        }
    }
    element kind;
    if (info.kind.empty() && field["Kind"].get(kind) == simdjson::SUCCESS)
        info.kind = kind_text(kind, host.name, names);
    return info;
}

}  // namespace

std::vector<std::string> CollectionInfo::value_fields() const {
    std::vector<std::string> names;
    for (const auto& field : fields) {
        if (field.stored && field.name != "_docID") names.push_back(field.name);
    }
    return names;
}

Result<std::vector<CollectionInfo>> read_collections(Backend& backend) {
    CAIRN_ASSIGN(const std::string text, backend.describe_definitions({}));
    CAIRN_ASSIGN(const JsonDocument definitions, JsonDocument::parse(text));
    const Schemas schemas = read_schemas(definitions.root());
    NamesByRoot names;
    for (const element definition : items_of(definitions.root())) {
        const element collection = member(definition, "version");
        names.emplace(text_at(collection, "CollectionID"), text_at(collection, "Name"));
    }
    std::vector<CollectionInfo> result;
    for (const element definition : items_of(definitions.root())) {
        const element collection = member(definition, "version");
        CollectionInfo info{text_at(collection, "Name"), text_at(collection, "VersionID"), {}};
        for (const element field : items_at(collection, "Fields")) {
            info.fields.push_back(read_field(field, info, schemas, names));
        }
        result.push_back(std::move(info));
    }
    return result;
}

Result<CollectionInfo> find_collection(Backend& backend, const std::string& name) {
    CAIRN_ASSIGN(const auto collections, read_collections(backend));
    for (const auto& collection : collections) {
        if (collection.name == name) return collection;
    }
    return std::unexpected(unknown_collection(name));
}

}  // namespace cairn::cli
