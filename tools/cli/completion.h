// The bash completion script, built in from tools/completion/cairn.bash.
#pragma once

#include <string_view>

namespace cairn::cli {

extern const std::string_view kBashCompletion;

}  // namespace cairn::cli
