// The HTTP server: CairnDB's API (spec/http-and-cli.md sections 1 to 15) over one store. A pool of threads
// runs all connections; a request runs on the thread that read it.
#pragma once

#include <memory>
#include <string>

#include "cairn/error.h"
#include "server/options.h"

namespace cairn::server {

class Server {
  public:
    // Opens the store and listens; requests are taken from here on. Errors: io (the address is in use, not of
    // this machine), invalid_argument (host), those of Database::open.
    static Result<Server> start(ServerOptions options);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();  // stops

    // The port it listens on.
    std::uint16_t port() const;
    // Returns when SIGINT or SIGTERM came, or stop() was called by another thread.
    void wait();
    // Takes no more requests, lets those under way end, ends event streams, closes the store. Errors: io.
    Status stop();

    class Impl;

  private:
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cairn::server
