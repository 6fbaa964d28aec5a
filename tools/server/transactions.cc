#include "server/transactions.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace cairn::server {

namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

TransactionTable::TransactionTable(std::size_t capacity, std::int64_t idle_ms,
                                   std::function<std::int64_t()> clock_ms)
    : capacity_(capacity), idle_ms_(idle_ms), clock_ms_(std::move(clock_ms)) {}

Result<std::uint64_t> TransactionTable::add(Transaction transaction) {
    auto entry = std::make_shared<Entry>();
    entry->transaction.emplace(std::move(transaction));
    std::lock_guard lock(mutex_);
    if (entries_.size() >= capacity_) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("too many open transactions. Limit: {}", capacity_));
    }
    entry->last_use_ms = clock_ms_();
    entries_.emplace(++last_id_, std::move(entry));
    return last_id_;
}

std::shared_ptr<TransactionTable::Entry> TransactionTable::find(std::string_view id) {
    auto number = number_of(id);
    if (!number) return nullptr;
    std::lock_guard lock(mutex_);
    auto entry = entries_.find(*number);
    if (entry == entries_.end()) return nullptr;
    entry->second->last_use_ms = clock_ms_();
    return entry->second;
}

void TransactionTable::remove(std::string_view id) {
    auto number = number_of(id);
    std::lock_guard lock(mutex_);
    if (number) entries_.erase(*number);
}

std::optional<Status> TransactionTable::run(std::string_view id,
                                            const std::function<Status(Transaction&)>& body) {
    std::shared_ptr<Entry> entry = find(id);
    if (!entry) return std::nullopt;
    std::lock_guard lock(entry->mutex);
    if (!entry->transaction) return std::nullopt;
    return body(*entry->transaction);
}

Status TransactionTable::commit(std::string_view id) {
    std::shared_ptr<Entry> entry = find(id);
    if (!entry) return fail(ErrorCode::invalid_argument, "invalid transaction id");
    std::lock_guard lock(entry->mutex);
    if (!entry->transaction) return fail(ErrorCode::invalid_argument, "Trying to commit a discarded txn");
    Status status = entry->transaction->commit();
    entry->transaction.reset();
    if (status || status.error().code != ErrorCode::conflict) remove(id);
    return status;
}

Status TransactionTable::discard(std::string_view id) {
    std::shared_ptr<Entry> entry = find(id);
    if (!entry) return fail(ErrorCode::invalid_argument, "invalid transaction id");
    std::lock_guard lock(entry->mutex);
    entry->transaction.reset();
    remove(id);
    return {};
}

std::size_t TransactionTable::expire() {
    std::vector<std::shared_ptr<Entry>> over;  // declared before the lock: ended outside it
    std::lock_guard lock(mutex_);
    std::int64_t oldest = clock_ms_() - idle_ms_;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        bool in_use = entry->second.use_count() > 1;
        if (in_use || entry->second->last_use_ms > oldest) {
            ++entry;
            continue;
        }
        over.push_back(std::move(entry->second));
        entry = entries_.erase(entry);
    }
    return over.size();
}

void TransactionTable::clear() {
    std::unordered_map<std::uint64_t, std::shared_ptr<Entry>> over;  // ended outside the lock
    std::lock_guard lock(mutex_);
    over.swap(entries_);
}

}  // namespace cairn::server
