#include "query/join_key.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace cairn::query {
namespace {

// The kind under which values are compared; _docID is of none.
FieldKind kind_of(const Field& field) {
    return field.short_id == 1 ? FieldKind::id : field.kind;
}

template <typename T>
T read_fixed(std::string_view raw) {
    T value{};
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
}

// The integer that a number is exactly.
std::optional<std::int64_t> as_integer(double number) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (!(number >= -kTwoTo63 && number < kTwoTo63) || number != std::trunc(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

// The number of another kind that equals a number.
std::optional<Value> exact_number(const Value& value, FieldKind kind) {
    if (kind == FieldKind::integer) {
        const auto* single = value.get_if<float>();
        auto integer = as_integer(single != nullptr ? static_cast<double>(*single) : value.as<double>());
        return integer ? std::optional(Value(*integer)) : std::nullopt;
    }
    double number = 0;
    if (const auto* integer = value.get_if<std::int64_t>()) {
        number = static_cast<double>(*integer);
        if (as_integer(number) != *integer) return std::nullopt;
    } else {
        const auto* single = value.get_if<float>();
        number = single != nullptr ? static_cast<double>(*single) : value.as<double>();
    }
    if (kind == FieldKind::float64) return Value(number);
    // Beyond the range of 32 bits a cast has no defined result.
    if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max()) return std::nullopt;
    auto single = static_cast<float>(number);
    return static_cast<double>(single) == number ? std::optional(Value(single)) : std::nullopt;
}

}  // namespace

JoinKey::JoinKey(const Field& field, const Field& other)
    : field_(field), other_(other), form_(form_of(field, other)) {}

JoinKey::Form JoinKey::form_of(const Field& field, const Field& other) {
    if (field.short_id == 1) return Form::doc_id;
    switch (field.kind) {
        case FieldKind::integer:
            return kind_of(other) == FieldKind::integer ? Form::stored : Form::integer;
        case FieldKind::float64:
            return Form::float64;
        case FieldKind::float32:
            return Form::float32;
        case FieldKind::date_time:
            return Form::instant;
        case FieldKind::string:
            return kind_of(other) == FieldKind::id ? Form::text_of_id : Form::stored;
        default:
            return Form::stored;
    }
}

// One byte tells integers from other numbers, so that equal numbers have one form.
std::string_view JoinKey::of_number(std::int64_t number) {
    bytes_[0] = 'i';
    std::memcpy(bytes_.data() + 1, &number, sizeof number);
    return {bytes_.data(), 1 + sizeof number};
}

std::optional<std::string_view> JoinKey::of_number(double number) {
    if (std::isnan(number)) return std::nullopt;
    if (auto integer = as_integer(number)) return of_number(*integer);
    bytes_[0] = 'd';
    std::memcpy(bytes_.data() + 1, &number, sizeof number);
    return std::string_view(bytes_.data(), 1 + sizeof number);
}

std::optional<std::string_view> JoinKey::read(const DocId& id, const RowView& row) {
    if (form_ == Form::doc_id) return id.key();
    if (!row.has(field_.slot)) return std::nullopt;
    std::string_view raw = row.raw(field_.slot);
    switch (form_) {
        case Form::integer:
            return of_number(read_fixed<std::int64_t>(raw));
        case Form::float64:
            return of_number(read_fixed<double>(raw));
        case Form::float32:
            return of_number(static_cast<double>(read_fixed<float>(raw)));
        case Form::instant: {
            Instant instant = parse_instant(raw);
            std::memcpy(bytes_.data(), &instant.seconds, sizeof instant.seconds);
            std::memcpy(bytes_.data() + sizeof instant.seconds, &instant.nanos, sizeof instant.nanos);
            return std::string_view(bytes_.data(), sizeof instant.seconds + sizeof instant.nanos);
        }
        case Form::text_of_id: {  // ids are stored as 16 bytes, which a text must not be taken for
            auto named = DocId::from_text(raw);
            if (!named) return raw.size() == bytes_.size() ? std::nullopt : std::optional(raw);
            std::memcpy(bytes_.data(), named->uuid.data(), bytes_.size());
            return std::string_view(bytes_.data(), bytes_.size());
        }
        default:
            return raw;
    }
}

Result<std::optional<Value>> JoinKey::value(const DocId& id, const RowView& row) const {
    if (form_ == Form::doc_id) return std::optional(Value(id.text()));
    if (!row.has(field_.slot)) return std::nullopt;
    CAIRN_ASSIGN(Value value, read_stored(row.raw(field_.slot), field_.kind));
    const FieldKind kind = kind_of(other_);
    if (!is_number_kind(kind) || kind == field_.kind) return std::optional(std::move(value));
    return exact_number(value, kind);
}

}  // namespace cairn::query
