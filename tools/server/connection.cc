#include "server/connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <optional>

#include "server/dispatch.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kHeaderRead = 4 << 10, kBodyRead = 64 << 10;
constexpr std::int64_t kLingerMs = 2'000;
constexpr std::int64_t kNoDeadline = INT64_MAX;

std::string_view text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

// The Date header's text; made once a second.
std::string_view http_date() {
    thread_local std::time_t made_for = 0;
    thread_local std::array<char, 40> date{};
    thread_local std::size_t length = 0;
    std::time_t now = std::time(nullptr);
    if (now != made_for) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        length = std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made_for = now;
    }
    return {date.data(), length};
}

void write_head(const HttpResponse& response, bool http10, bool keep_alive, std::string& out) {
    out += "HTTP/1.1 ";
    fmt::format_to(std::back_inserter(out), "{} ", response.status);
    out += text(http::obsolete_reason(static_cast<http::status>(response.status)));
    out += "\r\nDate: ";
    out += http_date();
    out += "\r\nVary: Origin\r\n";
    if (!response.content_type.empty()) {
        out += "Content-Type: ";
        out += response.content_type;
        out += "\r\n";
    }
    if (response.stream) {
        out += http10 ? "Cache-Control: no-cache\r\n"
                      : "Cache-Control: no-cache\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n";
    } else {
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
        if (!keep_alive) {
            out += "Connection: close\r\n";
        } else if (http10) {
            out += "Connection: keep-alive\r\n";
        }
    }
    for (const auto& [name, value] : response.headers) {
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    out += "\r\n";
}

// Over a Socket, or over TLS on one.
template <typename Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
  public:
    template <typename... Layers>
    StreamConnection(State& state, ConnectionSet& set, net::thread_pool& pool, Layers&&... layers)
        : stream_(std::forward<Layers>(layers)...), state_(state), set_(set), pool_(pool) {}
    ~StreamConnection() override { set_.remove(this); }

    void start() override {
        error_code ignored;
        socket().set_option(net::ip::tcp::no_delay(true), ignored);
        socket().non_blocking(true, ignored);
        on_thread(kSecure ? &StreamConnection::shake_hands : &StreamConnection::begin_request);
    }
    void stop() override { on_thread(&StreamConnection::stop_now); }
    void abort() override { on_thread(&StreamConnection::close); }
    void check_deadline(std::int64_t now_ms) override {
        if (now_ms >= deadline_ms_.load(std::memory_order_relaxed)) on_thread(&StreamConnection::overdue);
    }

  private:
    static constexpr bool kSecure = !std::is_same_v<Stream, Socket>;
    enum class Phase { idle, reading, answering, streaming, closing };

    Socket& socket() {
        if constexpr (kSecure) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }
    using std::enable_shared_from_this<StreamConnection>::shared_from_this;
    using std::enable_shared_from_this<StreamConnection>::weak_from_this;

    void on_thread(void (StreamConnection::*member)()) {
        net::post(stream_.get_executor(), [self = shared_from_this(), member] { (self.get()->*member)(); });
    }
    void enter(Phase phase, std::int64_t time_ms) {
        phase_ = phase;
        deadline_ms_.store(time_ms == kNoDeadline ? kNoDeadline : state_.now_ms() + time_ms,
                           std::memory_order_relaxed);
    }

    // ---- reading ----
    void shake_hands();
    void begin_request();
    void read_more();
    void parse();
    void refuse(unsigned status, std::string_view message);

    // ---- answering ----
    void answer();
    void answer_in_pool();
    void respond(HttpResponse response);
    void send(HttpResponse response, bool keep_alive);
    void write_rest(std::size_t written);
    void answered();

    // ---- event streams ----
    void start_stream();
    void next_piece();
    void write_piece();
    void watch_client();

    // ---- ending ----
    void stop_now();
    void overdue();
    void linger();
    void discard_input();
    void close();

    Stream stream_;
    State& state_;
    ConnectionSet& set_;
    net::thread_pool& pool_;
    HttpRequest request_;  // the one that is answered; its views are into parser_
    std::chrono::steady_clock::time_point begun_;
    Phase phase_ = Phase::idle;
    std::atomic<std::int64_t> deadline_ms_{kNoDeadline};
    bool stopping_ = false, keep_alive_ = true, continue_sent_ = false;
    boost::beast::flat_buffer input_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::string output_;
    std::string body_;
    std::unique_ptr<BodyStream> body_stream_;
    bool chunked_ = true, watching_ = false, writing_ = false;
    std::array<char, 512> ignored_input_;
};

template <typename Stream>
void StreamConnection<Stream>::shake_hands() {
    if constexpr (kSecure) {
        enter(Phase::closing, state_.options().limits.request_ms);
        stream_.async_handshake(net::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
            error ? self->close() : self->begin_request();
        });
    }
}

template <typename Stream>
void StreamConnection<Stream>::begin_request() {
    if (stopping_ && input_.size() == 0) return close();
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(static_cast<std::uint32_t>(state_.options().limits.header_bytes));
    parser_->body_limit(state_.options().limits.body_bytes);
    continue_sent_ = false;
    enter(Phase::idle, state_.options().limits.idle_ms);
    // A request that is here already waits its turn: other connections of the thread come first.
    input_.size() == 0 ? read_more() : on_thread(&StreamConnection::parse);
}

template <typename Stream>
void StreamConnection<Stream>::read_more() {
    auto space = input_.prepare(parser_->is_header_done() ? kBodyRead : kHeaderRead);
    stream_.async_read_some(space, [self = shared_from_this()](error_code error, std::size_t bytes) {
        if (error) return self->close();
        self->input_.commit(bytes);
        self->parse();
    });
}

template <typename Stream>
void StreamConnection<Stream>::parse() {
    if (phase_ == Phase::idle) enter(Phase::reading, state_.options().limits.request_ms);
    while (input_.size() > 0) {
        error_code error;
        std::size_t used = parser_->put(input_.data(), error);
        input_.consume(used);
        if (error == http::error::need_more) {
            if (used == 0) break;
            continue;
        }
        if (error == http::error::body_limit) return refuse(413, "the body is too large");
        if (error == http::error::header_limit || error == http::error::buffer_overflow)
            return refuse(431, "the headers are too large");
        if (error) return refuse(400, "the request is not HTTP: " + error.message());
        if (parser_->is_done()) return answer();
        if (used == 0) break;
    }
    if (parser_->is_header_done() && !continue_sent_ &&
        boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
        continue_sent_ = true;
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        return net::async_write(stream_, net::buffer(kContinue),
                                [self = shared_from_this()](error_code error, std::size_t) {
                                    error ? self->close() : self->read_more();
                                });
    }
    read_more();
}

// The rest of what the client sends cannot be understood: the connection ends with the answer.
template <typename Stream>
void StreamConnection<Stream>::refuse(unsigned status, std::string_view message) {
    input_.consume(input_.size());
    send(error_response(status, message), false);
}

template <typename Stream>
void StreamConnection<Stream>::answer() {
    enter(Phase::answering, kNoDeadline);
    begun_ = std::chrono::steady_clock::now();
    const auto& message = parser_->get();
    std::string_view target = text(message.target());
    std::size_t question = std::min(target.find('?'), target.size());
    request_ = {};
    request_.method = text(message.method_string());
    request_.path = target.substr(0, question);
    request_.query = question < target.size() ? target.substr(question + 1) : std::string_view();
    request_.body = message.body();
    request_.host = text(message[http::field::host]);
    request_.origin = text(message[http::field::origin]);
    request_.content_type = text(message[http::field::content_type]);
    request_.transaction = text(message["x-defradb-tx"]);
    if (message.method() == http::verb::options) {
        request_.preflight_method = text(message[http::field::access_control_request_method]);
        request_.preflight_headers = text(message[http::field::access_control_request_headers]);
    }
    if (auto response = dispatch_at_once(state_, request_)) return respond(std::move(*response));
    answer_in_pool();
}

// Nothing is read meanwhile, so that the request stays as it is. What a task throws (no memory is left) drops
// the connection, which nothing holds any more.
template <typename Stream>
void StreamConnection<Stream>::answer_in_pool() {
    net::post(pool_, [self = shared_from_this()] {
        try {
            HttpResponse response = dispatch(self->state_, self->request_);
            net::post(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
                self->respond(std::move(response));
            });
        } catch (const std::exception& error) {
            self->state_.log(fmt::format("a connection was dropped: {}", error.what()));
        }
    });
}

template <typename Stream>
void StreamConnection<Stream>::respond(HttpResponse response) {
    const auto& message = parser_->get();
    if (message.method() == http::verb::head) response.body.clear();  // such an answer has none
    auto elapsed = std::chrono::steady_clock::now() - begun_;
    log_request(state_, request_, response,
                std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
    send(std::move(response), message.keep_alive() && !stopping_);
}

template <typename Stream>
void StreamConnection<Stream>::send(HttpResponse response, bool keep_alive) {
    bool http10 = parser_->is_header_done() && parser_->get().version() == 10;
    chunked_ = !http10;
    keep_alive_ = keep_alive && !response.stream;
    output_.clear();
    write_head(response, http10, keep_alive_, output_);
    body_ = std::move(response.body);
    body_stream_ = std::move(response.stream);
    enter(body_stream_ ? Phase::streaming : Phase::answering, state_.options().limits.request_ms);
    std::size_t written = 0;
    if constexpr (!kSecure) {  // most answers fit into the socket's buffer: no need to wait
        std::array<net::const_buffer, 2> buffers = {net::buffer(output_), net::buffer(body_)};
        error_code error;
        written = stream_.write_some(buffers, error);
        if (error && error != net::error::would_block) return close();
        if (written == output_.size() + body_.size()) return answered();
    }
    write_rest(written);
}

template <typename Stream>
void StreamConnection<Stream>::write_rest(std::size_t written) {
    std::size_t in_head = std::min(written, output_.size());
    std::array<net::const_buffer, 2> rest = {net::buffer(output_) + in_head,
                                             net::buffer(body_) + (written - in_head)};
    net::async_write(stream_, rest, [self = shared_from_this()](error_code error, std::size_t) {
        error ? self->close() : self->answered();
    });
}

template <typename Stream>
void StreamConnection<Stream>::answered() {
    body_ = std::string();  // a large answer must not stay with an idle connection
    if (body_stream_) return start_stream();
    if (!keep_alive_) return linger();
    begin_request();
}

template <typename Stream>
void StreamConnection<Stream>::start_stream() {
    body_stream_->on_ready([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->on_thread(&StreamConnection::next_piece);
    });
    next_piece();
}

// A client that goes away is noticed by reading: nothing else may come.
template <typename Stream>
void StreamConnection<Stream>::watch_client() {
    watching_ = true;
    stream_.async_read_some(net::buffer(ignored_input_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                error ? self->close() : self->watch_client();
                            });
}

template <typename Stream>
void StreamConnection<Stream>::next_piece() {
    if (!body_stream_ || writing_) return;
    std::string piece;
    BodyStream::Next next = stopping_ ? BodyStream::Next::end : body_stream_->next(piece);
    if (next == BodyStream::Next::waiting) {
        enter(Phase::streaming, kNoDeadline);
        if (!watching_) watch_client();
        return;
    }
    output_.clear();
    if (next == BodyStream::Next::end) {
        if (chunked_) output_ = "0\r\n\r\n";
        body_stream_.reset();
    } else if (chunked_) {
        fmt::format_to(std::back_inserter(output_), "{:x}\r\n", piece.size());
        output_ += piece;
        output_ += "\r\n";
    } else {
        output_ = std::move(piece);
    }
    write_piece();
}

template <typename Stream>
void StreamConnection<Stream>::write_piece() {
    enter(Phase::streaming, state_.options().limits.request_ms);
    writing_ = true;
    net::async_write(stream_, net::buffer(output_),
                     [self = shared_from_this()](error_code error, std::size_t) {
                         self->writing_ = false;
                         if (error) return self->close();
                         if (self->body_stream_) return self->next_piece();
                         self->chunked_ && !self->watching_ ? self->begin_request() : self->close();
                     });
}

template <typename Stream>
void StreamConnection<Stream>::stop_now() {
    stopping_ = true;
    if (phase_ == Phase::idle) return close();
    if (body_stream_) next_piece();
}

template <typename Stream>
void StreamConnection<Stream>::overdue() {
    if (state_.now_ms() < deadline_ms_.load(std::memory_order_relaxed)) return;
    if (phase_ == Phase::reading) return refuse(408, "the request took too long to arrive");
    close();
}

// Sends the end and reads what still comes, so that the answer is not lost by a reset.
template <typename Stream>
void StreamConnection<Stream>::linger() {
    enter(Phase::closing, kLingerMs);
    if constexpr (kSecure) {
        stream_.async_shutdown([self = shared_from_this()](error_code) { self->close(); });
    } else {
        error_code ignored;
        stream_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
        discard_input();
    }
}

template <typename Stream>
void StreamConnection<Stream>::discard_input() {
    stream_.async_read_some(net::buffer(ignored_input_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                error ? self->close() : self->discard_input();
                            });
}

template <typename Stream>
void StreamConnection<Stream>::close() {
    enter(Phase::closing, kNoDeadline);
    body_stream_.reset();
    error_code ignored;
    socket().close(ignored);
}

}  // namespace

void ConnectionSet::add(const std::shared_ptr<Connection>& connection) {
    std::lock_guard lock(mutex_);
    connections_.emplace(connection.get(), connection);
}

void ConnectionSet::remove(Connection* connection) {
    std::lock_guard lock(mutex_);
    connections_.erase(connection);
    if (connections_.empty()) emptied_.notify_all();
}

bool ConnectionSet::wait_until_empty(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, time, [&] { return connections_.empty(); });
}

std::size_t ConnectionSet::size() const {
    std::lock_guard lock(mutex_);
    return connections_.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionSet::all() const {
    std::vector<std::shared_ptr<Connection>> open;
    std::lock_guard lock(mutex_);
    for (const auto& [address, weak] : connections_) {
        if (auto connection = weak.lock()) open.push_back(std::move(connection));
    }
    return open;
}

std::shared_ptr<Connection> make_connection(Socket socket, boost::asio::ssl::context* tls, State& state,
                                            ConnectionSet& set, boost::asio::thread_pool& pool) {
    std::shared_ptr<Connection> connection;
    if (tls != nullptr) {
        connection = std::make_shared<StreamConnection<net::ssl::stream<Socket>>>(state, set, pool,
                                                                                  std::move(socket), *tls);
    } else {
        connection = std::make_shared<StreamConnection<Socket>>(state, set, pool, std::move(socket));
    }
    set.add(connection);
    return connection;
}

}  // namespace cairn::server
