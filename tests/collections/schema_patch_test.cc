// Schema patches and active versions (spec/blocks.md section 5, spec/schema.md sections 10 and 12).
#include <gtest/gtest.h>

#include "schema_test_support.h"

namespace cairn {
namespace {

using namespace testing;

CatalogPtr users() {
    return with_types({type("Users", {scalar("email"), scalar("name")})});
}

std::string add_field(std::string_view schema_name, std::string_view value) {
    return std::string(R"([{"op":"add","path":"/)")
        .append(schema_name)
        .append(R"(/Fields/-","value":)")
        .append(value)
        .append("}]");
}

TEST(SchemaPatch, NewField_AppendedInNewActiveVersion) {
    CatalogPtr before = with_types({type("Users")});
    auto change = patch_schemas(*before, add_field("Users", R"({"Name":"name","Kind":"String"})"), true);
    CatalogPtr catalog = catalog_of(change);
    const Collection& active_users = active(catalog, "Users");
    EXPECT_EQ(active_users.version_id, "bafkreialnju2rez4t3quvpobf3463eai3lo64vdrdhdmunz7yy7sv3f5ce");
    EXPECT_EQ(change->version_ids, (std::vector<std::string>{active_users.version_id}));
    EXPECT_EQ(active_users.root, "bafkreia2jn5ecrhtvy4fravk6pm3wqiny46m7mqymvjkgat7xiqupgqoai");
    EXPECT_EQ(active_users.short_id, active(before, "Users").short_id);
    EXPECT_EQ(field(active_users, "name").short_id, 2u);
    EXPECT_EQ(version(catalog, active_users.version_id).previous_version_id, active_users.root);
    EXPECT_FALSE(version(catalog, active_users.root).is_active);
    EXPECT_EQ(catalog->version(), before->version() + 1);
}

TEST(SchemaPatch, NotSetDefault_StaysInactive) {
    CatalogPtr before = users();
    CatalogPtr catalog = with_patch(before, add_field("Users", R"({"Name":"age","Kind":4})"), false);
    EXPECT_EQ(active(catalog, "Users").version_id, active(before, "Users").version_id);
    EXPECT_EQ(catalog->versions().size(), 2u);
}

TEST(SchemaPatch, KeysInsideField_MatchedWithoutCase) {
    CatalogPtr catalog =
        with_patch(users(), add_field("Users", R"({"name":"x","kind":4,"typ":4,"Size":2,"Foo":1})"));
    EXPECT_EQ(field(active(catalog, "Users"), "x").crdt, CrdtType::pncounter);
    EXPECT_EQ(field(active(catalog, "Users"), "x").size, 0);
}

TEST(SchemaPatch, NameInPath_StandsForPlace) {
    CatalogPtr catalog = with_patch(users(), R"([{"op":"add","path":"/Users/Fields/age","value":{"Kind":4}},
        {"op":"test","path":"/Users/Fields/age/Kind","value":4},{"op":"test","path":"/Users/Fields/name/Typ","value":1},
        {"op":"replace","path":"/Users/Fields/age/Kind","value":"Float32"}])");
    EXPECT_EQ(field(active(catalog, "Users"), "age").kind, FieldKind::float32);
    EXPECT_EQ(
        patch_error(users(), R"([{"op":"add","path":"/Users/Fields/y","value":{"Name":"x","Kind":4}}])"),
        "the index used does not match the given name. Index: y, Name: x");
    EXPECT_EQ(patch_error(users(), R"([{"op":"add","path":"/Users/Fields/y","value":4}])"),
              "json: cannot unmarshal number into Go value of type map[string]interface {}");
    EXPECT_EQ(patch_error(users(), R"([{"op":"add","path":"/Nope/Fields/foo","value":{"Kind":4}}])"),
              "add operation does not apply: doc is missing path: \"/Nope/Fields/foo\": missing value");
    EXPECT_EQ(
        patch_error(users(), R"([{"op":"remove","path":"/Users/Fields/name"}])"),
        "error in remove for path: '/Users/Fields/name': strconv.Atoi: parsing \"name\": invalid syntax");
}

TEST(SchemaPatch, RelationByName_IsOneSidedWithGeneratedName) {
    CatalogPtr before = with_types({type("User", {scalar("name")}), type("Dog", {scalar("name")})});
    CatalogPtr catalog = with_patch(before, add_field("Dog", R"({"Name":"owner","Kind":"User"})"));
    const Collection& dog = active(catalog, "Dog");
    EXPECT_EQ(names(dog.fields), "_docID name owner owner_id");
    const Field& owner = field(dog, "owner");
    EXPECT_TRUE(owner.is_relation && owner.primary && !owner.many);
    EXPECT_EQ(owner.partner, -1);
    EXPECT_EQ(owner.relation_name, "dog_user");
    EXPECT_EQ(owner.target, catalog->collection_index("User"));
    EXPECT_EQ(owner.short_id, 3u);
    const Field& id = field(dog, "owner_id");
    EXPECT_TRUE(id.stored);
    EXPECT_EQ(id.short_id, 4u);
    EXPECT_EQ(id.crdt, CrdtType::lww);  // stored with Typ 0, written like any other
    EXPECT_EQ(schema(catalog, "Dog").fields[3].crdt, 0);
    EXPECT_FALSE(version(catalog, dog.version_id).fields[2].relation_name.has_value());
    EXPECT_EQ(active(catalog, "User").referrers.size(), 1u);
}

TEST(SchemaPatch, PatchedRelation_IsNotPartnerOfOlderOne) {
    // The generated name of the new relation is that of the old one; the old pair stays together.
    CatalogPtr before = with_types({type("User", {many("pets", "Dog")}), type("Dog", {one("zz", "User")})});
    CatalogPtr catalog = with_patch(before, add_field("Dog", R"({"Name":"aa","Kind":"User"})"));
    const Collection& dog = active(catalog, "Dog");
    EXPECT_EQ(dog.fields[static_cast<std::size_t>(field(active(catalog, "User"), "pets").partner)].name,
              "zz");
    EXPECT_EQ(field(dog, "aa").partner, -1);
}

TEST(SchemaPatch, SelfRelation_PointsToHost) {
    for (const char* kind : {"\"Self\"", "\"Users\"", "{}", R"({"Name":"Other"})"}) {
        CatalogPtr catalog =
            with_patch(users(), add_field("Users", std::string(R"({"Name":"boss","Kind":)") + kind + "}"));
        EXPECT_EQ(field(active(catalog, "Users"), "boss").target, catalog->collection_index("Users")) << kind;
        EXPECT_EQ(std::get<ObjectKind>(schema(catalog, "Users").fields[3].kind).form, ObjectKind::Form::self)
            << kind;
    }
}

TEST(SchemaPatch, SelfKindOnMemberOfCircle_PointsToMember) {
    CatalogPtr before = with_types(
        {type("User", {primary(related(one("hosts", "Dog"), "h")), related(one("walks", "Dog"), "w")}),
         type("Dog", {related(one("host", "User"), "h"), primary(related(one("walker", "User"), "w"))})});
    ASSERT_TRUE(active(before, "User").root.ends_with("-1"));
    CatalogPtr catalog = with_patch(before, add_field("User", R"({"Name":"friend","Kind":"Self"})"));
    EXPECT_EQ(field(active(catalog, "User"), "friend").target, catalog->collection_index("User"));
    EXPECT_EQ(field(active(catalog, "User"), "hosts").target, catalog->collection_index("Dog"));
    EXPECT_EQ(active(catalog, "User").root, active(before, "User").root);
    EXPECT_EQ(active(catalog, "User").version_id.find('-'), std::string::npos);
}

TEST(SchemaPatch, KindsThatDoNotExist_Refused) {
    auto refused = [](std::string_view kind) {
        return patch_error(
            users(), add_field("Users", std::string(R"({"Name":"f","Kind":)").append(kind).append("}")));
    };
    EXPECT_EQ(refused("\"float\""), "no type found for given name. Field: f, Kind: float");
    EXPECT_EQ(refused("\"String!\""), "no type found for given name. Field: f, Kind: String!");
    EXPECT_EQ(refused("\"\""), "no type found for given name. Field: f, Kind: ");
    EXPECT_EQ(refused("\"[Blob]\""),
              "no type found for given name. Field: f, Kind: [Blob]\nsecondary relation fields cannot be "
              "defined on the schema. Name: f");
    EXPECT_EQ(refused(R"({"Root":"x"})"), "no type found for given name. Field: f, Kind: x");
    EXPECT_EQ(refused(R"({"RelativeID":"7"})"), "no type found for given name. Field: f, Kind: Self-7");
    EXPECT_EQ(refused("null"), "no type found for given name. Type: 0");
    EXPECT_EQ(refused("16"), "no type found for given name. Type: 16");
    EXPECT_EQ(refused("true"),
              "json: cannot unmarshal bool into Go struct field SchemaDescription.Fields of type uint8");
    EXPECT_EQ(
        refused("300"),
        "json: cannot unmarshal number 300 into Go struct field SchemaDescription.Fields of type uint8");
    EXPECT_EQ(refused("-1"),
              "json: cannot unmarshal number -1 into Go struct field SchemaDescription.Fields of type uint8");
    EXPECT_EQ(refused("\"[Users]\""), "secondary relation fields cannot be defined on the schema. Name: f");
    EXPECT_EQ(patch_error(users(), add_field("Users", R"({"Name":"f","Kind":4,"Typ":"lww"})")),
              "json: cannot unmarshal string into Go struct field SchemaDescription.Fields.Typ of type "
              "client.CType");
}

TEST(SchemaPatch, OwnRootAsKind_MustSaySelf) {
    CatalogPtr catalog = users();
    EXPECT_EQ(patch_error(catalog, add_field("Users", R"({"Name":"f","Kind":{"Root":")" +
                                                          active(catalog, "Users").root + "\"}}")),
              "must specify 'Self' kind for self referencing relations. Field: f");
}

TEST(SchemaPatch, KindWithoutType_RefusedOnlyWhenActivated) {
    CatalogPtr before = users();
    auto change = patch_schemas(*before, add_field("Users", R"({"Name":"f","Kind":16})"), false);
    CatalogPtr catalog = catalog_of(change);
    EXPECT_EQ(error_of(set_active_version(*catalog, change->version_ids.at(0))),
              "no type found for given name. Type: 16");
    CatalogPtr unnamed = with_patch(before, add_field("Users", R"({"Kind":4})"), false);
    EXPECT_EQ(unnamed->versions().size(), 2u);
    EXPECT_EQ(patch_error(before, add_field("Users", R"({"Kind":4})")),
              "Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"\" does not.");
    EXPECT_EQ(patch_error(before, add_field("Users", R"({"Name":"1x","Kind":4})")),
              "Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"1x\" does not.");
}

TEST(SchemaPatch, FieldsRemovedChangedOrMoved_Refused) {
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Fields/1"}])"),
              "deleting an existing field is not supported. Name: email\n"
              "moving fields is not currently supported. Name: name, ProposedIndex: 1, ExistingIndex: 2");
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Fields"}])"),
              "deleting an existing field is not supported. Name: _docID\ndeleting an existing field is not "
              "supported. Name: email\n"
              "deleting an existing field is not supported. Name: name");
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Fields/2/Name"}])"),
              "deleting an existing field is not supported. Name: name");
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Fields/2/Kind"}])"),
              "mutating an existing field is not supported. ProposedName: name");
    EXPECT_EQ(
        patch_error(
            users(),
            R"([{"op":"remove","path":"/Users/Fields/2/Kind"},{"op":"remove","path":"/Users/Fields/2/Name"}])"),
        "deleting an existing field is not supported. Name: name\nmutating an existing field is not "
        "supported. ProposedName: ");
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Fields/2/Typ"}])"),
              "mutating an existing field is not supported. ProposedName: name");
    EXPECT_EQ(patch_error(users(), R"([{"op":"replace","path":"/Users/Fields/name/Kind","value":"Int"}])"),
              "mutating an existing field is not supported. ProposedName: name");
    EXPECT_EQ(patch_error(users(), R"([{"op":"move","from":"/Users/Fields/1","path":"/Users/Fields/-"}])"),
              "moving fields is not currently supported. Name: name, ProposedIndex: 1, ExistingIndex: 2\n"
              "moving fields is not currently supported. Name: email, ProposedIndex: 2, ExistingIndex: 1");
    EXPECT_EQ(patch_error(users(), R"([{"op":"copy","from":"/Users/Fields/1","path":"/Users/Fields/2"}])"),
              "moving fields is not currently supported. Name: email, ProposedIndex: 2, ExistingIndex: 1\n"
              "moving fields is not currently supported. Name: name, ProposedIndex: 3, ExistingIndex: 2\n"
              "duplicate field. Name: email");
}

TEST(SchemaPatch, ExistingFieldListedAgain_MutatingOnlyWhenItDiffers) {
    EXPECT_EQ(patch_error(users(), add_field("Users", R"({"Name":"name","Kind":11})")),
              "mutating an existing field is not supported. ProposedName: name\n"
              "moving fields is not currently supported. Name: name, ProposedIndex: 3, ExistingIndex: 2\n"
              "duplicate field. Name: name");
    EXPECT_EQ(patch_error(users(), add_field("Users", R"({"Name":"name","Kind":11,"Typ":1})")),
              "moving fields is not currently supported. Name: name, ProposedIndex: 3, ExistingIndex: 2\n"
              "duplicate field. Name: name");
}

TEST(SchemaPatch, RelationIdOfWrongKind_Refused) {
    auto with_id = [](std::string_view id) {
        return patch_error(
            users(),
            std::string(R"([{"op":"add","path":"/Users/Fields/-","value":{"Name":"foo","Kind":"Users"}},
            {"op":"add","path":"/Users/Fields/-","value":)")
                .append(id)
                .append("}]"));
    };
    EXPECT_EQ(with_id(R"({"Name":"foo_id","Kind":2})"),
              "relational id field of invalid kind. Field: foo_id, Expected: ID, Actual: Boolean");
    EXPECT_EQ(with_id(R"({"Name":"foo_id"})"),
              "relational id field of invalid kind. Field: foo_id, Expected: ID, Actual: 0");
    EXPECT_EQ(with_id(R"({"Name":"foo_id","Kind":1})"), "(succeeded)");
}

TEST(SchemaPatch, BadTypes_Refused) {
    EXPECT_EQ(patch_error(users(),
                          R"([{"op":"add","path":"/Users/Fields/-","value":{"Name":"foo","Kind":2,"Typ":3}},
                                        {"op":"add","path":"/Users/Fields/-","value":{"Name":"foo","Kind":2,"Typ":3}}])"),
              "CRDT type not supported. Name: foo, CRDTType: composite\nCRDT type not supported. Name: foo, "
              "CRDTType: composite\n"
              "duplicate field. Name: foo");
    EXPECT_EQ(patch_error(users(), add_field("Users", R"({"Name":"foo","Kind":2,"Typ":99})")),
              "CRDT type not supported. Name: foo, CRDTType: unknown");
    EXPECT_EQ(patch_error(users(), add_field("Users", R"({"Name":"foo","Kind":"Boolean","Typ":5})")),
              "CRDT type pcounter can't be assigned to field kind Boolean");
}

TEST(SchemaPatch, SchemasAddedRenamedOrWithoutName_Refused) {
    EXPECT_EQ(patch_error(users(), R"([{"op":"remove","path":"/Users/Name"}])"),
              "schema name can't be empty");
    EXPECT_EQ(patch_error(users(), R"([{"op":"replace","path":"/Users/Name","value":"Book"}])"),
              "adding schema via patch is not supported. Name: Book");
    EXPECT_EQ(patch_error(users(), R"([{"op":"add","path":"/Books","value":{"Name":"Books"}}])"),
              "adding schema via patch is not supported. Name: Books");
    EXPECT_EQ(patch_error(users(), R"([{"op":"add","path":"/Users/Foo","value":1}])"),
              "json: unknown field \"Foo\"");
    EXPECT_EQ(patch_error(users(), R"([{"op":"add","path":"","value":[]}])"),
              "json: cannot unmarshal array into Go value of type map[string]client.SchemaDescription");
}

TEST(SchemaPatch, SchemaRemovedMovedOrCopied_ChangesNothing) {
    CatalogPtr before = users();
    for (const char* patch :
         {R"([{"op":"remove","path":"/Users"}])", R"([{"op":"move","from":"/Users","path":"/Books"}])",
          R"([{"op":"copy","from":"/Users","path":"/Books"}])", "[]", "null"}) {
        CatalogPtr catalog = with_patch(before, patch);
        EXPECT_EQ(catalog->versions().size(), 1u) << patch;
    }
}

TEST(SchemaPatch, SchemaRemovedFromObject_RelationsToItStay) {
    CatalogPtr before =
        with_types({type("Book", {one("author", "Author")}), type("Author", {many("books", "Book")})});
    CatalogPtr catalog = with_patch(
        before,
        R"([{"op":"remove","path":"/Author"},{"op":"add","path":"/Book/Fields/-","value":{"Name":"n","Kind":4}}])");
    EXPECT_EQ(field(active(catalog, "Book"), "author").target, catalog->collection_index("Author"));
}

TEST(SchemaPatch, RootInPatch_IsIgnored) {
    CatalogPtr before = users();
    CatalogPtr catalog = with_patch(before, R"([{"op":"replace","path":"/Users/Root","value":"bafother"},
        {"op":"add","path":"/Users/Fields/-","value":{"Name":"n","Kind":4}}])");
    EXPECT_EQ(active(catalog, "Users").root, active(before, "Users").root);
    EXPECT_EQ(active(catalog, "Users").version_id,
              active(with_patch(before, add_field("Users", R"({"Name":"n","Kind":4})")), "Users").version_id);
}

TEST(SchemaPatch, VersionIdInPatch_ChangesHashOnlyOfRealChanges) {
    CatalogPtr before = users();
    EXPECT_EQ(with_patch(before, R"([{"op":"remove","path":"/Users/VersionID"}])")->versions().size(), 1u);
    CatalogPtr catalog = with_patch(before, R"([{"op":"remove","path":"/Users/VersionID"},
        {"op":"add","path":"/Users/Fields/-","value":{"Name":"n","Kind":4}}])");
    EXPECT_NE(active(catalog, "Users").version_id,
              active(with_patch(before, add_field("Users", R"({"Name":"n","Kind":4})")), "Users").version_id);
    EXPECT_EQ(version(catalog, active(catalog, "Users").version_id).previous_version_id,
              active(before, "Users").version_id);
}

TEST(SchemaPatch, AnyPatch_ReversionsTypesWithRelations) {
    CatalogPtr before = with_types(
        {type("Lone"), type("Book", {one("author", "Author")}), type("Author", {many("books", "Book")})});
    auto change = patch_schemas(*before, "[]", true);
    CatalogPtr catalog = catalog_of(change);
    EXPECT_EQ(change->version_ids, (std::vector<std::string>{active(catalog, "Book").version_id}));
    EXPECT_NE(active(catalog, "Book").version_id, active(before, "Book").version_id);
    EXPECT_EQ(active(catalog, "Author").version_id, active(before, "Author").version_id);
    EXPECT_EQ(change->hashed_json.size(), 3u);
    EXPECT_EQ(field(active(catalog, "Author"), "books").target, catalog->collection_index("Book"));
}

TEST(SchemaPatch, RepeatedInactivePatch_LeavesVersionAndCanActivate) {
    CatalogPtr before = users();
    std::string patch = add_field("Users", R"({"Name":"age","Kind":4})");
    CatalogPtr once = with_patch(before, patch, false);
    auto again = patch_schemas(*once, patch, false);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->version_ids.empty());
    EXPECT_EQ(again->catalog->versions().size(), 2u);
    CatalogPtr activated = with_patch(once, patch, true);
    EXPECT_EQ(names(active(activated, "Users").fields), "_docID email name age");
}

TEST(SchemaPatch, Branches_ShareNumbersOfEqualFieldsOnly) {
    CatalogPtr catalog = with_patch(users(), add_field("Users", R"({"Name":"age","Kind":4})"), false);
    CatalogPtr other = with_patch(catalog, add_field("Users", R"({"Name":"phone","Kind":11})"), false);
    CatalogPtr both =
        with_patch(other, R"([{"op":"add","path":"/Users/Fields/-","value":{"Name":"age","Kind":11}},
        {"op":"add","path":"/Users/Fields/-","value":{"Name":"phone","Kind":11}}])");
    const Collection& active_users = active(both, "Users");
    EXPECT_EQ(field(active_users, "phone").short_id, 5u);
    EXPECT_EQ(field(active_users, "age").short_id, 6u);  // 4 holds integers
}

TEST(SchemaPatch, NextVersion_KeepsIndexesAndFlags) {
    TypeDefinition definition = type("Users", {scalar("name")});
    definition.branchable = true;
    definition.indexes = {{"", true, {{"name", false}}}};
    CatalogPtr catalog =
        with_patch(with_types({definition}), add_field("Users", R"({"Name":"age","Kind":4})"));
    const CollectionVersionDescription& next = version(catalog, active(catalog, "Users").version_id);
    EXPECT_TRUE(next.is_branchable);
    EXPECT_EQ(names(next.indexes), "Users_name_ASC");
    EXPECT_EQ(next.next_index_id, 2u);
}

TEST(ActiveVersion, GoingBack_LeavesOneActive) {
    CatalogPtr first = users();
    CatalogPtr second = with_patch(first, add_field("Users", R"({"Name":"age","Kind":4})"));
    CatalogPtr back = catalog_of(set_active_version(*second, active(first, "Users").version_id));
    EXPECT_EQ(active(back, "Users").version_id, active(first, "Users").version_id);
    EXPECT_FALSE(version(back, active(second, "Users").version_id).is_active);
    EXPECT_EQ(active(back, "Users").find("age"), nullptr);
    CatalogPtr forth = catalog_of(set_active_version(*back, active(second, "Users").version_id));
    EXPECT_NE(active(forth, "Users").find("age"), nullptr);
    EXPECT_EQ(forth->collection_index_by_version_id(active(first, "Users").version_id),
              forth->collection_index("Users"));
}

TEST(ActiveVersion, AlreadyActive_ChangesNothing) {
    CatalogPtr catalog = users();
    CatalogPtr again = catalog_of(set_active_version(*catalog, active(catalog, "Users").version_id));
    EXPECT_EQ(active(again, "Users").version_id, active(catalog, "Users").version_id);
}

TEST(ActiveVersion, EmptyOrUnknown_Refused) {
    EXPECT_EQ(error_of(set_active_version(*users(), "")), "schema version ID can't be empty");
    auto unknown = set_active_version(*users(), "does not exist");
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().message, "key not found");
    EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace cairn
