// What reads cost in microseconds on warm data, as measured; the choice between looking documents up and
// scanning a collection compares them (design section 6).
#pragma once

namespace cairn::query {

inline constexpr double kScanStep = 0.2;   // a row of a scan, read from RocksDB; 0.05 from pages in memory
inline constexpr double kLookup = 1.0;     // a row of a sorted MultiGet
inline constexpr double kSeek = 1.6;       // a seek in the relation index or a secondary one
inline constexpr double kIndexStep = 0.2;  // an entry after it

}  // namespace cairn::query
