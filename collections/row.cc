#include "collections/row.h"

#include <fmt/format.h>

#include "collections/doc_id.h"
#include "dag/varint.h"

namespace cairn {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kHasPriorities = 0x10;

template <typename T>
void append_little_endian(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}
template <typename T>
T read_little_endian(std::string_view raw) {
    T value{};
    std::memcpy(&value, raw.data(), std::min(sizeof value, raw.size()));
    return value;
}

}  // namespace

void encode_row(const std::vector<Slot>& slots, std::string& out) {
    std::size_t total = 0;
    bool plain = true;
    for (const Slot& slot : slots) {
        if (slot.present) total += slot.value.size();
        plain = plain && slot.priority == (slot.present ? 1u : 0u);
    }
    std::uint8_t width = total < 0x100 ? 0 : total < 0x10000 ? 1 : 2;
    out.push_back(static_cast<char>(kFormat | (plain ? 0 : kHasPriorities) | width << 5));
    dag::append_varint(out, slots.size());
    std::size_t bits_at = out.size();
    out.append((slots.size() + 7) / 8, '\0');
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].present) {
            out[bits_at + i / 8] = static_cast<char>(out[bits_at + i / 8] | 1 << (i % 8));
            end += static_cast<std::uint32_t>(slots[i].value.size());
        }
        if (width == 0) {
            out.push_back(static_cast<char>(end));
        } else if (width == 1) {
            append_little_endian(out, static_cast<std::uint16_t>(end));
        } else {
            append_little_endian(out, end);
        }
    }
    for (const Slot& slot : slots) {
        if (slot.present) out.append(slot.value);
    }
    if (!plain) {
        for (const Slot& slot : slots) dag::append_varint(out, slot.priority);
    }
}

Result<std::vector<Slot>> decode_row(std::string_view row) {
    auto damaged = [] { return fail(ErrorCode::corruption, "row is damaged"); };
    if (row.size() < 2 || (row[0] & 0x0f) != kFormat) return damaged();
    RowView view(row);
    std::string_view rest = row.substr(1);
    std::uint64_t n = 0;
    if (!dag::read_varint(rest, n) || n != view.slot_count() || !view.complete()) return damaged();
    std::vector<Slot> slots(n);
    std::size_t end = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
        if (!view.has(i)) continue;
        slots[i].present = true;
        slots[i].priority = 1;
        slots[i].value = view.raw(i);
        end += slots[i].value.size();
    }
    if ((row[0] & kHasPriorities) != 0) {
        std::size_t width = std::size_t{1} << ((row[0] >> 5) & 3);
        std::size_t head = (n + 7) / 8 + n * width + end;
        if (head > rest.size()) return damaged();
        rest.remove_prefix(head);
        for (Slot& slot : slots) {
            if (!dag::read_varint(rest, slot.priority)) return damaged();
        }
    }
    return slots;
}

void append_stored(const Value& value, FieldKind kind, std::string& out) {
    switch (kind) {
        case FieldKind::boolean:
            out.push_back(value.as<bool>() ? 1 : 0);
            return;
        case FieldKind::integer:
            append_little_endian(out, value.as<std::int64_t>());
            return;
        case FieldKind::float64:
            append_little_endian(out, value.as<double>());
            return;
        case FieldKind::float32:
            append_little_endian(out, value.as<float>());
            return;
        case FieldKind::id:
            if (auto id = DocId::from_text(value.as<std::string>())) {
                out.append(id->key());
            } else {
                out.append(value.as<std::string>());
            }
            return;
        case FieldKind::date_time:
        case FieldKind::string:
        case FieldKind::blob:
            out.append(value.as<std::string>());
            return;
        default:
            encode_field_bytes(value, kind, out);
            return;
    }
}

Result<Value> read_stored(std::string_view raw, FieldKind kind) {
    switch (kind) {
        case FieldKind::boolean:
            return Value(!raw.empty() && raw[0] != 0);
        case FieldKind::integer:
            return Value(read_little_endian<std::int64_t>(raw));
        case FieldKind::float64:
            return Value(read_little_endian<double>(raw));
        case FieldKind::float32:
            return Value(read_little_endian<float>(raw));
        case FieldKind::id:
            return raw.size() == 16 ? Value(DocId::from_key(raw).text()) : Value(std::string(raw));
        case FieldKind::date_time:
        case FieldKind::string:
        case FieldKind::blob:
            return Value(std::string(raw));
        default:
            return decode_field_bytes(raw, kind);
    }
}

void append_field_bytes_of_stored(std::string_view raw, FieldKind kind, std::string& out) {
    if (is_array_kind(kind) || kind == FieldKind::json) {
        out.append(raw);
        return;
    }
    encode_field_bytes(*read_stored(raw, kind), kind, out);
}

}  // namespace cairn
