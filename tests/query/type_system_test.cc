#include "query/type_system.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/query/schema_helper.h"

namespace cairn::query {
namespace {

using test::library;
using test::schema_of;

std::string signature(const FieldDef* field) {
    if (field == nullptr) return "absent";
    std::string text;
    for (const InputValue& argument : field->arguments) {
        if (argument.hidden || argument.is_alias) continue;
        if (!text.empty()) text += ", ";
        text += argument.name + ": " + argument.type.text();
    }
    return "(" + text + "): " + field->type.text();
}

std::string field_of(std::string_view type, std::string_view field) {
    const GqlType* found = library()->type(type);
    return found == nullptr ? "no type" : signature(found->field(field));
}

std::string input_of(std::string_view type, std::string_view field) {
    const GqlType* found = library()->type(type);
    if (found == nullptr) return "no type";
    const InputValue* input = found->input_field(field);
    return input == nullptr ? "absent" : input->type.text();
}

std::string names_of(std::string_view type) {
    const GqlType* found = library()->type(type);
    if (found == nullptr) return "no type";
    std::string text;
    for (const InputValue& input : found->input_fields) {
        if (!input.hidden) text += input.name + " ";
    }
    for (const FieldDef& field : found->fields) text += field.name + " ";
    for (const std::string& value : found->enum_values) text += value + " ";
    if (!text.empty()) text.pop_back();
    return text;
}

TEST(TypeSystem, QueryField_HasTheArgumentsOfASelect) {
    EXPECT_EQ(field_of("Query", "Book"),
              "(cid: String, docID: [String!], filter: BookFilterArg, groupBy: [BookField!], limit: Int, "
              "offset: Int, "
              "order: [BookOrderArg], showDeleted: Boolean): [Book]");
    EXPECT_EQ(field_of("Subscription", "Book"), field_of("Query", "Book"));
    EXPECT_EQ(
        field_of("Query", "_count"),
        "(Author: Author__CountSelector, Book: Book__CountSelector, Contact: Contact__CountSelector): Int");
    EXPECT_EQ(field_of("Query", "_avg"),
              "(Author: Author__NumericSelector, Book: Book__NumericSelector, Contact: "
              "Contact__NumericSelector): Float");
    EXPECT_EQ(field_of("Query", "_"), "(): Boolean");
    EXPECT_EQ(field_of("Query", "commits"),
              "(cid: ID, depth: Int, docID: ID, fieldName: String, groupBy: [commitFields!], limit: Int, "
              "offset: Int, order: "
              "[commitsOrderArg]): [Commit]");
    EXPECT_EQ(field_of("Query", "latestCommits"), "(docID: ID!, fieldName: String): [Commit]");
}

TEST(TypeSystem, ObjectType_HasUserAndSystemFields) {
    EXPECT_EQ(names_of("Book"),
              "_avg _count _deleted _docID _group _max _min _similarity _sum _version author author_id cover "
              "info pages prices "
              "printed rating sold tags title weight years");
    EXPECT_EQ(field_of("Book", "rating"), "(): Float64");
    EXPECT_EQ(field_of("Book", "weight"), "(): Float32");
    EXPECT_EQ(field_of("Book", "prices"), "(): [Float64!]");
    EXPECT_EQ(field_of("Book", "years"), "(): [Int]");
    EXPECT_EQ(field_of("Book", "author"), "(filter: AuthorFilterArg): Author");
    EXPECT_EQ(field_of("Book", "author_id"), "(): ID");
    EXPECT_EQ(field_of("Book", "_version"), "(): [Commit]");
    EXPECT_EQ(field_of("Book", "_count"),
              "(_group: Book__CountSelector, _version: Book___version__CountSelector, prices: "
              "Book__prices__CountSelector, tags: "
              "Book__tags__CountSelector, years: Book__years__CountSelector): Int");
    EXPECT_EQ(field_of("Book", "_sum"),
              "(_group: Book__NumericSelector, prices: Book__prices__NumericSelector, years: "
              "Book__years__NumericSelector): "
              "Float");
    EXPECT_EQ(field_of("Book", "_similarity"),
              "(prices: Book__prices__SimilaritySelector, years: Book__years__SimilaritySelector): Float");
    EXPECT_EQ(
        field_of("Author", "books"),
        "(docID: [String!], filter: BookFilterArg, groupBy: [BookField!], limit: Int, offset: Int, order: "
        "[BookOrderArg]): [Book]");
    EXPECT_EQ(field_of("Author", "_max"),
              "(_group: Author__NumericSelector, books: Book__NumericSelector): Float");
    EXPECT_EQ(field_of("Author", "books_id"), "absent");
    EXPECT_EQ(field_of("Contact", "author_id"), "(): ID");
    EXPECT_EQ(field_of("Author", "_similarity"), "(): Float");
}

TEST(TypeSystem, Filters_TakeOperatorBlocks) {
    EXPECT_EQ(names_of("AuthorFilterArg"), "_alias _and _docID _not _or age books contact contact_id name");
    EXPECT_EQ(input_of("AuthorFilterArg", "books"), "BookFilterArg");
    EXPECT_EQ(input_of("AuthorFilterArg", "_and"), "[AuthorFilterArg!]");
    EXPECT_EQ(input_of("AuthorFilterArg", "_alias"), "JSON");
    EXPECT_EQ(input_of("BookFilterArg", "info"), "JSON");
    EXPECT_EQ(input_of("BookFilterArg", "prices"), "NotNullFloat64ListOperatorBlock");
    EXPECT_EQ(input_of("BookFilterArg", "years"), "IntListOperatorBlock");
    EXPECT_EQ(input_of("BookFilterArg", "printed"), "DateTimeOperatorBlock");
    EXPECT_EQ(input_of("BookFilterArg", "author_id"), "IDOperatorBlock");
    EXPECT_EQ(names_of("StringOperatorBlock"), "_eq _ilike _in _like _ne _nilike _nin _nlike");
    EXPECT_EQ(names_of("NotNullIntFilterArg"), "_and _eq _ge _gt _in _le _lt _ne _nin _or");
    EXPECT_EQ(input_of("IntOperatorBlock", "_in"), "[Int]");
    EXPECT_EQ(input_of("NotNullIntOperatorBlock", "_in"), "[Int!]");
    EXPECT_EQ(input_of("IDOperatorBlock", "_nin"), "[ID!]");
    EXPECT_EQ(input_of("BlobOperatorBlock", "_like"), "String");
    EXPECT_EQ(input_of("StringListOperatorBlock", "_any"), "StringOperatorBlock");
}

TEST(TypeSystem, OrdersAndEnums_ListTheirFields) {
    EXPECT_EQ(names_of("AuthorOrderArg"), "_alias _docID age contact contact_id name");
    EXPECT_EQ(input_of("AuthorOrderArg", "contact"), "ContactOrderArg");
    EXPECT_EQ(names_of("AuthorField"), "_deleted _docID _group _version age books contact contact_id name");
    EXPECT_EQ(names_of("AuthorExplicitField"), "age books contact contact_id name");
    EXPECT_EQ(names_of("BookNumericFieldsArg"),
              "_avg _count _max _min _sum pages prices rating weight years");
    EXPECT_EQ(names_of("Ordering"), "ASC DESC");
}

TEST(TypeSystem, Selectors_OfCollectionsAndArrays) {
    EXPECT_EQ(input_of("Book__NumericSelector", "field"), "BookNumericFieldsArg!");
    EXPECT_EQ(names_of("Book__CountSelector"), "filter limit offset");
    EXPECT_EQ(input_of("Book__prices__NumericSelector", "filter"), "NotNullFloat64FilterArg");
    EXPECT_EQ(input_of("Book__years__NumericSelector", "order"), "Ordering");
    EXPECT_EQ(input_of("Book__years__SimilaritySelector", "vector"), "[Int]!");
    EXPECT_EQ(names_of("Book___group__CountSelector"), "limit offset");
    EXPECT_EQ(names_of("Author__books__CountSelector"), "limit offset");
    EXPECT_EQ(names_of("Book__tags__NumericSelector"), "no type");
}

TEST(TypeSystem, Mutations_TakeWritableFieldsOnly) {
    EXPECT_EQ(names_of("BookMutationInputArg"),
              "author author_id cover info pages prices printed rating sold tags title weight years");
    EXPECT_EQ(input_of("BookMutationInputArg", "author"), "ID");
    EXPECT_EQ(names_of("ContactMutationInputArg"), "cell");
    EXPECT_EQ(names_of("AuthorMutationInputArg"), "age contact contact_id name");
    EXPECT_EQ(
        field_of("Mutation", "create_Book"),
        "(encrypt: Boolean, encryptFields: [BookExplicitField!], input: [BookMutationInputArg!]): [Book]");
    EXPECT_EQ(field_of("Mutation", "update_Book"),
              "(docID: [ID], filter: BookFilterArg, input: BookMutationInputArg): [Book]");
    EXPECT_EQ(field_of("Mutation", "delete_Book"), "(docID: [ID], filter: BookFilterArg): [Book]");
    EXPECT_EQ(
        field_of("Mutation", "upsert_Book"),
        "(create: BookMutationInputArg!, filter: BookFilterArg!, update: BookMutationInputArg!): [Book]");
}

TEST(TypeSystem, OtherNamesOfDocId_AreAliases) {
    for (std::string_view name : {"docIDs", "id"}) {
        EXPECT_TRUE(library()->query().field("Book")->argument(name)->is_alias);
        EXPECT_TRUE(library()->mutation().field("update_Book")->argument(name)->is_alias);
        EXPECT_TRUE(library()->mutation().field("delete_Book")->argument(name)->is_alias);
    }
    EXPECT_EQ(library()->query().field("commits")->argument("id"), nullptr);
}

TEST(TypeSystem, SecondaryIdDeclaredByTheUser_IsWrittenWithItsTypeAndReadAsId) {
    auto schema =
        schema_of("type Book { author_id: Int author: Author } type Author { published: Book @primary }");
    EXPECT_EQ(schema->type("BookMutationInputArg")->input_field("author_id")->type.text(), "Int");
    EXPECT_EQ(schema->type("Book")->field("author_id")->type.text(), "ID");
}

TEST(TypeSystem, EmptyDatabase_LacksWhatNeedsACollection) {
    auto schema = *TypeSystem::build(Catalog::empty());
    EXPECT_EQ(schema->type("IntFilterArg"), nullptr);
    EXPECT_NE(schema->type("NotNullBlobOperatorBlock"), nullptr);
    EXPECT_EQ(schema->query().field("_count"), nullptr);
    EXPECT_EQ(schema->type("Commit")->field("_group"), nullptr);
    EXPECT_NE(library()->type("Commit")->field("_group"), nullptr);
    EXPECT_EQ(signature(schema->type("Commit")->field("_count")), "(field: commitCountFieldArg): Int");
}

TEST(TypeSystem, MetaFields_AreWhereTheyBelong) {
    const TypeSystem& schema = *library();
    EXPECT_EQ(schema.find_field(schema.query(), "__schema")->type.text(), "__Schema!");
    EXPECT_EQ(signature(schema.find_field(schema.query(), "__type")), "(name: String!): __Type");
    EXPECT_EQ(schema.find_field(*schema.type("Book"), "__typename")->type.text(), "String!");
    EXPECT_EQ(schema.find_field(*schema.type("Book"), "__schema"), nullptr);
    EXPECT_EQ(field_of("__Field", "args"), "(): [__InputValue!]!");
    EXPECT_EQ(library()->type("__Type")->field("fields")->arguments[0].default_value, "false");
}

TEST(TypeSystem, Names_AreUniqueAndSorted) {
    std::set<std::string> names;
    for (const auto& type : library()->types()) {
        EXPECT_TRUE(names.insert(type->name).second) << type->name;
        auto sorted = [](const auto& items) {
            return std::is_sorted(items.begin(), items.end(),
                                  [](const auto& a, const auto& b) { return a.name < b.name; });
        };
        EXPECT_TRUE(sorted(type->fields) && sorted(type->input_fields)) << type->name;
        EXPECT_EQ(library()->type(type->name), type.get());
    }
    EXPECT_GT(names.size(), 80u);
}

TEST(TypeSystem, Directives_HaveTheirLocations) {
    const DirectiveDef* index = library()->directive("index");
    ASSERT_NE(index, nullptr);
    EXPECT_EQ(index->argument("includes")->type.text(), "[IndexField]");
    EXPECT_EQ(index->locations, (std::vector<std::string_view>{"OBJECT", "FIELD_DEFINITION"}));
    for (std::string_view name : {"skip", "include"}) {
        ASSERT_NE(library()->directive(name), nullptr);
        EXPECT_TRUE(library()->directive(name)->hidden);
    }
    EXPECT_EQ(library()->directive("deprecated"), nullptr);
}

std::string build_error(std::string_view sdl) {
    auto schema = TypeSystem::build(test::catalog_of(sdl));
    return schema ? "" : schema.error().message;
}

TEST(TypeSystem, Names_TakenByTheApi_AreRefused) {
    EXPECT_EQ(build_error("type Commit { a: Int }"), "schema type already exists. Name: Commit");
    EXPECT_EQ(build_error("type Query { a: Int }"), "schema type already exists. Name: Query");
    EXPECT_EQ(build_error("type __Type { a: Int }"), "schema type already exists. Name: __Type");
    EXPECT_EQ(build_error("type A { x: Int } type AFilterArg { x: Int }"),
              "schema type already exists. Name: AFilterArg");
}

// Builders of catalogs refuse these too; a stored catalog may still hold them.
TEST(TypeSystem, Catalogs_WithBadKindsOrNames_AreRefused) {
    using Change = void (*)(CollectionVersionDescription&, SchemaDescription&);
    auto changed = [](Change change) {
        auto catalog = test::catalog_of("type Users { name: String }");
        std::vector<CollectionVersionDescription> versions = catalog->versions();
        std::vector<SchemaDescription> schemas = catalog->schemas();
        change(versions.at(0), schemas.at(0));
        auto other = Catalog::build(2, versions, schemas);
        EXPECT_TRUE(other.has_value()) << (other ? "" : other.error().message);
        auto schema = TypeSystem::build(other ? *other : Catalog::empty());
        return schema ? std::string() : schema.error().message;
    };
    EXPECT_EQ(changed([](auto&, auto&) {}), "");
    EXPECT_EQ(changed([](auto&, SchemaDescription& schema) {
                  schema.fields.at(1).kind = static_cast<FieldKind>(16);
                  schema.fields.at(1).kind_number = 16;
              }),
              "no type found for given name. Type: 16");
    EXPECT_EQ(changed([](CollectionVersionDescription& version, SchemaDescription& schema) {
                  version.fields.at(1).name = schema.fields.at(1).name = "1x";
              }),
              "Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"1x\" does not.");
    EXPECT_EQ(
        changed([](CollectionVersionDescription& version, SchemaDescription&) { version.name = "a b"; }),
        "Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"a b\" does not.");
    EXPECT_EQ(changed([](CollectionVersionDescription& version, SchemaDescription&) {
                  version.is_embedded_only = true;
              }),
              "no type found for given name. Type: UsersMutationInputArg");
}

TEST(TypeSystem, Views_LackWhatOnlyDocumentsHave) {
    auto base = test::catalog_of(
        "type Book { name: String author: Author } type Author { name: String books: [Book] }");
    auto types = parse_sdl(
        "type AuthorView @materialized(if: false) { name: String books: [BookView] } interface BookView { "
        "name: String }");
    ASSERT_TRUE(types.has_value());
    auto change = add_view_types(*base, *types, "Author { name books { name } }");
    ASSERT_TRUE(change.has_value()) << change.error().message;
    auto schema = TypeSystem::build(change->catalog);
    ASSERT_TRUE(schema.has_value()) << schema.error().message;
    const GqlType& view = *(*schema)->type("AuthorView");
    for (std::string_view absent : {"_docID", "_version", "_deleted"})
        EXPECT_EQ(view.field(absent), nullptr) << absent;
    for (std::string_view present : {"_group", "_count", "_similarity", "books"}) {
        EXPECT_NE(view.field(present), nullptr) << present;
    }
    EXPECT_NE((*schema)->query().field("AuthorView"), nullptr);
    EXPECT_EQ((*schema)->query().field("BookView"), nullptr);
    EXPECT_EQ((*schema)->mutation().field("create_AuthorView"), nullptr);
    EXPECT_EQ((*schema)->type("AuthorViewFilterArg")->input_field("_docID"), nullptr);
}

}  // namespace
}  // namespace cairn::query
