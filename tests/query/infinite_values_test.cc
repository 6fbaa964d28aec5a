// Values that JSON cannot express (spec/query.md Q34): null with an error beside the data, which stand.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cairn/database.h"
#include "database_fixture.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class InfiniteValues : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "cairn-infinite-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        Options options;
        options.durability = Durability::memory;
        auto opened = Database::open(folder_ / "store", options);
        ASSERT_TRUE(opened) << opened.error().message;
        database_ = std::make_unique<Database>(std::move(*opened));
        ASSERT_TRUE(database_->add_schema(
            "type User { name: String score: Float @crdt(type: pcounter) half: Float32 @crdt(type: "
            "pncounter) "
            "friends: [User] @relation(name: \"f\") of: User @relation(name: \"f\") @primary }"));
        id_ = ask("mutation { create_User(input: {name: \"John\", score: 1.7e308, half: -3e38}) { _docID } }")
            ["data"]["create_User"][0]["_docID"];
    }
    void TearDown() override {
        database_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    json ask(const std::string& query, bool* has_errors = nullptr) {
        answer_ =
            database_->execute({.query = query, .variables_json = {}, .operation_name = {}}, has_errors);
        return json::parse(answer_);
    }
    std::string add(const std::string& field, const char* number, const std::string& selection) const {
        return fmt::format("mutation {{ update_User(docID: \"{}\", input: {{{}: {}}}) {{ {} }} }}", id_,
                           field, number, selection);
    }
    std::string message(const char* field) const {
        return fmt::format("value of field {} is infinite and cannot be written as JSON. DocID: {}", field,
                           id_);
    }

    std::filesystem::path folder_;
    std::unique_ptr<Database> database_;
    std::string id_, answer_;
};

TEST_F(InfiniteValues, OverflowedCounter_InMutation_TakesEffectWithError) {
    bool has_errors = false;
    json answer = ask(add("score", "1.7e308", "score name"), &has_errors);
    EXPECT_TRUE(has_errors);
    EXPECT_EQ(answer, json({{"errors", {{{"message", message("score")}}}},
                            {"data", {{"update_User", {{{"name", "John"}, {"score", nullptr}}}}}}}));
    EXPECT_TRUE(answer_.starts_with("{\"errors\":[")) << answer_;
    answer = ask("{ commits(fieldName: \"score\") { height } }", &has_errors);
    EXPECT_FALSE(has_errors);
    EXPECT_EQ(answer["data"]["commits"].size(), 2u);
}

TEST_F(InfiniteValues, OverflowedCounters_InQuery_HaveOneErrorEachUnderTheFieldName) {
    ask(add("score", "1.7e308", "_docID"));
    ask(add("half", "-3e38", "_docID"));
    bool has_errors = false;
    json answer = ask("{ User { a: score half name } }", &has_errors);
    EXPECT_TRUE(has_errors);
    EXPECT_EQ(answer, json({{"errors", {{{"message", message("score")}}, {{"message", message("half")}}}},
                            {"data", {{"User", {{{"a", nullptr}, {"half", nullptr}, {"name", "John"}}}}}}}));
    EXPECT_FALSE(ask("{ User { name } }", &has_errors).contains("errors"));
    EXPECT_FALSE(has_errors);
}

TEST_F(InfiniteValues, OverflowedCounter_BelowARelation_HasItsOwnDocumentInTheError) {
    ask(add("score", "1.7e308", "_docID"));
    std::string other = ask(
        fmt::format("mutation {{ create_User(input: {{name: \"B\", score: 1, of: \"{}\"}}) {{ _docID }} }}",
                    id_))["data"]["create_User"][0]["_docID"];
    json answer = ask(fmt::format("{{ User(docID: \"{}\") {{ score of {{ score }} }} }}", other));
    EXPECT_EQ(answer["errors"], json({{{"message", message("score")}}}));
    EXPECT_EQ(answer["data"]["User"][0], json({{"score", 1}, {"of", {{"score", nullptr}}}}));
}

TEST_F(InfiniteValues, OverflowedCounter_InTransaction_IsCommitted) {
    auto transaction = database_->begin();
    ASSERT_TRUE(transaction);
    bool has_errors = false;
    std::string text = add("score", "1.7e308", "score");
    json answer = json::parse(
        transaction->execute({.query = text, .variables_json = {}, .operation_name = {}}, &has_errors));
    EXPECT_TRUE(has_errors);
    EXPECT_TRUE(answer["data"]["update_User"][0]["score"].is_null());
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(ask("{ User { score } }")["errors"], json({{{"message", message("score")}}}));
}

TEST_F(InfiniteValues, FailedRequest_WithNotices_AnswersOnlyTheError) {
    ask(add("score", "1.7e308", "_docID"));
    bool has_errors = false;
    json answer = ask("{ User { score } commits { _group { cid } } }", &has_errors);
    EXPECT_TRUE(has_errors);
    EXPECT_TRUE(answer["data"].is_null());
    EXPECT_EQ(answer["errors"].size(), 1u);
}

class NotANumber : public DatabaseTest {
  protected:
    NotANumber() : DatabaseTest("type Jar { name: String  weight: Float }") {}
};

// Enough of them that a sort by an order that is none would show.
TEST_F(NotANumber, Order_IsBelowAllNumbersAndAboveNull) {
    const char* weights[] = {"nan", "-1", "null", "3", "-1e300", "0", "2", "-2"};
    for (int i = 0; i < 64; ++i) {
        ASSERT_TRUE(database_.create_document(
            "Jar", fmt::format(R"({{"name": "{:02}", "weight": {}}})", i, weights[i % 8])));
    }
    std::string kinds;
    const json list = data("{ Jar(order: {weight: ASC}) { name } }")["Jar"];
    for (const json& jar : list) kinds += std::to_string(std::stoi(jar["name"].get<std::string>()) % 8);
    std::string expected;
    for (char kind : std::string("20471563")) expected += std::string(8, kind);
    EXPECT_EQ(kinds, expected);
    const json down = data("{ Jar(order: {weight: DESC}, limit: 1) { name } }")["Jar"];
    EXPECT_EQ(std::stoi(down[0]["name"].get<std::string>()) % 8, 3);
}

}  // namespace
}  // namespace cairn::test
