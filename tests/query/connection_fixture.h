// Books on shelves, paged through by connections.
#pragma once

#include <algorithm>

#include "database_fixture.h"

namespace cairn::test {

inline constexpr const char* kConnectionSchema =
    "type Shelf { label: String  floor: Int  books: [Book] }"
    "type Book { title: String  pages: Int  price: Float  weight: Float32  lent: Boolean  printed: DateTime"
    " scan: Blob  extra: JSON  tags: [String]  shelf: Shelf }";

class ConnectionTest : public DatabaseTest {
  protected:
    ConnectionTest() : DatabaseTest(kConnectionSchema) {}
    explicit ConnectionTest(std::string_view sdl, Options options = {})
        : DatabaseTest(sdl, std::move(options)) {}

    // Books of the titles, in the order of their ids.
    std::vector<std::string> create_books(const std::vector<std::string>& titles) {
        std::vector<std::string> ids;
        for (const std::string& title : titles)
            ids.push_back(create("Book", fmt::format("title: \"{}\"", title)));
        std::sort(ids.begin(), ids.end());
        return ids;
    }
    json connection(const std::string& arguments, const std::string& selection) {
        return data(fmt::format("{{ Book_connection{} {{ {} }} }}", arguments, selection))["Book_connection"];
    }
    std::string connection_error(const std::string& arguments) {
        return error(fmt::format("{{ Book_connection({}) {{ totalCount nodes {{ title }} }} }}", arguments));
    }
    std::string cursor_of(const std::string& order, std::size_t at) {
        const std::string arguments = order.empty() ? "" : fmt::format("(order: {})", order);
        return connection(arguments, "edges { cursor }")["edges"][at]["cursor"];
    }
    // On one field, ascending, or on several.
    void create_index(const std::string& field) { create_index({{field, false}}); }
    void create_index(std::vector<IndexField> fields) {
        auto transaction = *database_.begin();
        ASSERT_TRUE(transaction.create_index("Book", {.name = "", .fields = std::move(fields)}));
        ASSERT_TRUE(transaction.commit());
    }
    int count_ = 0;  // of documents that have to differ
};

}  // namespace cairn::test
