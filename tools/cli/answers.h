// JSON answers of commands that print what a call returned.
#pragma once

#include <string_view>

#include "cli/store.h"

namespace cairn::cli {

// Prints JSON indented by two spaces; with --json a list becomes an object with the list under the key.
void print_answer(const StoreOptions& options, std::string_view key, std::string_view json);

}  // namespace cairn::cli
