#include "client/http_client.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <csignal>
#include <optional>

#include "client/event_reader.h"

namespace cairn::client {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

namespace {

using Stream = beast::ssl_stream<beast::tcp_stream>;  // its inner layer serves plain HTTP
using HeadParser = http::response_parser<http::empty_body>;

http::request<http::string_body> make_message(const Url& url, const HttpRequest& request) {
    http::request<http::string_body> message(http::string_to_verb(request.method), url.base + request.target,
                                             11);
    message.set(http::field::host, url.authority());
    message.set(http::field::user_agent, "cairn/" CAIRN_VERSION);
    if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
    if (request.transaction != 0) message.set("x-defradb-tx", std::to_string(request.transaction));
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

bool is_event_stream(const HeadParser& head) {
    return head.get()[http::field::content_type].starts_with("text/event-stream");
}

}  // namespace

class HttpClient::Impl {
  public:
    Impl(Url url, HttpTimes times) : url_(std::move(url)), times_(times) {}

    const Url& url() const { return url_; }
    Result<HttpReply> send(const HttpRequest& request, const EventSink& on_event);

  private:
    // Starts an operation and runs the loop until it has ended.
    template <typename Start>
    error_code wait_for(Start start) {
        std::optional<error_code> outcome;
        start([&outcome](error_code error, auto&&...) { outcome = error; });
        io_.restart();
        while (!outcome) io_.run_one();
        return *outcome;
    }

    // Calls with the layer that speaks HTTP.
    template <typename Call>
    error_code on_stream(Call call) {
        return url_.secure ? call(*stream_) : call(stream_->next_layer());
    }

    template <typename Parser>
    error_code read(Parser& parser) {
        return on_stream([&](auto& stream) {
            return wait_for([&](auto done) { http::async_read(stream, buffer_, parser, std::move(done)); });
        });
    }

    Status connect();
    Status greet();
    Result<HttpReply> exchange(const HttpRequest& request, const EventSink& on_event);
    Result<HttpReply> read_body(HeadParser& head);
    Status read_events(HeadParser& head, const EventSink& on_event);
    std::unexpected<Error> broken(error_code error) const;

    const Url url_;
    const HttpTimes times_;
    net::io_context io_{1};
    net::ssl::context tls_{net::ssl::context::tls_client};
    std::optional<Stream> stream_;  // none: not connected
    beast::flat_buffer buffer_;
};

std::unexpected<Error> HttpClient::Impl::broken(error_code error) const {
    if (error == beast::error::timeout) {
        return fail(ErrorCode::io, fmt::format("no answer from the server at {} within {} s", url_.text(),
                                               static_cast<double>(times_.reply.count()) / 1000));
    }
    if (error == http::error::body_limit) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the answer of the server at {} is longer than {} bytes", url_.text(),
                                kMaxReplyBytes));
    }
    return fail(ErrorCode::io,
                fmt::format("the connection to the server at {} broke: {}", url_.text(), error.message()));
}

Status HttpClient::Impl::connect() {
    error_code error;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(url_.host, url_.port, error);
    stream_.emplace(io_, tls_);
    buffer_.clear();
    if (!error) {
        beast::tcp_stream& socket = stream_->next_layer();
        socket.expires_after(times_.connect);
        error = wait_for([&](auto done) { socket.async_connect(found, std::move(done)); });
    }
    if (error) {
        stream_.reset();
        return fail(ErrorCode::io,
                    fmt::format("cannot reach the server at {}: {}", url_.text(), error.message()));
    }
    if (url_.secure) CAIRN_TRY(greet());
    return {};
}

// The TLS handshake.
Status HttpClient::Impl::greet() {
    error_code error;
    tls_.set_default_verify_paths(error);
    stream_->set_verify_mode(net::ssl::verify_peer);
    stream_->set_verify_callback(net::ssl::host_name_verification(url_.host));
    error_code no_address;
    net::ip::make_address(url_.host, no_address);
    if (no_address) SSL_set_tlsext_host_name(stream_->native_handle(), url_.host.c_str());
    if (!error) {
        error = wait_for(
            [&](auto done) { stream_->async_handshake(net::ssl::stream_base::client, std::move(done)); });
    }
    if (!error) return {};
    stream_.reset();
    return fail(ErrorCode::io,
                fmt::format("no secure connection to the server at {}: {}", url_.text(), error.message()));
}

Result<HttpReply> HttpClient::Impl::send(const HttpRequest& request, const EventSink& on_event) {
    if (!stream_) CAIRN_TRY(connect());
    auto reply = exchange(request, on_event);
    if (!reply) stream_.reset();
    return reply;
}

Result<HttpReply> HttpClient::Impl::exchange(const HttpRequest& request, const EventSink& on_event) {
    const auto message = make_message(url_, request);
    if (request.may_take_long) {
        stream_->next_layer().expires_never();
    } else {
        stream_->next_layer().expires_after(times_.reply);
    }
    HeadParser head;
    const error_code error = on_stream([&](auto& stream) {
        error_code failed = wait_for([&](auto done) { http::async_write(stream, message, std::move(done)); });
        if (failed) return failed;
        return wait_for([&](auto done) { http::async_read_header(stream, buffer_, head, std::move(done)); });
    });
    if (error) return broken(error);
    if (!on_event || !is_event_stream(head)) return read_body(head);
    HttpReply reply{.status = head.get().result_int(), .body = {}, .was_events = true};
    CAIRN_TRY(read_events(head, on_event));
    return reply;
}

Result<HttpReply> HttpClient::Impl::read_body(HeadParser& head) {
    http::response_parser<http::string_body> parser(std::move(head));
    parser.body_limit(kMaxReplyBytes);
    if (const error_code error = read(parser)) return broken(error);
    if (!parser.keep_alive()) stream_.reset();
    return HttpReply{.status = parser.get().result_int(), .body = std::move(parser.get().body())};
}

Status HttpClient::Impl::read_events(HeadParser& head, const EventSink& on_event) {
    stream_->next_layer().expires_never();
    bool interrupted = false;
    net::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([&](error_code cancelled, int) {
        interrupted = !cancelled;
        if (interrupted) stream_->next_layer().cancel();
    });
    http::response_parser<http::buffer_body> parser(std::move(head));
    parser.body_limit(boost::none);
    EventReader events;
    std::array<char, 16384> bytes;
    bool wanted = true;
    while (wanted && !interrupted && !parser.is_done()) {
        auto& body = parser.get().body();
        body.data = bytes.data();
        body.size = bytes.size();
        const error_code error = on_stream([&](auto& stream) {
            return wait_for(
                [&](auto done) { http::async_read_some(stream, buffer_, parser, std::move(done)); });
        });
        if (interrupted) break;
        if (error && error != http::error::need_buffer) return broken(error);
        events.add({bytes.data(), bytes.size() - body.size});
        while (wanted) {
            const auto event = events.next();
            if (!event) break;
            wanted = on_event(*event);
        }
        if (events.pending() > kMaxReplyBytes) return broken(http::error::body_limit);
    }
    signals.cancel();
    io_.restart();
    io_.poll();  // the handler of the signals refers to this frame
    if (!parser.is_done() || !parser.keep_alive()) stream_.reset();
    return {};
}

HttpClient::HttpClient(Url url, HttpTimes times) : impl_(std::make_unique<Impl>(std::move(url), times)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

const Url& HttpClient::url() const {
    return impl_->url();
}

Result<HttpReply> HttpClient::send(const HttpRequest& request, const EventSink& on_event) {
    return impl_->send(request, on_event);
}

}  // namespace cairn::client
