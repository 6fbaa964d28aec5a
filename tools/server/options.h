// What a server is told when it starts, and its limits. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/database.h"

namespace cairn::server {

// Each has a test at the limit and one past it.
struct Limits {
    std::size_t body_bytes = std::size_t{64} << 20;         // else 413
    std::size_t header_bytes = std::size_t{32} << 10;       // else 431
    std::size_t connections = 1000;                         // else 503 and the connection is closed
    std::size_t transactions = 1000;                        // open explicit ones; else 503
    std::size_t subscriptions = 1000;                       // open ones; else 503
    std::size_t subscription_bytes = std::size_t{8} << 20;  // unsent for one client; then its stream ends
    std::int64_t request_ms = 60'000;       // for a request to arrive, and for its answer to be taken
    std::int64_t idle_ms = 120'000;         // between two requests of a connection
    std::int64_t transaction_ms = 300'000;  // of an explicit transaction without a request
    std::int64_t stop_ms = 10'000;          // for requests under way when the server stops
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9181;                 // 0: any free one
    std::size_t threads = 0;                   // 0: twice the processors, at least 4
    bool development = false;                  // purge is allowed
    std::vector<std::string> allowed_origins;  // lower case; "*": all
    std::vector<std::string> allowed_hosts;    // names beside localhost, IP addresses and `host`; "*": all
    std::filesystem::path certificate, private_key;  // PEM files; with either one the server speaks TLS
    Limits limits;

    // How the store is opened, at the start and after a purge.
    std::filesystem::path store_path;
    Options store;

    // Receives one line per notable event, and per request where log_requests says so; called by several
    // threads at once.
    bool log_requests = true;
    std::function<void(std::string_view line)> log;
    // Milliseconds that only grow. Default: the steady clock.
    std::function<std::int64_t()> clock_ms;
};

}  // namespace cairn::server
