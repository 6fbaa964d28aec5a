#include "bench/workloads.h"

namespace cairn::bench {

CairnStore& Bench::cairn() {
    if (!cairn_) {
        auto store = std::make_unique<CairnStore>();
        store->load_authors(data_);
        store->load_books(data_);
        cairn_ = std::move(store);
    }
    return *cairn_;
}

SqliteStore& Bench::sqlite() {
    if (!sqlite_) {
        auto store = std::make_unique<SqliteStore>();
        store->load_authors(data_);
        store->load_books(data_);
        sqlite_ = std::move(store);
    }
    return *sqlite_;
}

const FloorTrace& Bench::floor() {
    if (!floor_) floor_ = std::make_unique<FloorTrace>(record_floor(data_));
    return *floor_;
}

Sample Bench::in_turn(const std::function<double()>& ours, const std::function<double()>& rival) {
    Sample sample;
    if (rival_first_) {
        sample.rival_us = rival();
        sample.us = ours();
    } else {
        sample.us = ours();
        sample.rival_us = rival();
    }
    return sample;
}

std::vector<Workload> all_workloads() {
    std::vector<Workload> all;
    for (auto* group : {write_workloads, read_workloads, relation_workloads, store_workloads,
                        thread_workloads, size_workloads}) {
        for (auto& workload : group()) all.push_back(std::move(workload));
    }
    return all;
}

}  // namespace cairn::bench
