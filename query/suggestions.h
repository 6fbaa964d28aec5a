// `Did you mean …?` of validation messages (spec/query.md section 3.8, Suggestions). Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::query {

// ` Did you mean "a", "b", or "c"?` with at most five candidates near to the given name, nearest first; empty
// when there is none.
std::string did_you_mean(std::string_view given, const std::vector<std::string_view>& candidates);

}  // namespace cairn::query
