// Schemas and collection descriptions (spec/http-and-cli.md section 5).
#include <fmt/format.h>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

HttpResponse add_schema(Call& call) {
    std::string versions;
    Status status = write_in(call, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(versions, transaction.add_schema(call.request.body));
        return {};
    });
    return status ? json_response(std::move(versions)) : error_response(status.error());
}

namespace {

Status patch_schema_by(Call& call) {
    CAIRN_ASSIGN(JsonObject body, JsonObject::parse(call.request.body, "http.patchSchemaRequest"));
    CAIRN_ASSIGN(std::string patch, body.text("Patch"));
    CAIRN_ASSIGN(bool set_default, body.boolean("SetAsDefaultVersion"));
    CAIRN_ASSIGN(std::string_view migration, body.object_text("Migration", "model.Lens"));
    if (!migration.empty()) return fail(ErrorCode::unsupported, "migrations are not supported: Migration");
    return write_in(call, [&](Transaction& transaction) -> Status {
        CAIRN_TRY(transaction.patch_schema(patch, set_default));
        return {};
    });
}

}  // namespace

HttpResponse patch_schema(Call& call) {
    return empty_response(patch_schema_by(call));
}

HttpResponse patch_collections(Call& call) {
    auto patch = parse_json_text(call.request.body);
    if (!patch) return error_response(patch.error());
    return empty_response(
        write_in(call, [&](Transaction& transaction) { return transaction.patch_collections(*patch); }));
}

HttpResponse describe_schemas(Call& call) {
    SchemaSelector selector{.version_id = call.query.get("version_id"),
                            .root = call.query.get("root"),
                            .name = call.query.get("name")};
    std::string schemas;
    Status status = read_in(call, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(schemas, transaction.describe_schemas(selector));
        return {};
    });
    return status ? json_response(std::move(schemas)) : error_response(status.error());
}

HttpResponse set_default_schema(Call& call) {
    return empty_response(write_in(
        call, [&](Transaction& transaction) { return transaction.set_default_schema(call.request.body); }));
}

HttpResponse describe_collections(Call& call) {
    CollectionSelector selector{.name = call.query.get("name"),
                                .version_id = call.query.get("version_id"),
                                .collection_id = call.query.get("collection_id")};
    if (auto text = call.query.get("get_inactive")) {
        auto inactive = parse_boolean(*text);
        if (!inactive) {
            return error_response(400,
                                  fmt::format("strconv.ParseBool: parsing \"{}\": invalid syntax", *text));
        }
        selector.include_inactive = *inactive;
    }
    std::string definitions;
    Status status = read_in(call, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(definitions, transaction.describe_definitions(selector));
        return {};
    });
    return status ? json_response(std::move(definitions)) : error_response(status.error());
}

}  // namespace cairn::server
