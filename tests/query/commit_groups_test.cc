// commits(groupBy: …) (spec/query.md sections 7.1, 7.2 and 11.3).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store_node.h"

namespace cairn::test {
namespace {

using nlohmann::json;

// Two documents: one written twice, one once. Heads in store order: id of John < id of Fred or not, so tests
// ask by document.
class CommitGroups : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(node_.add_schema("type User @branchable { name: String age: Int }"));
        john_ = create("John", 21);
        node_.request(
            fmt::format("mutation {{ update_User(docID: \"{}\", input: {{age: 22}}) {{ _docID }} }}", john_));
    }
    std::string create(const std::string& name, int age) {
        Answer answer = node_.request(fmt::format(
            "mutation {{ create_User(input: {{name: \"{}\", age: {}}}) {{ _docID }} }}", name, age));
        EXPECT_TRUE(answer.errors.empty());
        return answer.data["create_User"][0]["_docID"];
    }
    json commits(const std::string& arguments, std::string_view selection, std::string_view variables = "") {
        std::string text = fmt::format(
            "query Q($by: [commitFields!]) {{ commits({}) {{ {} }} other: commits(groupBy: $by, limit: 1) {{ "
            "cid }} }}",
            arguments, selection);
        Answer answer = node_.request(text, nullptr, nullptr, variables);
        EXPECT_TRUE(answer.errors.empty()) << text << ": " << answer.errors[0];
        return answer.data["commits"];
    }
    std::string of_john() const { return fmt::format("docID: \"{}\"", john_); }
    StoreNode node_;
    std::string john_;
};

TEST_F(CommitGroups, ByFieldName_Members_KeepTheOrderOfTheWalk) {
    EXPECT_EQ(commits(of_john() + ", groupBy: [fieldName]", "fieldName _group { height }"), json::parse(R"([
        {"fieldName": "age", "_group": [{"height": 2}, {"height": 1}]},
        {"fieldName": "name", "_group": [{"height": 1}]},
        {"fieldName": "_C", "_group": [{"height": 2}, {"height": 1}]}])"));
}

TEST_F(CommitGroups, UngroupedFields_AtGroupLevel_AreThoseOfTheLastMember) {
    json groups = commits(of_john() + ", groupBy: [fieldName]",
                          "fieldName cid height _count(field: links) __typename links { name } _group { cid "
                          "_count(field: links) }");
    ASSERT_EQ(groups.size(), 3u);
    for (const json& group : groups) {
        EXPECT_EQ(group["cid"], group["_group"].back()["cid"]);
        EXPECT_EQ(group["_count"], group["_group"].back()["_count"]);
        EXPECT_EQ(group["height"], 1);
        EXPECT_EQ(group["__typename"], "Commit");
        EXPECT_EQ(group["links"].size(), group["_count"].get<std::size_t>());
    }
    EXPECT_EQ(groups[2]["_count"], 2);
}

TEST_F(CommitGroups, BySeveralFields_EachCombination_IsAGroup) {
    EXPECT_EQ(commits(of_john() + ", groupBy: [height, fieldName]", "height fieldName").size(), 5u);
    EXPECT_EQ(commits(of_john() + ", groupBy: [height, docID]", "height docID"),
              json({{{"height", 2}, {"docID", john_}}, {{"height", 1}, {"docID", john_}}}));
}

TEST_F(CommitGroups, CollectionCommits_WithoutDocument_FormTheGroupOfNull) {
    std::string fred = create("Fred", 3);
    json groups = commits("groupBy: docID", "docID _group { height fieldName }");
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_TRUE(groups[0]["docID"].is_null());
    EXPECT_EQ(groups[0]["_group"].size(), 3u);
    for (const json& member : groups[0]["_group"]) EXPECT_TRUE(member["fieldName"].is_null());
    EXPECT_EQ((std::set<std::string>{groups[1]["docID"], groups[2]["docID"]}),
              (std::set<std::string>{john_, fred}));
}

TEST_F(CommitGroups, OrderLimitAndOffset_ApplyToGroups) {
    std::string by_height = of_john() + ", groupBy: [height]";
    auto heights = [](const json& groups) {
        std::vector<int> found;
        for (const json& group : groups) found.push_back(group["height"]);
        return found;
    };
    EXPECT_EQ(heights(commits(by_height, "height")), (std::vector<int>{2, 1}));
    EXPECT_EQ(heights(commits(by_height + ", order: {height: ASC}", "height")), (std::vector<int>{1, 2}));
    EXPECT_EQ(heights(commits(by_height + ", order: {height: ASC}, limit: 1", "height")),
              (std::vector<int>{1}));
    EXPECT_EQ(heights(commits(by_height + ", offset: 1", "height")), (std::vector<int>{1}));
    EXPECT_EQ(heights(commits(by_height + ", offset: 2", "height")), (std::vector<int>{}));
    EXPECT_EQ(heights(commits(by_height + ", offset: 1, limit: 18446", "height")), (std::vector<int>{1}));
    json members = commits(by_height + ", order: {height: ASC}, limit: 1", "_group { fieldName }");
    EXPECT_EQ(members[0]["_group"],
              json::parse(R"([{"fieldName":"age"},{"fieldName":"name"},{"fieldName":"_C"}])"));
}

TEST_F(CommitGroups, SeveralGroupSelections_UnderAliases_HaveTheirOwnItems) {
    json groups = commits(of_john() + ", groupBy: [docID]",
                          "a: _group { height } b: _group { fieldName links { cid } }");
    ASSERT_EQ(groups.size(), 1u);
    ASSERT_EQ(groups[0]["a"].size(), 5u);
    ASSERT_EQ(groups[0]["b"].size(), 5u);
    EXPECT_EQ(groups[0]["a"][0], json({{"height", 2}}));
    EXPECT_EQ(groups[0]["b"][0]["fieldName"], "age");
    EXPECT_EQ(groups[0]["b"][0]["links"].size(), 1u);
}

TEST_F(CommitGroups, EmptyGroupBy_IsOneGroup_NullIsNone) {
    EXPECT_EQ(commits(of_john() + ", groupBy: []", "_group { cid }")[0]["_group"].size(), 5u);
    EXPECT_EQ(commits("docID: \"bae-00000000-0000-5000-8000-000000000000\", groupBy: []", "cid"),
              json::array());
    EXPECT_EQ(commits(of_john() + ", groupBy: null", "cid").size(), 5u);
    EXPECT_EQ(commits(of_john() + ", groupBy: $by", "height", R"({"by":["height"]})").size(), 2u);
    EXPECT_EQ(commits(of_john() + ", groupBy: $by", "height", "{}").size(), 5u);
}

TEST_F(CommitGroups, CidAndDepth_WithGroupBy_LimitTheMembers) {
    std::string cid = commits(of_john() + ", fieldName: \"_C\"", "cid")[0]["cid"];
    EXPECT_EQ(commits(fmt::format("cid: \"{}\", depth: 5, groupBy: [fieldName]", cid), "_group { height }"),
              json::parse(R"([{"_group": [{"height": 2}, {"height": 1}]}])"));
}

TEST_F(CommitGroups, GroupWithoutGroupBy_Anywhere_IsRefused) {
    std::vector<std::string> refused = {"_group may only be referenced when within a groupBy request"};
    for (const std::string& text :
         {std::string("{ commits { _group { cid } } }"),
          std::string("{ commits(groupBy: null) { _group { cid } } }"),
          std::string("{ commits(groupBy: [cid]) { _group { _group { cid } } } }"),
          fmt::format("{{ latestCommits(docID: \"{}\") {{ _group {{ cid }} }} }}", john_),
          std::string("{ User { _version { _group { cid } } } }")}) {
        EXPECT_EQ(node_.request(text).errors, refused) << text;
    }
}

}  // namespace
}  // namespace cairn::test
