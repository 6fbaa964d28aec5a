// The catalog: lookups, the stored record, the JSON that the API shows, and what it refuses to build from.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "schema_test_support.h"

namespace cairn {
namespace {

using namespace testing;
using Json = nlohmann::json;

// One of everything that a description can hold.
CatalogPtr rich_catalog() {
    FieldDefinition bio = scalar("bio", FieldKind::json);
    bio.default_value = Value(
        Value::Object{{"a", Value(Value::Array{Value(), Value(true), Value(0.1), Value(std::string("<"))})}});
    FieldDefinition age = scalar("age", FieldKind::integer);
    age.default_value = Value(std::int64_t{-9'007'199'254'740'993});
    FieldDefinition weight = scalar("weight", FieldKind::float32);
    weight.default_value = Value(1.1f);
    FieldDefinition vector = scalar("vector", FieldKind::float32_array);
    vector.size = 2;
    vector.embedding = EmbeddingDescription{"", {"name"}, "nomic", "ollama", "t", "u"};
    TypeDefinition author = type("Author", {scalar("name"), bio, age, weight, vector, many("books", "Book")});
    author.policy = PolicyDescription{"60079f", "users"};
    author.branchable = true;
    author.indexes = {{"by_name", true, {{"name", true}}}};
    CatalogPtr catalog = with_types({type("Book", {one("author", "Author"), scalar("name")}), author});
    catalog = catalog_of(add_view_types(*catalog, {type("V", {scalar("name")})}, "Author { name }"));
    return with_patch(catalog, R"([{"op":"add","path":"/Author/Fields/-","value":{"Name":"odd","Kind":16}}])",
                      false);
}

TEST(Catalog, Empty_HasNothing) {
    CatalogPtr catalog = Catalog::empty();
    EXPECT_EQ(catalog->version(), 0u);
    EXPECT_EQ(catalog->collection_index("Users"), -1);
    EXPECT_EQ(catalog->collection_index_by_short_id(1), -1);
    EXPECT_EQ(catalog->next_collection_short_id(), 1u);
    EXPECT_EQ(catalog->schema("x"), nullptr);
}

TEST(Catalog, Lookups_FindActiveCollections) {
    CatalogPtr catalog =
        with_types({type("Users"), type("Dogs", {scalar("name"), scalar("age", FieldKind::integer)})});
    int dogs = catalog->collection_index("Dogs");
    const Collection& collection = catalog->collection(dogs);
    EXPECT_EQ(collection.short_id, 2u);
    EXPECT_EQ(catalog->collection_index_by_short_id(2), dogs);
    EXPECT_EQ(catalog->collection_index_by_root(collection.root), dogs);
    EXPECT_EQ(catalog->collection_index_by_version_id(collection.version_id), dogs);
    EXPECT_EQ(catalog->next_collection_short_id(), 3u);
    EXPECT_EQ(collection.find_by_short_id(3)->name, "name");
    EXPECT_EQ(collection.find_by_short_id(3)->slot, 2u);
    EXPECT_EQ(collection.find_by_short_id(0), nullptr);
    EXPECT_EQ(collection.find_by_short_id(4), nullptr);
    EXPECT_EQ(collection.slot_count, 3u);
    EXPECT_FALSE(collection.fields[0].stored);
    EXPECT_EQ(collection.fields[0].kind, FieldKind::id);
    EXPECT_EQ(collection.field_index("nope"), -1);
}

TEST(Catalog, LaterCall_ContinuesNumbersOfCollections) {
    CatalogPtr catalog = with_types({type("B"), type("A")}, with_types({type("Z")}));
    EXPECT_EQ(active(catalog, "Z").short_id, 1u);
    EXPECT_EQ(active(catalog, "B").short_id, 2u);
    EXPECT_EQ(active(catalog, "A").short_id, 3u);
    EXPECT_EQ(names(catalog->collections()), "Z B A");
}

TEST(Catalog, VersionsAndSchemas_OrderedByVersionId) {
    CatalogPtr catalog = rich_catalog();
    for (std::size_t i = 1; i < catalog->versions().size(); ++i) {
        EXPECT_LT(catalog->versions()[i - 1].version_id, catalog->versions()[i].version_id);
        EXPECT_LT(catalog->schemas()[i - 1].version_id, catalog->schemas()[i].version_id);
    }
}

TEST(CatalogRecord, EveryKindOfDescription_RoundTrips) {
    CatalogPtr catalog = rich_catalog();
    std::string record = catalog->to_stored_json();
    auto read = Catalog::from_stored_json(record);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ((*read)->to_stored_json(), record);
    EXPECT_EQ((*read)->version(), catalog->version());
    EXPECT_EQ((*read)->schemas(), catalog->schemas());
    ASSERT_EQ((*read)->versions().size(), catalog->versions().size());
    for (std::size_t i = 0; i < catalog->versions().size(); ++i) {
        EXPECT_EQ(Catalog::version_json((*read)->versions()[i]),
                  Catalog::version_json(catalog->versions()[i]));
        EXPECT_EQ((*read)->versions()[i].field_short_ids, catalog->versions()[i].field_short_ids);
    }
    EXPECT_EQ(*field(active(*read, "Author"), "age").default_value,
              *field(active(catalog, "Author"), "age").default_value);
    EXPECT_EQ(*field(active(*read, "Author"), "bio").default_value,
              *field(active(catalog, "Author"), "bio").default_value);
    EXPECT_EQ(*field(active(*read, "Author"), "weight").default_value, Value(1.1f));
}

TEST(CatalogRecord, Format_IsTheDocumentedOne) {
    EXPECT_EQ(
        with_types({type("Users", {scalar("name")})})->to_stored_json(),
        R"({"catalog":1,"format":1,"schemas":[{"fields":[["_docID",1,0],["name",11,1]],"name":"Users",)"
        R"("root":"bafkreia3o3cetvcnnxyu5spucimoos77ifungfmacxdkva4zah2is3aooe",)"
        R"("version":"bafkreia3o3cetvcnnxyu5spucimoos77ifungfmacxdkva4zah2is3aooe"}],)"
        R"("versions":[{"active":true,"branchable":false,"collection":"bafkreia3o3cetvcnnxyu5spucimoos77ifungfmacxdkva4zah2is3aooe",)"
        R"("embedded":false,"embeddings":[],"fields":[{"name":"_docID","number":1},{"name":"name","number":2}],"indexes":[],)"
        R"("materialized":true,"name":"Users","next_index":1,"number":1,"previous":"",)"
        R"("version":"bafkreia3o3cetvcnnxyu5spucimoos77ifungfmacxdkva4zah2is3aooe"}]})");
}

TEST(CatalogRecord, DamagedRecord_IsCorruption) {
    const std::string record = rich_catalog()->to_stored_json();
    for (const std::string& text : {std::string(), record.substr(0, record.size() / 2), std::string("[]"),
                                    std::string("{}"), std::string(600, '[') + std::string(600, ']')}) {
        auto read = Catalog::from_stored_json(text);
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error().code, ErrorCode::corruption) << read.error().message;
    }
    Json json = Json::parse(record);
    json["format"] = 2;
    EXPECT_EQ(error_of(Catalog::from_stored_json(json.dump())), "catalog record: unknown format 2");
}

TEST(CatalogRecord, EveryMemberReplaced_NeverCrashes) {
    // Each leaf and each container of the record in turn becomes something else: it is refused or read, never
    // worse.
    const Json record = Json::parse(rich_catalog()->to_stored_json());
    const Json flat = record.flatten();
    std::size_t refused = 0;
    for (const auto& [pointer, value] : flat.items()) {
        for (const Json& other :
             {Json(nullptr), Json(-1), Json("x"), Json::array(), Json::object({{"a", 1}})}) {
            Json damaged = record;
            damaged[Json::json_pointer(pointer)] = other;
            refused += !Catalog::from_stored_json(damaged.dump());
        }
    }
    EXPECT_GT(refused, flat.size());
}

TEST(Catalog, InconsistentDescriptions_AreCorruption) {
    CatalogPtr catalog =
        with_types({type("Book", {one("author", "Author")}), type("Author", {many("books", "Book")})});
    auto build = [&](auto change) {
        std::vector<CollectionVersionDescription> versions = catalog->versions();
        std::vector<SchemaDescription> schemas = catalog->schemas();
        change(versions, schemas);
        auto built = Catalog::build(1, std::move(versions), std::move(schemas));
        EXPECT_TRUE(!built && built.error().code == ErrorCode::corruption);
        return error_of(built);
    };
    const std::string author = active(catalog, "Author").version_id,
                      book = active(catalog, "Book").version_id;
    std::size_t author_at = catalog->versions()[0].name == "Author" ? 0 : 1;
    EXPECT_EQ(build([&](auto& versions, auto&) { versions[author_at].is_active = false; }),
              "catalog: collection version " + book + ", field author: no active collection with the root '" +
                  author + "'");
    EXPECT_EQ(build([&](auto& versions, auto&) {
                  versions[author_at].short_id = versions[1 - author_at].short_id;
              }).substr(0, 19),
              "catalog: collection");
    EXPECT_EQ(build([&](auto& versions, auto&) { versions[author_at].field_short_ids = {1, 1}; }),
              "catalog: collection version " + author + ", field books: its number is used twice");
    EXPECT_EQ(build([&](auto& versions, auto&) { versions[author_at].field_short_ids = {1}; }),
              "catalog: collection version " + author +
                  ", field _docID: the list of field numbers has another length");
    EXPECT_EQ(build([&](auto& versions, auto&) { versions[author_at].field_short_ids = {1, 0xffffffff}; }),
              "catalog: collection version " + author + ", field books: its number is too large: 4294967295");
    EXPECT_EQ(build([&](auto& versions, auto&) {
                  versions[author_at].fields.clear(), versions[author_at].field_short_ids.clear();
              }),
              "catalog: collection version " + author + ", field _docID: it must be the first field");
    EXPECT_EQ(build([&](auto&, auto& schemas) { schemas.clear(); }),
              "catalog: collection version " + catalog->collection(0).version_id + " has no schema");
    EXPECT_EQ(build([&](auto& versions, auto&) { versions.push_back(versions[0]); }).substr(0, 32),
              "catalog: two collection versions");
}

TEST(CatalogJson, Version_KeysInOrder) {
    FieldDefinition age = scalar("age", FieldKind::integer);
    age.default_value = Value(std::int64_t{7});
    TypeDefinition users = type("Users", {age, one("boss", "Users")});
    users.indexes = {{"", true, {{"age", true}}}};
    CatalogPtr catalog = with_types({users});
    const std::string id = active(catalog, "Users").version_id;
    EXPECT_EQ(
        Catalog::version_json(catalog->versions().front()),
        R"({"Name":"Users","VersionID":")" + id + R"(","CollectionID":")" + id +
            R"(","Sources":[],"Fields":[)" +
            R"({"Name":"_docID","Kind":null,"RelationName":null,"DefaultValue":null,"Size":0},)" +
            R"({"Name":"age","Kind":null,"RelationName":null,"DefaultValue":7,"Size":0},)" +
            R"({"Name":"boss","Kind":{"RelativeID":"","Array":false},"RelationName":"users_users","DefaultValue":null,"Size":0},)" +
            R"({"Name":"boss_id","Kind":1,"RelationName":"users_users","DefaultValue":null,"Size":0}],)" +
            R"("Indexes":[{"Name":"Users_age_ASC","ID":1,"Fields":[{"Name":"age","Descending":true}],"Unique":true}],)" +
            R"("Policy":null,"IsActive":true,"IsMaterialized":true,"IsBranchable":false,"IsEmbeddedOnly":false,"VectorEmbeddings":[]})");
}

TEST(CatalogJson, PatchedVersionAndView_ShowTheirSources) {
    CatalogPtr catalog = rich_catalog();
    for (const CollectionVersionDescription& item : catalog->versions()) {
        Json sources = Json::parse(Catalog::version_json(item, R"({"Name":"Author"})")).at("Sources");
        if (item.is_view) {
            EXPECT_EQ(sources.dump(), R"([{"Query":{"Name":"Author"},"Transform":null}])");
        } else if (!item.previous_version_id.empty()) {
            EXPECT_EQ(sources.dump(),
                      R"([{"SourceCollectionID":")" + item.previous_version_id + R"(","Transform":null}])");
        } else {
            EXPECT_EQ(sources.dump(), "[]");
        }
    }
}

}  // namespace
}  // namespace cairn
