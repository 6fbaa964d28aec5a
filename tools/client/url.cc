#include "client/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace cairn::client {

namespace {

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool is_host(std::string_view text) {
    return !text.empty() && text.find_first_of(" \t\r\n@?#[]") == std::string_view::npos;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// Splits "host:port", "host", "[v6]:port" or "[v6]". False when it is none of them.
bool split_authority(std::string_view authority, Url& url) {
    std::string_view port;
    std::size_t after_host = authority.find(':');
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return false;
        url.host = authority.substr(1, close - 1);
        after_host = close + 1;
    } else {
        url.host = authority.substr(0, after_host);
    }
    if (after_host < authority.size()) {
        if (authority[after_host] != ':') return false;
        port = authority.substr(after_host + 1);
        if (!is_port(port)) return false;
    }
    url.port = !port.empty() ? port : url.secure ? "443" : "80";
    return is_host(url.host);
}

}  // namespace

std::string Url::authority() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

std::string Url::text() const {
    return fmt::format("{}://{}{}", secure ? "https" : "http", authority(), base);
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    std::string_view rest = text;
    if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
        url.secure = rest.substr(0, scheme) == "https";
        if (!url.secure && rest.substr(0, scheme) != "http") {
            return fail(ErrorCode::invalid_argument, fmt::format("not an http or https address: {}", text));
        }
        rest.remove_prefix(scheme + 3);
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    url.base = rest.substr(slash);
    while (url.base.ends_with('/')) url.base.pop_back();
    if (!split_authority(rest.substr(0, slash), url) ||
        url.base.find_first_of(" \t\r\n?#") != std::string::npos) {
        return fail(ErrorCode::invalid_argument, fmt::format("not the address of a server: {}", text));
    }
    return url;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

}  // namespace cairn::client
