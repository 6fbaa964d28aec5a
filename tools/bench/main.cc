// cairn-bench: runs the workloads against their rivals and prints medians, spread and ratios.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "bench/memory.h"
#include "bench/report.h"
#include "bench/workloads.h"

namespace {

using cairn::bench::Bench;
using cairn::bench::Figure;
using cairn::bench::Workload;

struct Arguments {
    bool json = false;
    bool list = false;
    std::vector<std::string> only;
    double scale = 1;
    int rounds = 5;
    std::string memory_child;
    std::string store;
    std::size_t documents = 0;
};

void declare(CLI::App& app, Arguments& arguments) {
    app.add_flag("--json", arguments.json, "Print one JSON object");
    app.add_flag("--list", arguments.list, "Print the ids of the workloads");
    app.add_option("--only", arguments.only, "Only these workloads")->delimiter(',');
    app.add_option("--scale", arguments.scale, "Multiplies the amount of data")
        ->check(CLI::Range(0.001, 1000.0));
    app.add_option("--rounds", arguments.rounds, "Rounds per workload; every round runs both sides")
        ->check(CLI::Range(1, 1000));
    app.add_option("--memory-child", arguments.memory_child)->group("");
    app.add_option("--store", arguments.store)->group("");
    app.add_option("--documents", arguments.documents)->group("");
    app.footer(
        "Examples:\n  cairn-bench\n  cairn-bench --only create1,point --rounds 9\n  cairn-bench --scale 10 "
        "--json");
}

std::vector<Workload> choose(std::vector<Workload> workloads, const std::vector<std::string>& only) {
    for (const auto& id : only) {
        if (std::ranges::none_of(workloads, [&id](const Workload& workload) { return workload.id == id; })) {
            throw std::runtime_error(fmt::format("unknown workload \"{}\" (--list names them)", id));
        }
    }
    if (!only.empty()) {
        std::erase_if(workloads, [&only](const Workload& workload) {
            return std::ranges::find(only, workload.id) == only.end();
        });
    }
    return workloads;
}

Figure run(Bench& bench, const Workload& workload, int rounds) {
    Figure figure;
    figure.id = workload.id;
    figure.unit = workload.unit;
    figure.rival = workload.rival;
    try {
        if (workload.once) figure.extra = workload.once(bench);
        for (int round = 0; workload.round && round < rounds; ++round) {
            figure.add(workload.round(bench));
            bench.next_round();
        }
    } catch (const std::exception& error) {
        figure.error = error.what();
    }
    return figure;
}

int run_all(const Arguments& arguments) {
    Bench bench(arguments.scale);
    std::vector<Figure> figures;
    for (auto& workload : choose(cairn::bench::all_workloads(), arguments.only)) {
        fmt::print(stderr, "{} …\n", workload.id);
        figures.push_back(run(bench, workload, arguments.rounds));
        workload = {};  // its stores are not needed any more
    }
    fmt::print("{}", arguments.json ? cairn::bench::render_json(figures, arguments.scale, arguments.rounds)
                                    : cairn::bench::render_table(figures));
    return std::ranges::all_of(figures, [](const Figure& figure) { return figure.error.empty(); }) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Benchmarks of CairnDB: every figure is a ratio measured in one run.", "cairn-bench"};
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    try {
        if (!arguments.memory_child.empty()) {
            return cairn::bench::memory_child_main(arguments.memory_child, arguments.store,
                                                   arguments.documents);
        }
        if (arguments.list) {
            for (const auto& workload : cairn::bench::all_workloads()) fmt::print("{}\n", workload.id);
            return 0;
        }
        return run_all(arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "Error: {}\n", error.what());
        return 1;
    }
}
