// One client connection: reads requests, answers them one after the other, streams events. Everything of a
// connection happens on the one thread that runs its io_context, but for requests that may take long: those
// are answered on a thread of the pool. stop, check_deadline and abort may be called from any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "server/state.h"

namespace cairn::server {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void start() = 0;
    // Closes the connection once its request is answered, and ends an event stream.
    virtual void stop() = 0;
    // Closes the connection when what it waits for is overdue.
    virtual void check_deadline(std::int64_t now_ms) = 0;
    // Closes it whatever it does.
    virtual void abort() = 0;
};

// The connections that are open. Thread-safe.
class ConnectionSet {
  public:
    void add(const std::shared_ptr<Connection>& connection);
    void remove(Connection* connection);
    std::size_t size() const;
    std::vector<std::shared_ptr<Connection>> all() const;
    // Waits until none is left; false when there are some after that time.
    bool wait_until_empty(std::chrono::milliseconds time) const;

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable emptied_;
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections_;
};

// Over TLS when a context is given. Context, state, set and pool must outlive the connection.
std::shared_ptr<Connection> make_connection(Socket socket, boost::asio::ssl::context* tls, State& state,
                                            ConnectionSet& set, boost::asio::thread_pool& pool);

}  // namespace cairn::server
