#include "crdt/counter.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <limits>

#include "dag/cbor.h"

namespace cairn::crdt {
namespace {

using dag::CborItem;
using dag::CborType;

std::string_view kind_name(CounterKind kind) {
    switch (kind) {
        case CounterKind::int64:
            return "Int";
        case CounterKind::float64:
            return "Float";
        case CounterKind::float32:
            return "Float32";
    }
    return "unknown";
}

// Rounds to single precision; beyond its range to infinity, as the hardware does (the language leaves it
// undefined).
float to_single(double value) {
    // The first value that rounds to infinity lies half a step above the greatest single.
    constexpr double kInfinityFrom = 0x1.ffffffp127;
    if (std::fabs(value) >= kInfinityFrom) {
        return std::copysign(std::numeric_limits<float>::infinity(),
                             static_cast<float>(std::copysign(1.0, value)));
    }
    if (std::fabs(value) > std::numeric_limits<float>::max()) {
        return static_cast<float>(std::copysign(std::numeric_limits<float>::max(), value));
    }
    return static_cast<float>(value);
}

Result<CounterValue> to_value(CounterKind kind, const CborItem& item) {
    CounterValue value{.kind = kind};
    if (item.type == CborType::null) return value;
    if (kind != CounterKind::int64) {
        if (item.type == CborType::floating) {
            value.number = kind == CounterKind::float32 ? to_single(item.number) : item.number;
            return value;
        }
    } else if (item.type == CborType::unsigned_integer || item.type == CborType::negative_integer) {
        if (item.value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return fail(ErrorCode::corruption,
                        fmt::format("counter increment is outside of 64 bits, argument {}", item.value));
        }
        const auto argument = static_cast<std::int64_t>(item.value);
        value.integer = item.type == CborType::unsigned_integer ? argument : -1 - argument;
        return value;
    }
    return fail(ErrorCode::corruption, fmt::format("increment of a counter of type {} is of the cbor type {}",
                                                   kind_name(kind), dag::cbor_type_name(item.type)));
}

}  // namespace

Result<CounterValue> read_increment(CounterKind kind, bool only_positive, std::string_view field_bytes) {
    dag::CborReader reader(dag::as_bytes(field_bytes));
    CAIRN_ASSIGN(const CborItem item, reader.next());
    if (!reader.at_end()) {
        return fail(ErrorCode::corruption,
                    fmt::format("counter increment has {} bytes, {} of them after its value",
                                field_bytes.size(), field_bytes.size() - reader.offset()));
    }
    CAIRN_ASSIGN(const CounterValue value, to_value(kind, item));
    if (only_positive && (value.integer < 0 || value.number < 0)) {
        const std::string shown = kind == CounterKind::int64 ? fmt::format("{}", value.integer)
                                  : kind == CounterKind::float32
                                      ? fmt::format("{}", static_cast<float>(value.number))
                                      : fmt::format("{}", value.number);
        return fail(ErrorCode::invalid_argument, "value cannot be negative. Value: " + shown);
    }
    return value;
}

CounterValue add_increment(const CounterValue& total, const CounterValue& increment) {
    assert(total.kind == increment.kind);
    CounterValue sum = total;
    switch (total.kind) {
        case CounterKind::int64:
            // Unsigned arithmetic wraps around by definition, and converting back keeps the bits.
            sum.integer = static_cast<std::int64_t>(static_cast<std::uint64_t>(total.integer) +
                                                    static_cast<std::uint64_t>(increment.integer));
            break;
        case CounterKind::float64:
            sum.number = total.number + increment.number;
            break;
        case CounterKind::float32:
            // The sum of two singles in double precision, rounded once more, is the correctly rounded single
            // sum.
            sum.number = to_single(total.number + increment.number);
            break;
    }
    return sum;
}

}  // namespace cairn::crdt
