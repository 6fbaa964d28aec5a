// cairn doc diff | blame.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cairn/database.h"
#include "tools/process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class DocCompare : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(
            cairn_(
                {"schema", "add",
                 "type User { name: String  age: Int  points: Int @crdt(type: pncounter)  tags: [String!] }"})
                .status,
            0);
        id_ = line(cairn_({"doc", "create", "User", R"({"name": "Ann", "age": 1, "points": 2})"}).out);
        update("age: 2, points: 3");
        update("name: null, tags: [\"a\"]");
    }
    static std::string line(const std::string& text) { return text.substr(0, text.find('\n')); }
    void update(const std::string& input) {
        const Outcome outcome = cairn_(
            {"query", fmt::format("mutation {{ update_User(docID: \"{}\", input: {{{}}}) {{ _docID }} }}",
                                  id_, input)});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    // CIDs of the document's commits, newest first.
    std::vector<std::string> commits() {
        std::vector<std::string> cids;
        const json log = json::parse(cairn_({"dag", "log", id_, "--json"}).out);
        for (const json& commit : log["commits"]) cids.push_back(commit["cid"]);
        return cids;
    }
    std::string diff(std::vector<std::string> flags = {}) {
        flags.insert(flags.begin(), {"doc", "diff", id_});
        const Outcome outcome = cairn_(flags);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return outcome.out;
    }

    Cli cairn_;
    std::string id_;
};

TEST_F(DocCompare, Diff_WithoutFlags_IsTheNewestCommit) {
    EXPECT_EQ(diff(), "- name: \"Ann\"\n+ tags: [\"a\"]\n");
}

TEST_F(DocCompare, Diff_CommitsByHeightAndCid_AreFound) {
    const std::vector<std::string> cids = commits();
    ASSERT_EQ(cids.size(), 3U);
    const std::string expected = "- age: 1\n+ age: 2\n- points: 2\n+ points: 5\n";
    EXPECT_EQ(diff({"--from", "1", "--to", "2"}), expected);
    EXPECT_EQ(diff({"--to", "2"}), expected);
    EXPECT_EQ(diff({"--from", cids[2], "--to", cids[1].substr(cids[1].size() - 12)}), expected);
    EXPECT_EQ(diff({"--from", "3"}), "no differences\n");
    EXPECT_EQ(diff({"--from", "2", "--to", "1"}), "- age: 2\n+ age: 1\n- points: 5\n+ points: 2\n");
}

TEST_F(DocCompare, Diff_TheFirstCommit_IsComparedWithNothing) {
    EXPECT_EQ(diff({"--to", "1"}), "+ age: 1\n+ name: \"Ann\"\n+ points: 2\n");
    const json answer = json::parse(diff({"--to", "1", "--json"}));
    EXPECT_EQ(answer["docID"], id_);
    EXPECT_EQ(answer["from"], nullptr);
    EXPECT_EQ(answer["to"], commits().back());
    EXPECT_EQ(answer["fields"]["age"], json::parse(R"({"from": null, "to": 1})"));
}

TEST_F(DocCompare, Diff_ADelete_IsShown) {
    ASSERT_EQ(cairn_({"query", "mutation { delete_User(docID: \"" + id_ + "\") { _docID } }"}).status, 0);
    EXPECT_EQ(diff(), "+ _deleted: true\n");
}

TEST_F(DocCompare, BadInput_IsNamed) {
    EXPECT_EQ(cairn_({"doc", "diff", id_, "--from", "9"}).err, "Error: the document has no commit 9\n");
    EXPECT_EQ(cairn_({"doc", "diff", id_, "--to", "abc"}).err, "Error: the document has no commit abc\n");
    EXPECT_EQ(cairn_({"doc", "diff", "bae-nope"}).err, "Error: no document has the id bae-nope\n");
    EXPECT_EQ(cairn_({"doc", "blame", "bae-nope"}).status, 1);
}

TEST_F(DocCompare, Blame_EachField_NamesItsCommit) {
    const std::vector<std::string> cids = commits();
    const json fields = json::parse(cairn_({"doc", "blame", id_, "--json"}).out)["fields"];
    EXPECT_EQ(fields["age"]["commit"], cids[1]);
    EXPECT_EQ(fields["age"]["value"], 2);
    EXPECT_EQ(fields["age"]["writes"], 2);
    EXPECT_EQ(fields["name"]["commit"], cids[0]);
    EXPECT_EQ(fields["name"]["value"], nullptr);
    EXPECT_EQ(fields["points"]["value"], 5);
    EXPECT_EQ(fields["points"]["counter"], true);
    EXPECT_EQ(fields["tags"]["height"], 1);
    const std::string table = cairn_({"doc", "blame", id_}).out;
    EXPECT_EQ(line(table).substr(0, 5), "FIELD");
    EXPECT_NE(table.find("2 (all count)"), std::string::npos) << table;
}

// Writes of one height: the greater bytes win, so they are to blame (spec/blocks.md 9.1).
TEST_F(DocCompare, TwoStoresWroteTheSameField_TheWinnerIsNamed) {
    const std::filesystem::path ours = cairn_.rootdir() / "data", theirs = cairn_.rootdir() / "copy";
    std::filesystem::copy(ours, theirs, std::filesystem::copy_options::recursive);
    const std::string change = "mutation {{ update_User(docID: \"{}\", input: {{age: {}}}) {{ _docID }} }}";
    {
        Database a = *Database::open(ours, {}), b = *Database::open(theirs, {});
        const std::uint64_t start = b.position();
        a.execute(
            {.query = fmt::format(fmt::runtime(change), id_, 7), .variables_json = {}, .operation_name = {}});
        b.execute(
            {.query = fmt::format(fmt::runtime(change), id_, 9), .variables_json = {}, .operation_name = {}});
        ASSERT_TRUE(a.merge(b.blocks_since(start)->blocks));
        ASSERT_TRUE(a.close());
    }
    const json age = json::parse(cairn_({"doc", "blame", id_, "--json"}).out)["fields"]["age"];
    EXPECT_EQ(age["value"], 9);
    const json commit =
        json::parse(cairn_({"dag", "show", age["fieldCommit"].get<std::string>(), "--json"}).out);
    EXPECT_EQ(commit["block"]["value"], 9) << commit;
    const Outcome both = cairn_({"doc", "diff", id_, "--from", "4"});
    EXPECT_EQ(both.status, 1);
    EXPECT_NE(both.err.find("2 commits of the document are meant by 4"), std::string::npos) << both.err;
}

}  // namespace
}  // namespace cairn::test
