// Field values: kinds, in-memory form, canonical bytes, JSON forms, order (spec/blocks.md section 2,
// spec/query.md sections 3.5 and 5.2). Pure functions; a Value owns what it holds.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn {

// Numbers of spec/blocks.md section 2.1. Relations are not kinds here; see catalog.h.
enum class FieldKind : std::uint8_t {
    none = 0,
    id = 1,
    boolean = 2,
    boolean_array = 3,  // [Boolean!]
    integer = 4,
    integer_array = 5,  // [Int!]
    float64 = 6,
    float64_array = 7,  // [Float!]
    float32 = 8,
    float32_array = 9,  // [Float32!]
    date_time = 10,
    string = 11,
    string_array = 12,  // [String!]
    blob = 13,
    json = 14,
    nillable_boolean_array = 18,
    nillable_integer_array = 19,
    nillable_float64_array = 20,
    nillable_string_array = 21,
    nillable_float32_array = 22,
};

// One number.
constexpr bool is_number_kind(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::float64 || kind == FieldKind::float32;
}
constexpr bool is_array_kind(FieldKind kind) {
    auto n = static_cast<int>(kind);
    return n == 3 || n == 5 || n == 7 || n == 9 || n == 12 || (n >= 18 && n <= 22);
}
constexpr bool has_nillable_elements(FieldKind kind) {
    return static_cast<int>(kind) >= 18;
}
// Scalar kind of an array's elements; the kind itself when it is no array.
FieldKind element_kind(FieldKind kind);
// Name used in messages and JSON: "Int", "[Float64!]" ...; "0" for none.
std::string_view kind_name(FieldKind kind);
// Kind for an SDL or patch name ("Float", "Float64", "[Int!]" ...); none when it is no scalar name.
FieldKind kind_from_name(std::string_view name);
bool is_valid_kind_number(std::int64_t number);

struct Value {
    using Array = std::vector<Value>;
    using Object =
        std::vector<std::pair<std::string, Value>>;  // JSON objects: unique keys, sorted by cbor_key_less
    // integer: int64_t; float64 and every JSON number: double; float32: float; id, date_time, string, blob:
    // std::string
    std::variant<std::monostate, bool, std::int64_t, double, float, std::string, Array, Object> data;

    Value() = default;
    template <typename T>
        requires(!std::is_same_v<std::remove_cvref_t<T>, Value>)
    explicit Value(T&& v) : data(std::forward<T>(v)) {}
    bool is_null() const { return std::holds_alternative<std::monostate>(data); }
    template <typename T>
    const T& as() const {
        return std::get<T>(data);
    }
    template <typename T>
    const T* get_if() const {
        return std::get_if<T>(&data);
    }
    friend bool operator==(const Value&, const Value&) = default;
};

// Appends the field bytes of 2.2 (what a field block carries). The value must be of the kind, or null.
void encode_field_bytes(const Value& value, FieldKind kind, std::string& out);
// The inverse. Errors: corruption with the kind and what was found. A year-1 instant was stored as null.
Result<Value> decode_field_bytes(std::string_view bytes, FieldKind kind);

// Appends the value as JSON the way answers render it (spec/query.md 3.5): Go's number forms and escapes,
// sorted keys. float is rendered by the shortest 32-bit form. Infinities and NaN render null (Q34).
void append_json(const Value& value, std::string& out);
void append_json_string(std::string_view text, std::string& out);  // quoted, escaped as 3.5 says
void append_json_number(double value, std::string& out);
void append_json_number(float value, std::string& out);
void append_json_number(std::int64_t value, std::string& out);
// Appends the value as Go's fmt prints it in messages (spec/schema.md section 15, violation texts). nillable
// arrays print elements as {true x} / {false <zero>}.
void append_go_print(const Value& value, FieldKind kind, std::string& out);

// DateTime (spec/blocks.md 2.3). Normalizes the input form to the stored text. Errors: invalid_argument with
// the text.
Result<std::string> normalize_date_time(std::string_view text);
struct Instant {
    std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
    std::int32_t nanos = 0;
    friend auto operator<=>(const Instant&, const Instant&) = default;
};
// The instant of a stored (normalized) text; fast, allocates nothing. Returns the zero year-1 instant on
// malformed text.
Instant parse_instant(std::string_view stored);

// Order-preserving key bytes for secondary indexes (design section 5): null lowest; then by kind: booleans
// false < true, numbers numerically, strings bytewise, instants by time (two texts of one instant give the
// same key); JSON scalars: null < numbers < strings < booleans. Self-delimiting. descending inverts every
// byte.
void append_index_key(const Value& value, FieldKind kind, bool descending, std::string& out);

// Order for sorting (spec/query.md section 4.6): null, booleans, numbers, texts, all other values; false <
// true, numbers without loss, texts bytewise, DateTimes as instants; other values are equal among themselves.
// It orders every pair: NaN is below all other numbers and equal to itself (a filter that compares with NaN
// must ask for it), nothing is unordered.
std::partial_ordering compare_values(const Value& a, const Value& b, FieldKind kind);

// Equality for filters (spec/query.md section 5.2): null equals only null; an int equals a float only when
// both are the same number; Float32 operands are rounded to 32 bits first; DateTimes as instants; arrays and
// JSON by their members, numbers numerically. NaN equals nothing. `kind` is the field's; JSON for what lies
// within JSON.
bool values_equal(const Value& a, const Value& b, FieldKind kind);

// Pattern test of _like and, ignoring case, _ilike (spec/query.md section 5.3). Case is ignored as Go's
// strings.ToLower does it: letter by letter (simple mappings of the C library's C.UTF-8 tables beyond ASCII).
bool like_matches(std::string_view pattern, std::string_view text, bool ignore_case);

// true when the text is valid UTF-8.
bool is_valid_utf8(std::string_view text);

}  // namespace cairn
