#include "collections/patched_collections.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/json_patch.h"

namespace cairn {

namespace {

using Json = nlohmann::json;

// Keys match as encoding/json matches them: without regard to case; of several the last counts.
const Json* member(const Json& object, std::string_view wanted) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const Json* found = nullptr;
    for (const auto& [key, value] : object.items()) {
        bool same = std::equal(key.begin(), key.end(), wanted.begin(), wanted.end(),
                               [&](char a, char b) { return lower(a) == lower(b); });
        if (same && !value.is_null()) found = &value;
    }
    return found;
}

std::unexpected<Error> wrong_type(const Json& value, std::string_view place, std::string_view type) {
    return fail(
        ErrorCode::invalid_argument,
        cannot_unmarshal(value, fmt::format("struct field collectionVersion.{} of type {}", place, type)));
}

Status read_text(const Json& object, std::string_view key, std::string_view place, std::string& out) {
    const Json* value = member(object, key);
    if (value == nullptr) return {};
    if (!value->is_string()) return wrong_type(*value, place, "string");
    out = value->get<std::string>();
    return {};
}

Status read_flag(const Json& object, std::string_view key, bool& out) {
    const Json* value = member(object, key);
    if (value == nullptr) return {};
    if (!value->is_boolean()) return wrong_type(*value, key, "bool");
    out = value->get<bool>();
    return {};
}

Status read_list(const Json& object, std::string_view key, Json& out) {
    const Json* value = member(object, key);
    if (value == nullptr) return {};
    if (!value->is_array()) return wrong_type(*value, key, "[]interface {}");
    out = *value;
    return {};
}

Result<EmbeddingDescription> read_embedding(const Json& json) {
    EmbeddingDescription embedding;
    if (!json.is_object()) return wrong_type(json, "VectorEmbeddings", "client.VectorEmbeddingDescription");
    CAIRN_TRY(read_text(json, "FieldName", "VectorEmbeddings.FieldName", embedding.field_name));
    CAIRN_TRY(read_text(json, "Model", "VectorEmbeddings.Model", embedding.model));
    CAIRN_TRY(read_text(json, "Provider", "VectorEmbeddings.Provider", embedding.provider));
    CAIRN_TRY(read_text(json, "Template", "VectorEmbeddings.Template", embedding.template_text));
    CAIRN_TRY(read_text(json, "URL", "VectorEmbeddings.URL", embedding.url));
    Json fields = Json::array();
    CAIRN_TRY(read_list(json, "Fields", fields));
    for (const Json& field : fields) {
        if (!field.is_string()) return wrong_type(field, "VectorEmbeddings.Fields", "string");
        embedding.fields.push_back(field.get<std::string>());
    }
    return embedding;
}

Status check_sources(const Json& sources) {
    for (const Json& source : sources) {
        bool known = source.is_object() && (member(source, "SourceCollectionID") || member(source, "Query"));
        if (!known) return fail(ErrorCode::invalid_argument, "failed to unmarshal collection json");
    }
    return {};
}

Result<PatchedCollection> read_entry(const Json& json) {
    PatchedCollection entry;
    entry.sources = entry.fields = entry.indexes = Json::array();
    if (json.is_null()) return entry;
    if (!json.is_object())
        return fail(ErrorCode::invalid_argument,
                    cannot_unmarshal(json, "value of type client.collectionVersion"));
    CAIRN_TRY(read_text(json, "Name", "Name", entry.name));
    CAIRN_TRY(read_text(json, "VersionID", "VersionID", entry.version_id));
    CAIRN_TRY(read_text(json, "CollectionID", "CollectionID", entry.collection_id));
    CAIRN_TRY(read_flag(json, "IsActive", entry.is_active));
    CAIRN_TRY(read_flag(json, "IsMaterialized", entry.is_materialized));
    CAIRN_TRY(read_flag(json, "IsBranchable", entry.is_branchable));
    CAIRN_TRY(read_flag(json, "IsEmbeddedOnly", entry.is_embedded_only));
    CAIRN_TRY(read_list(json, "Sources", entry.sources));
    CAIRN_TRY(read_list(json, "Fields", entry.fields));
    CAIRN_TRY(read_list(json, "Indexes", entry.indexes));
    CAIRN_TRY(check_sources(entry.sources));
    if (const Json* policy = member(json, "Policy")) entry.policy = *policy;
    Json embeddings = Json::array();
    CAIRN_TRY(read_list(json, "VectorEmbeddings", embeddings));
    for (const Json& item : embeddings) {
        CAIRN_ASSIGN(EmbeddingDescription embedding, read_embedding(item));
        entry.embeddings.push_back(std::move(embedding));
    }
    return entry;
}

Json json_of(const CollectionVersionDescription& version) {
    // What the store holds is valid JSON; a damaged text gives a discarded value, which no patch fits.
    return Json::parse(Catalog::version_json(version), nullptr, /*allow_exceptions=*/false);
}

}  // namespace

Result<PatchedCollection> describe_for_patch(const CollectionVersionDescription& version) {
    return read_entry(json_of(version));
}

Result<std::vector<PatchedCollection>> apply_collection_patch(
    std::string_view patch_json, const std::vector<CollectionVersionDescription>& versions) {
    CAIRN_ASSIGN(std::vector<PatchOperation> operations, parse_json_patch(patch_json));
    Json document = Json::object();
    for (const CollectionVersionDescription& version : versions)
        document[version.version_id] = json_of(version);
    CAIRN_TRY(apply_json_patch(operations, document));
    if (!document.is_object()) {
        return fail(ErrorCode::invalid_argument,
                    cannot_unmarshal(document, "value of type map[string]client.collectionVersion"));
    }
    std::vector<PatchedCollection> entries;
    for (const Json& item : document) {
        CAIRN_ASSIGN(PatchedCollection entry, read_entry(item));
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace cairn
