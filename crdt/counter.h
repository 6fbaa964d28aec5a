// Counters (spec/blocks.md section 9.2).
//
//     state: a number, or none before the first delta
//     apply (increment): state = (state or 0) + increment, null counting as 0
//         Int      in two's complement of 64 bits, wrapping around
//         Float    in double precision
//         Float32  in single precision, rounded at every step
//     pcounter: refuse a negative increment; the total may still be negative after wrapping around
//
// Laws. Int: addition modulo 2^64 is commutative and associative. Float and Float32: commutative, and
// associative only where no rounding takes place; stores agree on the blocks, and the last bits of a total
// may depend on the order. Adding is not idempotent: every block must be added once, which the caller sees to
// (section 10.2). Priorities decide nothing.
//
// Pure functions, thread-safe, no allocation unless they fail.
#pragma once

#include <cstdint>
#include <string_view>

#include "cairn/error.h"

namespace cairn::crdt {

enum class CounterKind : std::uint8_t { int64, float64, float32 };

// A total or an increment of one kind of counter.
struct CounterValue {
    CounterKind kind = CounterKind::int64;
    std::int64_t integer = 0;  // int64
    double number = 0;         // float64, float32: for the latter always a value of single precision
    friend bool operator==(const CounterValue&, const CounterValue&) = default;
};

// The increment that field bytes hold: an integer for Int, a float for the others (one beyond single
// precision is rounded for Float32), 0 for null. With only_positive (pcounter) a negative one is refused.
// Errors: invalid_argument "value cannot be negative. Value: -1", corruption for bytes that are no such
// value.
Result<CounterValue> read_increment(CounterKind kind, bool only_positive, std::string_view field_bytes);

// The total after the increment; both must be of one kind. The total before the first delta is
// CounterValue{kind}.
CounterValue add_increment(const CounterValue& total, const CounterValue& increment);

}  // namespace cairn::crdt
