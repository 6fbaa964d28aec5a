// Transactions and the whole store (spec/http-and-cli.md sections 8 and 13).
#include <fmt/format.h>

#include "server/json_text.h"
#include "server/openapi.h"
#include "server/routes.h"

namespace cairn::server {

HttpResponse begin_transaction(Call& call) {
    bool read_only = parse_boolean(call.query.get_or_empty("read_only")).value_or(false);
    Result<std::uint64_t> id = call.state.with_database([&](Database& database) -> Result<std::uint64_t> {
        CAIRN_ASSIGN(Transaction transaction, database.begin(read_only));
        return call.state.transactions().add(std::move(transaction));
    });
    if (!id) {
        bool full = id.error().code == ErrorCode::limit_exceeded;
        return full ? error_response(503, id.error().message) : error_response(id.error());
    }
    return json_response(fmt::format("{{\"id\":{}}}", *id));
}

HttpResponse commit_transaction(Call& call) {
    return empty_response(call.state.with_database(
        [&](Database&) { return call.state.transactions().commit(call.parameters[0]); }));
}

HttpResponse discard_transaction(Call& call) {
    return empty_response(call.state.with_database(
        [&](Database&) { return call.state.transactions().discard(call.parameters[0]); }));
}

namespace {

Status export_by(Call& call) {
    CAIRN_ASSIGN(JsonObject body, JsonObject::parse(call.request.body, "client.BackupConfig"));
    BackupOptions options;
    CAIRN_ASSIGN(options.file, body.text("filepath"));
    CAIRN_ASSIGN(options.pretty, body.boolean("pretty"));
    CAIRN_ASSIGN(options.collections, body.texts("collections"));
    CAIRN_TRY(body.text("format"));
    return read_in(call, [&](Transaction& transaction) { return transaction.export_backup(options); });
}

Status import_by(Call& call) {
    CAIRN_ASSIGN(JsonObject body, JsonObject::parse(call.request.body, "client.BackupConfig"));
    CAIRN_ASSIGN(std::string file, body.text("filepath"));
    return write_in(call, [&](Transaction& transaction) { return transaction.import_backup(file); });
}

}  // namespace

HttpResponse export_backup(Call& call) {
    return empty_response(export_by(call));
}

HttpResponse import_backup(Call& call) {
    return empty_response(import_by(call));
}

// There is no network of peers: every route of it says so (section 10).
HttpResponse p2p_disabled(Call&) {
    return error_response(400, "p2p network is disabled");
}

// Tells the log what is in the store.
HttpResponse dump(Call& call) {
    auto stats = call.state.with_database([](Database& database) { return database.stats(); });
    if (!stats) return error_response(stats.error());
    call.state.log(fmt::format("dump: events={} documents={} block_bytes={} log_bytes={} projection_bytes={}",
                               stats->events, stats->documents, stats->block_bytes, stats->log_bytes,
                               stats->projection_bytes));
    return {};
}

HttpResponse openapi(Call&) {
    return json_response(openapi_document());
}

HttpResponse purge(Call& call) {
    if (!call.state.options().development) {
        HttpResponse response = json_response("\"cannot purge database when development mode is disabled\"");
        response.status = 400;
        return response;
    }
    return empty_response(call.state.purge());
}

HttpResponse health_check(Call&) {
    return json_response("\"Healthy\"");
}

}  // namespace cairn::server
