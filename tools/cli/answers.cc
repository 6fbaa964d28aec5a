#include "cli/answers.h"

#include <fmt/format.h>

#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

void print_answer(const StoreOptions& options, std::string_view key, std::string_view json) {
    const bool wrapped = options.json && !json.starts_with('{');
    print(indent_json(wrapped ? fmt::format("{{{}:{}}}", quote_json(key), json) : std::string(json)));
}

}  // namespace cairn::cli
