// What must hold for any bytes given as a cursor; shared by the fuzz target and its short form in the default
// suite.
#pragma once

#include "query/cursor.h"
#include "tests/fuzz/graphql_check.h"

namespace cairn::query::test {

// An order with a key of each kind of value, and one behind a relation.
inline const KeysetOrder& fuzz_order() {
    static const KeysetOrder kOrder = [] {
        const Catalog& catalog = fuzz_schema().catalog();
        const int books = catalog.collection_index("Book");
        const Collection& type = catalog.collection(books);
        std::vector<SelectArguments::OrderKey> keys;
        for (const char* name : {"title", "rating", "printed", "cover", "info", "prices", "author_id"}) {
            SelectArguments::OrderKey key;
            key.field = type.field_index(name);
            key.descending = keys.size() % 2 == 1;
            keys.push_back(std::move(key));
        }
        SelectArguments::OrderKey age;
        age.path = {type.field_index("author")};
        age.field = catalog.collection(catalog.collection_index("Author")).field_index("age");
        keys.push_back(std::move(age));
        return KeysetOrder(catalog, books, std::move(keys));
    }();
    return kOrder;
}

// A text is refused with a message, or it is the one text of the place that it names. True for the latter.
inline bool check_cursor(std::string_view text) {
    const KeysetOrder& order = fuzz_order();
    const auto cursor = order.read_cursor(text);
    if (!cursor) {
        require(!cursor.error().message.empty());
        return false;
    }
    std::string again;
    require(order.append_cursor(cursor->keys.data(), again).has_value());
    require(again.size() == text.size() + 2 && again.substr(1, text.size()) == text);
    require(order.compare(cursor->keys.data(), cursor->keys.data()) == 0);
    return true;
}

}  // namespace cairn::query::test
