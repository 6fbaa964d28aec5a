// An HTTP/1.1 client of one server, over TCP or TLS (Boost.Beast). One thread; the connection is kept from
// one call to the next. TLS certificates are checked against the system's authorities; the environment's
// SSL_CERT_FILE and SSL_CERT_DIR name others, as OpenSSL reads them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "client/url.h"

namespace cairn::client {

struct HttpTimes {
    std::chrono::milliseconds connect{10'000};  // to resolve, connect and greet
    std::chrono::milliseconds reply{600'000};   // to send a request and get its whole answer
};

struct HttpRequest {
    std::string method = "GET";
    std::string target = {};  // path and query, percent-encoded
    std::string body = {};
    std::string content_type = {};  // empty: no such header
    std::uint64_t transaction = 0;  // 0: none (spec/http-and-cli.md section 8)
    bool may_take_long = false;     // then there is no limit of time for the answer
};

struct HttpReply {
    unsigned status = 0;
    std::string body = {};  // empty when the answer was a stream of events
    bool was_events = false;
};

// Receives the data of one event; returns false to end the stream.
using EventSink = std::function<bool(std::string_view data)>;

class HttpClient {
  public:
    explicit HttpClient(Url url, HttpTimes times = {});
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;
    ~HttpClient();

    const Url& url() const;

    // Sends a request and reads its answer, whatever its status. An answer that is a stream of events goes to
    // on_event piece by piece, without a limit of time, until the server ends it, on_event returns false, or
    // SIGINT or SIGTERM comes; all three are success. Errors: io, naming the server: it cannot be reached,
    // its certificate is not trusted, no answer in time, the connection broke, the answer is not HTTP;
    // limit_exceeded: an answer or event of more than kMaxReplyBytes.
    Result<HttpReply> send(const HttpRequest& request, const EventSink& on_event = {});

    static constexpr std::uint64_t kMaxReplyBytes = std::uint64_t{1} << 30;

    class Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cairn::client
