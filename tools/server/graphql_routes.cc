// POST and GET /graphql (spec/http-and-cli.md section 3).
#include <optional>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

struct GraphqlRequest {
    std::string query, operation_name, variables;
    Request view() const {
        return {.query = query, .variables_json = variables, .operation_name = operation_name};
    }
};

// The query string wins when it has a query, else the body counts.
Result<GraphqlRequest> read_request(const Call& call) {
    GraphqlRequest request;
    if (std::string query = call.query.get_or_empty("query"); !query.empty()) {
        request.query = std::move(query);
        request.operation_name = call.query.get_or_empty("operationName");
        if (auto variables = call.query.get("variables"); variables && !variables->empty()) {
            CAIRN_TRY(JsonObject::parse(*variables, "map[string]interface {}"));
            request.variables = std::move(*variables);
        }
        return request;
    }
    CAIRN_ASSIGN(JsonObject body, JsonObject::parse(call.request.body, "http.GraphQLRequest"));
    CAIRN_ASSIGN(request.query, body.text("query"));
    CAIRN_ASSIGN(request.operation_name, body.text("operationName"));
    CAIRN_ASSIGN(request.variables, body.object_text("variables", "map[string]interface {}"));
    return request;
}

HttpResponse execute(Call& call, const Request& request) {
    return call.state.with_database([&](Database& database) {
        std::string answer;
        auto inside = call.state.transactions().run(call.request.transaction, [&](Transaction& transaction) {
            answer = transaction.execute(request);
            return Status();
        });
        if (!inside) answer = database.execute(request);
        return json_response(std::move(answer));
    });
}

}  // namespace

HttpResponse graphql_post(Call& call) {
    auto request = read_request(call);
    if (!request) return error_response(request.error());
    return execute(call, request->view());
}

// A link, an image or a prefetch must not be able to change anything.
HttpResponse graphql_get(Call& call) {
    auto request = read_request(call);
    if (!request) return error_response(request.error());
    if (Database::operation_kind(request->view()) == Database::OperationKind::mutation) {
        HttpResponse response = error_response(405, "a mutation must be sent by POST, not by GET");
        response.headers.emplace_back("Allow", "POST");
        return response;
    }
    return execute(call, request->view());
}

}  // namespace cairn::server
