// Schemas for tests of the GraphQL front, made the way the product makes them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collections/schema_builder.h"
#include "query/sdl.h"
#include "query/type_system.h"

namespace cairn::query::test {

inline std::shared_ptr<const Catalog> catalog_of(std::string_view sdl) {
    auto types = parse_sdl(sdl);
    EXPECT_TRUE(types.has_value()) << (types ? "" : types.error().message);
    if (!types) return Catalog::empty();
    auto change = add_types(*Catalog::empty(), *types);
    EXPECT_TRUE(change.has_value()) << (change ? "" : change.error().message);
    return change ? change->catalog : Catalog::empty();
}

inline std::shared_ptr<const TypeSystem> schema_of(std::string_view sdl) {
    auto schema = TypeSystem::build(catalog_of(sdl));
    EXPECT_TRUE(schema.has_value()) << (schema ? "" : schema.error().message);
    return schema ? *schema : nullptr;
}

// Books and their authors, with a field of most kinds.
inline constexpr std::string_view kLibrary = R"(
    type Author { name: String age: Int books: [Book] contact: Contact @primary }
    type Contact { cell: String author: Author }
    type Book {
        title: String pages: Int rating: Float weight: Float32 printed: DateTime cover: Blob info: JSON
        sold: Boolean
        prices: [Float!] years: [Int] tags: [String!] author: Author
    }
)";

inline std::shared_ptr<const TypeSystem> library() {
    static const std::shared_ptr<const TypeSystem> kSchema = schema_of(kLibrary);
    return kSchema;
}

inline std::shared_ptr<const Document> parsed(std::string_view request) {
    auto document = Document::parse(request, "request");
    EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
    return document ? *document : nullptr;
}

// The messages of a request against a schema; a syntax error counts as one.
inline std::vector<std::string> messages(std::string_view request, const TypeSystem& schema) {
    auto document = Document::parse(request, "request");
    if (!document) return {document.error().message};
    return validate(**document, schema);
}

inline std::vector<std::string> messages(std::string_view request) {
    return messages(request, *library());
}

using Texts = std::vector<std::string>;

}  // namespace cairn::query::test
