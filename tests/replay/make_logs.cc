// Records the event logs that the replay test reads: the final state of each node of the vectors' merge scenarios, and random histories.
// Run on purpose only. It ends with a failure even when all went well, so that no run that records counts as a test.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "tests/projections.h"
#include "tests/query/random_history.h"
#include "tests/query/scenario_runner.h"
#include "tests/replay/event_log.h"

namespace cairn::test {
namespace {

constexpr const char* kScenarioFiles[] = {"merges_lww",   "merges_nulls",  "merges_deletes", "merges_counters",
                                          "merges_other", "merges_random", "branchable",     "signed_blocks",
                                          "encrypted_blocks"};
constexpr std::uint64_t kHistoriesPerSchema = 2;

void take_events(StoreNode& node, EventLog& log) {
    for (std::uint64_t at = 0; at < node.store().position(); ++at) log.events.push_back(*node.store().event(at));
    for (const auto& [digest, block] : entries_of(node.store().storage(), Family::keys)) log.keys.push_back(block);
    log.rows = node.request(log.query).data;
}

std::vector<EventLog> scenario_logs(const std::string& file) {
    std::vector<EventLog> logs;
    json loaded = load(file + ".json");
    for (const json& scenario : loaded["cases"]) {
        if (!scenario.contains("stateQuery")) continue;
        ScenarioRunner runner(scenario);
        runner.run();
        std::set<std::set<std::string>> seen;  // nodes that end with the same events say the same
        for (const auto& [name, node] : runner.nodes()) {
            EventLog log;
            log.name = scenario["name"].get<std::string>() + "/" + name;
            log.sdl = scenario["sdl"];
            log.query = scenario["stateQuery"];
            for (const json& step : scenario["steps"]) {
                if (step["op"] == "patchSchema" && step.value("node", "") == name) log.patches.push_back(step["patch"]);
            }
            take_events(*node, log);
            std::set<std::string> distinct(log.events.begin(), log.events.end());
            distinct.insert(log.keys.begin(), log.keys.end());
            distinct.insert(log.patches.begin(), log.patches.end());
            if (!log.events.empty() && seen.insert(distinct).second) logs.push_back(std::move(log));
        }
    }
    return logs;
}

// Two stores that write and now and then take each other's blocks; what the first one ends with.
EventLog random_log(std::uint64_t seed) {
    RandomHistory history(seed);
    StoreNode alice, bob;
    for (StoreNode* node : {&alice, &bob}) EXPECT_TRUE(node->add_schema(history.schema().sdl));
    auto take = [](StoreNode& receiver, StoreNode& sender) {
        std::map<std::string, std::string> blocks = sender.blocks();
        std::vector<std::string_view> views;
        for (const auto& [cid, bytes] : blocks) views.emplace_back(bytes);
        EXPECT_TRUE(merge_blocks(receiver.store(), views));
    };
    for (int step = 0; step < 45; ++step) {
        StoreNode& node = history.chance(50) ? alice : bob;
        if (history.chance(12)) take(node, &node == &alice ? bob : alice);
        node.request(history.mutation([&](std::string_view collection) {
            std::vector<std::string> ids;
            json data = node.request(fmt::format("{{ {}(order: {{_docID: ASC}}) {{ _docID }} }}", collection)).data;
            for (const json& row : data[std::string(collection)]) ids.push_back(row["_docID"]);
            return ids;
        }));
    }
    take(alice, bob);
    EventLog log;
    log.name = fmt::format("{}/{}", history.schema().name, seed);
    log.sdl = history.schema().sdl;
    log.query = history.all_rows();
    take_events(alice, log);
    return log;
}

std::vector<EventLog> random_logs() {
    std::vector<EventLog> logs;
    std::map<std::string_view, std::uint64_t> made;
    for (std::uint64_t seed = 1; logs.size() < kHistoriesPerSchema * random_schemas().size(); ++seed) {
        if (made[RandomHistory(seed).schema().name]++ < kHistoriesPerSchema) logs.push_back(random_log(seed));
    }
    return logs;
}

int record() {
    std::filesystem::create_directories(CAIRN_EVENT_LOGS);
    std::size_t count = 0;
    auto write = [&](const std::string& name, const std::vector<EventLog>& logs) {
        write_event_logs(std::string(CAIRN_EVENT_LOGS) + "/" + name, logs);
        count += logs.size();
    };
    for (const char* file : kScenarioFiles) write(file, scenario_logs(file));
    write("random", random_logs());
    std::printf("%zu logs were written to %s; look at what changed, then run the replay test.\n", count, CAIRN_EVENT_LOGS);
    return 1;
}

}  // namespace
}  // namespace cairn::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return cairn::test::record();
}
