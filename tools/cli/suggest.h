// Finds what was probably meant by a mistyped name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

// Number of insertions, deletions and replacements of one character, and of swaps of two neighbours, between
// two texts.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to given (the first of equals), or "" when none is near enough to be meant.
std::string nearest_name(std::string_view given, const std::vector<std::string>& candidates);

}  // namespace cairn::cli
