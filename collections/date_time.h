// Parts of DateTime texts that more than one source needs (spec/blocks.md section 2.3). Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "collections/value.h"

namespace cairn {

// The instant 0001-01-01T00:00:00Z, which the reference takes for "no time".
inline constexpr Instant kZeroInstant{-62'135'596'800, 0};

// The text as normalize_date_time gives it, of one that it may have given before (a zone of 25 hours passes).
// Errors: likewise.
Result<std::string> read_stored_date_time(std::string_view text);

// Whether a stored text is that instant, in whatever zone.
bool is_zero_instant(std::string_view stored);

// Appends a stored text as Go prints a time: 2020-01-02 03:04:05.5 +0000 UTC.
void append_go_time(std::string_view stored, std::string& out);

}  // namespace cairn
