#include "server/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "server/json_text.h"
#include "server/route.h"

namespace cairn::server {

namespace {

struct Schema {
    std::string_view name, json;
};

// What bodies and answers hold; routes name them.
constexpr Schema kSchemas[] = {
    {"error", R"({"type":"object","required":["error"],"properties":{"error":{"type":"string"}}})"},
    {"graphql_request",
     R"({"type":"object","properties":{"query":{"type":"string"},"operationName":{"type":"string"},)"
     R"("variables":{"type":"object","nullable":true,"additionalProperties":true}}})"},
    {"graphql_response",
     R"({"type":"object","properties":{"data":{"type":"object","nullable":true,"additionalProperties":true},)"
     R"("errors":{"type":"array","items":{"type":"object","required":["message"],)"
     R"("properties":{"message":{"type":"string"}}}},)"
     R"("extensions":{"type":"object","description":"What delete rules did, where they did anything",)"
     R"("properties":{"deleteRules":{"type":"object","properties":{)"
     R"("deleted":{"$ref":"#/components/schemas/documents_by_collection"},)"
     R"("unset":{"$ref":"#/components/schemas/documents_by_collection"},)"
     R"("unlinked":{"type":"integer","format":"int64"}}}}}}})"},
    {"documents_by_collection",
     R"({"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}})"},
    {"index_field",
     R"({"type":"object","properties":{"Name":{"type":"string"},"Descending":{"type":"boolean"}}})"},
    {"index",
     R"({"type":"object","properties":{"Name":{"type":"string"},"ID":{"type":"integer","format":"int64"},)"
     R"("Fields":{"type":"array","items":{"$ref":"#/components/schemas/index_field"}},)"
     R"("Unique":{"type":"boolean"}}})"},
    {"index_request", R"({"type":"object","required":["Fields"],"properties":{"Name":{"type":"string"},)"
                      R"("Fields":{"type":"array","items":{"$ref":"#/components/schemas/index_field"}},)"
                      R"("Unique":{"type":"boolean"}}})"},
    {"index_list", R"({"type":"array","items":{"$ref":"#/components/schemas/index"}})"},
    {"index_map", R"({"type":"object","additionalProperties":{"$ref":"#/components/schemas/index_list"}})"},
    {"collection_field",
     R"({"type":"object","properties":{"Name":{"type":"string"},"Kind":{"nullable":true},)"
     R"("RelationName":{"type":"string","nullable":true},"DefaultValue":{"nullable":true},)"
     R"("Size":{"type":"integer","format":"int64"},)"
     R"("OnDelete":{"type":"string","enum":["RESTRICT","SET_NULL","CASCADE"],)"
     R"("description":"Delete rule of a relation; only where there is one"},)"
     R"("Join":{"type":"object","description":"What a join compares; only on joins",)"
     R"("properties":{"On":{"type":"string"},"References":{"type":"string"}}}}})"},
    {"collection_version",
     R"({"type":"object","properties":{"Name":{"type":"string"},"VersionID":{"type":"string"},)"
     R"("CollectionID":{"type":"string"},"Sources":{"type":"array","items":{"type":"object"}},)"
     R"("Fields":{"type":"array","nullable":true,"items":{"$ref":"#/components/schemas/collection_field"}},)"
     R"("Indexes":{"$ref":"#/components/schemas/index_list"},"Policy":{"type":"object","nullable":true},)"
     R"("IsActive":{"type":"boolean"},"IsMaterialized":{"type":"boolean"},"IsBranchable":{"type":"boolean"},)"
     R"("IsEmbeddedOnly":{"type":"boolean"},)"
     R"("VectorEmbeddings":{"type":"array","nullable":true,"items":{"type":"object"}}}})"},
    {"collection_version_list",
     R"({"type":"array","items":{"$ref":"#/components/schemas/collection_version"}})"},
    {"schema",
     R"({"type":"object","properties":{"Root":{"type":"string"},"VersionID":{"type":"string"},)"
     R"("Name":{"type":"string"},"Fields":{"type":"array","nullable":true,"items":{"type":"object"}}}})"},
    {"schema_list", R"({"type":"array","items":{"$ref":"#/components/schemas/schema"}})"},
    {"collection_definition",
     R"({"type":"object","properties":{"version":{"$ref":"#/components/schemas/collection_version"},)"
     R"("schema":{"$ref":"#/components/schemas/schema"}}})"},
    {"collection_definition_list",
     R"({"type":"array","items":{"$ref":"#/components/schemas/collection_definition"}})"},
    {"patch_schema_request",
     R"({"type":"object","required":["Patch"],"properties":{"Patch":{"type":"string"},)"
     R"("SetAsDefaultVersion":{"type":"boolean"},"Migration":{"type":"object","nullable":true}}})"},
    {"document", R"({"type":"object","additionalProperties":true})"},
    {"document_or_list", R"({"oneOf":[{"$ref":"#/components/schemas/document"},)"
                         R"({"type":"array","items":{"$ref":"#/components/schemas/document"}}]})"},
    {"filter", R"({"oneOf":[{"type":"object","additionalProperties":true},{"type":"string"}]})"},
    {"collection_update",
     R"({"type":"object","required":["filter","updater"],)"
     R"("properties":{"filter":{"$ref":"#/components/schemas/filter"},"updater":{"type":"string"}}})"},
    {"collection_delete", R"({"type":"object","required":["filter"],)"
                          R"("properties":{"filter":{"$ref":"#/components/schemas/filter"}}})"},
    {"change_result", R"({"type":"object","properties":{"Count":{"type":"integer","format":"int64"},)"
                      R"("DocIDs":{"type":"array","items":{"type":"string"}}}})"},
    {"transaction", R"({"type":"object","properties":{"id":{"type":"integer","format":"int64"}}})"},
    {"backup_export",
     R"({"type":"object","required":["filepath"],"properties":{"filepath":{"type":"string"},)"
     R"("format":{"type":"string"},"pretty":{"type":"boolean"},)"
     R"("collections":{"type":"array","items":{"type":"string"}}}})"},
    {"backup_import",
     R"({"type":"object","required":["filepath"],"properties":{"filepath":{"type":"string"}}})"},
    {"ccip_request", R"({"type":"object","required":["data"],)"
                     R"("properties":{"sender":{"type":"string"},"data":{"type":"string"}}})"},
    {"ccip_response", R"({"type":"object","properties":{"data":{"type":"string"}}})"},
    {"check_report",
     R"({"type":"object","properties":{"events":{"type":"integer","format":"int64"},)"
     R"("blocks":{"type":"integer","format":"int64"},"documents":{"type":"integer","format":"int64"},)"
     R"("indexEntries":{"type":"integer","format":"int64"},)"
     R"("problems":{"type":"array","items":{"type":"string"}}}})"},
    {"rebuild_report", R"({"type":"object","properties":{"events":{"type":"integer","format":"int64"},)"
                       R"("documents":{"type":"integer","format":"int64"},"seconds":{"type":"number"},)"
                       R"("differences":{"type":"array","items":{"type":"string"}}}})"},
    {"store_stats",
     R"({"type":"object","properties":{"events":{"type":"integer","format":"int64"},)"
     R"("documents":{"type":"integer","format":"int64"},"logBytes":{"type":"integer","format":"int64"},)"
     R"("projectionBytes":{"type":"integer","format":"int64"},)"
     R"("blockBytes":{"type":"integer","format":"int64"}}})"},
    {"json_text", R"({"type":"string"})"},
    {"any", R"({})"},
};

void append_text(std::string_view key, std::string_view text, std::string& out) {
    fmt::format_to(std::back_inserter(out), "\"{}\":", key);
    append_json_string(text, out);
}

std::string parameter(std::string_view name, std::string_view place, std::string_view type,
                      std::string_view description) {
    std::string out = "{";
    append_text("name", name, out);
    fmt::format_to(std::back_inserter(out), R"(,"in":"{}","required":{},"schema":{{"type":"{}"}})", place,
                   place == "path", type);
    if (!description.empty()) {
        out += ',';
        append_text("description", description, out);
    }
    return out + "}";
}

std::vector<std::string> parameters_of(const Route& route) {
    std::vector<std::string> list;
    for (std::size_t at = 0; (at = route.path.find('{', at)) != std::string_view::npos; ++at)
        list.push_back(
            parameter(route.path.substr(at + 1, route.path.find('}', at) - at - 1), "path", "string", ""));
    for (const QueryParameter& query : route.query)
        list.push_back(parameter(query.name, "query", query.type, query.description));
    if (route.takes_transaction) list.emplace_back(R"({"$ref":"#/components/parameters/txn"})");
    return list;
}

std::string content_of(std::string_view schema) {
    if (schema == "text") return R"({"text/plain":{"schema":{"type":"string"}}})";
    if (schema == "events") return R"({"text/event-stream":{"schema":{"type":"string"}}})";
    std::string json =
        fmt::format(R"("application/json":{{"schema":{{"$ref":"#/components/schemas/{}"}}}})", schema);
    bool may_stream = schema == "graphql_response";
    return "{" + json + (may_stream ? R"(,"text/event-stream":{"schema":{"type":"string"}})" : "") + "}";
}

std::string operation(const Route& route) {
    std::string out = "{";
    append_text("operationId", route.operation_id, out);
    out += ',';
    append_text("summary", route.summary, out);
    fmt::format_to(std::back_inserter(out), R"(,"tags":["{}"])", route.tag);
    if (auto parameters = parameters_of(route); !parameters.empty())
        fmt::format_to(std::back_inserter(out), R"(,"parameters":[{}])", fmt::join(parameters, ","));
    if (!route.request_body.empty())
        fmt::format_to(std::back_inserter(out), R"(,"requestBody":{{"required":true,"content":{}}})",
                       content_of(route.request_body));
    out += R"(,"responses":{"200":{"description":"success")";
    if (!route.response.empty()) out += ",\"content\":" + content_of(route.response);
    out += R"(},"default":{"$ref":"#/components/responses/error"}}})";
    return out;
}

std::string lower(std::string_view method) {
    std::string out(method);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

std::string paths() {
    std::map<std::string_view, std::vector<std::string>> by_path;
    for (const Route& route : route_table()) {
        if (route.path.starts_with("//")) continue;
        by_path[route.path].push_back(fmt::format("\"{}\":{}", lower(route.method), operation(route)));
    }
    std::string out;
    for (const auto& [path, operations] : by_path)
        out += fmt::format("{}\"{}\":{{{}}}", out.empty() ? "" : ",", path, fmt::join(operations, ","));
    return out;
}

std::string tags() {
    std::vector<std::string_view> names;
    for (const Route& route : route_table()) {
        bool listed = std::find(names.begin(), names.end(), route.tag) != names.end();
        if (!listed && !route.path.starts_with("//")) names.push_back(route.tag);
    }
    std::string out;
    for (std::string_view name : names)
        out += fmt::format("{}{{\"name\":\"{}\"}}", out.empty() ? "" : ",", name);
    return out;
}

std::string make_document() {
    std::string schemas;
    for (const Schema& schema : kSchemas)
        schemas += fmt::format("{}\"{}\":{}", schemas.empty() ? "" : ",", schema.name, schema.json);
    return fmt::format(
        R"({{"openapi":"3.0.3","info":{{"title":"CairnDB API","version":"0"}},)"
        R"("servers":[{{"description":"This server","url":"{}"}}],"tags":[{}],"paths":{{{}}},)"
        R"("components":{{"schemas":{{{}}},)"
        R"("parameters":{{"txn":{{"name":"x-defradb-tx","in":"header","required":false,)"
        R"("description":"The transaction to run in","schema":{{"type":"integer","format":"int64"}}}}}},)"
        R"("responses":{{"error":{{"description":"failure","content":{{"application/json":)"
        R"({{"schema":{{"$ref":"#/components/schemas/error"}}}}}}}}}},)"
        R"("securitySchemes":{{"bearerToken":{{"type":"http","scheme":"bearer","bearerFormat":"JWT"}}}}}}}})",
        kBasePath, tags(), paths(), schemas);
}

}  // namespace

const std::string& openapi_document() {
    static const std::string document = make_document();
    return document;
}

}  // namespace cairn::server
