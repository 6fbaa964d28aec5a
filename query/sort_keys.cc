#include "query/sort_keys.h"

#include <cmath>
#include <cstring>

#include "collections/index_key.h"
#include "collections/row.h"

namespace cairn::query {
namespace {

template <typename T>
int compare(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

// NaN has a place: below all other numbers, as in compare_values and in index keys.
int compare_floats(double a, double b) {
    if (std::isnan(a) || std::isnan(b))
        return static_cast<int>(std::isnan(b)) - static_cast<int>(std::isnan(a));
    return compare(a, b);
}

}  // namespace

SortKey sort_key(const RowView& row, const Field& field) {
    SortKey key;
    if (!row.has(field.slot)) return key;
    key.present = true;
    std::string_view raw = row.raw(field.slot);
    switch (field.kind) {
        case FieldKind::boolean:
            key.integer = !raw.empty() && raw[0] != 0 ? 1 : 0;
            break;
        case FieldKind::integer:
            if (raw.size() == 8) std::memcpy(&key.integer, raw.data(), 8);
            break;
        case FieldKind::float64:
            if (raw.size() == 8) std::memcpy(&key.number, raw.data(), 8);
            break;
        case FieldKind::float32: {
            float number = 0;
            if (raw.size() == 4) std::memcpy(&number, raw.data(), 4);
            key.number = static_cast<double>(number);
            break;
        }
        case FieldKind::date_time:
            key.instant = parse_instant(raw);
            break;
        default:
            key.text = raw;
            break;
    }
    return key;
}

SortKey sort_key(const Number& number) {
    SortKey key;
    key.present = !number.is_null();
    key.floating = number.kind == Number::Kind::floating;
    if (key.floating) {
        key.number = number.floating;
    } else {
        key.integer = number.integer;
    }
    return key;
}

namespace {

Result<Value> value_of(const SortKey& key, FieldKind kind) {
    if (!key.present) return Value();
    switch (kind) {
        case FieldKind::boolean:
            return Value(key.integer != 0);
        case FieldKind::integer:
            return Value(key.integer);
        case FieldKind::float64:
            return Value(key.number);
        case FieldKind::float32:
            return Value(static_cast<float>(key.number));
        default:
            return read_stored(key.text, kind);
    }
}

}  // namespace

Status append_index_key(const SortKey& key, FieldKind kind, bool descending, std::string& out) {
    if (key.present && kind == FieldKind::date_time) {
        append_index_key(key.instant, descending, out);
        return {};
    }
    CAIRN_ASSIGN(Value value, value_of(key, kind));
    append_index_key(value, kind, descending, out);
    return {};
}

namespace {

Number number_of(const SortKey& key) {
    return key.floating ? Number::of(key.number) : Number::of(key.integer);
}

}  // namespace

int compare_sort_keys(const SortKey& a, const SortKey& b, FieldKind kind) {
    if (!a.present || !b.present) return static_cast<int>(a.present) - static_cast<int>(b.present);
    switch (kind) {
        case FieldKind::none:
            return compare_numbers(number_of(a), number_of(b));
        case FieldKind::boolean:
        case FieldKind::integer:
            return compare(a.integer, b.integer);
        case FieldKind::float64:
        case FieldKind::float32:
            return compare_floats(a.number, b.number);
        case FieldKind::date_time:
            return compare(a.instant, b.instant);
        case FieldKind::json: {
            auto left = read_stored(a.text, kind), right = read_stored(b.text, kind);
            if (!left || !right) return 0;
            auto order = compare_values(*left, *right, kind);
            return order < 0 ? -1 : order > 0 ? 1 : 0;
        }
        default:
            if (is_array_kind(kind)) return 0;
            // Ids in their usual form are kept as 16 bytes; their order is that of their texts. Other
            // spellings come after them.
            if (kind == FieldKind::id && (a.text.size() == 16) != (b.text.size() == 16)) {
                return a.text.size() == 16 ? -1 : 1;
            }
            return a.text.compare(b.text);
    }
}

}  // namespace cairn::query
