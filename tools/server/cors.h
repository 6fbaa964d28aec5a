// Cross-origin rules (spec/http-and-cli.md section 14). Pure.
#pragma once

#include "server/http.h"
#include "server/options.h"

namespace cairn::server {

// Whether pages of this origin may use the API; case does not matter.
bool is_allowed_origin(const ServerOptions& options, std::string_view origin);

// A browser's question before a request that is not simple.
bool is_preflight(const HttpRequest& request);
HttpResponse preflight_response(const ServerOptions& options, const HttpRequest& request);

// `Access-Control-Allow-Origin` where the origin is allowed. (Every answer has `Vary: Origin`; the connection
// writes it.)
void add_cors_headers(const ServerOptions& options, const HttpRequest& request, HttpResponse& response);

}  // namespace cairn::server
