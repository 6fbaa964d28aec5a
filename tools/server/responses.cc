// Answers that many handlers give, and the transactions they run in.
#include <fmt/format.h>

#include <optional>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

HttpResponse json_response(std::string json) {
    HttpResponse response;
    response.content_type = "application/json";
    response.body = std::move(json);
    response.body += '\n';
    return response;
}

HttpResponse error_response(unsigned status, std::string_view message) {
    std::string json = "{\"error\":";
    append_json_string(message, json);
    HttpResponse response = json_response(json + '}');
    response.status = status;
    return response;
}

HttpResponse error_response(const Error& error) {
    return error_response(error.code == ErrorCode::limit_exceeded ? 413 : 400, error.message);
}

HttpResponse mutation_by_get() {
    HttpResponse response = error_response(405, "a mutation must be sent by POST, not by GET");
    response.headers.emplace_back("Allow", "POST");
    return response;
}

HttpResponse empty_response(const Status& status) {
    return status ? HttpResponse() : error_response(status.error());
}

HttpResponse json_or_error(Result<std::string> json) {
    return json ? json_response(std::move(*json)) : error_response(json.error());
}

Status read_in(Call& call, const std::function<Status(Transaction&)>& body) {
    return call.state.with_database([&](Database& database) -> Status {
        if (auto status = call.state.transactions().run(call.request.transaction, body)) return *status;
        return database.read(body);
    });
}

Status write_in(Call& call, const std::function<Status(Transaction&)>& body) {
    return call.state.with_database([&](Database& database) -> Status {
        if (auto status = call.state.transactions().run(call.request.transaction, body)) return *status;
        return database.write(body);
    });
}

}  // namespace cairn::server
