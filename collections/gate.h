// A gate between many users of something and one who replaces it: users pass while it is open; closing waits
// until all have left and keeps others out. Unlike std::shared_mutex a pass may be given back on another
// thread than the one that took it, since a transaction may be handed from thread to thread. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace cairn {

class Gate {
  public:
    // One user inside; gives itself back. Empty after a move.
    class Pass {
      public:
        Pass() = default;
        explicit Pass(Gate& gate) : gate_(&gate) { gate.enter(); }
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&& other) noexcept {
            std::swap(gate_, other.gate_);
            return *this;
        }
        ~Pass() {
            if (gate_ != nullptr) gate_->leave();
        }

      private:
        Gate* gate_ = nullptr;
    };
    // The gate is closed while this lives.
    class Closed {
      public:
        explicit Closed(Gate& gate) : gate_(gate) { gate_.close(); }
        ~Closed() { gate_.open(); }
        Closed(const Closed&) = delete;
        Closed& operator=(const Closed&) = delete;

      private:
        Gate& gate_;
    };

  private:
    static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;

    // Waits until the gate is open and adds to its state.
    void add_when_open(std::uint64_t added) {
        std::uint64_t seen = state_.load(std::memory_order_relaxed);
        while (true) {
            if ((seen & kClosed) != 0) {
                state_.wait(seen);
                seen = state_.load(std::memory_order_relaxed);
            } else if (state_.compare_exchange_weak(seen, seen + added, std::memory_order_acquire,
                                                    std::memory_order_relaxed)) {
                return;
            }
        }
    }
    void enter() { add_when_open(1); }
    void leave() {
        if ((state_.fetch_sub(1, std::memory_order_release) & kClosed) != 0) state_.notify_all();
    }
    void close() {
        add_when_open(kClosed);
        std::uint64_t seen = 0;
        while ((seen = state_.load(std::memory_order_acquire)) != kClosed) state_.wait(seen);
    }
    void open() {
        state_.store(0, std::memory_order_release);
        state_.notify_all();
    }

    std::atomic<std::uint64_t> state_{0};  // users inside, and kClosed
};

}  // namespace cairn
