// The workloads by id, each a function that measures one round.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/cairn_store.h"
#include "bench/data.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/sqlite_store.h"

namespace cairn::bench {

// What all workloads share: the data, and stores that are loaded once and only read.
class Bench {
  public:
    explicit Bench(double scale) : scale_(scale), data_(make_data(scale)) {}

    double scale() const { return scale_; }
    const Data& data() const { return data_; }

    // Both sides with all authors and books.
    CairnStore& cairn();
    SqliteStore& sqlite();
    // What CairnDB writes for one book each; recorded at first use.
    const FloorTrace& floor();

    // Runs the two sides in turn, the rival first in every second round, and gives their times.
    Sample in_turn(const std::function<double()>& ours, const std::function<double()>& rival);
    void next_round() { rival_first_ = !rival_first_; }

  private:
    double scale_;
    Data data_;
    bool rival_first_ = false;
    std::unique_ptr<CairnStore> cairn_;
    std::unique_ptr<SqliteStore> sqlite_;
    std::unique_ptr<FloorTrace> floor_;
};

struct Workload {
    std::string id;
    std::string unit;   // what one time is for: "book", "request", ...
    std::string rival;  // what the ratio is taken to; empty when there is no ratio
    // One round. Throws std::runtime_error. State that lives as long as the rounds is kept in the function
    // object.
    std::function<Sample(Bench&)> round;
    // For workloads that measure something else than time, once: named numbers ("ratio" among them).
    std::function<std::vector<std::pair<std::string, double>>(Bench&)> once;
};

std::vector<Workload> write_workloads();
std::vector<Workload> read_workloads();
std::vector<Workload> relation_workloads();
std::vector<Workload> store_workloads();
std::vector<Workload> thread_workloads();
std::vector<Workload> size_workloads();
// All of them in the order of the report.
std::vector<Workload> all_workloads();

}  // namespace cairn::bench
