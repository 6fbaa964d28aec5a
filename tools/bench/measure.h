// Times and what is made of them: medians, spread, ratios.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cairn/error.h"

namespace cairn::bench {

// Microseconds that a call takes.
template <typename Call>
double time_us(Call&& call) {
    const auto start = std::chrono::steady_clock::now();
    std::forward<Call>(call)();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

// Numbers of one side, one per round.
class Series {
  public:
    void add(double value) { values_.push_back(value); }
    bool empty() const { return values_.empty(); }
    double median() const;
    // (largest - smallest) / median.
    double spread() const;

  private:
    std::vector<double> values_;
};

// What one round of one workload measured, per unit (a document, a request, a whole answer); negative: not
// measured.
struct Sample {
    double us = -1;
    double rival_us = -1;
    double floor_us = -1;
};

// All rounds of one workload. Ratios are taken within a round, so that what slows the machine down slows both
// sides.
struct Figure {
    std::string id;
    std::string unit;
    std::string rival;
    Series us, rival_us, floor_us, ratio, floor_ratio;
    std::vector<std::pair<std::string, double>> extra;  // numbers of workloads that do not measure time
    std::string error;                                  // not empty: the workload failed

    void add(const Sample& sample);
};

}  // namespace cairn::bench
