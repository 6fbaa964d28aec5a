#include "server/cors.h"

#include <algorithm>
#include <array>

namespace cairn::server {

namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "POST", "PATCH", "DELETE"};
// The transaction header is CairnDB's addition: pages of an allowed origin can use transactions.
constexpr std::array<std::string_view, 4> kHeaders = {"authorization", "content-type", "origin",
                                                      "x-defradb-tx"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool headers_allowed(std::string_view list) {
    while (!list.empty()) {
        std::string_view name = list.substr(0, list.find(','));
        list.remove_prefix(std::min(name.size() + 1, list.size()));
        while (name.starts_with(' ')) name.remove_prefix(1);
        while (name.ends_with(' ')) name.remove_suffix(1);
        if (name.empty()) continue;
        if (std::find(kHeaders.begin(), kHeaders.end(), lower(name)) == kHeaders.end()) return false;
    }
    return true;
}

}  // namespace

bool is_allowed_origin(const ServerOptions& options, std::string_view origin) {
    std::string wanted = lower(origin);
    return std::any_of(options.allowed_origins.begin(), options.allowed_origins.end(),
                       [&](const std::string& allowed) { return allowed == "*" || allowed == wanted; });
}

bool is_preflight(const HttpRequest& request) {
    return request.method == "OPTIONS" && !request.origin.empty() && !request.preflight_method.empty();
}

HttpResponse preflight_response(const ServerOptions& options, const HttpRequest& request) {
    HttpResponse response;
    response.headers.emplace_back("Vary", "Access-Control-Request-Method");
    response.headers.emplace_back("Vary", "Access-Control-Request-Headers");
    bool method_allowed =
        std::find(kMethods.begin(), kMethods.end(), request.preflight_method) != kMethods.end();
    if (!method_allowed || !headers_allowed(request.preflight_headers) ||
        !is_allowed_origin(options, request.origin)) {
        return response;
    }
    response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
    response.headers.emplace_back("Access-Control-Allow-Methods", request.preflight_method);
    if (!request.preflight_headers.empty())
        response.headers.emplace_back("Access-Control-Allow-Headers", request.preflight_headers);
    response.headers.emplace_back("Access-Control-Max-Age", "300");
    return response;
}

void add_cors_headers(const ServerOptions& options, const HttpRequest& request, HttpResponse& response) {
    if (request.origin.empty() || !is_allowed_origin(options, request.origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
}

}  // namespace cairn::server
