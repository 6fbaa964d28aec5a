// Guards people who have a browser open beside the server (tools/README.md "Cross-site requests"). Pure.
#pragma once

#include <optional>
#include <string>

#include "server/http.h"
#include "server/options.h"

namespace cairn::server {

// Why a request must not be answered; nothing for a good one. Refused are
// - a Host that is neither an IP address nor localhost, the host listened on, or an allowed one: a foreign
// name
//   that was made to point here (DNS rebinding);
// - a request that changes something, from a page of a foreign origin, in a form that a browser sends without
//   asking first.
std::optional<std::string> check_origin(const ServerOptions& options, const HttpRequest& request);

}  // namespace cairn::server
