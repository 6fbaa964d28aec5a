// Rules of spec/schema.md section 7 other than those of relations, and index descriptions (sections 4 and
// 15).
#include <gtest/gtest.h>

#include <algorithm>

#include "collections/schema_indexes.h"
#include "schema_test_support.h"

namespace cairn {
namespace {

using namespace testing;

FieldDefinition counter(std::string name, FieldKind kind, CrdtType crdt) {
    FieldDefinition definition = scalar(std::move(name), kind);
    definition.crdt = crdt;
    return definition;
}

FieldDefinition with_default(std::string name, FieldKind kind, Value value) {
    FieldDefinition definition = scalar(std::move(name), kind);
    definition.default_value = std::move(value);
    return definition;
}

FieldDefinition embedding(std::string name, std::vector<std::string> sources, std::string provider = "ollama",
                          std::string model = "nomic", FieldKind kind = FieldKind::float32_array) {
    FieldDefinition definition = scalar(std::move(name), kind);
    definition.embedding =
        EmbeddingDescription{"", std::move(sources), std::move(model), std::move(provider), "", ""};
    return definition;
}

TypeDefinition indexed(TypeDefinition definition, std::vector<IndexDirective> indexes) {
    definition.indexes = std::move(indexes);
    return definition;
}

TEST(SchemaRules, NameGivenTwice_OneLineForEachBeyondTheFirst) {
    EXPECT_EQ(add_error({type("Users"), type("Users"), type("Users")}),
              "collection already exists. Name: Users\ncollection already exists. Name: Users");
    EXPECT_EQ(add_error({type("Users")}, with_types({type("Users")})),
              "collection already exists. Name: Users");
}

TEST(SchemaRules, FieldGivenTwice_Refused) {
    EXPECT_EQ(add_error({type("Users", {scalar("a"), scalar("a"), scalar("a")})}),
              "duplicate field. Name: a\nduplicate field. Name: a");
    EXPECT_EQ(add_error({type("Users", {scalar("_docID", FieldKind::id)})}), "duplicate field. Name: _docID");
}

TEST(SchemaRules, RelationAndScalarOfOneName_Refused) {
    EXPECT_EQ(
        add_error({type("A", {scalar("c_id"), many("c_id", "C"), scalar("d")}), type("C", {one("a", "A")})}),
        "relation can only have a single field set as primary\nrelation can only have a single field set as "
        "primary\n"
        "duplicate field. Name: c_id");
    EXPECT_EQ(add_error({type("A", {many("b", "B"), many("b", "B")}), type("B", {one("a", "A")})}),
              "duplicate field. Name: b");
}

TEST(SchemaRules, CounterOnText_Refused) {
    EXPECT_EQ(add_error({type("U", {counter("points", FieldKind::string, CrdtType::pcounter)})}),
              "CRDT type pcounter can't be assigned to field kind String");
    EXPECT_EQ(add_error({type("U", {counter("points", FieldKind::integer_array, CrdtType::pncounter)})}),
              "CRDT type pncounter can't be assigned to field kind [Int!]");
}

TEST(SchemaRules, CounterOnNumbers_Accepted) {
    CatalogPtr catalog = with_types({type("U", {counter("a", FieldKind::integer, CrdtType::pcounter),
                                                counter("b", FieldKind::float64, CrdtType::pncounter),
                                                counter("c", FieldKind::float32, CrdtType::pncounter)})});
    EXPECT_EQ(field(active(catalog, "U"), "a").crdt, CrdtType::pcounter);
    EXPECT_EQ(field(active(catalog, "U"), "c").crdt, CrdtType::pncounter);
    EXPECT_EQ(field(active(catalog, "U"), "_docID").crdt, CrdtType::none);
}

TEST(SchemaRules, CompositeType_NotSupportedOnFields) {
    EXPECT_EQ(add_error({type("U", {counter("foo", FieldKind::boolean, CrdtType::composite)})}),
              "CRDT type not supported. Name: foo, CRDTType: composite");
}

TEST(SchemaRules, FailuresOfSeveralRules_JoinedRuleByRule) {
    EXPECT_EQ(add_error({type("A", {counter("x", FieldKind::string, CrdtType::pcounter), one("y", "Nope")}),
                         type("B", {scalar("z"), scalar("z"), one("y", "Nope")})}),
              "no type found for given name. Field: y, Kind: Nope\n"
              "no type found for given name. Field: y, Kind: Nope\n"
              "CRDT type pcounter can't be assigned to field kind String\n"
              "duplicate field. Name: z");
}

TEST(SchemaRules, MoreFailuresThanBound_AreCutOff) {
    std::vector<FieldDefinition> fields;
    for (int i = 0; i < 20'000; ++i) fields.push_back(one("f" + std::to_string(i), "Nope"));
    std::string message = add_error({type("U", std::move(fields))});
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 9'999);
}

TEST(SchemaRules, Policy_ArgumentsMustBothBeGiven) {
    auto with_policy = [](std::string id, std::string resource) {
        TypeDefinition definition = type("Users");
        definition.policy = PolicyDescription{std::move(id), std::move(resource)};
        return definition;
    };
    EXPECT_EQ(add_error({with_policy("", "")}), "missing policy arguments, must have both id and resource");
    EXPECT_EQ(add_error({with_policy("", "users")}), "policyID must not be empty");
    EXPECT_EQ(add_error({with_policy("60079f", "")}), "resource name must not be empty");
    EXPECT_EQ(version(with_types({with_policy("60079f", "users")}),
                      "bafkreia2jn5ecrhtvy4fravk6pm3wqiny46m7mqymvjkgat7xiqupgqoai")
                  .policy->resource_name,
              "users");
    TypeDefinition view = with_policy("60079f", "users");
    EXPECT_EQ(error_of(add_view_types(*Catalog::empty(), {view}, "User { name }")),
              "materialized views do not support ACP. Collection: Users");
}

TEST(SchemaRules, NonMaterialized_OnlyViews) {
    TypeDefinition definition = type("W");
    definition.materialized = false;
    EXPECT_EQ(add_error({definition}), "non-materialized collections are not supported. Collection: W");
    EXPECT_FALSE(catalog_of(add_view_types(*Catalog::empty(), {definition}, "User { name }"))
                     ->versions()
                     .front()
                     .is_materialized);
}

TEST(SchemaRules, DefaultOfAnotherKind_Refused) {
    EXPECT_EQ(add_error({type("X", {with_default("age", FieldKind::integer, Value(true))})}),
              "default field value is invalid. Collection: X, Inner: invalid value. Field: age, Kind: Int, "
              "Value: true");
}

TEST(SchemaRules, DefaultOfItsKind_Kept) {
    CatalogPtr catalog =
        with_types({type("X", {with_default("age", FieldKind::integer, Value(std::int64_t{7})),
                               with_default("meta", FieldKind::json, Value(Value::Array{Value(1.5)}))})});
    EXPECT_EQ(*field(active(catalog, "X"), "age").default_value, Value(std::int64_t{7}));
    EXPECT_EQ(*field(active(catalog, "X"), "meta").default_value, Value(Value::Array{Value(1.5)}));
}

TEST(SchemaRules, Embedding_FieldMustBeFloat32List) {
    EXPECT_EQ(add_error({type(
                  "U", {scalar("name"), embedding("v", {"name"}, "ollama", "m", FieldKind::float64_array)})}),
              "invalid type for vector embedding. Actual: [Float64!]");
}

TEST(SchemaRules, Embedding_SourcesAreChecked) {
    EXPECT_EQ(add_error({type("U", {embedding("v", {})})}), "embedding Fields cannot be empty");
    EXPECT_EQ(add_error({type("U", {embedding("v", {"foo"})})}),
              "the given field does not exist. Embedding generation field: foo");
    EXPECT_EQ(add_error({type("U", {scalar("j", FieldKind::json), embedding("v", {"j"})})}),
              "invalid field type for vector embedding generation. Actual: JSON");
    EXPECT_EQ(add_error({type("U", {scalar("name"), embedding("v", {"name", "v"})})}),
              "embedding fields cannot refer to self or another embedding field. Field: v\n"
              "invalid field type for vector embedding generation. Actual: [Float32!]");
}

TEST(SchemaRules, Embedding_ProviderAndModelAreChecked) {
    EXPECT_EQ(add_error({type("U", {scalar("name"), embedding("v", {"name"}, "", "")})}),
              "embedding Provider cannot be empty\nunknown embedding provider. Provider: \nembedding Model "
              "cannot be empty");
    EXPECT_EQ(add_error({type("U", {scalar("name"), embedding("v", {"name"}, "deepseek")})}),
              "unknown embedding provider. Provider: deepseek");
    CatalogPtr catalog = with_types({type("U", {scalar("name"), embedding("v", {"name"}, "openai")})});
    EXPECT_EQ(catalog->versions().front().embeddings.front().field_name, "v");
}

TEST(SchemaRules, RefusedAdd_LeavesCatalogAsItWas) {
    CatalogPtr catalog = with_types({type("Users", {scalar("name")})});
    std::string before = catalog->to_stored_json();
    EXPECT_NE(add_error({type("Dogs"), type("Users")}, catalog), "(succeeded)");
    EXPECT_EQ(catalog->to_stored_json(), before);
    EXPECT_EQ(catalog->collection_index("Dogs"), -1);
}

TEST(SchemaIndexes, GeneratedNames_TakeLowestFreeNumber) {
    CatalogPtr catalog =
        with_types({indexed(type("Book", {scalar("rating", FieldKind::float64), scalar("name")}),
                            {{"", false, {{"rating", false}}},
                             {"Book_rating_ASC_2", true, {{"name", true}}},
                             {"", false, {{"rating", true}, {"name", false}}}})});
    const std::vector<IndexDescription>& indexes = active(catalog, "Book").indexes;
    EXPECT_EQ(names(indexes), "Book_rating_ASC Book_rating_ASC_2 Book_rating_ASC_3");
    EXPECT_EQ(indexes[0].id, 1u);
    EXPECT_EQ(indexes[2].id, 3u);
    EXPECT_TRUE(indexes[1].unique);
    EXPECT_TRUE(indexes[2].fields[0].descending);
}

TEST(SchemaIndexes, ManyOnOneField_AreNamedInTurn) {
    std::vector<IndexDirective> directives(20'000, IndexDirective{"", false, {{"name", false}}});
    CatalogPtr catalog = with_types({indexed(type("Book", {scalar("name")}), directives)});
    EXPECT_EQ(active(catalog, "Book").indexes.back().name, "Book_name_ASC_20000");
}

TEST(SchemaIndexes, RelationField_IndexedThroughItsKey) {
    CatalogPtr catalog =
        with_types({type("Pt", {scalar("name")}),
                    indexed(type("Own", {primary(one("pet", "Pt"))}), {{"", false, {{"pet", false}}}})});
    EXPECT_EQ(active(catalog, "Own").indexes[0].name, "Own_pet_id_ASC");
    EXPECT_EQ(active(catalog, "Own").indexes[0].fields[0].name, "pet_id");
}

TEST(SchemaIndexes, BadDefinitions_RefusedInOrder) {
    auto refused = [](IndexDirective directive) {
        return add_error(
            {indexed(type("User", {scalar("age", FieldKind::integer)}), {std::move(directive)})});
    };
    EXPECT_EQ(refused({"1bad", false, {}}), "index with invalid name. Name: 1bad");
    EXPECT_EQ(refused({"", false, {}}), "index missing fields");
    EXPECT_EQ(refused({"", false, {{"zz", false}, {"", false}}}), "index field missing name");
    EXPECT_EQ(refused({"", false, {{"age", false}, {"zz", false}}}),
              "creating an index on a non-existing property. Field: zz");
}

TEST(SchemaIndexes, SecondarySide_Refused) {
    EXPECT_EQ(add_error({indexed(type("A", {one("b", "B")}), {{"", false, {{"b", false}}}}),
                         type("B", {primary(one("a", "A"))})}),
              "creating an index on a non-existing property. Field: b");
    EXPECT_EQ(add_error({indexed(type("A", {many("b", "B")}), {{"", false, {{"b", false}}}}),
                         type("B", {one("a", "A")})}),
              "creating an index on a non-existing property. Field: b");
}

TEST(SchemaIndexes, NameTaken_RefusedAndTakesNoId) {
    EXPECT_EQ(add_error({indexed(
                  type("User", {scalar("age", FieldKind::integer)}),
                  {{"age_index", false, {{"age", false}}}, {"age_index", false, {{"age", false}}}})}),
              "index with name already exists. Name: age_index");
    CatalogPtr catalog = with_types({type("User", {scalar("age", FieldKind::integer)})});
    CollectionVersionDescription described = catalog->versions().front();
    IndexBuilder builder(schema(catalog, "User"), described);
    EXPECT_EQ(builder.add({"i", false, {{"age", false}}}).value(), 0u);
    EXPECT_FALSE(builder.add({"i", false, {{"age", false}}}).has_value());
    EXPECT_EQ(builder.add({"", false, {{"_docID", false}}}).value(), 1u);
    EXPECT_EQ(described.indexes[1].id, 2u);
    EXPECT_EQ(described.indexes[1].name, "User__docID_ASC");
    EXPECT_EQ(described.next_index_id, 3u);
}

}  // namespace
}  // namespace cairn
