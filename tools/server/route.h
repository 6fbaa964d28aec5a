// One table of routes (spec/http-and-cli.md section 2): it drives the router and describes the API.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"
#include "server/query_string.h"
#include "server/state.h"

namespace cairn::server {

// One call of a handler.
struct Call {
    State& state;
    const HttpRequest& request;
    QueryString query;
    std::array<std::string, 2> parameters;  // of the path, decoded, in order
};

using Handler = HttpResponse (*)(Call& call);
// Answers what takes no time; for anything else it gives nothing and does nothing.
using QuickHandler = std::optional<HttpResponse> (*)(Call& call);

struct QueryParameter {
    std::string_view name, type;  // "string" or "boolean"
    std::string_view description;
};

struct Route {
    std::string_view method;
    std::string_view
        path;  // below kBasePath, or from the root when it starts with "//"; {name} is a parameter
    std::string_view operation_id, tag, summary;
    std::span<const QueryParameter> query;
    // Names of schemas in openapi.cc; empty: no body, an empty answer. "text": plain text, "events": an event
    // stream.
    std::string_view request_body, response;
    Handler handler;
    bool takes_transaction = true;  // the header x-defradb-tx has a meaning
    QuickHandler at_once = nullptr;
};

inline constexpr std::string_view kBasePath = "/api/v0";

std::span<const Route> route_table();

// What a request's path and method come to.
struct RouteMatch {
    const Route* route = nullptr;                // nothing: unknown path, or a known one with another method
    std::array<std::string_view, 2> parameters;  // still percent-encoded
    std::vector<std::string_view> allowed;       // methods of the path; none for an unknown path
};
RouteMatch find_route(std::string_view method, std::string_view path);

}  // namespace cairn::server
