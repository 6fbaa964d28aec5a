// Figures as a table for people and as one JSON object for programs.
#pragma once

#include <string>
#include <vector>

#include "bench/measure.h"

namespace cairn::bench {

std::string render_table(const std::vector<Figure>& figures);
std::string render_json(const std::vector<Figure>& figures, double scale, int rounds);

}  // namespace cairn::bench
