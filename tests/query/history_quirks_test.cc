// What the register of quirks (spec/query.md 19) says about commits and about several root fields.
#include "database_fixture.h"
#include "store_node.h"

namespace cairn::test {
namespace {

class HistoryQuirksTest : public DatabaseTest {
  protected:
    HistoryQuirksTest() : DatabaseTest("type User { name: String  age: Int }") {
        id_ = create("User", "name: \"a\", age: 1");
        update("User", id_, "age: 2");
    }
    std::string id_;
};

TEST_F(HistoryQuirksTest, Q16_CountOfLinksInVersions_IsTheCount) {
    EXPECT_EQ(data("{ User { _version { height _count(field: links) } } }")["User"],
              json::parse(R"([{"_version": [{"height": 2, "_count": 2}, {"height": 1, "_count": 2}]}])"));
}

TEST(SignedHistory, Q17_SelectionsWithoutSignature_AreAnswered) {
    StoreNode node;
    ASSERT_TRUE(node.add_schema("type User { name: String }"));
    std::string secret(64, '7');
    auto key = dag::SigningKey::parse(dag::KeyType::secp256k1, secret);
    ASSERT_TRUE(key) << key.error().message;
    ASSERT_TRUE(node.request("mutation { create_User(input: {name: \"a\"}) { _docID } }", nullptr, &*key)
                    .errors.empty());
    const json plain = node.request("{ commits { height } User { _version { height } } }").data;
    EXPECT_EQ(plain, json::parse(R"({"User": [{"_version": [{"height": 1}]}],
                                     "commits": [{"height": 1}, {"height": 1}]})"));
    const json whole = node.request("{ commits { fieldName signature { type identity } } }").data["commits"];
    for (const json& commit : whole) {
        EXPECT_EQ(commit["signature"]["type"], "ES256K") << commit;
        EXPECT_FALSE(commit["signature"]["identity"].get<std::string>().empty());
    }
}

TEST_F(HistoryQuirksTest, Q28_RootFields_RunInDocumentOrder) {
    json answer = data(
        "mutation { b: create_User(input: {name: \"x\"}) { name }"
        " a: update_User(filter: {name: {_eq: \"x\"}}, input: {age: 9}) { age }"
        " c: delete_User(filter: {age: {_eq: 9}}) { name } }");
    EXPECT_EQ(answer, json::parse(R"({"a": [{"age": 9}], "b": [{"name": "x"}], "c": [{"name": "x"}]})"));
}

TEST_F(HistoryQuirksTest, Q33_CidOfAnotherField_IsEmpty) {
    std::string cid = data("{ commits(fieldName: \"age\") { cid } }")["commits"][0]["cid"];
    auto commits = [&](const std::string& field) {
        return data(
            fmt::format("{{ commits(cid: \"{}\", fieldName: {}) {{ fieldName }} }}", cid, field))["commits"];
    };
    EXPECT_EQ(commits("\"name\""), json::array());
    EXPECT_EQ(commits("\"_C\""), json::array());
    EXPECT_EQ(commits("null"), json::array());
    EXPECT_EQ(commits("\"age\""), json::parse(R"([{"fieldName": "age"}])"));
}

TEST_F(HistoryQuirksTest, Q36_BrokenDocuments_AreRefused) {
    EXPECT_EQ(error("{ User { ...A } } fragment A on User { ...B } fragment B on User { ...A }"),
              "Cannot spread fragment \"A\" within itself via B.");
    EXPECT_TRUE(error("query Q($a:) { User { name } }").starts_with("Syntax Error GraphQL request (1:12)"));
}

}  // namespace
}  // namespace cairn::test
