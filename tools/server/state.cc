#include "server/state.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>

namespace cairn::server {

namespace {

std::int64_t steady_ms() {
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

ServerOptions with_clock(ServerOptions options) {
    if (!options.clock_ms) options.clock_ms = steady_ms;
    return options;
}

}  // namespace

State::State(ServerOptions options)
    : options_(with_clock(std::move(options))),
      transactions_(options_.limits.transactions, options_.limits.transaction_ms, options_.clock_ms),
      subscriptions_(options_.limits.subscriptions, options_.limits.subscription_bytes) {}

Result<std::unique_ptr<State>> State::open(ServerOptions options) {
    std::unique_ptr<State> state(new State(std::move(options)));
    CAIRN_TRY(state->open_store());
    return state;
}

Status State::open_store() {
    CAIRN_ASSIGN(Database database, Database::open(options_.store_path, options_.store));
    database_.emplace(std::move(database));
    return {};
}

std::size_t State::expire_transactions() {
    std::shared_lock lock(database_mutex_);
    return transactions_.expire();
}

Status State::purge() {
    std::unique_lock lock(database_mutex_);
    transactions_.clear();
    subscriptions_.close_all();
    CAIRN_TRY(database_->close());
    if (!options_.store.in_memory) {
        std::error_code error;
        std::filesystem::remove_all(options_.store_path, error);
        if (error) return fail(ErrorCode::io, fmt::format("cannot delete the store: {}", error.message()));
    }
    return open_store();
}

Status State::close() {
    std::unique_lock lock(database_mutex_);
    transactions_.clear();
    return database_->close();
}

}  // namespace cairn::server
