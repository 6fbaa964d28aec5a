// Where a drawn graph goes: DOT text or SVG made by Graphviz, to a file or standard output.
#pragma once

#include <string>

#include "cairn/error.h"

namespace cairn::cli {

struct GraphOutput {
    std::string file;  // empty: standard output
    bool svg = false;
};

// Runs `dot -Tsvg`. Errors: not_found (no dot command), internal (it failed).
Result<std::string> dot_to_svg(const std::string& dot);

// Replaces a file. Errors: io.
Status write_file(const std::string& path, const std::string& text);

}  // namespace cairn::cli
