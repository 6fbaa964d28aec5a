// JSON of the descriptions as the API shows them (spec/schema.md section 8): written by hand, since order of
// keys and escapes are fixed.
#include "collections/catalog.h"
#include "collections/schema_builder.h"
#include "collections/schema_kinds.h"

namespace cairn {

namespace {

void append_bool(bool value, std::string& out) {
    out += value ? "true" : "false";
}

void append_key_string(std::string_view key, std::string_view text, std::string& out) {
    out.append("\"").append(key).append("\":");
    append_json_string(text, out);
}

template <typename Items, typename Append>
void append_list(const Items& items, std::string& out, Append append_item) {
    out += '[';
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        append_item(item);
    }
    out += ']';
}

void append_sources(const CollectionVersionDescription& version, std::string_view view_query_json,
                    std::string& out) {
    out += '[';
    if (!version.previous_version_id.empty()) {
        out += '{';
        append_key_string("SourceCollectionID", version.previous_version_id, out);
        out += ",\"Transform\":null}";
    }
    if (version.is_view) {
        if (!version.previous_version_id.empty()) out += ',';
        out.append("{\"Query\":").append(view_query_json).append(",\"Transform\":null}");
    }
    out += ']';
}

void append_field(const CollectionFieldDescription& field, std::string& out) {
    out += '{';
    append_key_string("Name", field.name, out);
    out += ",\"Kind\":";
    if (!field.kind) {
        out += "null";
    } else if (const ObjectKind* object = object_kind(field)) {
        append_kind_json(*object, out);
    } else {
        out += std::to_string(static_cast<int>(std::get<FieldKind>(*field.kind)));
    }
    out += ",\"RelationName\":";
    if (field.relation_name) {
        append_json_string(*field.relation_name, out);
    } else {
        out += "null";
    }
    out += ",\"DefaultValue\":";
    if (field.default_value) {
        append_json(*field.default_value, out);
    } else {
        out += "null";
    }
    out += ",\"Size\":";
    out += std::to_string(field.size);
    if (field.on_delete != DeleteRule::none) {
        out += ',';
        append_key_string("OnDelete", delete_rule_name(field.on_delete), out);
    }
    if (field.join) {
        out += ",\"Join\":{";
        append_key_string("On", field.join->on, out);
        out += ',';
        append_key_string("References", field.join->references, out);
        out += '}';
    }
    out += '}';
}

void append_index(const IndexDescription& index, std::string& out) {
    out += '{';
    append_key_string("Name", index.name, out);
    out += ",\"ID\":";
    out += std::to_string(index.id);
    out += ",\"Fields\":";
    append_list(index.fields, out, [&](const IndexFieldDescription& field) {
        out += '{';
        append_key_string("Name", field.name, out);
        out += ",\"Descending\":";
        append_bool(field.descending, out);
        out += '}';
    });
    out += ",\"Unique\":";
    append_bool(index.unique, out);
    out += '}';
}

void append_embedding(const EmbeddingDescription& embedding, std::string& out) {
    out += '{';
    append_key_string("FieldName", embedding.field_name, out);
    out += ",\"Fields\":";
    append_list(embedding.fields, out, [&](const std::string& name) { append_json_string(name, out); });
    out += ',';
    append_key_string("Model", embedding.model, out);
    out += ',';
    append_key_string("Provider", embedding.provider, out);
    out += ',';
    append_key_string("Template", embedding.template_text, out);
    out += ',';
    append_key_string("URL", embedding.url, out);
    out += '}';
}

}  // namespace

std::string Catalog::version_json(const CollectionVersionDescription& version,
                                  std::string_view view_query_json) {
    std::string out = "{";
    append_key_string("Name", version.name, out);
    out += ',';
    append_key_string("VersionID", version.version_id, out);
    out += ',';
    append_key_string("CollectionID", version.collection_id, out);
    out += ",\"Sources\":";
    append_sources(version, view_query_json, out);
    out += ",\"Fields\":";
    append_list(version.fields, out,
                [&](const CollectionFieldDescription& field) { append_field(field, out); });
    out += ",\"Indexes\":";
    append_list(version.indexes, out, [&](const IndexDescription& index) { append_index(index, out); });
    out += ",\"Policy\":";
    if (version.policy) {
        out += '{';
        append_key_string("ID", version.policy->id, out);
        out += ',';
        append_key_string("ResourceName", version.policy->resource_name, out);
        out += '}';
    } else {
        out += "null";
    }
    out += ",\"IsActive\":";
    append_bool(version.is_active, out);
    out += ",\"IsMaterialized\":";
    append_bool(version.is_materialized, out);
    out += ",\"IsBranchable\":";
    append_bool(version.is_branchable, out);
    out += ",\"IsEmbeddedOnly\":";
    append_bool(version.is_embedded_only, out);
    out += ",\"VectorEmbeddings\":";
    append_list(version.embeddings, out,
                [&](const EmbeddingDescription& embedding) { append_embedding(embedding, out); });
    out += '}';
    return out;
}

std::string Catalog::index_json(const IndexDescription& index) {
    std::string out;
    append_index(index, out);
    return out;
}

// The API shows exactly what is hashed (spec/blocks.md 4.1).
std::string Catalog::schema_json(const SchemaDescription& schema) {
    return schema_hash_json(schema);
}

std::string schema_hash_json(const SchemaDescription& schema) {
    std::string out = "{";
    append_key_string("Root", schema.root, out);
    out += ',';
    append_key_string("VersionID", schema.version_id, out);
    out += ',';
    append_key_string("Name", schema.name, out);
    out += ",\"Fields\":";
    append_list(schema.fields, out, [&](const SchemaField& field) {
        out += '{';
        append_key_string("Name", field.name, out);
        out += ",\"Kind\":";
        append_kind_json(field, out);
        out += ",\"Typ\":";
        out += std::to_string(field.crdt);
        out += '}';
    });
    out += '}';
    return out;
}

}  // namespace cairn
