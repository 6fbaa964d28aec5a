// Rows: golden bytes of collections/README.md, round trips, damage.
#include "collections/row.h"

#include <gtest/gtest.h>

#include "dag/event.h"

namespace cairn {
namespace {

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char c : bytes) {
        text += kDigits[c >> 4];
        text += kDigits[c & 15];
    }
    return text;
}

std::vector<Slot> john() {
    std::vector<Slot> slots(3);
    slots[1].present = slots[2].present = true;
    slots[1].priority = slots[2].priority = 1;
    append_stored(Value(std::int64_t{21}), FieldKind::integer, slots[1].value);
    append_stored(Value(std::string("John")), FieldKind::string, slots[2].value);
    return slots;
}

TEST(Row, GoldenBytes_OfAFreshDocument) {
    std::string row;
    encode_row(john(), row);
    EXPECT_EQ(hex(row), "01030600080c15000000000000004a6f686e");
}

TEST(Row, Encoded_Decodes_ToTheSameSlots) {
    for (std::size_t length : {std::size_t{0}, std::size_t{200}, std::size_t{300}, std::size_t{70'000}}) {
        std::vector<Slot> slots = john();
        slots[2].value = std::string(length, 'x');
        slots[1].present = false;  // written as null: a priority without a value
        slots[1].priority = 7;
        slots[1].value.clear();
        slots[2].priority = 1'000'000;
        std::string row;
        encode_row(slots, row);
        auto decoded = decode_row(row);
        ASSERT_TRUE(decoded) << decoded.error().message;
        ASSERT_EQ(decoded->size(), slots.size());
        for (std::size_t i = 0; i < slots.size(); ++i) {
            EXPECT_EQ((*decoded)[i].present, slots[i].present);
            EXPECT_EQ((*decoded)[i].priority, slots[i].priority);
            if (slots[i].present) {
                EXPECT_EQ((*decoded)[i].value, slots[i].value);
            }
        }
        EXPECT_EQ(RowView(row).raw(2), slots[2].value);
        EXPECT_FALSE(RowView(row).has(1));
        EXPECT_FALSE(RowView(row).has(99));
    }
}

TEST(Row, CutAtEveryByte_IsAnErrorOrSmaller_NeverACrash) {
    std::vector<Slot> slots = john();
    slots[1].priority = 9;
    std::string row;
    encode_row(slots, row);
    for (std::size_t size = 0; size < row.size(); ++size) {
        // A copy of the exact size, so that a sanitizer sees a read behind it.
        std::vector<char> cut(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(decode_row({cut.data(), cut.size()})) << size;
    }
}

TEST(EventRecord, GoldenBytes_OfTwoBlocks) {
    dag::EventWriter writer;
    writer.add(dag::EventBlockRole::composite, "\xaa\xbb");
    writer.add(dag::EventBlockRole::field, "\xcc");
    EXPECT_EQ(hex(writer.record()), "010002aabb0101cc");
    auto blocks = dag::read_event(writer.record());
    ASSERT_TRUE(blocks);
    ASSERT_EQ(blocks->size(), 2u);
    EXPECT_EQ((*blocks)[1].bytes, "\xcc");
}

TEST(EventRecord, CutOrUnknown_IsCorruption) {
    dag::EventWriter writer;
    writer.add(dag::EventBlockRole::composite, "abcdef");
    for (std::size_t size = 0; size < writer.record().size(); ++size) {
        if (size == 1) continue;  // a record without blocks
        EXPECT_FALSE(dag::read_event(std::string_view(writer.record()).substr(0, size))) << size;
    }
    EXPECT_FALSE(dag::read_event(std::string_view("\x02", 1)));
    EXPECT_FALSE(dag::read_event(std::string_view("\x01\x09\x00", 3)));
}

}  // namespace
}  // namespace cairn
