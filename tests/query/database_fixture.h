// A database in a folder of its own, asked in GraphQL.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cairn/database.h"
#include "tests/projections.h"

namespace cairn::test {

using nlohmann::json;

// A store of its own that waits for no disk.
inline Database open_unsynced(const std::filesystem::path& path) {
    Options options;
    options.durability = Durability::memory;
    return *Database::open(path, options);
}

class DatabaseTest : public testing::Test {
  protected:
    explicit DatabaseTest(std::string_view sdl, Options options = {}) : database_(open(options)) {
        auto added = database_.add_schema(sdl);
        EXPECT_TRUE(added) << (added ? "" : added.error().message);
    }

    Database open(Options options) {
        options.durability = Durability::memory;
        return *Database::open(folder_ / "store", options);
    }
    // The whole answer.
    json ask(const std::string& text, const std::string& variables = {}) {
        return json::parse(database_.execute({text, variables, {}}));
    }
    // The value of "data"; no errors are expected.
    json data(const std::string& text, const std::string& variables = {}) {
        json answer = ask(text, variables);
        EXPECT_FALSE(answer.contains("errors")) << text << "\n" << answer;
        return answer["data"];
    }
    // The only error's message.
    std::string error(const std::string& text, const std::string& variables = {}) {
        json answer = ask(text, variables);
        EXPECT_TRUE(answer.contains("errors")) << text << "\n" << answer;
        if (!answer.contains("errors")) return {};
        EXPECT_TRUE(answer["data"].is_null());
        return answer["errors"][0]["message"];
    }
    std::string create(const std::string& collection, const std::string& input) {
        json created =
            data(fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", collection, input));
        return created.is_null() ? "" : created["create_" + collection][0]["_docID"].get<std::string>();
    }
    void update(const std::string& collection, const std::string& id, const std::string& input) {
        data(fmt::format("mutation {{ update_{}(docID: \"{}\", input: {{{}}}) {{ _docID }} }}", collection,
                         id, input));
    }
    void remove(const std::string& collection, const std::string& id) {
        data(fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", collection, id));
    }
    // CIDs of a document's composites, oldest first.
    std::vector<std::string> versions(const std::string& id) {
        std::vector<std::string> cids;
        json commits = data(fmt::format(
            "{{ commits(docID: \"{}\", fieldName: \"_C\", order: {{height: ASC}}) {{ cid }} }}", id));
        for (const json& commit : commits["commits"]) cids.push_back(commit["cid"]);
        return cids;
    }

    TemporaryFolder folder_;
    Database database_;
};

}  // namespace cairn::test
