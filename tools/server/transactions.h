// Explicit transactions that clients hold by number (spec/http-and-cli.md section 8). Thread-safe; calls on
// one transaction are put in order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "cairn/database.h"

namespace cairn::server {

class TransactionTable {
  public:
    TransactionTable(std::size_t capacity, std::int64_t idle_ms, std::function<std::int64_t()> clock_ms);

    // Takes a transaction in and returns its number. Errors: limit_exceeded.
    Result<std::uint64_t> add(Transaction transaction);

    // Runs a body in an open transaction, alone. Nothing when the text is not the number of one.
    std::optional<Status> run(std::string_view id, const std::function<Status(Transaction&)>& body);

    // Ends a transaction. Errors: invalid_argument ("invalid transaction id"), conflict: then the number
    // stays known, and another commit fails with "Trying to commit a discarded txn".
    Status commit(std::string_view id);
    Status discard(std::string_view id);

    // Discards those that nobody used for the idle time; returns how many.
    std::size_t expire();
    void clear();

  private:
    struct Entry {
        std::mutex mutex;
        std::optional<Transaction> transaction;  // none after a conflict
        std::int64_t last_use_ms = 0;            // guarded by the table's mutex
    };
    std::shared_ptr<Entry> find(std::string_view id);
    void remove(std::string_view id);

    const std::size_t capacity_;
    const std::int64_t idle_ms_;
    const std::function<std::int64_t()> clock_ms_;
    std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<Entry>> entries_;
};

}  // namespace cairn::server
