#include <cmath>
#include <optional>

#include "collections/value.h"

namespace cairn {
namespace {

enum class Rank : std::uint8_t { null, boolean, number, text, other };

Rank rank_of(const Value& value) {
    switch (value.data.index()) {
        case 0:
            return Rank::null;
        case 1:
            return Rank::boolean;
        case 2:
        case 3:
        case 4:
            return Rank::number;
        case 5:
            return Rank::text;
        default:
            return Rank::other;
    }
}

double as_double(const Value& value) {
    if (const auto* number = value.get_if<double>()) return *number;
    if (const auto* single = value.get_if<float>()) return static_cast<double>(*single);
    return static_cast<double>(value.as<std::int64_t>());
}

float as_float(const Value& value) {
    if (const auto* single = value.get_if<float>()) return *single;
    if (const auto* number = value.get_if<double>()) return static_cast<float>(*number);
    return static_cast<float>(value.as<std::int64_t>());
}

std::partial_ordering reversed(std::partial_ordering order) {
    if (order == std::partial_ordering::less) return std::partial_ordering::greater;
    if (order == std::partial_ordering::greater) return std::partial_ordering::less;
    return order;
}

// Without loss: an integer beyond 2^53 is not rounded for the comparison.
std::partial_ordering compare_mixed(std::int64_t a, double b) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (std::isnan(b)) return std::partial_ordering::unordered;
    if (b >= kTwoTo63) return std::partial_ordering::less;
    if (b < -kTwoTo63) return std::partial_ordering::greater;
    double whole = std::trunc(b);
    auto integer = static_cast<std::int64_t>(whole);
    if (a != integer) return a <=> integer;
    return 0.0 <=> b - whole;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b, FieldKind kind) {
    if (kind == FieldKind::float32) return as_float(a) <=> as_float(b);
    const auto* left = a.get_if<std::int64_t>();
    const auto* right = b.get_if<std::int64_t>();
    if (left != nullptr && right != nullptr) return *left <=> *right;
    if (left != nullptr) return compare_mixed(*left, as_double(b));
    if (right != nullptr) return reversed(compare_mixed(*right, as_double(a)));
    return as_double(a) <=> as_double(b);
}

bool is_nan(const Value& value) {
    return std::isnan(as_double(value));
}

bool arrays_equal(const Value::Array& a, const Value::Array& b, FieldKind kind) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!values_equal(a[i], b[i], kind)) return false;
    }
    return true;
}

bool objects_equal(const Value::Object& a, const Value::Object& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].first != b[i].first || !values_equal(a[i].second, b[i].second, FieldKind::json))
            return false;
    }
    return true;
}

}  // namespace

std::partial_ordering compare_values(const Value& a, const Value& b, FieldKind kind) {
    Rank rank = rank_of(a);
    if (Rank other = rank_of(b); rank != other) return rank <=> other;
    switch (rank) {
        case Rank::boolean:
            return a.as<bool>() <=> b.as<bool>();
        case Rank::number: {
            auto order = compare_numbers(a, b, element_kind(kind));
            // A sort needs an order of everything: NaN lies below the other numbers, as in index keys.
            return order == std::partial_ordering::unordered ? is_nan(b) <=> is_nan(a) : order;
        }
        case Rank::text:
            if (kind == FieldKind::date_time) {
                return parse_instant(a.as<std::string>()) <=> parse_instant(b.as<std::string>());
            }
            return a.as<std::string>() <=> b.as<std::string>();
        default:
            return std::partial_ordering::equivalent;
    }
}

bool values_equal(const Value& a, const Value& b, FieldKind kind) {
    Rank rank = rank_of(a);
    if (rank != rank_of(b)) return false;
    switch (rank) {
        case Rank::null:
            return true;
        case Rank::boolean:
            return a.as<bool>() == b.as<bool>();
        case Rank::number:
            return compare_numbers(a, b, element_kind(kind)) == std::partial_ordering::equivalent;
        case Rank::text:
            if (kind == FieldKind::date_time) {
                return parse_instant(a.as<std::string>()) == parse_instant(b.as<std::string>());
            }
            return a.as<std::string>() == b.as<std::string>();
        case Rank::other:
            break;
    }
    const auto* left = a.get_if<Value::Array>();
    const auto* right = b.get_if<Value::Array>();
    if (left != nullptr && right != nullptr) return arrays_equal(*left, *right, element_kind(kind));
    if (left != nullptr || right != nullptr) return false;
    return objects_equal(a.as<Value::Object>(), b.as<Value::Object>());
}

}  // namespace cairn
