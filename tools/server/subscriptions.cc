#include "server/subscriptions.h"

#include <utility>

namespace cairn::server {

void EventQueue::push(std::string_view json) {
    constexpr std::string_view kBegin = "data: ", kEnd = "\n\n";
    std::unique_lock lock(mutex_);
    if (closed_) return;
    bool was_empty = pending_.empty();
    if (pending_.size() + kBegin.size() + json.size() + kEnd.size() > capacity_) {
        closed_ = true;
    } else {
        pending_.append(kBegin).append(json).append(kEnd);
    }
    wake_after(was_empty || closed_, std::move(lock));
}

void EventQueue::close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    wake_after(true, std::move(lock));
}

// The connection takes everything at once, so it needs to be woken only for the first event.
void EventQueue::wake_after(bool needed, std::unique_lock<std::mutex> lock) {
    std::function<void()> wake = needed ? wake_ : nullptr;
    lock.unlock();
    if (wake) wake();
}

BodyStream::Next EventQueue::take(std::string& out) {
    std::lock_guard lock(mutex_);
    if (pending_.empty()) return closed_ ? BodyStream::Next::end : BodyStream::Next::waiting;
    out = std::exchange(pending_, {});
    return BodyStream::Next::piece;
}

void EventQueue::on_ready(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

std::shared_ptr<EventQueue> SubscriptionTable::open() {
    std::lock_guard lock(mutex_);
    std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
    if (queues_.size() >= capacity_) return nullptr;
    auto queue = std::make_shared<EventQueue>(queue_bytes_);
    queues_.insert(queue);
    return queue;
}

void SubscriptionTable::close_all() {
    std::lock_guard lock(mutex_);
    for (const auto& weak : std::exchange(queues_, {})) {
        if (auto queue = weak.lock()) queue->close();
    }
}

}  // namespace cairn::server
