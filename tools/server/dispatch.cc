#include "server/dispatch.h"

#include <fmt/format.h>

#include <exception>

#include "server/cors.h"
#include "server/origin_check.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

HttpResponse plain_text(unsigned status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

Call make_call(State& state, const HttpRequest& request, const RouteMatch& match) {
    Call call{.state = state, .request = request, .query = QueryString(request.query), .parameters = {}};
    for (std::size_t i = 0; i < match.parameters.size(); ++i)
        call.parameters[i] = percent_decode(match.parameters[i], false);
    return call;
}

HttpResponse run_route(State& state, const HttpRequest& request) {
    RouteMatch match = find_route(request.method, request.path);
    if (match.route == nullptr) {
        if (match.allowed.empty()) return plain_text(404, "404 page not found\n");
        HttpResponse response;
        response.status = 405;
        for (std::string_view method : match.allowed) response.headers.emplace_back("Allow", method);
        return response;
    }
    Call call = make_call(state, request, match);
    return match.route->handler(call);
}

// What `answer` gives, unless the request is refused or something is thrown.
template <typename Answer>
std::optional<HttpResponse> guarded(State& state, const HttpRequest& request, const Answer& answer) {
    try {
        if (auto refused = check_origin(state.options(), request)) return error_response(403, *refused);
        return answer();
    } catch (
        const std::exception& error) {  // out of memory, or a bug: the text may say too much for a client
        state.log(fmt::format("{} {} failed: {}", request.method, request.path, error.what()));
        return error_response(500, "the request could not be processed");
    }
}

}  // namespace

HttpResponse dispatch(State& state, const HttpRequest& request) {
    return *guarded(state, request, [&]() -> std::optional<HttpResponse> {
        if (is_preflight(request)) return preflight_response(state.options(), request);
        HttpResponse response = run_route(state, request);
        add_cors_headers(state.options(), request, response);
        return response;
    });
}

std::optional<HttpResponse> dispatch_at_once(State& state, const HttpRequest& request) {
    if (is_preflight(request)) return std::nullopt;
    const RouteMatch match = find_route(request.method, request.path);
    if (match.route == nullptr || match.route->at_once == nullptr) return std::nullopt;
    return guarded(state, request, [&] {
        Call call = make_call(state, request, match);
        std::optional<HttpResponse> response = match.route->at_once(call);
        if (response) add_cors_headers(state.options(), request, *response);
        return response;
    });
}

void log_request(const State& state, const HttpRequest& request, const HttpResponse& response,
                 std::int64_t elapsed_us) {
    if (!state.options().log_requests || !state.options().log) return;
    state.log(fmt::format("http: {} {} status={} length={} elapsed={}us", request.method, request.path,
                          response.status, response.body.size(), elapsed_us));
}

}  // namespace cairn::server
