// Field lists and relations (spec/blocks.md 4.2, spec/schema.md section 5) and their resolved form.
#include <gtest/gtest.h>

#include "schema_test_support.h"

namespace cairn {
namespace {

using namespace testing;

TEST(SchemaFields, Scalars_SortedBytewiseAfterDocId) {
    CatalogPtr catalog = with_types(
        {type("T", {scalar("b"), scalar("B"), scalar("a1"), scalar("a10"), scalar("a2"), scalar("_x")})});
    EXPECT_EQ(names(schema(catalog, "T").fields), "_docID B _x a1 a10 a2 b");
    EXPECT_EQ(names(active(catalog, "T").fields), "_docID B _x a1 a10 a2 b");
}

TEST(SchemaFields, ImpliedPrimary_ComesLastOnSchemaAndSortedInCollection) {
    CatalogPtr catalog = with_types(
        {type("Book", {one("author", "Author"), scalar("name"), scalar("rating", FieldKind::float64)}),
         type("Author", {many("books", "Book")})});
    EXPECT_EQ(names(schema(catalog, "Book").fields), "_docID name rating author author_id");
    EXPECT_EQ(names(active(catalog, "Book").fields), "_docID author author_id name rating");
    EXPECT_EQ(names(schema(catalog, "Author").fields), "_docID");
    EXPECT_EQ(names(active(catalog, "Author").fields), "_docID books");
}

TEST(SchemaFields, ExplicitPrimary_StaysInSortedPlace) {
    CatalogPtr catalog = with_types({type("Book", {primary(one("author", "Author")), scalar("name")}),
                                     type("Author", {many("books", "Book")})});
    EXPECT_EQ(names(schema(catalog, "Book").fields), "_docID author author_id name");
}

TEST(SchemaRelations, OneToMany_ResolvesBothSides) {
    CatalogPtr catalog = with_types({type("Book", {one("author", "Author"), scalar("name")}),
                                     type("Author", {many("books", "Book"), scalar("name")})});
    const Collection& book = active(catalog, "Book");
    const Collection& author = active(catalog, "Author");
    EXPECT_EQ(book.short_id, 1u);
    EXPECT_EQ(author.short_id, 2u);
    const Field& link = field(book, "author");
    EXPECT_TRUE(link.is_relation && link.primary && !link.many && !link.stored && !link.one_to_one);
    EXPECT_EQ(link.relation_name, "author_book");
    EXPECT_EQ(link.target, catalog->collection_index("Author"));
    EXPECT_EQ(author.fields[static_cast<std::size_t>(link.partner)].name, "books");
    const Field& id = book.fields[static_cast<std::size_t>(link.id_field)];
    EXPECT_EQ(id.name, "author_id");
    EXPECT_TRUE(id.stored);
    EXPECT_EQ(id.kind, FieldKind::id);
    EXPECT_EQ(book.fields[static_cast<std::size_t>(id.relation_object)].name, "author");
    const Field& list = field(author, "books");
    EXPECT_TRUE(list.is_relation && list.many && !list.primary && !list.stored);
    EXPECT_EQ(list.id_field, -1);
    EXPECT_EQ(book.fields[static_cast<std::size_t>(list.partner)].name, "author");
    using Referrers = std::vector<std::pair<int, int>>;
    EXPECT_EQ(author.referrers, (Referrers{{catalog->collection_index("Book"), book.field_index("author")}}));
    EXPECT_TRUE(book.referrers.empty());
}

TEST(SchemaRelations, OneToOne_SecondaryIdIsNotStored) {
    CatalogPtr catalog = with_types(
        {type("User", {primary(one("address", "Address"))}), type("Address", {one("user", "User")})});
    const Collection& user = active(catalog, "User");
    const Collection& address = active(catalog, "Address");
    EXPECT_TRUE(field(user, "address").one_to_one && field(user, "address").primary);
    EXPECT_TRUE(field(address, "user").one_to_one && !field(address, "user").primary);
    EXPECT_TRUE(field(user, "address_id").stored);
    const Field& id = field(address, "user_id");
    EXPECT_FALSE(id.stored);
    EXPECT_EQ(id.kind, FieldKind::id);
    EXPECT_EQ(address.fields[static_cast<std::size_t>(id.relation_object)].name, "user");
}

TEST(SchemaRelations, OneSided_IsPrimaryWithoutPartner) {
    CatalogPtr catalog = with_types({type("Dog", {scalar("name")}), type("Owner", {one("pet", "Dog")})});
    const Field& pet = field(active(catalog, "Owner"), "pet");
    EXPECT_TRUE(pet.primary);
    EXPECT_EQ(pet.partner, -1);
    EXPECT_FALSE(pet.one_to_one);
    EXPECT_EQ(active(catalog, "Dog").referrers.size(), 1u);
}

TEST(SchemaRelations, SelfOneToOne_PartnerIsOtherField) {
    CatalogPtr catalog = with_types({type("User", {primary(one("boss", "User")), one("minion", "User")})});
    const Collection& user = active(catalog, "User");
    EXPECT_EQ(user.fields[static_cast<std::size_t>(field(user, "boss").partner)].name, "minion");
    EXPECT_EQ(user.fields[static_cast<std::size_t>(field(user, "minion").partner)].name, "boss");
    EXPECT_EQ(field(user, "boss").relation_name, "user_user");
    EXPECT_EQ(user.referrers.size(), 1u);
}

TEST(SchemaRelations, SelfOneSided_HasNoPartner) {
    CatalogPtr catalog = with_types({type("User", {one("boss", "User")})});
    const Field& boss = field(active(catalog, "User"), "boss");
    EXPECT_TRUE(boss.primary);
    EXPECT_EQ(boss.partner, -1);
    EXPECT_EQ(boss.target, catalog->collection_index("User"));
}

TEST(SchemaRelations, ThreeFieldsOfOneName_SharePartner) {
    CatalogPtr catalog =
        with_types({type("A2", {one("b", "B2"), one("c", "B2")}), type("B2", {many("a", "A2")})});
    const Collection& a = active(catalog, "A2");
    const Collection& b = active(catalog, "B2");
    EXPECT_EQ(b.fields[static_cast<std::size_t>(field(a, "b").partner)].name, "a");
    EXPECT_EQ(b.fields[static_cast<std::size_t>(field(a, "c").partner)].name, "a");
    EXPECT_EQ(a.fields[static_cast<std::size_t>(field(b, "a").partner)].name, "b");
}

TEST(SchemaRelations, DeclaredIdOnPrimarySide_StaysInItsPlaceAndStandsTwice) {
    CatalogPtr catalog = with_types(
        {type("Book", {scalar("author_id", FieldKind::id), one("author", "Author"), scalar("name")}),
         type("Author", {many("books", "Book")})});
    EXPECT_EQ(names(schema(catalog, "Book").fields), "_docID author_id name author");
    const CollectionVersionDescription& described = version(catalog, active(catalog, "Book").version_id);
    EXPECT_EQ(names(described.fields), "_docID author author_id author_id name");
    EXPECT_FALSE(described.fields[2].kind.has_value());  // declared first in the SDL
    EXPECT_TRUE(described.fields[3].kind.has_value());
    EXPECT_EQ(described.field_short_ids, (std::vector<std::uint32_t>{1, 2, 3, 3, 4}));
    const Collection& book = active(catalog, "Book");
    EXPECT_EQ(names(book.fields), "_docID author author_id name");
    EXPECT_TRUE(field(book, "author_id").stored);
    EXPECT_GE(field(book, "author_id").relation_object, 0);
}

TEST(SchemaRelations, DeclaredIdOnSecondarySide_IsStoredScalar) {
    CatalogPtr catalog =
        with_types({type("Book", {one("author", "Author"), scalar("author_id", FieldKind::integer)}),
                    type("Author", {primary(one("published", "Book"))})});
    const Collection& book = active(catalog, "Book");
    const Field& id = field(book, "author_id");
    EXPECT_EQ(id.kind, FieldKind::integer);
    EXPECT_TRUE(id.stored);
    EXPECT_EQ(book.fields[static_cast<std::size_t>(id.relation_object)].name, "author");
    EXPECT_FALSE(field(book, "author").primary);
}

TEST(SchemaRelations, DeclaredIdOfWrongKindOnPrimarySide_Refused) {
    EXPECT_EQ(
        add_error({type("Book", {scalar("author_id", FieldKind::integer), primary(one("author", "Author"))}),
                   type("Author", {one("published", "Book")})}),
        "relational id field of invalid kind. Field: author_id, Expected: ID, Actual: Int");
}

TEST(SchemaRelations, NoSideMarkedPrimary_EachSideMissing) {
    EXPECT_EQ(add_error({type("User", {one("dog", "Dog")}), type("Dog", {one("owner", "User")})}),
              "relation missing field. Object: Dog, RelationName: dog_user\n"
              "relation missing field. Object: User, RelationName: dog_user");
}

TEST(SchemaRelations, BothSidesPrimary_RefusedOncePerSide) {
    EXPECT_EQ(
        add_error({type("User", {primary(one("dog", "Dog"))}), type("Dog", {primary(one("owner", "User"))})}),
        "relation can only have a single field set as primary\nrelation can only have a single field set as "
        "primary");
}

// The reference refuses what follows ("relation missing field"); here it is an extension.
TEST(SchemaRelations, ManyToMany_HasAJunction) {
    CatalogPtr catalog = with_types({type("A3", {many("b", "B3")}), type("B3", {many("a", "A3")})});
    const Collection& junction = catalog->collection(catalog->collection_index("A3_b_B3_a"));
    EXPECT_TRUE(junction.is_junction);
    const Collection& a = catalog->collection(catalog->collection_index("A3"));
    const Collection& b = catalog->collection(catalog->collection_index("B3"));
    const Field &to_b = *a.find("b"), &to_a = *b.find("a");
    ASSERT_TRUE(to_b.link && to_a.link);
    EXPECT_EQ(junction.fields[static_cast<std::size_t>(to_b.link->near)].name, "a3_id");
    EXPECT_EQ(junction.fields[static_cast<std::size_t>(to_b.link->far)].name, "b3_id");
    EXPECT_EQ(to_b.link->near, to_a.link->far);
    EXPECT_EQ(to_b.link->far, to_a.link->near);
    EXPECT_FALSE(to_b.link->symmetric);
}

TEST(SchemaRelations, ListOfItself_IsSymmetric) {
    CatalogPtr catalog = with_types({type("A", {many("a", "A")})});
    const Field& field = *catalog->collection(catalog->collection_index("A")).find("a");
    ASSERT_TRUE(field.link);
    EXPECT_TRUE(field.link->symmetric);
    EXPECT_EQ(catalog->collection(field.link->junction).name, "A_a");
    EXPECT_NE(field.link->near, field.link->far);
}

TEST(SchemaRelations, OneSidedMany_MissingTwice) {
    EXPECT_EQ(add_error({type("A", {many("b", "B")}), type("B")}),
              "relation missing field. Object: B, RelationName: a_b\nrelation missing field. Object: B, "
              "RelationName: a_b");
}

TEST(SchemaRelations, TargetOfEarlierCall_RefusedWithAndWithoutPrimary) {
    CatalogPtr catalog = with_types({type("User", {scalar("name")})});
    const char* message =
        "relation missing field. Object: User, RelationName: dog_user\n"
        "relation missing field. Object: User, RelationName: dog_user";
    EXPECT_EQ(add_error({type("Dog", {one("owner", "User")})}, catalog), message);
    EXPECT_EQ(add_error({type("Dog", {primary(one("owner", "User"))})}, catalog), message);
    EXPECT_EQ(add_error({type("Dog", {many("owners", "User")})}, catalog), message);
}

TEST(SchemaRelations, UnknownTarget_RefusedWithName) {
    EXPECT_EQ(add_error({type("Users", {one("name", "NotAType")})}),
              "no type found for given name. Field: name, Kind: NotAType");
    EXPECT_EQ(add_error({type("Users", {primary(one("name", "NotAType"))})}),
              "no type found for given name. Field: name, Kind: NotAType");
    EXPECT_EQ(add_error({type("Users", {many("a", "DateTime")})}),
              "no type found for given name. Field: a, Kind: [DateTime]");
    EXPECT_EQ(add_error({type("Users", {one("a", "Self")})}),
              "no type found for given name. Field: a, Kind: Self");
}

TEST(SchemaRelations, TypeNamesOfDifferentCase_SortLowerCased) {
    CatalogPtr catalog =
        with_types({type("Zebra", {one("keeper", "alice")}), type("alice", {many("zebras", "Zebra")})});
    EXPECT_EQ(field(active(catalog, "Zebra"), "keeper").relation_name, "alice_zebra");
}

TEST(SchemaViews, InnerInterface_NeedsNoBackReference) {
    auto change = add_view_types(
        *Catalog::empty(),
        {type("AuthorView", {scalar("name"), many("books", "BookView"), one("best", "BookView")}),
         interface("BookView", {scalar("name")})},
        "Author { name books { name } }");
    CatalogPtr catalog = catalog_of(change);
    // The relation to an interface is on the schema alone, the collection has its id too.
    EXPECT_EQ(names(schema(catalog, "AuthorView").fields), "_docID name best");
    const Collection& view = active(catalog, "AuthorView");
    EXPECT_EQ(names(view.fields), "_docID best best_id books name");
    EXPECT_TRUE(view.is_view && !view.is_embedded_only);
    EXPECT_TRUE(active(catalog, "BookView").is_embedded_only);
    EXPECT_EQ(field(view, "books").target, catalog->collection_index("BookView"));
    EXPECT_EQ(version(catalog, view.version_id).view_query, "Author { name books { name } }");
}

TEST(SchemaViews, InnerType_Refused) {
    EXPECT_EQ(error_of(add_view_types(*Catalog::empty(),
                                      {type("AuthorView", {many("books", "Book")}), type("Book")},
                                      "Author { name }")),
              "relation missing field. Object: Book, RelationName: authorview_book\n"
              "relation missing field. Object: Book, RelationName: authorview_book");
}

TEST(SchemaViews, InterfaceOutsideView_Refused) {
    EXPECT_EQ(
        add_error({interface("Emb", {scalar("a", FieldKind::integer)}), type("Host", {one("e", "Emb")})}),
        "no type found for given name. Type: EmbMutationInputArg");
}

TEST(SchemaViews, NameInUse_Refused) {
    CatalogPtr catalog =
        catalog_of(add_view_types(*Catalog::empty(), {type("V"), interface("BookView")}, "User { name }"));
    EXPECT_EQ(error_of(add_view_types(*catalog, {type("W", {many("b", "BookView")}), interface("BookView")},
                                      "User { name }")),
              "collection already exists. Name: BookView");
}

}  // namespace
}  // namespace cairn
