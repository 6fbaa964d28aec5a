#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/collections/value_generators.h"

namespace cairn {
namespace {

std::string key_of(const Value& value, FieldKind kind, bool descending = false) {
    std::string out;
    append_index_key(value, kind, descending, out);
    return out;
}

std::weak_ordering order_of(std::string_view a, std::string_view b) {
    return a.compare(b) <=> 0;
}

// Values near each other, so that equal ones and common beginnings occur.
rc::Gen<Value> close_values(FieldKind kind) {
    if (kind == FieldKind::string || kind == FieldKind::blob || kind == FieldKind::id) {
        auto text = rc::gen::container<std::string>(rc::gen::element('\0', '\x01', '\xff', 'a', 'b'));
        return rc::gen::oneOf(test::boxed(text), test::values_of(kind));
    }
    if (kind == FieldKind::json) {
        auto text = rc::gen::container<std::string>(rc::gen::element('\0', 'a'));
        return rc::gen::oneOf(test::json_scalars(), test::boxed(text));
    }
    return test::values_of(kind);
}

// Of JSON the keys order numbers, strings, booleans, unlike a sort of documents.
std::partial_ordering expected_order(const Value& a, const Value& b, FieldKind kind) {
    auto rank = [](const Value& v) {
        return v.is_null() ? 0 : v.get_if<bool>() ? 3 : v.get_if<std::string>() ? 2 : 1;
    };
    if (kind == FieldKind::json && rank(a) != rank(b)) return rank(a) <=> rank(b);
    return compare_values(a, b, kind);
}

TEST(IndexKey, Order_IsThatOfTheValues) {
    for (FieldKind kind :
         {FieldKind::boolean, FieldKind::integer, FieldKind::float64, FieldKind::float32,
          FieldKind::date_time, FieldKind::string, FieldKind::blob, FieldKind::id, FieldKind::json}) {
        bool ok = rc::check("keys of " + std::string(kind_name(kind)), [kind] {
            auto values = rc::gen::oneOf(close_values(kind), rc::gen::just(Value()));
            Value a = *values, b = *values;
            auto wanted = expected_order(a, b, kind);
            RC_ASSERT(order_of(key_of(a, kind), key_of(b, kind)) == wanted);
            RC_ASSERT(order_of(key_of(b, kind, true), key_of(a, kind, true)) == wanted);
        });
        EXPECT_TRUE(ok) << kind_name(kind);
    }
}

TEST(IndexKey, Keys_AreSelfDelimiting) {
    for (FieldKind kind : {FieldKind::boolean, FieldKind::integer, FieldKind::float64, FieldKind::float32,
                           FieldKind::date_time, FieldKind::string, FieldKind::json}) {
        bool ok = rc::check("no key of " + std::string(kind_name(kind)) + " begins another", [kind] {
            auto values = rc::gen::oneOf(close_values(kind), rc::gen::just(Value()));
            bool descending = *rc::gen::arbitrary<bool>();
            std::string a = key_of(*values, kind, descending), b = key_of(*values, kind, descending);
            RC_ASSERT(a == b || (!a.starts_with(b) && !b.starts_with(a)));
        });
        EXPECT_TRUE(ok) << kind_name(kind);
    }
}

TEST(IndexKey, CompositeKeys_OrderByTheFirstDifference) {
    EXPECT_TRUE(rc::check("two fields", [] {
        auto text = test::boxed(rc::gen::container<std::string>(rc::gen::element('\0', '\xff', 'a')));
        auto number = test::boxed(rc::gen::inRange<std::int64_t>(-2, 3));
        Value a1 = *text, a2 = *number, b1 = *text, b2 = *number;
        auto key = [](const Value& first, const Value& second) {
            std::string out;
            append_index_key(first, FieldKind::string, false, out);
            append_index_key(second, FieldKind::integer, true, out);
            return out;
        };
        auto wanted = compare_values(a1, b1, FieldKind::string);
        if (wanted == 0) wanted = compare_values(b2, a2, FieldKind::integer);
        RC_ASSERT(order_of(key(a1, a2), key(b1, b2)) == wanted);
    }));
}

TEST(IndexKey, SameNumberOrInstant_HasOneKey) {
    EXPECT_EQ(key_of(Value(0.0), FieldKind::float64), key_of(Value(-0.0), FieldKind::float64));
    EXPECT_EQ(key_of(Value(0.0f), FieldKind::float32), key_of(Value(-0.0f), FieldKind::float32));
    EXPECT_EQ(key_of(Value(std::nan("1")), FieldKind::float64),
              key_of(Value(-std::nan("2")), FieldKind::float64));
    EXPECT_EQ(key_of(Value(std::string("2020-01-01T12:00:00+02:00")), FieldKind::date_time),
              key_of(Value(std::string("2020-01-01T10:00:00Z")), FieldKind::date_time));
    EXPECT_EQ(key_of(Value(1.1), FieldKind::float32), key_of(Value(1.1f), FieldKind::float32));
    EXPECT_EQ(key_of(Value(std::int64_t{1}), FieldKind::json), key_of(Value(1.0), FieldKind::json));
}

TEST(IndexKey, ArrayKind_TakesElements) {
    EXPECT_EQ(key_of(Value(std::int64_t{7}), FieldKind::integer_array),
              key_of(Value(std::int64_t{7}), FieldKind::integer));
    EXPECT_EQ(key_of(Value(1.5), FieldKind::nillable_float32_array), key_of(Value(1.5f), FieldKind::float32));
}

TEST(IndexKey, Null_IsLowestOrLast) {
    double least = -std::numeric_limits<double>::infinity();
    EXPECT_LT(key_of(Value(), FieldKind::float64), key_of(Value(least), FieldKind::float64));
    EXPECT_LT(key_of(Value(), FieldKind::float64), key_of(Value(std::nan("")), FieldKind::float64));
    EXPECT_GT(key_of(Value(), FieldKind::float64, true), key_of(Value(least), FieldKind::float64, true));
    EXPECT_LT(key_of(Value(), FieldKind::string), key_of(Value(std::string()), FieldKind::string));
}

}  // namespace
}  // namespace cairn
