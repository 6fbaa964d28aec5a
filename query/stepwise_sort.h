// A sort that can be stopped: in runs that are merged, with a look at the request's time between them.
#pragma once

#include <algorithm>
#include <vector>

#include "collections/storage.h"

namespace cairn::query {

inline constexpr std::size_t kSortRun = 16384;

// Sorts as std::sort does. Errors: limit_exceeded; the items are then in any order.
template <typename T, typename Less>
Status sort_stepwise(const ReadView& view, std::vector<T>& items, const Less& less) {
    auto go_on = [&]() -> Status {
        if (view.budget() != nullptr && !view.budget()->check()) return view.budget()->failure();
        return {};
    };
    auto at = [&](std::size_t i) {
        return items.begin() + static_cast<std::ptrdiff_t>(std::min(i, items.size()));
    };
    for (std::size_t begin = 0; begin < items.size(); begin += kSortRun) {
        if (begin != 0) CAIRN_TRY(go_on());
        std::sort(at(begin), at(begin + kSortRun), less);
    }
    for (std::size_t run = kSortRun; run < items.size(); run *= 2) {
        for (std::size_t begin = 0; begin + run < items.size(); begin += 2 * run) {
            CAIRN_TRY(go_on());
            std::inplace_merge(at(begin), at(begin + run), at(begin + 2 * run), less);
        }
    }
    return {};
}

}  // namespace cairn::query
