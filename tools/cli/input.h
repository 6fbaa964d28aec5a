// Where commands take their text from: a file flag wins, else `-` is standard input, else the argument
// itself.
#pragma once

#include <string>
#include <vector>

#include "cairn/error.h"

namespace cairn::cli {

// Whole content of a file; "-" is standard input. Errors: io (`failed to read file <f>: …`).
Result<std::string> read_file(const std::string& path);

// Text of all files in order, else of the argument. Errors: io; invalid_argument with the text `empty` when
// nothing is left.
Result<std::string> read_input(const std::vector<std::string>& files, const std::string& argument,
                               const std::string& empty);

}  // namespace cairn::cli
