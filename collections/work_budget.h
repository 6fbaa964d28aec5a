// What one request may still do: rows it may look at, the time it may take, and whether it was cancelled.
// Looking at the clock is for every few hundred rows, so that a row costs a decrement and a small request
// never looks. Belongs to one thread; the stop token may be set from any.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "cairn/error.h"

namespace cairn {

class WorkBudget {
  public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    static constexpr std::uint64_t kRowsBetweenChecks = 256;

    // rows and time of 0 are without limit. clock must outlive the budget.
    WorkBudget(std::uint64_t rows, std::chrono::milliseconds time, std::size_t result_bytes,
               const Clock& clock, std::stop_token stop)
        : clock_(clock),
          stop_(std::move(stop)),
          rows_limit_(rows),
          rows_left_(rows == 0 ? UINT64_MAX : rows),
          time_(time),
          result_bytes_(result_bytes) {
        next_slice();
    }
    WorkBudget(const WorkBudget&) = delete;
    WorkBudget& operator=(const WorkBudget&) = delete;

    // Counts one row, index entry or commit that is looked at. False when that is too much; failure() tells.
    bool take() {
        if (slice_ > 0) [[likely]] {
            --slice_;
            return true;
        }
        return take_slowly();
    }
    // Looks at time and cancellation only, for work that looks at no rows.
    bool check();
    // Whether an answer that has grown to so many bytes may grow on.
    bool allows_bytes(std::size_t bytes) {
        if (result_bytes_ == 0 || bytes <= result_bytes_) [[likely]]
            return true;
        return refuse_bytes();
    }
    std::unexpected<Error> failure() const { return fail(ErrorCode::limit_exceeded, failure_); }

  private:
    bool take_slowly();
    bool refuse(std::string message) {
        failure_ = std::move(message);
        return false;
    }
    bool refuse_bytes();
    void next_slice() {
        slice_ = std::min(rows_left_, kRowsBetweenChecks);
        rows_left_ -= slice_;
    }

    const Clock& clock_;
    std::stop_token stop_;
    std::uint64_t slice_ = 0;  // rows until the next look at the clock
    std::uint64_t rows_limit_, rows_left_;
    std::chrono::milliseconds time_;
    std::size_t result_bytes_;
    bool started_ = false;
    std::chrono::steady_clock::time_point start_;
    std::string failure_;
};

}  // namespace cairn
