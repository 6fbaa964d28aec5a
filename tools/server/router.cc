#include "server/route.h"

namespace cairn::server {

namespace {

// The first segment of a path and what follows its slash.
std::pair<std::string_view, std::string_view> cut(std::string_view path) {
    std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return {path, {}};
    return {path.substr(0, slash), path.substr(slash)};
}

// The number of segments that a pattern leaves open, or nothing when it does not fit. Pattern and path begin
// with a slash or are empty. A parameter takes any segment that is not empty.
std::optional<std::size_t> match_path(std::string_view pattern, std::string_view path,
                                      std::array<std::string_view, 2>& parameters) {
    std::size_t count = 0;
    while (!pattern.empty() && !path.empty()) {
        auto [wanted, pattern_rest] = cut(pattern.substr(1));
        auto [given, path_rest] = cut(path.substr(1));
        if (wanted.starts_with('{')) {
            if (given.empty()) return std::nullopt;
            parameters[count++] = given;
        } else if (wanted != given) {
            return std::nullopt;
        }
        pattern = pattern_rest;
        path = path_rest;
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return count;
}

}  // namespace

RouteMatch find_route(std::string_view method, std::string_view path) {
    bool below = path.starts_with(kBasePath) && path.substr(kBasePath.size()).starts_with('/');
    std::string_view rest = below ? path.substr(kBasePath.size()) : path;
    RouteMatch match;
    std::size_t fewest = SIZE_MAX;  // words win over parameters: /collections/indexes names no collection
    for (const Route& route : route_table()) {
        bool root = route.path.starts_with("//");
        if (root == below) continue;
        std::array<std::string_view, 2> parameters;
        auto count = match_path(root ? route.path.substr(1) : route.path, rest, parameters);
        if (!count) continue;
        if (route.method != method) {
            match.allowed.push_back(route.method);
        } else if (*count < fewest) {
            match.route = &route;
            match.parameters = parameters;
            fewest = *count;
        }
    }
    return match;
}

}  // namespace cairn::server
