// Aggregates of values (spec/query.md sections 8.2 and 8.3): counting, summing, the least and the greatest.
// Pure; an accumulator belongs to one thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/value.h"

namespace cairn::query {

enum class AggregateOp : std::uint8_t { count, sum, avg, min, max };
// Of `_count`, `_sum`, `_avg`, `_min`, `_max`.
std::optional<AggregateOp> aggregate_op(std::string_view name);

// A computed value of one document or group: of an aggregate, a similarity, or _deleted.
struct Number {
    enum class Kind : std::uint8_t { null, boolean, integer, floating };
    Kind kind = Kind::null;
    union {
        std::int64_t integer;  // boolean: 0 or 1
        double floating;
    };
    Number() : integer(0) {}
    static Number of(std::int64_t value) {
        Number number;
        number.kind = Kind::integer;
        number.integer = value;
        return number;
    }
    static Number of(double value) {
        Number number;
        number.kind = Kind::floating;
        number.floating = value;
        return number;
    }
    static Number of(bool value) {
        Number number;
        number.kind = Kind::boolean;
        number.integer = value ? 1 : 0;
        return number;
    }
    bool is_null() const { return kind == Kind::null; }
    double as_double() const { return kind == Kind::floating ? floating : static_cast<double>(integer); }
    Value value() const;
};
// One value per document or group of a level.
using Column = std::vector<Number>;

// The number in a stored slot of a numeric kind; null for any other kind.
inline Number read_number(std::string_view raw, FieldKind kind) {
    if (kind == FieldKind::integer && raw.size() == 8) {
        std::int64_t number;
        std::memcpy(&number, raw.data(), 8);
        return Number::of(number);
    }
    if (kind == FieldKind::float64 && raw.size() == 8) {
        double number;
        std::memcpy(&number, raw.data(), 8);
        return Number::of(number);
    }
    if (kind == FieldKind::float32 && raw.size() == 4) {
        float number;
        std::memcpy(&number, raw.data(), 4);
        return Number::of(static_cast<double>(number));
    }
    return {};
}

// Negative, zero or positive; integers without loss, null lowest.
int compare_numbers(const Number& a, const Number& b);

// Collects the items of one aggregate of one document or group. Nulls are counted by _count alone.
class Accumulator {
  public:
    void count(std::uint64_t items) { items_ += items; }
    // Items that were summed elsewhere.
    void add_sum(double sum, std::uint64_t items) {
        sum_ += sum;
        items_ += items;
    }
    void add(AggregateOp op, const Number& number) {
        if (op == AggregateOp::count) {
            ++items_;
            return;
        }
        if (number.is_null()) return;
        if (op == AggregateOp::sum || op == AggregateOp::avg) {
            ++items_;
            sum_ += number.as_double();
        } else {
            keep_extreme(op, number);
        }
    }
    // What another one collected for the same aggregate.
    void absorb(AggregateOp op, const Accumulator& other) {
        items_ += other.items_;
        sum_ += other.sum_;
        if (!other.extreme_.is_null()) keep_extreme(op, other.extreme_);
    }
    void forget_extreme() { extreme_ = {}; }
    // is_float: whether a sum is a float (spec/query.md 8.2).
    Number result(AggregateOp op, bool is_float) const;

  private:
    void keep_extreme(AggregateOp op, const Number& number) {
        if (!extreme_.is_null()) {
            int order = compare_numbers(number, extreme_);
            if (op == AggregateOp::min ? order >= 0 : order <= 0) return;
        }
        extreme_ = number;
    }
    std::uint64_t items_ = 0;
    double sum_ = 0;  // integers too: the reference adds in double precision and cuts off at the end
    Number extreme_;
};

}  // namespace cairn::query
