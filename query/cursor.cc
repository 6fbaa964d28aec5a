#include "query/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "collections/row.h"
#include "collections/varint.h"
#include "dag/varint.h"
#include "query/row_order.h"

namespace cairn::query {
namespace {

using OrderKey = SelectArguments::OrderKey;

constexpr char kFormat = 1;
constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kShownBytes = 100;  // of a wrong cursor in a message

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> digit_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

std::size_t text_size(std::size_t bytes) {
    return (bytes * 8 + 5) / 6;
}

void append_base64url(std::string_view bytes, std::string& out) {
    std::uint32_t buffer = 0;
    int bits = 0;
    for (char byte : bytes) {
        buffer = buffer << 8 | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6) out += kDigits[buffer >> (bits - 6) & 63];
    }
    if (bits > 0) out += kDigits[buffer << (6 - bits) & 63];
}

// False for a text that append_base64url does not make.
bool read_base64url(std::string_view text, std::string& bytes) {
    static constexpr std::array<std::int8_t, 256> kValues = digit_values();
    std::uint32_t buffer = 0;
    int bits = 0;
    bytes.reserve(text.size() * 3 / 4);
    for (char digit : text) {
        const std::int8_t value = kValues[static_cast<unsigned char>(digit)];
        if (value < 0) return false;
        buffer = buffer << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(buffer >> bits & 255);
    }
    return bits < 6 && (buffer & ((1u << bits) - 1)) == 0;
}

// Takes a number off the front; nothing when the bytes are cut short.
std::optional<std::uint64_t> take_big_endian64(std::string_view& bytes) {
    if (bytes.size() < 8) return std::nullopt;
    const std::uint64_t value = dag::read_big_endian64(bytes.data());
    bytes.remove_prefix(8);
    return value;
}
std::optional<std::uint32_t> take_big_endian32(std::string_view& bytes) {
    if (bytes.size() < 4) return std::nullopt;
    const std::uint32_t value = dag::read_big_endian32(bytes.data());
    bytes.remove_prefix(4);
    return value;
}

void append_text(std::string_view text, std::string& out) {
    append_varint(text.size(), out);
    out += text;
}

// JSON arrays and objects are all equal in an order, so that an empty one stands for any.
Status append_json_key(std::string_view stored, std::string& out) {
    CAIRN_ASSIGN(Value value, read_stored(stored, FieldKind::json));
    const bool is_scalar =
        value.get_if<Value::Array>() == nullptr && value.get_if<Value::Object>() == nullptr;
    std::string empty;
    if (!is_scalar) append_stored(Value(Value::Object{}), FieldKind::json, empty);
    append_text(is_scalar ? stored : std::string_view(empty), out);
    return {};
}

Status append_key(const SortKey& key, FieldKind kind, std::string& out) {
    out += key.present ? '\1' : '\0';
    if (!key.present || is_array_kind(kind)) return {};
    switch (kind) {
        case FieldKind::boolean:
            out += key.integer != 0 ? '\1' : '\0';
            return {};
        case FieldKind::integer:
            dag::append_big_endian64(out, static_cast<std::uint64_t>(key.integer));
            return {};
        case FieldKind::float64:
        case FieldKind::float32:
            dag::append_big_endian64(out, std::bit_cast<std::uint64_t>(key.number));
            return {};
        case FieldKind::date_time:
            dag::append_big_endian64(out, static_cast<std::uint64_t>(key.instant.seconds));
            dag::append_big_endian32(out, static_cast<std::uint32_t>(key.instant.nanos));
            return {};
        case FieldKind::json:
            return append_json_key(key.text, out);
        default:
            append_text(key.text, out);
            return {};
    }
}

std::optional<bool> take_flag(std::string_view& bytes) {
    if (bytes.empty() || static_cast<unsigned char>(bytes[0]) > 1) return std::nullopt;
    const bool flag = bytes[0] == 1;
    bytes.remove_prefix(1);
    return flag;
}

bool take_text(std::string_view& bytes, SortKey& key) {
    const auto size = take_varint(bytes);
    if (!size || *size > bytes.size()) return false;
    key.text = bytes.substr(0, *size);
    bytes.remove_prefix(*size);
    return true;
}

bool take_instant(std::string_view& bytes, SortKey& key) {
    const auto seconds = take_big_endian64(bytes);
    const auto nanos = take_big_endian32(bytes);
    if (!seconds || !nanos) return false;
    key.instant = {static_cast<std::int64_t>(*seconds), static_cast<std::int32_t>(*nanos)};
    return true;
}

// Whether this is how append_json_key writes some value.
bool is_json_key(std::string_view stored) {
    std::string key, again;
    append_text(stored, key);
    return append_json_key(stored, again) && key == again;
}

// False when the bytes do not begin with a key of the kind.
bool take_key(std::string_view& bytes, FieldKind kind, SortKey& key) {
    const auto present = take_flag(bytes);
    if (!present) return false;
    key.present = *present;
    if (!key.present || is_array_kind(kind)) return true;
    switch (kind) {
        case FieldKind::boolean: {
            const auto value = take_flag(bytes);
            key.integer = value.value_or(false) ? 1 : 0;
            return value.has_value();
        }
        case FieldKind::integer: {
            const auto value = take_big_endian64(bytes);
            key.integer = static_cast<std::int64_t>(value.value_or(0));
            return value.has_value();
        }
        case FieldKind::float64:
        case FieldKind::float32: {
            const auto value = take_big_endian64(bytes);
            key.number = std::bit_cast<double>(value.value_or(0));
            return value.has_value();
        }
        case FieldKind::date_time:
            return take_instant(bytes, key);
        case FieldKind::json:
            return take_text(bytes, key) && is_json_key(key.text);
        default:
            return take_text(bytes, key);
    }
}

// Tells orders of collections apart; by names, so that a cursor is good in every copy of a store.
std::uint32_t fingerprint_of(const Catalog& catalog, int collection, const std::vector<OrderKey>& keys) {
    std::string text = catalog.collection(collection).name;
    for (const OrderKey& key : keys) {
        text += key.descending ? '>' : '<';
        int at = collection;
        for (int step : key.path) {
            const Field& field = catalog.collection(at).fields[static_cast<std::size_t>(step)];
            text += field.name + '.';
            at = field.target;
        }
        if (key.field >= 0) text += catalog.collection(at).fields[static_cast<std::size_t>(key.field)].name;
    }
    std::uint32_t hash = 2166136261u;  // FNV-1a
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

std::string_view shown(std::string_view text) {
    return text.substr(0, kShownBytes);
}

std::unexpected<Error> no_cursor(std::string_view text) {
    return fail(ErrorCode::invalid_argument, fmt::format("this is not a cursor. Value: \"{}\"", shown(text)));
}

}  // namespace

KeysetOrder::KeysetOrder(const Catalog& catalog, int collection, std::vector<OrderKey> order)
    : keys_(std::move(order)) {
    // What comes after the id decides nothing.
    auto is_id = [](const OrderKey& key) { return key.path.empty() && key.field < 0; };
    auto id = std::find_if(keys_.begin(), keys_.end(), is_id);
    if (id == keys_.end()) {
        keys_.emplace_back();
    } else {
        keys_.erase(id + 1, keys_.end());
    }
    for (const OrderKey& key : keys_) kinds_.push_back(order_kind(catalog, collection, key));
    fingerprint_ = fingerprint_of(catalog, collection, keys_);
}

std::vector<OrderKey> KeysetOrder::reversed() const {
    std::vector<OrderKey> keys = keys_;
    for (OrderKey& key : keys) key.descending = !key.descending;
    return keys;
}

int KeysetOrder::compare(const SortKey* a, const SortKey* b) const {
    for (std::size_t k = 0; k < keys_.size(); ++k) {
        const int order = compare_sort_keys(a[k], b[k], kinds_[k]);
        if (order != 0) return (order < 0) != keys_[k].descending ? -1 : 1;
    }
    return 0;
}

Status KeysetOrder::append_cursor(const SortKey* keys, std::string& out) const {
    std::string bytes(1, kFormat);
    dag::append_big_endian32(bytes, fingerprint_);
    for (std::size_t k = 0; k < keys_.size(); ++k) {
        CAIRN_TRY(append_key(keys[k], kinds_[k], bytes));
        if (text_size(bytes.size()) > kMaxCursorBytes) {
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("a value in the order is too long for a cursor. Limit: {}, DocID: {}",
                                    kMaxCursorBytes, DocId::from_key(keys[keys_.size() - 1].text).text()));
        }
    }
    out += '"';
    append_base64url(bytes, out);
    out += '"';
    return {};
}

Result<Cursor> KeysetOrder::read_cursor(std::string_view text) const {
    if (text.size() > kMaxCursorBytes) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("cursor is too long. Limit: {}, Actual: {}, Value: \"{}\"", kMaxCursorBytes,
                                text.size(), shown(text)));
    }
    auto bytes = std::make_unique<std::string>();
    if (!read_base64url(text, *bytes) || bytes->size() < kHeaderBytes || bytes->front() != kFormat) {
        return no_cursor(text);
    }
    std::string_view rest = std::string_view(*bytes).substr(1);
    if (take_big_endian32(rest) != fingerprint_) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("cursor belongs to another collection or order. Value: \"{}\"", shown(text)));
    }
    Cursor cursor;
    cursor.keys.resize(keys_.size());
    for (std::size_t k = 0; k < keys_.size(); ++k) {
        if (!take_key(rest, kinds_[k], cursor.keys[k])) return no_cursor(text);
    }
    if (!rest.empty() || cursor.keys.back().text.size() != 16) return no_cursor(text);
    cursor.bytes = std::move(bytes);
    return cursor;
}

}  // namespace cairn::query
