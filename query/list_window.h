// The part of a list that limit and offset show (spec/query.md 4.5, 7.4 and 8.4). Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cairn::query {

struct ListWindow {
    std::uint64_t offset = 0;
    std::uint64_t limit = UINT64_MAX;  // none

    bool is_open() const { return offset == 0 && limit == UINT64_MAX; }
    // How many of so many items are shown, from the offset on.
    std::uint64_t size_of(std::uint64_t items) const {
        return std::min(limit, items - std::min(items, offset));
    }
    // Of the item at a position of its list.
    bool shows(std::uint64_t position) const { return position >= offset && position - offset < limit; }
};

// Selects, relations and root aggregates: 0, null and negative limits are none, a negative offset skips all.
inline ListWindow plain_window(std::optional<std::int64_t> limit, std::optional<std::int64_t> offset) {
    ListWindow window;
    if (limit && *limit > 0) window.limit = static_cast<std::uint64_t>(*limit);
    if (offset) window.offset = *offset < 0 ? UINT64_MAX : static_cast<std::uint64_t>(*offset);
    return window;
}

// Members of a group and elements of an inline array: a limit of 0 shows nothing, and so does an offset
// without a limit (spec/query.md Q13).
inline ListWindow member_window(std::optional<std::int64_t> limit, std::optional<std::int64_t> offset) {
    ListWindow window = plain_window(limit, offset);
    if ((limit && *limit == 0) || (!limit && offset)) window.limit = 0;
    return window;
}

}  // namespace cairn::query
