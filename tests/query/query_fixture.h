// A store with a schema and documents, asked by requests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "store_node.h"

namespace cairn::test {

class QueryFixture : public testing::Test {
  protected:
    void schema(std::string_view sdl) {
        Status added = node_.add_schema(sdl);
        ASSERT_TRUE(added) << added.error().message;
    }
    // fields as GraphQL writes them: `name: "Ann", age: 3`. Gives the document's id.
    std::string create(std::string_view type, std::string_view fields) {
        Answer answer =
            node_.request(fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", type, fields));
        EXPECT_TRUE(answer.errors.empty()) << fields << ": " << answer.errors[0];
        if (!answer.errors.empty()) return "";
        return answer.data[fmt::format("create_{}", type)][0]["_docID"];
    }
    nlohmann::json ask(std::string_view text, std::string_view variables = "") {
        Answer answer = node_.request(text, nullptr, nullptr, variables);
        EXPECT_TRUE(answer.errors.empty()) << text << ": " << answer.errors[0];
        return answer.data;
    }
    // The value of the only root field, to be walked: a temporary would end with `ask(…)["field"]`.
    nlohmann::json list(std::string_view text) { return ask(text).begin().value(); }
    // The only message of a request that fails.
    std::string error(std::string_view text, std::string_view variables = "") {
        Answer answer = node_.request(text, nullptr, nullptr, variables);
        EXPECT_EQ(answer.errors.size(), 1u) << text;
        return answer.errors.empty() ? "" : answer.errors[0];
    }
    static nlohmann::json parsed(std::string_view text) { return nlohmann::json::parse(text); }

    StoreNode node_;
};

}  // namespace cairn::test
