// Join fields (@join) in schemas: what they may be, what they leave as it is, and what keeps them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cairn/database.h"
#include "database_fixture.h"

namespace cairn::test {
namespace {

Database open_in_memory() {
    Options options;
    options.in_memory = true;
    return *Database::open("nowhere", options);
}

std::string schema_error(Database& database, const std::string& sdl) {
    auto added = database.add_schema(sdl);
    EXPECT_FALSE(added) << sdl;
    return added ? "" : added.error().message;
}

// An SDL in which the field `f` of type A has the definition.
std::string with_field(const std::string& definition) {
    return "type A { n: Int  s: String  b: Boolean  j: JSON  l: [Int!]  id: ID  d: DateTime  p: B @primary  "
           "f: " +
           definition + " } type B { n: Int  s: String  x: Blob  j: JSON  as: [A] }";
}

TEST(JoinSchema, VersionIds_AreThoseOfTheTypesWithoutJoins) {
    const std::string plain[] = {
        "type A { n: Int  p: B } type B { n: Int  as: [A] } type C { s: String  n: Int }",
        "type D { n: Int }"};
    const std::string joined[] = {
        "type A { n: Int  p: B  cs: [C] @join(on: \"n\", references: \"n\")  a: A @join(on: \"n\", "
        "references: \"n\") "
        "} type B { n: Int  as: [A]  aas: [A] @join(on: \"n\", references: \"n\") } "
        "type C { s: String  n: Int  b: B @join(on: \"n\", references: \"n\") }",
        "type D { n: Int  a: A @join(on: \"n\", references: \"n\") }"};
    Database without = open_in_memory(), with = open_in_memory();
    for (const std::string& sdl : plain) ASSERT_TRUE(without.add_schema(sdl));
    for (const std::string& sdl : joined) {
        auto added = with.add_schema(sdl);
        ASSERT_TRUE(added) << added.error().message;
    }
    EXPECT_EQ(without.describe_schemas(), with.describe_schemas());
}

TEST(JoinSchema, WrongJoins_NameTypeFieldAndValue) {
    const std::pair<std::string, std::string> rows[] = {
        {"[B] @join(on: \"n\")", "join without an argument. Type: A, Field: f, Argument: references"},
        {"[B] @join(references: \"n\")", "join without an argument. Type: A, Field: f, Argument: on"},
        {"B @join(on: null, references: \"n\")", "join without an argument. Type: A, Field: f, Argument: on"},
        {"B @join(on: \"\", references: \"n\")", "join without an argument. Type: A, Field: f, Argument: on"},
        {"B @join", "join without an argument. Type: A, Field: f, Argument: on"},
        {"Int @join(on: \"n\", references: \"n\")",
         "join of a field that is no relation. Type: A, Field: f, Kind: Int"},
        {"[Int!] @join(on: \"n\", references: \"n\")",
         "join of a field that is no relation. Type: A, Field: f, Kind: [Int!]"},
        {"X @join(on: \"n\", references: \"n\")",
         "join with a type that does not exist. Type: A, Field: f, Kind: X"},
        {"[X] @join(on: \"n\", references: \"n\")",
         "join with a type that does not exist. Type: A, Field: f, Kind: [X]"},
        {"[B] @join(on: \"m\", references: \"n\")",
         "join on a field that does not exist. Type: A, Field: f, On: A.m"},
        {"[B] @join(on: \"n\", references: \"m\")",
         "join on a field that does not exist. Type: A, Field: f, References: B.m"},
        {"[B] @join(on: \"f\", references: \"n\")",
         "join on a field that is not stored. Type: A, Field: f, On: A.f"},
        {"[B] @join(on: \"n\", references: \"as\")",
         "join on a field that is not stored. Type: A, Field: f, References: B.as"},
        {"[B] @join(on: \"l\", references: \"n\")",
         "join on a field of a kind that cannot be joined. Type: A, Field: f, On: A.l, Kind: [Int!]"},
        {"[B] @join(on: \"j\", references: \"j\")",
         "join on a field of a kind that cannot be joined. Type: A, Field: f, On: A.j, Kind: JSON\n"
         "join on a field of a kind that cannot be joined. Type: A, Field: f, References: B.j, Kind: JSON"},
        {"[B] @join(on: \"n\", references: \"s\")",
         "join of fields whose kinds cannot be compared. Type: A, Field: f, On: n (Int), References: B.s "
         "(String)"},
        {"[B] @join(on: \"s\", references: \"x\")",
         "join of fields whose kinds cannot be compared. Type: A, Field: f, On: s (String), References: B.x "
         "(Blob)"},
        {"[A] @join(on: \"d\", references: \"s\")",
         "join of fields whose kinds cannot be compared. Type: A, Field: f, On: d (DateTime), References: "
         "A.s "
         "(String)"},
        {"[A] @join(on: \"b\", references: \"n\")",
         "join of fields whose kinds cannot be compared. Type: A, Field: f, On: b (Boolean), References: A.n "
         "(Int)"},
        {"[B] @join(on: \"_docID\", references: \"n\")",
         "join of fields whose kinds cannot be compared. Type: A, Field: f, On: _docID (ID), References: B.n "
         "(Int)"},
        {"B @primary @join(on: \"n\", references: \"n\")",
         "join together with another directive. Type: A, Field: f, Directive: primary"},
        {"B @join(on: \"n\", references: \"n\") @relation(name: \"r\")",
         "join together with another directive. Type: A, Field: f, Directive: relation"},
        {"B @join(on: \"n\", references: \"n\") @crdt(type: pcounter)",
         "join together with another directive. Type: A, Field: f, Directive: crdt"},
        {"B @join(on: \"n\", references: \"n\") @default(int: 1)",
         "join together with another directive. Type: A, Field: f, Directive: default"},
        {"B @index @join(on: \"n\", references: \"n\")",
         "join together with another directive. Type: A, Field: f, Directive: index"},
        {"[B] @join(on: \"n\", references: \"n\") @constraints(size: 2)",
         "join together with another directive. Type: A, Field: f, Directive: constraints"},
        {"B @join(on: \"n\", references: \"n\") @join(on: \"s\", references: \"s\")",
         "join together with another directive. Type: A, Field: f, Directive: join"},
        {"B! @join(on: \"n\", references: \"n\")", "NonNull fields are not currently supported"},
        {"B @join(on: 5, references: \"n\")",
         "Argument \"on\" has invalid value 5.\nExpected type \"String\", found 5."},
        {"B @join(on: \"n\", references: \"n\", by: \"n\")",
         "Unknown argument \"by\" on directive \"@join\"."},
    };
    Database database = open_in_memory();
    for (const auto& [definition, message] : rows)
        EXPECT_EQ(schema_error(database, with_field(definition)), message) << definition;
    EXPECT_TRUE(database.collection_names().empty());  // nothing is left behind
    EXPECT_EQ(schema_error(database, "type T @join(on: \"n\", references: \"n\") { n: Int }"),
              "Directive \"join\" may not be used on OBJECT.");
    EXPECT_EQ(
        schema_error(database, "type T { n: Int  f: Int  f: T @join(on: \"n\", references: \"n\") }"),
        "duplicate field. Name: f\njoin field cannot be stored as well. Type: T, Field: f, On schema: f");
    EXPECT_EQ(
        schema_error(database,
                     "type T @index(includes: [{field: \"f\"}]) { n: Int  f: T @join(on: \"n\", references: "
                     "\"n\") }"),
        "creating an index on a non-existing property. Field: f");
}

constexpr std::string_view kShop =
    "type Customer { number: Int  orders: [Order] @join(on: \"number\", references: \"customerNumber\")  "
    "latest: Order "
    "@join(on: \"number\", references: \"customerNumber\") } type Order { customerNumber: Int  amount: Int }";

class JoinCatalog : public DatabaseTest {
  protected:
    JoinCatalog() : DatabaseTest(kShop) {
        create("Customer", "number: 1");
        create("Order", "customerNumber: 1, amount: 10");
    }

    json collections() { return json::parse(database_.describe_collections()); }
    json collection(std::string_view name) {
        for (const json& each : collections()) {
            if (each["Name"] == name) return each;
        }
        return {};
    }
    void expect_orders() {
        EXPECT_EQ(data("{ Customer { orders { amount } latest { amount } } }"),
                  json::parse(R"({"Customer": [{"orders": [{"amount": 10}], "latest": {"amount": 10}}]})"));
    }
    Status activate(const std::string& version_id) {
        return database_.write(
            [&](Transaction& transaction) { return transaction.set_default_schema(version_id); });
    }
    Status patch_collections(const std::string& patch) {
        return database_.write(
            [&](Transaction& transaction) { return transaction.patch_collections(patch); });
    }
    // The version that a patch of Order makes.
    std::string patched_order(const std::string& name, const std::string& kind, bool active) {
        auto patched = database_.patch_schema(
            fmt::format(
                R"([{{"op": "add", "path": "/Order/Fields/-", "value": {{"Name": "{}", "Kind": "{}"}}}}])",
                name, kind),
            active);
        EXPECT_TRUE(patched) << patched.error().message;
        return patched ? json::parse(*patched)[0]["VersionID"].get<std::string>() : "";
    }
};

TEST_F(JoinCatalog, Descriptions_ShowJoinsOnJoinFieldsOnly) {
    const json fields = collection("Customer")["Fields"];
    ASSERT_EQ(fields.size(), 4u);  // _docID latest number orders
    EXPECT_EQ(fields[1]["Name"], "latest");
    EXPECT_EQ(fields[1]["Join"], json::parse(R"({"On": "number", "References": "customerNumber"})"));
    EXPECT_TRUE(fields[1]["RelationName"].is_null());
    EXPECT_FALSE(fields[2].contains("Join"));
    EXPECT_EQ(fields[3]["Kind"]["Array"], true);
    EXPECT_EQ(json::parse(database_.describe_schemas())[0]["Fields"].size(), 2u);
}

TEST_F(JoinCatalog, ReopenedStore_HasItsJoins) {
    const std::string before = database_.describe_collections();
    ASSERT_TRUE(database_.close());
    database_ = open({});
    EXPECT_EQ(database_.describe_collections(), before);
    expect_orders();
    auto checked = database_.check();
    ASSERT_TRUE(checked);
    EXPECT_TRUE(checked->problems.empty());
}

TEST_F(JoinCatalog, TypesOfTheStore_CanBeJoinedWithLater) {
    auto added = database_.add_schema(
        "type Receipt { amount: Float  orders: [Order] @join(on: \"amount\", references: \"amount\") }");
    ASSERT_TRUE(added) << added.error().message;
    create("Receipt", "amount: 10.0");
    EXPECT_EQ(data("{ Receipt { orders { customerNumber } } }"),
              json::parse(R"({"Receipt": [{"orders": [{"customerNumber": 1}]}]})"));
    EXPECT_EQ(
        schema_error(database_, "type Other { o: [Order] @join(on: \"_docID\", references: \"none\") }"),
        "join on a field that does not exist. Type: Other, Field: o, References: Order.none");
}

TEST_F(JoinCatalog, PatchesOfOtherThings_KeepJoins) {
    auto patched = database_.patch_schema(
        R"([{"op": "add", "path": "/Customer/Fields/-", "value": {"Name": "name", "Kind": "String"}}])");
    ASSERT_TRUE(patched) << patched.error().message;
    patched_order("note", "String", true);
    EXPECT_EQ(collection("Customer")["Fields"][1]["Join"]["On"], "number");
    expect_orders();
}

TEST_F(JoinCatalog, PatchThatTakesAFieldFromAJoin_IsRefused) {
    auto refused = [&](const std::string& patch) {
        auto patched = database_.patch_schema(patch);
        EXPECT_FALSE(patched) << patch;
        return patched ? "" : patched.error().message;
    };
    EXPECT_EQ(refused(R"([{"op": "remove", "path": "/Order/Fields/2"}])"),
              "deleting an existing field is not supported. Name: customerNumber");
    EXPECT_EQ(
        refused(
            R"([{"op": "add", "path": "/Customer/Fields/-", "value": {"Name": "orders", "Kind": "Int"}}])"),
        "join field cannot be stored as well. Type: Customer, Field: orders, On schema: orders");
    expect_orders();
}

TEST_F(JoinCatalog, VersionWithoutTheJoinedField_CannotBecomeActive) {
    const std::string first = collection("Order")["VersionID"];
    const std::string second = patched_order("code", "String", true);
    ASSERT_TRUE(database_.add_schema(
        "type Coupon { code: String  orders: [Order] @join(on: \"code\", references: \"code\") }"));
    const std::string coupon = collection("Coupon")["VersionID"];
    Status status = activate(first);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message,
              "join on a field that does not exist. Type: Coupon, Field: orders, References: Order.code");
    EXPECT_EQ(collection("Order")["VersionID"], second);
    // Another branch has a field of the name, but of another kind.
    auto set_active = [&](bool active) {
        return patch_collections(
            fmt::format(R"([{{"op": "replace", "path": "/{}/IsActive", "value": {}}}])", coupon, active));
    };
    ASSERT_TRUE(set_active(false));
    ASSERT_TRUE(activate(first));
    patched_order("code", "Int", true);
    status = set_active(true);
    ASSERT_FALSE(status);
    EXPECT_EQ(
        status.error().message,
        "join of fields whose kinds cannot be compared. Type: Coupon, Field: orders, On: code (String), "
        "References: Order.code (Int)");
    ASSERT_TRUE(activate(second));
    EXPECT_TRUE(set_active(true));
    expect_orders();
}

TEST_F(JoinCatalog, CollectionPatches_CannotChangeJoinsOrTakeTheirTypes) {
    const std::string customer = collection("Customer")["VersionID"],
                      order = collection("Order")["VersionID"];
    Status removed =
        patch_collections(fmt::format(R"([{{"op": "remove", "path": "/{}/Fields/1/Join"}}])", customer));
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().message, "collection fields cannot be mutated. CollectionID: " + customer);
    Status changed = patch_collections(
        fmt::format(R"([{{"op": "replace", "path": "/{}/Fields/1/Join/On", "value": "_docID"}}])", customer));
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().message, "collection fields cannot be mutated. CollectionID: " + customer);
    Status inactive = patch_collections(
        fmt::format(R"([{{"op": "replace", "path": "/{}/IsActive", "value": false}}])", order));
    ASSERT_FALSE(inactive);
    EXPECT_TRUE(inactive.error().message.starts_with(
        "join with a type that does not exist. Type: Customer, Field: latest, Kind: "))
        << inactive.error().message;
    expect_orders();
}

TEST_F(JoinCatalog, Inputs_DoNotHaveJoins) {
    EXPECT_EQ(error("mutation { create_Customer(input: {number: 2, latest: \"x\"}) { _docID } }"),
              "Argument \"input\" has invalid value {number: 2, latest: \"x\"}.\nIn field \"latest\": "
              "Unknown field.");
    EXPECT_EQ(
        error("mutation { create_Customer(input: {number: 2, orders: []}) { _docID } }"),
        "Argument \"input\" has invalid value {number: 2, orders: []}.\nIn field \"orders\": Unknown field.");
    EXPECT_EQ(error("mutation { create_Customer(input: {number: 2}, encryptFields: [latest]) { _docID } }"),
              "Argument \"encryptFields\" has invalid value [latest].\nIn element #1: Expected type "
              "\"CustomerExplicitField\", found latest.");
    for (const char* name : {"orders", "latest", "latest_id"}) {
        auto created = database_.create_document("Customer", fmt::format("{{\"{}\": null}}", name));
        ASSERT_FALSE(created) << name;
        EXPECT_EQ(created.error().message, fmt::format("the given field does not exist. Name: {}", name));
    }
    EXPECT_EQ(error("{ Customer { latest_id } }"),
              "Cannot query field \"latest_id\" on type \"Customer\". Did you mean \"latest\"?");
}

TEST(JoinSchema, Directive_IsHiddenFromStoresWithoutJoins) {
    Database database = open_in_memory();
    ASSERT_TRUE(database.add_schema("type A { n: Int }"));
    const json answer =
        json::parse(database.execute({"{ __schema { directives { name } } }", {}, {}}))["data"]["__schema"];
    ASSERT_GT(answer["directives"].size(), 5u);
    for (const json& directive : answer["directives"]) EXPECT_NE(directive["name"], "join");
}

TEST_F(JoinCatalog, Introspection_ShowsTheFieldsAndTheDirective) {
    json directives = data("{ __schema { directives { name } } }")["__schema"]["directives"];
    EXPECT_NE(std::find(directives.begin(), directives.end(), json({{"name", "join"}})), directives.end());
    json fields =
        data("{ __type(name: \"Customer\") { fields { name type { kind name ofType { name } } } } }");
    std::map<std::string, json> by_name;
    for (const json& field : fields["__type"]["fields"]) by_name[field["name"]] = field["type"];
    EXPECT_EQ(by_name["latest"]["name"], "Order");
    EXPECT_EQ(by_name["orders"]["ofType"]["name"], "Order");
    EXPECT_FALSE(by_name.contains("latest_id"));
    EXPECT_EQ(data("{ __type(name: \"CustomerMutationInputArg\") { inputFields { name } } }"),
              json::parse(R"({"__type": {"inputFields": [{"name": "number"}]}})"));
}

TEST_F(JoinCatalog, Backups_AreOfStoredFields) {
    BackupOptions options;
    options.file = folder_ / "backup.json";
    ASSERT_TRUE(database_.read([&](Transaction& transaction) { return transaction.export_backup(options); }));
    json backup;
    std::ifstream(options.file) >> backup;
    ASSERT_EQ(backup["Customer"].size(), 1u);
    EXPECT_FALSE(backup["Customer"][0].contains("orders"));
    EXPECT_FALSE(backup["Customer"][0].contains("latest"));
    Database other = open_in_memory();
    ASSERT_TRUE(other.add_schema(kShop));
    ASSERT_TRUE(
        other.write([&](Transaction& transaction) { return transaction.import_backup(options.file); }));
    EXPECT_EQ(json::parse(other.execute({"{ Customer { orders { amount } } }", {}, {}}))["data"],
              json::parse(R"({"Customer": [{"orders": [{"amount": 10}]}]})"));
}

TEST_F(JoinCatalog, MergedBlocks_FitAStoreWithOtherJoins) {
    Database other = open_in_memory();  // the same types by their version ids
    ASSERT_TRUE(
        other.add_schema("type Customer { number: Int } type Order { customerNumber: Int  amount: Int  by: "
                         "[Customer] @join(on: "
                         "\"customerNumber\", references: \"number\") }"));
    auto batch = database_.blocks_since(0);
    ASSERT_TRUE(batch);
    auto merged = other.merge(batch->blocks);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_TRUE(merged->missing.empty());
    EXPECT_EQ(json::parse(other.execute({"{ Order { amount by { number } } }", {}, {}}))["data"],
              json::parse(R"({"Order": [{"amount": 10, "by": [{"number": 1}]}]})"));
    ASSERT_TRUE(
        json::parse(
            other.execute(
                {"mutation { create_Order(input: {customerNumber: 1, amount: 11}) { _docID } }", {}, {}}))
            .contains("data"));
    batch = other.blocks_since(0);
    ASSERT_TRUE(database_.merge(batch->blocks));
    EXPECT_EQ(data("{ Customer { _count(orders: {}) } }"), json::parse(R"({"Customer": [{"_count": 2}]})"));
}

}  // namespace
}  // namespace cairn::test
