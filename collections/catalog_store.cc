// The catalog's stored JSON (collections/README.md, "The catalog record"): lossless, of our own shape, read
// and written by nlohmann::json.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "collections/catalog.h"
#include "collections/json_nesting.h"
#include "dag/limits.h"

namespace cairn {

namespace {

using Json = nlohmann::json;

constexpr int kStoredFormat = 1;

// Thrown inside this file for a record that is JSON but not a catalog; caught at its border.
struct BadRecord {
    std::string what;
};

// ---- values: null, booleans and strings as they are; everything else an array that begins with its type
// ----

Json value_to_json(const Value& value) {
    struct Visitor {
        Json operator()(std::monostate) const { return nullptr; }
        Json operator()(bool v) const { return v; }
        Json operator()(std::int64_t v) const { return Json::array({"i", v}); }
        Json operator()(double v) const { return Json::array({"d", fmt::format("{}", v)}); }
        Json operator()(float v) const { return Json::array({"f", fmt::format("{}", v)}); }
        Json operator()(const std::string& v) const { return v; }
        Json operator()(const Value::Array& v) const {
            Json out = Json::array({"a"});
            for (const Value& item : v) out.push_back(value_to_json(item));
            return out;
        }
        Json operator()(const Value::Object& v) const {
            Json out = Json::array({"o"});
            for (const auto& [key, item] : v) {
                out.push_back(key);
                out.push_back(value_to_json(item));
            }
            return out;
        }
    };
    return std::visit(Visitor{}, value.data);
}

template <typename Number>
Number number_from_text(const std::string& text) {
    Number number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) throw BadRecord{"not a number: " + text};
    return number;
}

Value value_from_json(const Json& json) {
    if (json.is_null()) return Value();
    if (json.is_boolean()) return Value(json.get<bool>());
    if (json.is_string()) return Value(json.get<std::string>());
    const std::string& type = json.at(0).get_ref<const std::string&>();
    if (type == "i") return Value(json.at(1).get<std::int64_t>());
    if (type == "d") return Value(number_from_text<double>(json.at(1).get_ref<const std::string&>()));
    if (type == "f") return Value(number_from_text<float>(json.at(1).get_ref<const std::string&>()));
    if (type == "a") {
        Value::Array items;
        for (std::size_t i = 1; i < json.size(); ++i) items.push_back(value_from_json(json[i]));
        return Value(std::move(items));
    }
    if (type == "o" && json.size() % 2 == 1) {
        Value::Object members;
        for (std::size_t i = 1; i < json.size(); i += 2) {
            members.emplace_back(json[i].get<std::string>(), value_from_json(json[i + 1]));
        }
        return Value(std::move(members));
    }
    throw BadRecord{"unknown type of value: " + type};
}

// ---- kinds: a number, or [form, text, is array] ----

Json object_kind_to_json(const ObjectKind& kind) {
    static constexpr const char* kForms[] = {"root", "self", "named"};
    return Json::array({kForms[static_cast<int>(kind.form)], kind.text, kind.array});
}

ObjectKind object_kind_from_json(const Json& json) {
    const std::string& form = json.at(0).get_ref<const std::string&>();
    ObjectKind kind{ObjectKind::Form::self, json.at(1).get<std::string>(), json.at(2).get<bool>()};
    if (form == "root") {
        kind.form = ObjectKind::Form::root;
    } else if (form == "named") {
        kind.form = ObjectKind::Form::named;
    } else if (form != "self") {
        throw BadRecord{"unknown form of kind: " + form};
    }
    return kind;
}

FieldKind field_kind_from_number(std::int64_t number) {
    return is_valid_kind_number(number) ? static_cast<FieldKind>(number) : FieldKind::none;
}

Json schema_to_json(const SchemaDescription& schema) {
    Json fields = Json::array();
    for (const SchemaField& field : schema.fields) {
        const auto* object = std::get_if<ObjectKind>(&field.kind);
        fields.push_back(Json::array(
            {field.name, object != nullptr ? object_kind_to_json(*object) : Json(field.kind_number),
             field.crdt}));
    }
    return {{"root", schema.root},
            {"version", schema.version_id},
            {"name", schema.name},
            {"fields", std::move(fields)}};
}

SchemaDescription schema_from_json(const Json& json) {
    SchemaDescription schema;
    schema.root = json.at("root").get<std::string>();
    schema.version_id = json.at("version").get<std::string>();
    schema.name = json.at("name").get<std::string>();
    for (const Json& item : json.at("fields")) {
        SchemaField field;
        field.name = item.at(0).get<std::string>();
        if (item.at(1).is_array()) {
            field.kind = object_kind_from_json(item.at(1));
        } else {
            field.kind_number = item.at(1).get<std::uint8_t>();
            field.kind = field_kind_from_number(field.kind_number);
        }
        field.crdt = item.at(2).get<std::uint8_t>();
        schema.fields.push_back(std::move(field));
    }
    return schema;
}

// Members that have their usual value are left out.
Json field_to_json(const CollectionFieldDescription& field, std::uint32_t short_id) {
    Json out = {{"name", field.name}, {"number", short_id}};
    if (field.kind) {
        const auto* object = std::get_if<ObjectKind>(&*field.kind);
        out["kind"] = object != nullptr ? object_kind_to_json(*object)
                                        : Json(static_cast<int>(std::get<FieldKind>(*field.kind)));
    }
    if (field.relation_name) out["relation"] = *field.relation_name;
    if (field.default_value) out["default"] = value_to_json(*field.default_value);
    if (field.size != 0) out["size"] = field.size;
    if (field.on_delete != DeleteRule::none) out["on_delete"] = delete_rule_name(field.on_delete);
    if (field.join) out["join"] = Json::array({field.join->on, field.join->references});
    return out;
}

CollectionFieldDescription field_from_json(const Json& json) {
    CollectionFieldDescription field;
    field.name = json.at("name").get<std::string>();
    if (auto kind = json.find("kind"); kind != json.end()) {
        if (kind->is_array()) {
            field.kind = object_kind_from_json(*kind);
        } else {
            field.kind = field_kind_from_number(kind->get<std::int64_t>());
        }
    }
    if (auto relation = json.find("relation"); relation != json.end())
        field.relation_name = relation->get<std::string>();
    if (auto value = json.find("default"); value != json.end()) field.default_value = value_from_json(*value);
    field.size = json.value("size", std::int64_t{0});
    if (auto rule = json.find("on_delete"); rule != json.end()) {
        const auto& name = rule->get_ref<const std::string&>();
        std::optional<DeleteRule> known = delete_rule_named(name);
        if (!known) throw BadRecord{"unknown delete rule: " + name};
        field.on_delete = *known;
    }
    if (auto join = json.find("join"); join != json.end())
        field.join = JoinDescription{join->at(0).get<std::string>(), join->at(1).get<std::string>()};
    return field;
}

Json index_to_json(const IndexDescription& index) {
    Json fields = Json::array();
    for (const IndexFieldDescription& field : index.fields) {
        fields.push_back(Json::array({field.name, field.descending}));
    }
    return {{"name", index.name}, {"id", index.id}, {"unique", index.unique}, {"fields", std::move(fields)}};
}

IndexDescription index_from_json(const Json& json) {
    IndexDescription index{json.at("name").get<std::string>(),
                           json.at("id").get<std::uint32_t>(),
                           {},
                           json.at("unique").get<bool>()};
    for (const Json& field : json.at("fields")) {
        index.fields.push_back({field.at(0).get<std::string>(), field.at(1).get<bool>()});
    }
    return index;
}

Json embedding_to_json(const EmbeddingDescription& embedding) {
    return {
        {"field", embedding.field_name},  {"fields", embedding.fields},          {"model", embedding.model},
        {"provider", embedding.provider}, {"template", embedding.template_text}, {"url", embedding.url}};
}

EmbeddingDescription embedding_from_json(const Json& json) {
    return {json.at("field").get<std::string>(),    json.at("fields").get<std::vector<std::string>>(),
            json.at("model").get<std::string>(),    json.at("provider").get<std::string>(),
            json.at("template").get<std::string>(), json.at("url").get<std::string>()};
}

Json version_to_json(const CollectionVersionDescription& version) {
    Json fields = Json::array(), indexes = Json::array(), embeddings = Json::array();
    for (std::size_t i = 0; i < version.fields.size(); ++i) {
        std::uint32_t number = i < version.field_short_ids.size() ? version.field_short_ids[i] : 0;
        fields.push_back(field_to_json(version.fields[i], number));
    }
    for (const IndexDescription& index : version.indexes) indexes.push_back(index_to_json(index));
    for (const EmbeddingDescription& embedding : version.embeddings)
        embeddings.push_back(embedding_to_json(embedding));
    Json out = {{"name", version.name},
                {"version", version.version_id},
                {"collection", version.collection_id},
                {"previous", version.previous_version_id},
                {"number", version.short_id},
                {"next_index", version.next_index_id},
                {"active", version.is_active},
                {"materialized", version.is_materialized},
                {"branchable", version.is_branchable},
                {"embedded", version.is_embedded_only},
                {"fields", std::move(fields)},
                {"indexes", std::move(indexes)},
                {"embeddings", std::move(embeddings)}};
    if (version.is_view) out["query"] = version.view_query;
    if (version.policy) out["policy"] = Json::array({version.policy->id, version.policy->resource_name});
    return out;
}

CollectionVersionDescription version_from_json(const Json& json) {
    CollectionVersionDescription version;
    version.name = json.at("name").get<std::string>();
    version.version_id = json.at("version").get<std::string>();
    version.collection_id = json.at("collection").get<std::string>();
    version.previous_version_id = json.at("previous").get<std::string>();
    version.short_id = json.at("number").get<std::uint32_t>();
    version.next_index_id = json.at("next_index").get<std::uint32_t>();
    version.is_active = json.at("active").get<bool>();
    version.is_materialized = json.at("materialized").get<bool>();
    version.is_branchable = json.at("branchable").get<bool>();
    version.is_embedded_only = json.at("embedded").get<bool>();
    for (const Json& field : json.at("fields")) {
        version.fields.push_back(field_from_json(field));
        version.field_short_ids.push_back(field.at("number").get<std::uint32_t>());
    }
    for (const Json& index : json.at("indexes")) version.indexes.push_back(index_from_json(index));
    for (const Json& item : json.at("embeddings")) version.embeddings.push_back(embedding_from_json(item));
    if (auto query = json.find("query"); query != json.end()) {
        version.is_view = true;
        version.view_query = query->get<std::string>();
    }
    if (auto policy = json.find("policy"); policy != json.end()) {
        version.policy =
            PolicyDescription{policy->at(0).get<std::string>(), policy->at(1).get<std::string>()};
    }
    return version;
}

struct StoredCatalog {
    std::uint64_t version = 0;
    std::vector<CollectionVersionDescription> versions;
    std::vector<SchemaDescription> schemas;
};

Result<StoredCatalog> read_stored(std::string_view text) {
    if (std::size_t depth = json_nesting(text); depth > limits::kMaxJsonNesting) {
        return fail(ErrorCode::corruption, "catalog record: nested too deeply: " + std::to_string(depth));
    }
    try {
        Json json = Json::parse(text);
        if (int format = json.at("format").get<int>(); format != kStoredFormat) {
            return fail(ErrorCode::unsupported, "catalog record: unknown format " + std::to_string(format));
        }
        StoredCatalog stored;
        stored.version = json.at("catalog").get<std::uint64_t>();
        for (const Json& version : json.at("versions")) stored.versions.push_back(version_from_json(version));
        for (const Json& schema : json.at("schemas")) stored.schemas.push_back(schema_from_json(schema));
        return stored;
    } catch (const Json::exception& error) {
        return fail(ErrorCode::corruption, std::string("catalog record: ") + error.what());
    } catch (const BadRecord& error) {
        return fail(ErrorCode::corruption, "catalog record: " + error.what);
    }
}

}  // namespace

std::string Catalog::to_stored_json() const {
    Json versions = Json::array(), schemas = Json::array();
    for (const CollectionVersionDescription& version : versions_)
        versions.push_back(version_to_json(version));
    for (const SchemaDescription& schema : schemas_) schemas.push_back(schema_to_json(schema));
    Json out = {{"format", kStoredFormat},
                {"catalog", version_},
                {"versions", std::move(versions)},
                {"schemas", std::move(schemas)}};
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::shared_ptr<const Catalog>> Catalog::from_stored_json(std::string_view json) {
    CAIRN_ASSIGN(StoredCatalog stored, read_stored(json));
    return build(stored.version, std::move(stored.versions), std::move(stored.schemas));
}

}  // namespace cairn
