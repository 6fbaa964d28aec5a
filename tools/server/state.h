// What all connections of a server share: the store, the open transactions, the options. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string_view>

#include "cairn/database.h"
#include "server/options.h"
#include "server/subscriptions.h"
#include "server/transactions.h"

namespace cairn::server {

class State {
  public:
    // Opens the store. Errors: those of Database::open.
    static Result<std::unique_ptr<State>> open(ServerOptions options);

    const ServerOptions& options() const { return options_; }
    TransactionTable& transactions() { return transactions_; }
    SubscriptionTable& subscriptions() { return subscriptions_; }
    // Ends the GraphQL requests under way once cancel() is called.
    std::stop_token stop_token() const { return stop_.get_token(); }
    void cancel() { stop_.request_stop(); }
    std::int64_t now_ms() const { return options_.clock_ms(); }
    void log(std::string_view line) const {
        if (options_.log) options_.log(line);
    }

    // Runs a body with the store, which stays the same meanwhile.
    template <typename Body>
    auto with_database(Body body) {
        std::shared_lock lock(database_mutex_);
        return body(*database_);
    }

    // Discards transactions that nobody used for a while; returns how many.
    std::size_t expire_transactions();
    // Discards all transactions, ends all subscriptions, deletes all data and opens an empty store in its
    // place. Errors: io, and then every later call fails.
    Status purge();
    // Flushes and closes the store.
    Status close();

  private:
    explicit State(ServerOptions options);
    Status open_store();

    ServerOptions options_;
    std::shared_mutex database_mutex_;
    std::optional<Database> database_;
    TransactionTable transactions_;
    SubscriptionTable subscriptions_;
    std::stop_source stop_;
};

}  // namespace cairn::server
