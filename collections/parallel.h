// Work that falls into a few independent shares, each on a thread of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

#include "cairn/error.h"

namespace cairn {

inline constexpr std::size_t kMaxShares = 4;

// How many shares are worth making on this machine: one for each processor, kMaxShares at most.
inline std::size_t shares_of_machine() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxShares);
}

// Calls work(i), which returns a Status, for each i below count: the first on this thread, the others on
// threads of their own. Returns when all are done; the error is one of theirs.
template <typename Work>
Status run_shares(std::size_t count, const Work& work) {
    std::vector<std::future<Status>> others;
    for (std::size_t i = 1; i < count; ++i)
        others.push_back(std::async(std::launch::async, [&work, i]() -> Status { return work(i); }));
    Status result;
    if (count > 0) result = work(0);
    for (std::future<Status>& other : others) {
        if (Status one = other.get(); !one) result = std::move(one);
    }
    return result;
}

}  // namespace cairn
