#include "server/server.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <optional>
#include <thread>

#include "server/connection.h"
#include "server/state.h"
#include "server/tls.h"

namespace cairn::server {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr auto kTick = std::chrono::milliseconds(500);
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr std::size_t kMinThreads = 4;

// A thread that moves bytes, and answers what takes no longer than that; one a processor.
struct Worker {
    net::io_context io{1};
    std::thread thread;
};

std::vector<std::unique_ptr<Worker>> make_workers() {
    std::vector<std::unique_ptr<Worker>> workers;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
        workers.push_back(std::make_unique<Worker>());
    return workers;
}

std::size_t thread_count(const ServerOptions& options) {
    if (options.threads != 0) return options.threads;
    return std::max(kMinThreads, std::size_t{2} * std::thread::hardware_concurrency());
}

}  // namespace

class Server::Impl {
  public:
    explicit Impl(std::unique_ptr<State> state)
        : state_(std::move(state)),
          pool_(thread_count(state_->options())),
          workers_(make_workers()),
          acceptor_(io()),
          tick_(io()),
          pause_(io()),
          signals_(io(), SIGINT, SIGTERM) {}
    ~Impl() { (void)stop(); }

    Status listen();
    void run();
    std::uint16_t port() const { return port_; }
    void wait() {
        std::unique_lock lock(mutex_);
        stop_wanted_changed_.wait(lock, [&] { return stop_wanted_; });
    }
    Status stop();

  private:
    void want_stop() {
        std::lock_guard lock(mutex_);
        stop_wanted_ = true;
        stop_wanted_changed_.notify_all();
    }
    // Where the server's own work is done.
    net::io_context& io() { return workers_.front()->io; }
    void run_worker(net::io_context& io);
    void accept();
    void tick();
    void drain();

    std::unique_ptr<State> state_;
    std::optional<net::ssl::context> tls_;
    ConnectionSet connections_;  // outlives the connections, which workers and pool hold
    net::thread_pool pool_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::size_t next_worker_ = 0;
    tcp::acceptor acceptor_;
    net::steady_timer tick_, pause_;
    net::signal_set signals_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable stop_wanted_changed_;
    bool stop_wanted_ = false, stopped_ = false, running_ = false;
};

Status Server::Impl::listen() {
    const ServerOptions& options = state_->options();
    if (uses_tls(options)) {
        CAIRN_ASSIGN(net::ssl::context context, make_tls_context(options.certificate, options.private_key));
        tls_.emplace(std::move(context));
    }
    std::string where = fmt::format("{}:{}", options.host, options.port);
    error_code error;
    tcp::resolver resolver(io());
    auto found = resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
    if (error || found.empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("cannot listen on {}: {}", where, error.message()));
    tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) return fail(ErrorCode::io, fmt::format("cannot listen on {}: {}", where, error.message()));
    port_ = acceptor_.local_endpoint(error).port();
    return {};
}

void Server::Impl::run() {
    signals_.async_wait([this](error_code error, int) {
        if (!error) want_stop();
    });
    accept();
    tick();
    for (auto& worker : workers_) {
        worker->thread = std::thread([this, &io = worker->io] {
            const auto work = net::make_work_guard(io);  // also while there is no connection
            run_worker(io);
        });
    }
    running_ = true;
}

// What a connection's handler throws (no memory is left) ends that connection, which nothing holds any more.
void Server::Impl::run_worker(net::io_context& io) {
    for (bool over = false; !over;) {
        try {
            io.run();
            over = true;
        } catch (const std::exception& error) {
            state_->log(fmt::format("a connection was dropped: {}", error.what()));
        }
    }
}

void Server::Impl::accept() {
    // Connections are dealt out in turn: which of them will be busy is not known.
    net::io_context& io = workers_[next_worker_++ % workers_.size()]->io;
    acceptor_.async_accept(io, [this](error_code error, Socket socket) {
        if (stopping_) return;
        if (error) {  // out of file descriptors, most likely: they come back when connections end
            state_->log(fmt::format("cannot accept a connection: {}", error.message()));
            pause_.expires_after(kAcceptPause);
            pause_.async_wait([this](error_code cancelled) {
                if (!cancelled) accept();
            });
            return;
        }
        if (connections_.size() >= state_->options().limits.connections) {
            constexpr std::string_view kFull =
                "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 33\r\n"
                "Connection: close\r\n\r\n{\"error\":\"too many connections\"}\n";
            error_code ignored;
            if (!tls_) socket.write_some(net::buffer(kFull), ignored);
        } else {
            make_connection(std::move(socket), tls_ ? &*tls_ : nullptr, *state_, connections_, pool_)
                ->start();
        }
        accept();
    });
}

// Looks for what is overdue.
void Server::Impl::tick() {
    tick_.expires_after(kTick);
    tick_.async_wait([this](error_code error) {
        if (error) return;
        std::int64_t now = state_->now_ms();
        for (const auto& connection : connections_.all()) connection->check_deadline(now);
        if (std::size_t expired = state_->expire_transactions(); expired > 0)
            state_->log(fmt::format("{} transactions were discarded: nobody used them", expired));
        tick();
    });
}

// Waits until every connection is gone; those that take too long are cut.
void Server::Impl::drain() {
    for (const auto& connection : connections_.all()) connection->stop();
    std::chrono::milliseconds time(state_->options().limits.stop_ms);
    if (connections_.wait_until_empty(time)) return;
    state_->cancel();
    for (const auto& connection : connections_.all()) connection->abort();
    connections_.wait_until_empty(time);
}

Status Server::Impl::stop() {
    {
        std::lock_guard lock(mutex_);
        if (stopped_) return {};
        stopped_ = true;
    }
    want_stop();
    stopping_ = true;
    if (running_) {
        net::post(acceptor_.get_executor(), [this] {
            error_code ignored;
            acceptor_.close(ignored);
        });
        drain();
    }
    for (auto& worker : workers_) worker->io.stop();
    for (auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
    }
    pool_.join();
    return state_->close();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(ServerOptions options) {
    CAIRN_ASSIGN(std::unique_ptr<State> state, State::open(std::move(options)));
    auto impl = std::make_unique<Impl>(std::move(state));
    CAIRN_TRY(impl->listen());
    impl->run();
    return Server(std::move(impl));
}

std::uint16_t Server::port() const {
    return impl_->port();
}

void Server::wait() {
    impl_->wait();
}

Status Server::stop() {
    return impl_->stop();
}

}  // namespace cairn::server
