// From a request to its answer: checks that guard a browser's user, cross-origin rules, the route, the log
// line.
#pragma once

#include <optional>

#include "server/http.h"
#include "server/state.h"

namespace cairn::server {

// Answers a request. Never fails: what goes wrong is an answer.
HttpResponse dispatch(State& state, const HttpRequest& request);
// The same for a request that is answered in less time than it takes to hand it to another thread; nothing
// for any other, which has then done nothing.
std::optional<HttpResponse> dispatch_at_once(State& state, const HttpRequest& request);

// Writes the log line of a request: method, path, status, length of the answer's body, elapsed time.
void log_request(const State& state, const HttpRequest& request, const HttpResponse& response,
                 std::int64_t elapsed_us);

}  // namespace cairn::server
