#include "collections/index_key.h"

#include <bit>
#include <cmath>
#include <cstring>

// Layout of a key, ascending:
//   null        00
//   boolean     01 | 00 or 01                       (a JSON boolean: 04 instead of 01)
//   number      02 | order-preserving big-endian bits
//   instant     02 | seconds, 8 bytes, sign flipped | nanoseconds, 4 bytes
//   text        03 | bytes with 00 as 00 ff | 00 01
//   JSON array or object 05
// The first bytes also give the order of JSON scalars: null, numbers, strings, booleans.
namespace cairn {
namespace {

enum : char { kNull = 0, kBoolean = 1, kNumber = 2, kText = 3, kJsonBoolean = 4, kJsonComposite = 5 };

template <typename Unsigned>
void append_big_endian(Unsigned value, std::string& out) {
    char bytes[sizeof value];
    for (std::size_t i = 0; i < sizeof value; ++i) {
        bytes[i] = static_cast<char>(value >> (8 * (sizeof value - 1 - i)));
    }
    out.append(bytes, sizeof bytes);
}

// Bits whose unsigned order is the order of the numbers: zeros are one, every NaN is one and below all
// others.
template <typename Unsigned, typename Float>
Unsigned ordered_bits(Float value) {
    constexpr Unsigned kSign = Unsigned(1) << (8 * sizeof(Unsigned) - 1);
    if (std::isnan(value)) return 0;
    if (value == 0) return kSign;
    auto bits = std::bit_cast<Unsigned>(value);
    return (bits & kSign) != 0 ? static_cast<Unsigned>(~bits) : static_cast<Unsigned>(bits | kSign);
}

std::uint64_t ordered_bits(std::int64_t value) {
    return static_cast<std::uint64_t>(value) ^ (std::uint64_t(1) << 63);
}

void append_text(std::string_view text, std::string& out) {
    out.push_back(kText);
    while (true) {
        const void* zero = text.empty() ? nullptr : std::memchr(text.data(), 0, text.size());
        if (zero == nullptr) break;
        auto length = static_cast<std::size_t>(static_cast<const char*>(zero) - text.data()) + 1;
        out.append(text.substr(0, length)).push_back('\xff');
        text.remove_prefix(length);
    }
    out.append(text).append("\0\1", 2);
}

void append_instant(const Instant& instant, std::string& out) {
    out.push_back(kNumber);
    append_big_endian(ordered_bits(instant.seconds), out);
    append_big_endian(static_cast<std::uint32_t>(instant.nanos), out);
}

struct KeyAppender {
    FieldKind kind;
    std::string& out;

    void operator()(std::monostate) const { out.push_back(kNull); }
    void operator()(bool value) const {
        out.push_back(kind == FieldKind::json ? kJsonBoolean : kBoolean);
        out.push_back(value ? 1 : 0);
    }
    void operator()(std::int64_t value) const {
        if (kind != FieldKind::integer) return (*this)(static_cast<double>(value));
        out.push_back(kNumber);
        append_big_endian(ordered_bits(value), out);
    }
    void operator()(double value) const {
        if (kind == FieldKind::float32) return (*this)(static_cast<float>(value));
        out.push_back(kNumber);
        append_big_endian(ordered_bits<std::uint64_t>(value), out);
    }
    void operator()(float value) const {
        if (kind != FieldKind::float32) return (*this)(static_cast<double>(value));
        out.push_back(kNumber);
        append_big_endian(ordered_bits<std::uint32_t>(value), out);
    }
    void operator()(const std::string& value) const {
        kind == FieldKind::date_time ? append_instant(parse_instant(value), out) : append_text(value, out);
    }
    void operator()(const Value::Array&) const { out.push_back(kJsonComposite); }
    void operator()(const Value::Object&) const { out.push_back(kJsonComposite); }
};

void invert_from(std::size_t begin, std::string& out) {
    for (std::size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

}  // namespace

void append_index_key(const Value& value, FieldKind kind, bool descending, std::string& out) {
    std::size_t begin = out.size();
    std::visit(KeyAppender{element_kind(kind), out}, value.data);
    if (descending) invert_from(begin, out);
}

void append_index_key(const Instant& instant, bool descending, std::string& out) {
    std::size_t begin = out.size();
    append_instant(instant, out);
    if (descending) invert_from(begin, out);
}

}  // namespace cairn
