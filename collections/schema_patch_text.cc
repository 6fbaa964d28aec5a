#include "collections/schema_patch_text.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "collections/json_patch.h"
#include "collections/schema_builder.h"
#include "collections/schema_kinds.h"

namespace cairn {

namespace {

using Json = nlohmann::json;

std::unexpected<Error> refused(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

// ---- the document that is patched ----

Json kind_to_json(const SchemaField& field) {
    const ObjectKind* kind = object_kind(field);
    if (kind == nullptr) return field.kind_number;
    Json json = {{"Array", kind->array}};
    json[kind->form == ObjectKind::Form::root ? "Root" : "RelativeID"] = kind->text;
    return json;
}

Json document_of(const std::vector<const SchemaDescription*>& schemas) {
    Json document = Json::object();
    for (const SchemaDescription* schema : schemas) {
        Json fields = Json::array();
        for (const SchemaField& field : schema->fields) {
            fields.push_back({{"Name", field.name}, {"Kind", kind_to_json(field)}, {"Typ", field.crdt}});
        }
        document[schema->name] = {{"Root", schema->root},
                                  {"VersionID", schema->version_id},
                                  {"Name", schema->name},
                                  {"Fields", std::move(fields)}};
    }
    return document;
}

// ---- field names in paths ----

std::vector<std::string> split_path(std::string_view path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= path.size();) {
        std::size_t end = std::min(path.find('/', begin), path.size());
        parts.emplace_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

bool contains_letter(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    });
}

// Replaces names of fields in paths by their places. Looks at what the fields are before the first operation,
// and at what earlier operations add by name.
class FieldNames {
  public:
    explicit FieldNames(const std::vector<const SchemaDescription*>& schemas) {
        for (const SchemaDescription* schema : schemas) {
            auto& places = places_[schema->name];
            for (std::size_t i = 0; i < schema->fields.size(); ++i) places.emplace(schema->fields[i].name, i);
        }
    }

    Status substitute(PatchOperation& operation) {
        if (!operation.has_value) return {};
        std::vector<std::string> parts = split_path(operation.path);
        if (parts.size() < 3 || parts[1] != "Fields") return {};
        const std::string& name = parts[2];
        bool whole_field = parts.size() == 3;
        if (whole_field && !operation.value.is_object() && !operation.value.is_null()) {
            return refused(cannot_unmarshal(operation.value, "value of type map[string]interface {}"));
        }
        if (!contains_letter(name)) return {};
        if (whole_field) CAIRN_TRY(name_value(name, operation.value));
        auto schema = places_.find(parts[0]);
        if (schema == places_.end()) return {};  // applying the operation tells that the path is missing
        auto [place, added] = schema->second.emplace(name, schema->second.size());
        parts[2] = added ? "-" : std::to_string(place->second);
        operation.path.clear();
        for (const std::string& part : parts) operation.path.append("/").append(part);
        return {};
    }

  private:
    static Status name_value(const std::string& name, Json& value) {
        auto given = value.find("Name");
        if (!value.is_object() || given == value.end()) {
            value["Name"] = name;
        } else if (given->is_string() && *given != name) {
            return refused("the index used does not match the given name. Index: " + name +
                           ", Name: " + given->get<std::string>());
        }
        return {};
    }

    std::unordered_map<std::string_view, std::unordered_map<std::string, std::size_t>> places_;
};

// ---- reading the result ----

// Keys match as encoding/json matches them: without regard to case.
bool key_is(std::string_view key, std::string_view wanted) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(key.begin(), key.end(), wanted.begin(), wanted.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

Status read_text(const Json& json, std::string_view place, std::string& out) {
    if (json.is_null()) return {};
    if (!json.is_string()) return refused(cannot_unmarshal(json, std::string(place) + " of type string"));
    out = json.get<std::string>();
    return {};
}

Result<std::uint8_t> read_byte(const Json& json, std::string_view target) {
    if (json.is_null()) return std::uint8_t{0};
    if (json.is_number_unsigned() && json.get<std::uint64_t>() <= 255) return json.get<std::uint8_t>();
    return refused(cannot_unmarshal(json, target, /*with_digits=*/true));
}

Result<ObjectKind> read_object_kind(const Json& json) {
    constexpr std::string_view kPlace = "struct field SchemaDescription.Fields";
    std::string root, relative_id;
    bool array = false;
    for (const auto& [key, value] : json.items()) {
        if (key_is(key, "Root")) {
            CAIRN_TRY(read_text(value, std::string(kPlace) + ".Root", root));
        } else if (key_is(key, "RelativeID")) {
            CAIRN_TRY(read_text(value, std::string(kPlace) + ".RelativeID", relative_id));
        } else if (key_is(key, "Array") && !value.is_null()) {
            if (!value.is_boolean())
                return refused(cannot_unmarshal(value, std::string(kPlace) + ".Array of type bool"));
            array = value.get<bool>();
        }
    }
    if (root.empty()) return ObjectKind{ObjectKind::Form::self, std::move(relative_id), array};
    return ObjectKind{ObjectKind::Form::root, std::move(root), array};
}

void read_kind_name(const std::string& name, SchemaField& field) {
    if (FieldKind kind = kind_from_name(name); kind != FieldKind::none) {
        field.kind = kind;
        field.kind_number = static_cast<std::uint8_t>(kind);
        return;
    }
    bool array = name.size() >= 2 && name.front() == '[' && name.back() == ']';
    std::string type = array ? name.substr(1, name.size() - 2) : name;
    field.kind = type == "Self" ? ObjectKind{ObjectKind::Form::self, "", array}
                                : ObjectKind{ObjectKind::Form::named, std::move(type), array};
}

Status read_kind(const Json& json, SchemaField& field) {
    if (json.is_object()) {
        CAIRN_ASSIGN(field.kind, read_object_kind(json));
    } else if (json.is_string()) {
        read_kind_name(json.get_ref<const std::string&>(), field);
    } else {
        CAIRN_ASSIGN(field.kind_number,
                     read_byte(json, "struct field SchemaDescription.Fields of type uint8"));
        field.kind = is_valid_kind_number(field.kind_number) ? static_cast<FieldKind>(field.kind_number)
                                                             : FieldKind::none;
    }
    return {};
}

Result<SchemaField> read_field(const Json& json) {
    SchemaField field;
    if (json.is_null()) return field;
    if (!json.is_object()) {
        return refused(cannot_unmarshal(
            json, "struct field SchemaDescription.Fields of type client.schemaFieldDescription"));
    }
    for (const auto& [key, value] : json.items()) {
        if (key_is(key, "Name")) {
            CAIRN_TRY(read_text(value, "struct field SchemaDescription.Fields.Name", field.name));
        } else if (key_is(key, "Kind")) {
            CAIRN_TRY(read_kind(value, field));
        } else if (key_is(key, "Typ")) {
            CAIRN_ASSIGN(field.crdt,
                         read_byte(value, "struct field SchemaDescription.Fields.Typ of type client.CType"));
        }
    }
    return field;
}

Result<SchemaDescription> read_schema(const Json& json) {
    SchemaDescription schema;
    if (json.is_null()) return schema;
    if (!json.is_object()) return refused(cannot_unmarshal(json, "value of type client.SchemaDescription"));
    for (const auto& [key, value] : json.items()) {
        if (key_is(key, "Root")) {
            CAIRN_TRY(read_text(value, "struct field SchemaDescription.Root", schema.root));
        } else if (key_is(key, "VersionID")) {
            CAIRN_TRY(read_text(value, "struct field SchemaDescription.VersionID", schema.version_id));
        } else if (key_is(key, "Name")) {
            CAIRN_TRY(read_text(value, "struct field SchemaDescription.Name", schema.name));
        } else if (!key_is(key, "Fields")) {
            std::string quoted;
            append_json_string(key, quoted);
            return refused("json: unknown field " + quoted);
        } else if (value.is_array()) {
            for (const Json& item : value) {
                CAIRN_ASSIGN(SchemaField field, read_field(item));
                schema.fields.push_back(std::move(field));
            }
        } else if (!value.is_null()) {
            return refused(cannot_unmarshal(
                value, "struct field SchemaDescription.Fields of type []client.SchemaFieldDescription"));
        }
    }
    return schema;
}

}  // namespace

Result<std::vector<SchemaDescription>> apply_schema_patch(
    std::string_view patch_json, const std::vector<const SchemaDescription*>& schemas) {
    CAIRN_ASSIGN(std::vector<PatchOperation> operations, parse_json_patch(patch_json));
    FieldNames names(schemas);
    for (PatchOperation& operation : operations) CAIRN_TRY(names.substitute(operation));
    Json document = document_of(schemas);
    CAIRN_TRY(apply_json_patch(operations, document));
    if (!document.is_object()) {
        return refused(cannot_unmarshal(document, "value of type map[string]client.SchemaDescription"));
    }
    std::vector<SchemaDescription> patched;
    for (const Json& item : document) {
        CAIRN_ASSIGN(SchemaDescription schema, read_schema(item));
        patched.push_back(std::move(schema));
    }
    return patched;
}

}  // namespace cairn
