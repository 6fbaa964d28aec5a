// Percent-encoding in paths and query strings. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::server {

// The value of a hexadecimal digit of either case; -1 for any other character.
int hex_digit(char c);

// Decodes %XX; a malformed one stays as it is. In query strings a plus is a blank.
std::string percent_decode(std::string_view text, bool plus_is_blank);

class QueryString {
  public:
    explicit QueryString(std::string_view text);
    // The first value of a name; nothing when the name does not occur. Present without a value: "".
    std::optional<std::string> get(std::string_view name) const;
    std::string get_or_empty(std::string_view name) const { return get(name).value_or(std::string()); }

  private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

// Booleans as Go's parser reads them; nothing for any other text.
std::optional<bool> parse_boolean(std::string_view text);
// Decimal digits and nothing else; nothing for any other text, and for what is beyond 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace cairn::server
