// Requests and answers as handlers see them, without the library that moves their bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::server {

// Views are valid during one call of a handler.
struct HttpRequest {
    std::string_view method;
    std::string_view path;   // still percent-encoded
    std::string_view query;  // what follows the question mark
    std::string_view body;
    // Headers that the server looks at; empty when absent.
    std::string_view host, origin, content_type, transaction;
    std::string_view preflight_method, preflight_headers;
};

// A body that comes piece by piece: a list that is read while it is sent, or events as they happen.
class BodyStream {
  public:
    enum class Next { piece, waiting, end };
    virtual ~BodyStream() = default;
    // Puts the next piece into `out`. After `waiting` the function given to on_ready is called once when
    // there is more, by any thread. Belongs to the connection's thread.
    virtual Next next(std::string& out) = 0;
    virtual void on_ready(std::function<void()> wake) = 0;
};

struct HttpResponse {
    unsigned status = 200;
    std::string_view content_type;  // a static text; empty: none
    std::string body;
    std::vector<std::pair<std::string_view, std::string>> headers;  // further ones; names are static texts
    std::unique_ptr<BodyStream> stream;                             // then an event stream instead of `body`
};

}  // namespace cairn::server
