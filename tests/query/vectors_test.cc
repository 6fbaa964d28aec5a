// The golden scenarios: every step of a vector file is done on stores of our own, and blocks, heads and
// values must be the recorded ones.
#include "scenario_runner.h"

namespace cairn::test {
namespace {

class VectorFile : public testing::TestWithParam<const char*> {};

TEST_P(VectorFile, EveryStep_OnOurStores_GivesRecordedBlocksHeadsAndValues) {
    json file = load(GetParam());
    std::size_t cases = 0, blocks = 0;
    for (const json& scenario : file["cases"]) {
        ScenarioRunner runner(scenario);
        runner.run();
        blocks += runner.blocks_checked();
        ++cases;
    }
    std::cout << fmt::format("{}: {} cases, {} blocks\n", GetParam(), cases, blocks);
    EXPECT_EQ(cases, file["cases"].size());
}

INSTANTIATE_TEST_SUITE_P(Vectors, VectorFile,
                         testing::Values("document_ops.json", "field_blocks.json", "counters.json",
                                         "branchable.json", "signed_blocks.json", "encrypted_blocks.json",
                                         "merges_lww.json", "merges_nulls.json", "merges_deletes.json",
                                         "merges_counters.json", "merges_other.json", "merges_random.json"),
                         [](const auto& tested) {
                             std::string name = tested.param;
                             return name.substr(0, name.find('.'));
                         });

// The defect scenarios of spec/blocks.md 10.3, with the results that table gives.
json scenario(const std::string& file, const std::string& name) {
    json loaded = load(file);
    for (const json& candidate : loaded["cases"]) {
        if (candidate["name"] == name) return candidate;
    }
    ADD_FAILURE() << name;
    return {};
}
json rows(StoreNode& node, const json& scenario) {
    return node.request(scenario["stateQuery"].get<std::string>()).data["User"];
}
std::size_t composite_heads(StoreNode& node) {
    return node.head_digests(false).size();
}

TEST(ReferenceDefect, CounterDiamondFirstSync_EachBlockOnce_Gives17) {
    json tested = scenario("merges_counters.json", "counter_diamond_first_sync");
    ScenarioRunner runner(tested);
    runner.run();
    EXPECT_EQ(rows(runner.node("C"), tested)[0]["pn"], 17);
}

TEST(ReferenceDefect, TieWithNull_BothNodes_HaveBothHeadsAndReadNull) {
    for (const char* name : {"tie_null_remote", "tie_null_vs_true"}) {
        json tested = scenario("merges_nulls.json", name);
        ScenarioRunner runner(tested);
        runner.run();
        for (const char* node : {"A", "B"}) EXPECT_EQ(composite_heads(runner.node(node)), 2u) << name << node;
        EXPECT_EQ(rows(runner.node("A"), tested), rows(runner.node("B"), tested)) << name;
        const char* field = std::string(name) == "tie_null_remote" ? "name" : "ok";
        EXPECT_TRUE(rows(runner.node("A"), tested)[0][field].is_null()) << name;
    }
}

TEST(ReferenceDefect, TieOfNulls_BothNodes_HaveBothHeads) {
    json tested = scenario("merges_nulls.json", "tie_null_both");
    ScenarioRunner runner(tested);
    runner.run();
    for (const char* node : {"A", "B"}) {
        EXPECT_EQ(composite_heads(runner.node(node)), 2u);
        EXPECT_EQ(rows(runner.node(node), tested)[0]["age"], 1);
        EXPECT_TRUE(rows(runner.node(node), tested)[0]["name"].is_null());
    }
}

TEST(ReferenceDefect, NullInSharedAncestor_FirstSync_EqualsSender) {
    json tested = scenario("merges_nulls.json", "null_in_shared_ancestor_first_sync");
    ScenarioRunner runner(tested);
    runner.run();
    EXPECT_EQ(rows(runner.node("C"), tested), rows(runner.node("A"), tested));
    EXPECT_EQ(runner.node("C").head_digests(false), runner.node("A").head_digests(false));
}

TEST(ReferenceDefect, UnevenHeads_KnownBlockAgain_ChangesNothing) {
    json tested = scenario("merges_other.json", "uneven_heads_known_block_again");
    ScenarioRunner runner(tested);
    runner.run();
    EXPECT_EQ(composite_heads(runner.node("A")), 2u);
}

TEST(ReferenceDefect, BranchableDocumentThenCollection_CounterOnce_Gives10) {
    json tested = scenario("merges_other.json", "branchable_document_then_collection");
    ScenarioRunner runner(tested);
    runner.run();
    EXPECT_EQ(rows(runner.node("B"), tested)[0]["pn"], 10);
}

TEST(ReferenceDefect, KeysOnRequest_PlainCounterOnce_Gives10) {
    json tested = scenario("merges_other.json", "encrypted_field_and_plain_counter_keys_on_request");
    ScenarioRunner runner(tested);
    runner.run();
    EXPECT_EQ(rows(runner.node("B"), tested)[0]["pn"], 10);
}

TEST(Vectors, CommitsView_EveryQuery_GivesRecordedAnswer) {
    json file = load("commits_view.json");
    StoreNode node;
    ASSERT_TRUE(node.add_schema("type User { name: String age: Int pts: Int @crdt(type: pncounter) }"));
    std::string id =
        node.request("mutation { create_User(input: {name: \"John\", age: 21, pts: 1}) { _docID } }")
            .data["create_User"][0]["_docID"];
    node.request(
        fmt::format("mutation {{ update_User(docID: \"{}\", input: {{age: 22}}) {{ _docID }} }}", id));
    node.request(fmt::format(
        "mutation {{ update_User(docID: \"{}\", input: {{age: null, name: \"X\"}}) {{ _docID }} }}", id));
    for (const json& tested : file["cases"]) {
        std::string text = tested["query"];
        Answer answer = node.request(text);
        if (tested.contains("errors")) {
            EXPECT_EQ(answer.errors, tested["errors"].get<std::vector<std::string>>()) << text;
        } else {
            EXPECT_TRUE(answer.errors.empty()) << text << answer.errors[0];
            EXPECT_EQ(answer.data, tested["answer"]) << text;
        }
    }
    std::cout << fmt::format("commits_view.json: {} cases\n", file["cases"].size());
}

TEST(Vectors, GraphqlCreate_EveryMutation_GivesRecordedAnswerAndBlocks) {
    json file = load("graphql_create.json");
    StoreNode node;
    ASSERT_TRUE(
        node.add_schema("type User { name: String age: Int f: Float f32: Float32 d: DateTime bl: Blob "
                        "j: JSON i: [Int] fn: [Float!] }"));
    for (const json& tested : file["cases"]) {
        std::string text = tested["mutation"];
        auto before = node.blocks();
        Answer answer = node.request(text);
        if (tested.contains("errors")) {
            EXPECT_EQ(answer.errors, tested["errors"].get<std::vector<std::string>>()) << text;
            continue;
        }
        ASSERT_TRUE(answer.errors.empty()) << text << answer.errors[0];
        EXPECT_EQ(answer.data, tested["answer"]) << text;
        std::set<std::string> made, recorded;
        for (const auto& [cid, bytes] : node.blocks()) {
            if (!before.contains(cid)) made.insert(cid);
        }
        for (const json& block : tested["blocks"]) recorded.insert(block["cid"]);
        EXPECT_EQ(made, recorded) << text;
    }
    std::cout << fmt::format("graphql_create.json: {} cases\n", file["cases"].size());
}

}  // namespace
}  // namespace cairn::test
