// Join fields in the catalog: its record, its resolved form, versions.
#include <gtest/gtest.h>

#include "schema_test_support.h"

namespace cairn::testing {
namespace {

FieldDefinition join(FieldDefinition field, std::string on, std::string references) {
    field.join = JoinDescription{std::move(on), std::move(references)};
    return field;
}

CatalogPtr shop() {
    return with_types({type("Customer", {scalar("number", FieldKind::integer),
                                         join(many("orders", "Order"), "number", "customer")}),
                       type("Order", {scalar("customer", FieldKind::float64)})});
}

TEST(SchemaJoins, ResolvedField_HasBothSidesAndNoKey) {
    CatalogPtr catalog = shop();
    const Field& orders = field(active(catalog, "Customer"), "orders");
    EXPECT_TRUE(orders.is_relation);
    EXPECT_TRUE(orders.is_join);
    EXPECT_TRUE(orders.many);
    EXPECT_FALSE(orders.primary);
    EXPECT_FALSE(orders.stored);
    EXPECT_EQ(orders.id_field, -1);
    EXPECT_EQ(orders.partner, -1);
    EXPECT_EQ(orders.join_on, active(catalog, "Customer").field_index("number"));
    EXPECT_EQ(orders.join_references, active(catalog, "Order").field_index("customer"));
    EXPECT_TRUE(active(catalog, "Order").referrers.empty());
    EXPECT_EQ(names(schema(catalog, "Customer").fields), "_docID number");
}

// Two joins between the same types are no two sides of one relation.
TEST(SchemaJoins, JoinsAndRelations_AreNoPartnersOfEachOther) {
    CatalogPtr catalog =
        with_types({type("A", {scalar("n"), one("b", "B"), join(one("jb", "B"), "n", "n"),
                               join(many("jbs", "B"), "_docID", "n")}),
                    type("B", {scalar("n"), many("as", "A"), join(many("jas", "A"), "n", "b_id")})});
    const Collection& a = active(catalog, "A");
    const Collection& b = active(catalog, "B");
    EXPECT_EQ(field(a, "b").partner, b.field_index("as"));
    EXPECT_EQ(field(b, "as").partner, a.field_index("b"));
    EXPECT_TRUE(field(a, "b").primary);
    for (const Field* each : {&field(a, "jb"), &field(a, "jbs"), &field(b, "jas")})
        EXPECT_EQ(each->partner, -1);
}

TEST(SchemaJoins, CatalogRecord_HasJoinsWhereTheyAre) {
    CatalogPtr catalog = shop();
    const std::string record = catalog->to_stored_json();
    const std::string key = R"("join":["number","customer"],)";
    ASSERT_EQ(record.find(R"("join")"), record.rfind(R"("join")"));
    ASSERT_NE(record.find(key), std::string::npos) << record;
    auto read = Catalog::from_stored_json(record);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ((*read)->to_stored_json(), record);
    EXPECT_TRUE(field(active(*read, "Customer"), "orders").is_join);
}

TEST(SchemaJoins, DamagedRecords_AreRefused) {
    const std::string record = shop()->to_stored_json();
    auto with = [&](const std::string& join) {
        std::string changed = record;
        const std::string old = R"(["number","customer"])";
        changed.replace(changed.find(old), old.size(), join);
        return error_of(Catalog::from_stored_json(changed));
    };
    EXPECT_TRUE(with(R"(["nothing","customer"])").ends_with("field orders: no field to join on: nothing"));
    EXPECT_TRUE(
        with(R"(["number","nothing"])").ends_with("field orders: no field to join with: Order.nothing"));
    EXPECT_TRUE(with(R"(["orders","customer"])").ends_with("field orders: no field to join on: orders"));
    EXPECT_TRUE(with("[]").starts_with("catalog record: "));
    EXPECT_TRUE(with("7").starts_with("catalog record: "));
}

TEST(SchemaJoins, ViewsAndInterfaces_CannotBeJoined) {
    const std::vector<TypeDefinition> types = {type("V", {scalar("n"), join(many("vs", "V"), "n", "n")})};
    EXPECT_EQ(error_of(add_view_types(*Catalog::empty(), types, "User { name }")),
              "join of a view or an interface. Type: V, Field: vs, Kind: V");
    CatalogPtr view =
        catalog_of(add_view_types(*Catalog::empty(), {type("V", {scalar("n")})}, "User { name }"));
    EXPECT_EQ(add_error({type("T", {scalar("n"), join(one("v", "V"), "n", "n")})}, view),
              "join of a view or an interface. Type: T, Field: v, Kind: V");
}

}  // namespace
}  // namespace cairn::testing
