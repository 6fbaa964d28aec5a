// Random values for property tests.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "collections/date_time.h"
#include "collections/utf8.h"
#include "collections/value.h"
#include "dag/cbor.h"

namespace cairn::test {

inline constexpr FieldKind kAllKinds[] = {
    FieldKind::id,
    FieldKind::boolean,
    FieldKind::boolean_array,
    FieldKind::integer,
    FieldKind::integer_array,
    FieldKind::float64,
    FieldKind::float64_array,
    FieldKind::float32,
    FieldKind::float32_array,
    FieldKind::date_time,
    FieldKind::string,
    FieldKind::string_array,
    FieldKind::blob,
    FieldKind::json,
    FieldKind::nillable_boolean_array,
    FieldKind::nillable_integer_array,
    FieldKind::nillable_float64_array,
    FieldKind::nillable_string_array,
    FieldKind::nillable_float32_array,
};

inline rc::Gen<std::string> utf8_text() {
    auto rune =
        rc::gen::oneOf(rc::gen::inRange<int>(0, 0x80), rc::gen::inRange<int>(0x20, 0x7f),
                       rc::gen::inRange<int>(0x80, 0xd800), rc::gen::inRange<int>(0xe000, 0x110000),
                       rc::gen::element<int>(0, '"', '\\', '<', '>', '&', 0x2028, 0x2029, 0x2030, 0xe9));
    return rc::gen::map(rc::gen::container<std::vector<int>>(rune), [](const std::vector<int>& runes) {
        std::string out;
        for (int r : runes) append_utf8(static_cast<char32_t>(r), out);
        return out;
    });
}

inline rc::Gen<std::int64_t> integers() {
    return rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-300, 300),
                          rc::gen::element<std::int64_t>(INT64_MIN, INT64_MAX, 0, -1, (1LL << 53) + 1));
}

inline rc::Gen<double> doubles() {
    auto bits = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t b) {
        double value = std::bit_cast<double>(b);
        return std::isfinite(value) ? value : 1.5;
    });
    auto decimal = rc::gen::map(rc::gen::inRange<int>(-100000, 100000), [](int n) { return n / 100.0; });
    return rc::gen::oneOf(bits, decimal, rc::gen::element(0.0, -0.0, 1e21, 1e-7, 65504.0, 0.1, 16777217.0));
}

inline rc::Gen<float> floats() {
    auto bits = rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t b) {
        float value = std::bit_cast<float>(b);
        return std::isfinite(value) ? value : 1.5f;
    });
    return rc::gen::oneOf(bits, rc::gen::element(0.0f, -0.0f, 1.1f, 3.4028235e38f, 1e-45f, 65504.0f));
}

// Normalized texts, the zero instant excluded: it reads back as null.
inline rc::Gen<std::string> date_times() {
    auto parts = rc::gen::tuple(
        rc::gen::oneOf(rc::gen::inRange(0, 10000), rc::gen::inRange(1999, 2002)), rc::gen::inRange(1, 13),
        rc::gen::inRange(1, 29), rc::gen::inRange(0, 24), rc::gen::inRange(0, 60), rc::gen::inRange(0, 60),
        rc::gen::oneOf(rc::gen::just(0), rc::gen::inRange(0, 1000000000), rc::gen::element(500000000, 1)),
        rc::gen::oneOf(rc::gen::just(0), rc::gen::inRange(-1500, 1501), rc::gen::element(120, -300)));
    return rc::gen::map(parts, [](const auto& p) {
        auto [year, month, day, hour, minute, second, nanos, offset] = p;
        char text[64];
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09d%c%02d:%02d", year, month, day,
                      hour, minute, second, nanos, offset < 0 ? '-' : '+', std::abs(offset) / 60,
                      std::abs(offset) % 60);
        auto normal = normalize_date_time(text);
        return normal && !is_zero_instant(*normal) ? *normal : std::string("2000-01-01T00:00:00Z");
    });
}

template <typename T>
rc::Gen<Value> boxed(rc::Gen<T> gen) {
    return rc::gen::map(std::move(gen), [](T value) { return Value(std::move(value)); });
}

rc::Gen<Value> json_values(int depth);

inline rc::Gen<Value> json_scalars() {
    return rc::gen::oneOf(rc::gen::just(Value()), boxed(rc::gen::arbitrary<bool>()), boxed(doubles()),
                          boxed(utf8_text()));
}

inline rc::Gen<Value> json_values(int depth) {
    if (depth == 0) return json_scalars();
    auto array = rc::gen::map(rc::gen::container<std::vector<Value>>(json_values(depth - 1)),
                              [](Value::Array elements) { return Value(std::move(elements)); });
    auto object = rc::gen::map(
        rc::gen::container<std::vector<std::pair<std::string, Value>>>(
            rc::gen::pair(utf8_text(), json_values(depth - 1))),
        [](Value::Object members) {
            auto less = [](const auto& a, const auto& b) { return dag::cbor_key_less(a.first, b.first); };
            std::stable_sort(members.begin(), members.end(), less);
            members.erase(std::unique(members.begin(), members.end(),
                                      [](const auto& a, const auto& b) { return a.first == b.first; }),
                          members.end());
            return Value(std::move(members));
        });
    return rc::gen::oneOf(json_scalars(), rc::gen::resize(6, array), rc::gen::resize(6, object));
}

// Values of a kind, null among them only for elements of nillable arrays.
inline rc::Gen<Value> values_of(FieldKind kind) {
    if (is_array_kind(kind)) {
        auto element = values_of(element_kind(kind));
        if (has_nillable_elements(kind)) element = rc::gen::oneOf(element, rc::gen::just(Value()));
        return rc::gen::map(rc::gen::container<std::vector<Value>>(element),
                            [](Value::Array elements) { return Value(std::move(elements)); });
    }
    switch (kind) {
        case FieldKind::boolean:
            return boxed(rc::gen::arbitrary<bool>());
        case FieldKind::integer:
            return boxed(integers());
        case FieldKind::float64:
            return boxed(doubles());
        case FieldKind::float32:
            return boxed(floats());
        case FieldKind::date_time:
            return boxed(date_times());
        case FieldKind::json:
            return json_values(2);
        default:
            return boxed(utf8_text());
    }
}

}  // namespace cairn::test

namespace rc {
template <>
struct Arbitrary<cairn::Value> {
    static Gen<cairn::Value> arbitrary() { return cairn::test::json_values(1); }
};
}  // namespace rc

namespace cairn {
// How a counterexample is shown.
inline void showValue(const Value& value, std::ostream& out) {
    std::string text;
    append_json(value, text);
    out << text;
}
}  // namespace cairn
