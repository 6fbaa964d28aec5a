// Index keys of what is decoded already; those of values stand in collections/value.h.
#pragma once

#include <string>

#include "collections/value.h"

namespace cairn {

// Appends the bytes that append_index_key has for the text of the instant.
void append_index_key(const Instant& instant, bool descending, std::string& out);

}  // namespace cairn
