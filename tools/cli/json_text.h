// JSON in and out for commands: indenting, quoting, and reading the library's answers (simdjson).
#pragma once

#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"

namespace cairn::cli {

// The same JSON indented by two spaces; numbers and strings keep their text. Text that is not JSON comes back
// with other white space only.
std::string indent_json(std::string_view json);

// A JSON string literal.
std::string quote_json(std::string_view text);
// ["a","b"] from texts that are not yet quoted.
std::string quote_json_list(const std::vector<std::string>& texts);

// A parsed document that owns its memory. Movable; elements do not outlive it.
class JsonDocument {
  public:
    // Errors: internal (the library's own answer) with what simdjson says.
    static Result<JsonDocument> parse(std::string_view json);

    simdjson::dom::element root() const { return root_; }

  private:
    std::unique_ptr<simdjson::dom::parser> parser_;
    simdjson::dom::element root_;
};

// Members by name; absent or of another kind: "", 0, an empty array.
std::string text_at(simdjson::dom::element object, std::string_view key);
std::uint64_t number_at(simdjson::dom::element object, std::string_view key);
std::vector<simdjson::dom::element> items_at(simdjson::dom::element object, std::string_view key);
std::vector<simdjson::dom::element> items_of(simdjson::dom::element array);

// A value for people: strings bare, null as "-", everything else as JSON.
std::string plain_text(simdjson::dom::element value);

}  // namespace cairn::cli
