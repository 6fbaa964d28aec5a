// Recorded event logs as files. <name>.log holds event records one after the other:
//
//   "CAIRNLOG1\n", then per record its length as a varint and its bytes (dag/event.h)
//
// <name>.json says what they are: {"logs": [{"name", "sdl", "patches": [JSON Patch text …], "keys": [encryption block, hex …],
// "events": number of records, "query": GraphQL text, "rows": the query's data}]}. The logs of a file follow each other in the container.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "dag/varint.h"

namespace cairn::test {

inline constexpr std::string_view kEventLogMagic = "CAIRNLOG1\n";

struct EventLog {
    std::string name, sdl, query;
    std::vector<std::string> patches, keys, events;
    nlohmann::json rows;
};

inline std::string to_hex(std::string_view bytes) {
    std::string hex;
    for (unsigned char c : bytes) hex += fmt::format("{:02x}", c);
    return hex;
}
inline std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

inline void write_event_logs(const std::string& path, const std::vector<EventLog>& logs) {
    std::string container(kEventLogMagic);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const EventLog& log : logs) {
        std::vector<std::string> keys;
        for (const std::string& key : log.keys) keys.push_back(to_hex(key));
        for (const std::string& event : log.events) {
            dag::append_varint(container, event.size());
            container += event;
        }
        list.push_back({{"name", log.name}, {"sdl", log.sdl}, {"patches", log.patches}, {"keys", keys},
                        {"events", log.events.size()}, {"query", log.query}, {"rows", log.rows}});
    }
    std::ofstream(path + ".log", std::ios::binary) << container;
    std::ofstream(path + ".json") << nlohmann::ordered_json{{"logs", list}}.dump(1) << "\n";
}

// Errors: not_found, corruption.
inline Result<std::vector<EventLog>> read_event_logs(const std::string& path) {
    std::ifstream file(path + ".log", std::ios::binary), description(path + ".json");
    if (!file || !description) return fail(ErrorCode::not_found, path);
    std::string container((std::istreambuf_iterator<char>(file)), {});
    std::string_view rest = container;
    if (!rest.starts_with(kEventLogMagic)) return fail(ErrorCode::corruption, path + " is no container of events");
    rest.remove_prefix(kEventLogMagic.size());
    std::vector<EventLog> logs;
    nlohmann::json whole = nlohmann::json::parse(description);
    for (const nlohmann::json& item : whole["logs"]) {
        EventLog log{item["name"], item["sdl"], item["query"], item["patches"], {}, {}, item["rows"]};
        for (const nlohmann::json& key : item["keys"]) log.keys.push_back(bytes_of_hex(key.get<std::string>()));
        for (std::size_t left = item["events"]; left > 0; --left) {
            std::uint64_t size = 0;
            if (!dag::read_varint(rest, size) || size > rest.size()) {
                return fail(ErrorCode::corruption, fmt::format("{} ends within {}", path, log.name));
            }
            log.events.emplace_back(rest.substr(0, size));
            rest.remove_prefix(size);
        }
        logs.push_back(std::move(log));
    }
    if (!rest.empty()) return fail(ErrorCode::corruption, fmt::format("{} has {} bytes too many", path, rest.size()));
    return logs;
}

}  // namespace cairn::test
