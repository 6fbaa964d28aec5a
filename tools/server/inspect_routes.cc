// CairnDB's own routes: the DAG, and checks and repairs of the whole store. What the commands `doc history`,
// `dag`, `fsck`, `rebuild`, `stats` and `compact` ask a server for.
#include <fmt/format.h>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

bool flag(const Call& call, std::string_view name) {
    return parse_boolean(call.query.get_or_empty(name)).value_or(false);
}

Result<std::string> report_json(const Result<CheckReport>& report) {
    if (!report) return std::unexpected(report.error());
    return fmt::format(R"({{"events":{},"blocks":{},"documents":{},"indexEntries":{},"problems":{}}})",
                       report->events, report->blocks, report->documents, report->index_entries,
                       json_list(report->problems));
}

Result<std::string> stats_json(const Result<StoreStats>& stats) {
    if (!stats) return std::unexpected(stats.error());
    return fmt::format(R"({{"events":{},"documents":{},"logBytes":{},"projectionBytes":{},"blockBytes":{}}})",
                       stats->events, stats->documents, stats->log_bytes, stats->projection_bytes,
                       stats->block_bytes);
}

// Called now and then during long work: the server's stop ends it.
Progress until_stopped(const Call& call) {
    return [stop = call.state.stop_token()](std::uint64_t, std::uint64_t) { return !stop.stop_requested(); };
}

// A number in the query string, or else `otherwise`.
Result<std::size_t> number(const Call& call, std::string_view name, std::size_t otherwise) {
    const std::string text = call.query.get_or_empty(name);
    if (text.empty()) return otherwise;
    const auto value = parse_number(text);
    if (!value) return fail(ErrorCode::invalid_argument, fmt::format("{} is not a number: {}", name, text));
    return static_cast<std::size_t>(*value);
}

}  // namespace

HttpResponse document_log(Call& call) {
    return json_or_error(call.state.with_database([&](Database& database) -> Result<std::string> {
        CAIRN_ASSIGN(const std::size_t limit, number(call, "limit", 0));
        return database.document_log(call.parameters[0], flag(call, "fields"), limit);
    }));
}

HttpResponse document_graph(Call& call) {
    auto dot = call.state.with_database(
        [&](Database& database) { return database.document_graph(call.parameters[0]); });
    if (!dot) return error_response(dot.error());
    HttpResponse response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(*dot);
    return response;
}

HttpResponse show_block(Call& call) {
    return json_or_error(call.state.with_database(
        [&](Database& database) { return database.show_block(call.parameters[0]); }));
}

HttpResponse verify_dag(Call& call) {
    return json_or_error(call.state.with_database(
        [&](Database& database) { return report_json(database.verify(call.parameters[0])); }));
}

HttpResponse store_stats(Call& call) {
    return json_or_error(
        call.state.with_database([](Database& database) { return stats_json(database.stats()); }));
}

HttpResponse check_store(Call& call) {
    return json_or_error(call.state.with_database(
        [&](Database& database) { return report_json(database.check(until_stopped(call))); }));
}

HttpResponse rebuild_store(Call& call) {
    return json_or_error(call.state.with_database([&](Database& database) -> Result<std::string> {
        CAIRN_ASSIGN(const RebuildReport report,
                     database.rebuild(flag(call, "verify_only"), until_stopped(call)));
        return fmt::format(R"({{"events":{},"documents":{},"seconds":{:.3f},"differences":{}}})",
                           report.events, report.documents, report.seconds, json_list(report.differences));
    }));
}

HttpResponse compact_store(Call& call) {
    return json_or_error(call.state.with_database([](Database& database) -> Result<std::string> {
        CAIRN_TRY(database.compact());
        return stats_json(database.stats());
    }));
}

}  // namespace cairn::server
