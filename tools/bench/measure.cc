#include "bench/measure.h"

#include <algorithm>

namespace cairn::bench {

double Series::median() const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    std::ranges::sort(sorted);
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Series::spread() const {
    const double middle = median();
    if (values_.empty() || middle == 0) return 0;
    const auto [smallest, largest] = std::ranges::minmax(values_);
    return (largest - smallest) / middle;
}

void Figure::add(const Sample& sample) {
    us.add(sample.us);
    if (sample.rival_us > 0) {
        rival_us.add(sample.rival_us);
        ratio.add(sample.us / sample.rival_us);
    }
    if (sample.floor_us > 0) {
        floor_us.add(sample.floor_us);
        floor_ratio.add(sample.us / sample.floor_us);
    }
}

}  // namespace cairn::bench
