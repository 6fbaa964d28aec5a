// POST and GET /graphql, subscriptions among them (spec/http-and-cli.md sections 3 and 4).
#include <fmt/format.h>

#include <optional>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

constexpr std::size_t kQuickBody = 4 << 10;  // longer texts take their time to parse

struct GraphqlRequest {
    std::string query, operation_name, variables;
    std::stop_token stop;
    Request view() const {
        return {.query = query, .variables_json = variables, .operation_name = operation_name, .stop = stop};
    }
};

// The query string wins when it has a query, else the body counts.
Result<GraphqlRequest> read_request(const Call& call) {
    GraphqlRequest request;
    request.stop = call.state.stop_token();
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

class SubscriptionStream final : public BodyStream {
  public:
    SubscriptionStream(std::shared_ptr<EventQueue> queue, Subscription subscription)
        : queue_(std::move(queue)), subscription_(std::move(subscription)) {}
    Next next(std::string& out) override { return queue_->take(out); }
    void on_ready(std::function<void()> wake) override { queue_->on_ready(std::move(wake)); }

  private:
    std::shared_ptr<EventQueue> queue_;
    Subscription subscription_;
};

// Until the client or the server ends it; an operation that is not valid is answered as any other.
HttpResponse subscribe(Call& call, const Request& request) {
    SubscriptionTable& table = call.state.subscriptions();
    std::shared_ptr<EventQueue> queue = table.open();
    if (!queue)
        return error_response(503, fmt::format("too many subscriptions. Limit: {}", table.capacity()));
    auto subscription = call.state.with_database([&](Database& database) {
        return database.subscribe(request, [queue](std::string_view json) { queue->push(json); });
    });
    if (!subscription) return json_response(std::move(subscription.error().message));
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = std::make_unique<SubscriptionStream>(std::move(queue), std::move(*subscription));
    return response;
}

// Most texts are seen not to be subscriptions without parsing them.
bool is_subscription(const Request& request) {
    return request.query.find("subscription") != std::string_view::npos && Database::is_subscription(request);
}

HttpResponse execute(Call& call, const Request& request) {
    if (is_subscription(request)) return subscribe(call, request);
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

std::optional<HttpResponse> graphql_post_at_once(Call& call) {
    if (call.request.body.size() > kQuickBody || !call.request.transaction.empty()) return std::nullopt;
    auto request = read_request(call);
    if (!request) return std::nullopt;
    return call.state.with_database([&](Database& database) -> std::optional<HttpResponse> {
        if (!database.reads_one_document(request->view())) return std::nullopt;
        return json_response(database.execute(request->view()));
    });
}

HttpResponse graphql_get(Call& call) {
    auto request = read_request(call);
    if (!request) return error_response(request.error());
    if (Database::operation_kind(request->view()) == Database::OperationKind::mutation)
        return mutation_by_get();
    return execute(call, request->view());
}

}  // namespace cairn::server
