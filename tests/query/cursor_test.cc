// Cursors as bytes (layout in query/cursor.h): what is written is read, and nothing else is.
#include <bit>
#include <cmath>
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "collections/row.h"
#include "tests/fuzz/cursor_check.h"

namespace cairn::query {
namespace {

DocId counted_id() {
    DocId id;
    for (std::size_t i = 0; i < id.uuid.size(); ++i) id.uuid[i] = static_cast<std::uint8_t>(i);
    return id;
}

SortKey text_key(std::string_view text) {
    SortKey key;
    key.present = true;
    key.text = text;
    return key;
}

std::string cursor_of(const KeysetOrder& order, const std::vector<SortKey>& keys) {
    std::string quoted;
    EXPECT_TRUE(order.append_cursor(keys.data(), quoted));
    return quoted.substr(1, quoted.size() - 2);
}

KeysetOrder order_of(std::vector<SelectArguments::OrderKey> keys) {
    const Catalog& catalog = test::fuzz_schema().catalog();
    return {catalog, catalog.collection_index("Book"), std::move(keys)};
}

TEST(Cursor, GoldenBytes_AreThoseOfTheLayout) {
    const Catalog& catalog = test::fuzz_schema().catalog();
    SelectArguments::OrderKey title;
    title.field = catalog.collection(catalog.collection_index("Book")).field_index("title");
    const DocId id = counted_id();
    EXPECT_EQ(cursor_of(order_of({title}), {text_key("a"), text_key(id.key())}),
              "AZmK0WIBAWEBEAABAgMEBQYHCAkKCwwNDg8");
    EXPECT_EQ(cursor_of(order_of({}), {text_key(id.key())}), "ARLQkGwBEAABAgMEBQYHCAkKCwwNDg8");
    EXPECT_EQ(order_of({}).read_cursor("ARLQkGwBEAABAgMEBQYHCAkKCwwNDg8")->id(), id);
}

class RandomCursors : public testing::Test {
  protected:
    std::string bytes() {
        std::string bytes(random_() % 6, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random_());
        return bytes;
    }
    std::string_view hold(std::string text) { return held_.emplace_back(std::move(text)); }

    // Keys as fuzz_order() has them: String, Float, DateTime, Blob, JSON, [Float!], ID, Int, and the id.
    std::vector<SortKey> keys() {
        std::vector<SortKey> keys(9);
        for (SortKey& key : keys) key.present = random_() % 4 != 0;
        keys[0].text = hold(bytes());
        const double numbers[] = {0, -0.0, 1.5, -1e300, NAN, INFINITY};
        keys[1].number = numbers[random_() % 6];
        keys[2].instant = {static_cast<std::int64_t>(random_()) - (std::int64_t{1} << 31),
                           static_cast<std::int32_t>(random_() % 1000000000)};
        keys[3].text = hold(bytes());
        const Value values[] = {Value(), Value(true), Value(2.5), Value(std::string("x")),
                                Value(Value::Object{})};
        std::string stored;
        append_stored(values[random_() % 5], FieldKind::json, stored);
        keys[4].text = hold(std::move(stored));
        keys[6].text = random_() % 2 == 0 ? hold(std::string(counted_id().key())) : "bae-other";
        keys[7].integer = static_cast<std::int64_t>(random_()) << (random_() % 32);
        keys[8] = text_key(hold(std::string(16, static_cast<char>(random_()))));
        return keys;
    }

    std::mt19937 random_{99};
    std::deque<std::string> held_;
};

TEST_F(RandomCursors, WrittenThenRead_AreTheSamePlace) {
    const KeysetOrder& order = test::fuzz_order();
    for (int i = 0; i < 2000; ++i) {
        const std::vector<SortKey> written = keys();
        const std::string text = cursor_of(order, written);
        const auto read = order.read_cursor(text);
        ASSERT_TRUE(read) << text << ": " << read.error().message;
        EXPECT_EQ(order.compare(written.data(), read->keys.data()), 0) << text;
        EXPECT_TRUE(test::check_cursor(text));
    }
}

TEST_F(RandomCursors, Damaged_AreRefusedOrOtherPlaces) {
    int refused = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string text = cursor_of(test::fuzz_order(), keys());
        for (std::size_t changes = 1 + random_() % 3; changes > 0 && !text.empty(); --changes) {
            const std::size_t at = random_() % text.size();
            switch (random_() % 3) {
                case 0:
                    text[at] = static_cast<char>(random_());
                    break;
                case 1:
                    text.erase(at, 1 + random_() % 3);
                    break;
                default:
                    text.insert(at, 1, "AZaz09-_"[random_() % 8]);
            }
        }
        refused += test::check_cursor(text) ? 0 : 1;
    }
    EXPECT_GT(refused, 3000);
    EXPECT_LT(refused, 5000);
}

}  // namespace
}  // namespace cairn::query
