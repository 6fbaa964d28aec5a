// Addresses of servers as people write them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn::client {

struct Url {
    bool secure = false;  // https
    std::string host;     // without the brackets of an IPv6 address
    std::string port;
    std::string base;  // path before every target: "" or "/some/path"

    // "host:port" as the Host header says it.
    std::string authority() const;
    std::string text() const;
};

// Reads "[http://|https://]host[:port][/base]"; without a scheme it is http (spec/http-and-cli.md section
// 16), without a port that of the scheme. Errors: invalid_argument with the text.
Result<Url> parse_url(std::string_view text);

// All but letters, digits and "-._~" as %XX.
std::string percent_encode(std::string_view text);

}  // namespace cairn::client
