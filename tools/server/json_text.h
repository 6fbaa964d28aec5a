// JSON as the API writes it, and reading of request bodies in the way of Go's decoder (spec/http-and-cli.md
// section 1): keys match without regard to case, unknown ones are ignored, null leaves the zero value. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"

namespace cairn::server {

// Appends a string literal with Go's escapes.
void append_json_string(std::string_view text, std::string& out);
// ["a","b"]
std::string json_list(const std::vector<std::string>& texts);

// The members of a request body that is a JSON object. Holds views into the text.
class JsonObject {
  public:
    // go_type is what the reference calls the body's type: "http.patchSchemaRequest". Errors:
    // invalid_argument with the decoder's words.
    static Result<JsonObject> parse(std::string_view text, std::string_view go_type);

    // The JSON text of a member; empty when it is absent. Of several the last counts.
    std::string_view raw(std::string_view key) const;
    // Absent and null give the zero value. Errors: invalid_argument naming the type and the key's path.
    Result<std::string> text(std::string_view key) const;
    Result<bool> boolean(std::string_view key) const;
    Result<std::vector<std::string>> texts(std::string_view key) const;
    Result<std::vector<JsonObject>> objects(std::string_view key) const;
    // A member that must be an object (or null, absent): its text, or empty.
    Result<std::string_view> object_text(std::string_view key, std::string_view go_kind) const;

  private:
    struct Member {
        std::string name;
        std::string_view value;
    };
    Error mismatch(std::string_view key, std::string_view value, std::string_view wanted) const;

    std::string type_;  // without the package: "patchSchemaRequest"
    std::vector<Member> members_;
};

// A request body that is one JSON string, or a list of strings. Errors: as above.
Result<std::string> parse_json_text(std::string_view text);
Result<std::vector<std::string>> parse_json_texts(std::string_view text);

}  // namespace cairn::server
