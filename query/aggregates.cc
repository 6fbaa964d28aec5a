#include "query/aggregates.h"

#include <cmath>

namespace cairn::query {
namespace {

// Cut off towards zero; what does not fit becomes the nearest integer that exists.
std::int64_t to_integer(double value) {
    constexpr double kLimit = 9223372036854775808.0;
    if (std::isnan(value)) return 0;
    if (value >= kLimit) return INT64_MAX;
    if (value < -kLimit) return INT64_MIN;
    return static_cast<std::int64_t>(value);
}

}  // namespace

std::optional<AggregateOp> aggregate_op(std::string_view name) {
    static constexpr std::pair<std::string_view, AggregateOp> kNames[] = {{"_count", AggregateOp::count},
                                                                          {"_sum", AggregateOp::sum},
                                                                          {"_avg", AggregateOp::avg},
                                                                          {"_min", AggregateOp::min},
                                                                          {"_max", AggregateOp::max}};
    for (const auto& [text, op] : kNames) {
        if (text == name) return op;
    }
    return std::nullopt;
}

Value Number::value() const {
    switch (kind) {
        case Kind::null:
            return {};
        case Kind::boolean:
            return Value(integer != 0);
        case Kind::integer:
            return Value(integer);
        case Kind::floating:
            return Value(floating);
    }
    return {};
}

int compare_numbers(const Number& a, const Number& b) {
    if (a.is_null() || b.is_null()) return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
    bool a_floating = a.kind == Number::Kind::floating, b_floating = b.kind == Number::Kind::floating;
    if (!a_floating && !b_floating) return a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
    if (a_floating && b_floating && a.floating < b.floating) return -1;
    if (a_floating && b_floating && a.floating > b.floating) return 1;
    auto order = compare_values(a.value(), b.value(), FieldKind::json);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Number Accumulator::result(AggregateOp op, bool is_float) const {
    switch (op) {
        case AggregateOp::count:
            return Number::of(static_cast<std::int64_t>(items_));
        case AggregateOp::sum:
            return is_float ? Number::of(sum_) : Number::of(to_integer(sum_));
        case AggregateOp::avg:
            return Number::of(items_ == 0 ? 0.0 : sum_ / static_cast<double>(items_));
        case AggregateOp::min:
        case AggregateOp::max:
            return extreme_;
    }
    return {};
}

}  // namespace cairn::query
