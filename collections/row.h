// Rows: the present state of one document as one compact value, read in place (collections/README.md "Rows").
// A RowView does not own its bytes. Pure, thread-safe.
//
//   byte 0      format (low 4 bits, 1) and flags: 0x10 priorities present; 0x60 >> 5: width of offsets (0: 1,
//   1: 2, 2: 4 bytes) varint      number of slots n (n+7)/8     presence bits: the slot has a value n * width
//   end of each slot's value, little endian, counted from the start of the values
//   ...         values
//   n varints   only with 0x10: last-writer-wins priority of each slot, 0 = never written. Without: 1 where
//   present, else 0.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/doc_id.h"
#include "collections/value.h"

namespace cairn {

struct Slot {
    std::string value;  // stored form; meaningless when not present
    bool present = false;
    std::uint64_t priority = 0;  // 0: never written
};

void encode_row(const std::vector<Slot>& slots, std::string& out);
// Errors: corruption.
Result<std::vector<Slot>> decode_row(std::string_view row);

class RowView {
  public:
    RowView() = default;
    explicit RowView(std::string_view row) {
        const auto* p = reinterpret_cast<const std::uint8_t*>(row.data());
        if (row.size() < 2 || (p[0] & 0x0f) != 1) return;
        std::size_t at = 1;
        std::uint32_t n = p[at++];
        if (n >= 0x80) {  // two-byte varint is enough for 16383 slots
            if (row.size() < 3) return;
            n = (n & 0x7f) | static_cast<std::uint32_t>(p[at++]) << 7;
        }
        width_ = static_cast<std::uint8_t>((p[0] >> 5) & 3);
        std::size_t bitmap = (n + 7) / 8;
        if (at + bitmap + (static_cast<std::size_t>(n) << width_) > row.size()) return;
        bits_ = p + at;
        offsets_ = bits_ + bitmap;
        values_ = offsets_ + (static_cast<std::size_t>(n) << width_);
        count_ = n;
        limit_ = static_cast<std::uint32_t>(row.data() + row.size() - reinterpret_cast<const char*>(values_));
    }
    bool has(std::uint32_t slot) const { return slot < count_ && (bits_[slot >> 3] >> (slot & 7) & 1); }
    // The stored form of a slot that has a value.
    std::string_view raw(std::uint32_t slot) const {
        std::uint32_t begin = slot == 0 ? 0 : end_of(slot - 1), end = end_of(slot);
        if (begin > end || end > limit_) return {};
        return {reinterpret_cast<const char*>(values_) + begin, end - begin};
    }
    // Whether the values that the offsets name are all there.
    bool complete() const { return count_ == 0 || end_of(count_ - 1) <= limit_; }
    std::uint32_t slot_count() const { return count_; }

  private:
    std::uint32_t end_of(std::uint32_t slot) const {
        if (width_ == 0) return offsets_[slot];
        if (width_ == 1) {
            std::uint16_t v;
            std::memcpy(&v, offsets_ + 2 * static_cast<std::size_t>(slot), 2);
            return v;
        }
        std::uint32_t v;
        std::memcpy(&v, offsets_ + 4 * static_cast<std::size_t>(slot), 4);
        return v;
    }
    const std::uint8_t *bits_ = nullptr, *offsets_ = nullptr, *values_ = nullptr;
    std::uint32_t count_ = 0, limit_ = 0;
    std::uint8_t width_ = 0;
};

// The document id in the slot of an ID; nothing when it is null or spelled in a way that names no stored
// document.
inline std::optional<DocId> document_in(const RowView& row, std::uint32_t slot) {
    if (!row.has(slot) || row.raw(slot).size() != sizeof(DocId)) return std::nullopt;
    return DocId::from_key(row.raw(slot));
}

// Stored form of a value in a slot: boolean 1 byte; integer and float64 8 bytes, float32 4 bytes, little
// endian; a document id in its usual text as 16 bytes, any other accepted spelling as text; date_time,
// string, blob as text; arrays and JSON as field bytes.
void append_stored(const Value& value, FieldKind kind, std::string& out);
Result<Value> read_stored(std::string_view raw, FieldKind kind);
// Field bytes (spec/blocks.md 2.2) of a stored form; f6 when absent.
void append_field_bytes_of_stored(std::string_view raw, FieldKind kind, std::string& out);

}  // namespace cairn
