#include "collections/work_budget.h"

#include <fmt/format.h>

namespace cairn {

bool WorkBudget::check() {
    if (!failure_.empty()) return false;
    if (stop_.stop_requested()) return refuse("the request was cancelled");
    if (time_.count() == 0) return true;
    auto now = clock_();
    if (!started_) {
        started_ = true;
        start_ = now;
    }
    if (now - start_ <= time_) return true;
    return refuse(fmt::format("the request takes too long. Limit: {} ms", time_.count()));
}

bool WorkBudget::take_slowly() {
    if (!check()) return false;
    if (rows_left_ == 0) {
        return refuse(fmt::format("the request looks at too many rows. Limit: {}", rows_limit_));
    }
    next_slice();
    --slice_;
    return true;
}

bool WorkBudget::refuse_bytes() {
    return refuse(fmt::format("the answer is too large. Limit: {} bytes", result_bytes_));
}

}  // namespace cairn
