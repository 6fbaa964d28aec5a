#include "server/origin_check.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

#include "server/cors.h"

namespace cairn::server {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// The host of "host:port", in small letters, without the brackets of an IPv6 address.
std::string host_name(std::string_view authority) {
    if (authority.starts_with('[')) return lower(authority.substr(1, authority.find(']') - 1));
    return lower(authority.substr(0, authority.rfind(':')));
}

bool is_ip_address(const std::string& name) {
    boost::system::error_code error;
    boost::asio::ip::make_address(name, error);
    return !error;
}

bool is_known_host(const ServerOptions& options, std::string_view authority) {
    std::string name = host_name(authority);
    if (name == "localhost" || name.ends_with(".localhost") || name == lower(options.host)) return true;
    bool allowed =
        std::any_of(options.allowed_hosts.begin(), options.allowed_hosts.end(),
                    [&](const std::string& known) { return known == "*" || lower(known) == name; });
    return allowed || is_ip_address(name);
}

// Content types that a page may send anywhere without a preflight.
bool is_simple_content(std::string_view content_type) {
    constexpr std::array<std::string_view, 4> kSimple = {"", "text/plain", "multipart/form-data",
                                                         "application/x-www-form-urlencoded"};
    std::string type = lower(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    return std::find(kSimple.begin(), kSimple.end(), type) != kSimple.end();
}

bool is_same_origin(const HttpRequest& request) {
    std::size_t scheme = request.origin.find("://");
    return scheme != std::string_view::npos &&
           lower(request.origin.substr(scheme + 3)) == lower(request.host);
}

}  // namespace

std::optional<std::string> check_origin(const ServerOptions& options, const HttpRequest& request) {
    if (!request.host.empty() && !is_known_host(options, request.host))
        return fmt::format("the server is not known as this host: {}", request.host);
    bool changes = request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
    if (!changes || request.origin.empty() || !is_simple_content(request.content_type)) return std::nullopt;
    if (is_same_origin(request) || is_allowed_origin(options, request.origin)) return std::nullopt;
    return fmt::format("requests from this origin are not allowed: {}", request.origin);
}

}  // namespace cairn::server
