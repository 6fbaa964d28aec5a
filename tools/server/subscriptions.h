// Live subscriptions as event streams (spec/http-and-cli.md section 4). Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "server/http.h"

namespace cairn::server {

// Events between the thread that committed a write and the connection that sends them. What a client does not
// take is kept up to a limit; then the stream ends, since a gap could not be seen.
class EventQueue {
  public:
    explicit EventQueue(std::size_t capacity) : capacity_(capacity) {}

    void push(std::string_view json);
    // Ends the stream; what was pushed before is still sent.
    void close();
    BodyStream::Next take(std::string& out);
    void on_ready(std::function<void()> wake);

  private:
    void wake_after(bool needed, std::unique_lock<std::mutex> lock);

    const std::size_t capacity_;
    std::mutex mutex_;
    std::string pending_;
    bool closed_ = false;
    std::function<void()> wake_;
};

// The queues of all open subscriptions.
class SubscriptionTable {
  public:
    SubscriptionTable(std::size_t capacity, std::size_t queue_bytes)
        : capacity_(capacity), queue_bytes_(queue_bytes) {}

    // A new queue, counted as long as it lives; null when there are too many.
    std::shared_ptr<EventQueue> open();
    void close_all();
    std::size_t capacity() const { return capacity_; }

  private:
    const std::size_t capacity_, queue_bytes_;
    std::mutex mutex_;
    std::set<std::weak_ptr<EventQueue>, std::owner_less<>> queues_;
};

}  // namespace cairn::server
