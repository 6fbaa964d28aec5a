// Every command of cairn: answers, exit statuses, --json, and what is said about bad input.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cairn/database.h"
#include "tools/process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class CliTest : public testing::Test {
  protected:
    // A store with the type User and one document.
    void make_store() {
        ASSERT_EQ(cli_({"schema", "add",
                        "type User { name: String  age: Int  points: Int @crdt(type: pncounter) }"})
                      .status,
                  0);
        const Outcome created =
            cli_({"doc", "create", "User", R"({"name": "Alice", "age": 31, "points": 1})"});
        ASSERT_EQ(created.status, 0) << created.err;
        id_ = created.out.substr(0, created.out.find('\n'));
        ASSERT_EQ(id_.size(), 40U) << created.out;
    }

    json ask_json(std::vector<std::string> arguments, int status = 0) {
        arguments.push_back("--json");
        const Outcome outcome = cli_(arguments);
        EXPECT_EQ(outcome.status, status) << outcome.err;
        json value = json::parse(outcome.out, nullptr, false);
        EXPECT_TRUE(value.is_object()) << outcome.out;
        return value;
    }

    void expect_error(const Outcome& outcome, const std::string& message) {
        EXPECT_EQ(outcome.status, 1) << outcome.out;
        EXPECT_EQ(outcome.err, "Error: " + message + "\n");
        EXPECT_EQ(outcome.out, "");
    }

    Cli cli_;
    std::string id_;
};

// ---- the command line itself ----

TEST_F(CliTest, CommandLine_UnknownCommand_SuggestsTheNearest) {
    expect_error(Cli::bare({"shcema"}),
                 "unknown command \"shcema\" for \"cairn\" (did you mean \"schema\"?)");
    expect_error(Cli::bare({"doc", "lits"}),
                 "unknown command \"lits\" for \"cairn doc\" (did you mean \"list\"?)");
    expect_error(Cli::bare({"zzzzzz"}), "unknown command \"zzzzzz\" for \"cairn\"");
}

TEST_F(CliTest, CommandLine_UnknownFlag_IsNamed) {
    expect_error(Cli::bare({"query", "--jsno", "{ x }"}), "unknown flag: --jsno (did you mean \"--json\"?)");
    expect_error(Cli::bare({"stats", "--nope"}), "unknown flag: --nope");
}

TEST_F(CliTest, CommandLine_WrongValues_AreNamed) {
    EXPECT_NE(Cli::bare({"stats", "--durability", "maybe"}).err.find("maybe"), std::string::npos);
    EXPECT_NE(Cli::bare({"stats", "--cache-mib", "-5"}).err.find("-5"), std::string::npos);
    EXPECT_NE(Cli::bare({"doc", "list", "User", "--limit", "0"}).err.find("0"), std::string::npos);
    EXPECT_EQ(Cli::bare({"doc", "get"}).status, 1);
    expect_error(Cli::bare({"query", "a", "b"}), "unexpected argument \"b\" for \"cairn query\"");
}

TEST_F(CliTest, Help_OfEveryCommand_HasExamples) {
    const std::vector<std::vector<std::string>> commands = {{"schema", "add"},
                                                            {"schema", "describe"},
                                                            {"schema", "patch"},
                                                            {"query"},
                                                            {"doc", "list"},
                                                            {"doc", "get"},
                                                            {"doc", "create"},
                                                            {"doc", "history"},
                                                            {"dag", "show"},
                                                            {"dag", "log"},
                                                            {"dag", "graph"},
                                                            {"dag", "verify"},
                                                            {"fsck"},
                                                            {"rebuild"},
                                                            {"stats"},
                                                            {"compact"},
                                                            {"serve"},
                                                            {"start"},
                                                            {"version"},
                                                            {"completion"},
                                                            {"help"}};
    for (const auto& command : commands) {
        auto asked = command;
        asked.push_back("--help");
        const Outcome outcome = Cli::bare(asked);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_NE(outcome.out.find("Examples:\n  "), std::string::npos) << command.front();
        auto other = command;
        other.insert(other.begin(), "help");
        EXPECT_EQ(Cli::bare(other).out, outcome.out);
    }
}

TEST_F(CliTest, Version_AsTextAndJson_IsTheSame) {
    const Outcome text = Cli::bare({"version"});
    EXPECT_EQ(text.status, 0);
    EXPECT_EQ(text.out, "cairn " + ask_json({"version"}).at("version").get<std::string>() + "\n");
}

TEST_F(CliTest, Completion_Bash_IsAScriptThatBashReads) {
    const Outcome script = Cli::bare({"completion", "bash"});
    ASSERT_EQ(script.status, 0);
    const Outcome completed = run_program(
        {"/bin/bash", "-c",
         script.out + "\nCOMP_WORDS=(cairn doc hi); COMP_CWORD=2; _cairn; echo \"${COMPREPLY[@]}\""});
    EXPECT_EQ(completed.out, "history\n") << completed.err;
    expect_error(Cli::bare({"completion", "zsh"}), "no completion for \"zsh\": only bash");
}

// ---- stores ----

TEST_F(CliTest, Store_Missing_IsNamedWithTheWayOut) {
    expect_error(cli_({"query", "{ User { name } }"}),
                 "no store at " + (cli_.rootdir() / "data").string() + " (`cairn schema add` makes one)");
}

TEST_F(CliTest, Store_OpenedTwice_IsRefusedWithItsPath) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    auto held = Database::open(cli_.rootdir() / "data");
    ASSERT_TRUE(held) << held.error().message;
    const Outcome outcome = cli_({"query", "{ User { name } }"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("store is already open: " + (cli_.rootdir() / "data").string()),
              std::string::npos)
        << outcome.err;
}

TEST_F(CliTest, Store_InFolderThatCannotBeWritten_IsAClearError) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    if (run_program({CAIRN_BINARY, "version"}, "", true).status != 0) {
        GTEST_SKIP() << "an unprivileged user cannot run " << CAIRN_BINARY;
    }
    namespace fs = std::filesystem;
    fs::permissions(cli_.folder().path(),
                    fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    const std::string elsewhere = (cli_.folder().path() / "elsewhere").string();
    const Outcome made =
        run_program({CAIRN_BINARY, "schema", "add", "type A { x: Int }", "--rootdir", elsewhere}, "", true);
    EXPECT_EQ(made.status, 1);
    EXPECT_EQ(made.err, "Error: cannot create folder " + elsewhere + ": Permission denied\n");
    const Outcome written =
        run_program({CAIRN_BINARY, "query", "mutation { create_User(input: {age: 1}) { _docID } }",
                     "--rootdir", cli_.rootdir().string()},
                    "", true);
    EXPECT_EQ(written.status, 1);
    EXPECT_NE(written.err.find(cli_.rootdir().string()), std::string::npos) << written.err;
    EXPECT_EQ(cli_({"doc", "list", "User", "--json"}).out.find("\"age\": 1"), std::string::npos);
}

TEST_F(CliTest, Store_RootdirFromEnvironment_IsUsed) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const std::string command =
        "CAIRN_ROOTDIR='" + cli_.rootdir().string() + "' '" + CAIRN_BINARY + "' doc list User";
    EXPECT_NE(run_program({"/bin/sh", "-c", command}).out.find(id_), std::string::npos);
}

TEST_F(CliTest, Output_NotWritable_IsAnError) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const std::string command =
        "'" CAIRN_BINARY "' stats --rootdir '" + cli_.rootdir().string() + "' > /dev/full";
    const Outcome outcome = run_program({"/bin/sh", "-c", command});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "Error: cannot write to standard output\n");
}

// ---- schema ----

TEST_F(CliTest, SchemaAdd_FromFilesInputAndArgument_AddsTypes) {
    const std::string a = cli_.folder().file("a.graphql", "type A { x: Int }");
    const std::string b = cli_.folder().file("b.graphql", "type B { x: Int }");
    EXPECT_EQ(ask_json({"schema", "add", "-f", a + "," + b, "ignored {{{"}).at("collections").size(), 2U);
    EXPECT_EQ(cli_({"schema", "add", "-"}, "type C { x: Int }").status, 0);
    EXPECT_EQ(cli_({"schema", "add", "type D { x: Int }"}).status, 0);
    std::vector<std::string> names;
    const json described = ask_json({"schema", "describe"});
    for (const auto& collection : described.at("collections")) names.push_back(collection.at("Name"));
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"A", "B", "C", "D"}));
}

TEST_F(CliTest, SchemaAdd_BadInput_SaysWhat) {
    expect_error(cli_({"schema", "add"}), "schema cannot be empty");
    expect_error(cli_({"schema", "add", "-"}, " \n"), "schema cannot be empty");
    expect_error(cli_({"schema", "add", "-f", "/nowhere/x.graphql"}),
                 "failed to read file /nowhere/x.graphql: No such file or directory");
    const Outcome garbage = cli_({"schema", "add", "foo"});
    EXPECT_EQ(garbage.status, 1);
    EXPECT_NE(garbage.err.find("Syntax Error GraphQL (1:1) Unexpected Name \"foo\""), std::string::npos)
        << garbage.err;
}

TEST_F(CliTest, SchemaDescribe_ByName_ShowsKindsOfItsFields) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const Outcome text = cli_({"schema", "describe", "--name", "User"});
    EXPECT_EQ(text.status, 0);
    EXPECT_NE(text.out.find("  age     Int\n"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("  points  Int  @crdt(type: pncounter)\n"), std::string::npos) << text.out;
    expect_error(cli_({"schema", "describe", "--name", "Nope"}),
                 "collection not found. CollectionName: Nope");
}

TEST_F(CliTest, SchemaDescribe_ShowsDeleteRulesAndJoins) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    ASSERT_EQ(cli_({"schema", "add",
                    "type Shop { name: String  goods: [Good] }"
                    " type Good { shop: Shop @relation(onDelete: CASCADE)  code: Int"
                    "  same: [Good] @join(on: \"code\", references: \"code\") }"})
                  .status,
              0);
    const Outcome text = cli_({"schema", "describe", "--name", "Good"});
    EXPECT_NE(text.out.find("Shop  relation good_shop  on delete CASCADE\n"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("[Good]  @join(on: \"code\", references: \"code\")\n"), std::string::npos)
        << text.out;
}

TEST_F(CliTest, SchemaPatch_NewField_CanBeWrittenAndRead) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const Outcome patched =
        cli_({"schema", "patch",
              R"([{"op":"add","path":"/User/Fields/-","value":{"Name":"email","Kind":"String"}}])"});
    ASSERT_EQ(patched.status, 0) << patched.err;
    EXPECT_EQ(cli_({"query", R"(mutation { update_User(input: {email: "a@x"}) { email } })"}).status, 0);
    expect_error(cli_({"schema", "patch"}), "patch cannot be empty");
    EXPECT_EQ(cli_({"schema", "patch", "not json"}).status, 1);
}

// ---- query ----

TEST_F(CliTest, Query_FileVariablesOperation_ChoosesTheOperation) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const std::string file = cli_.folder().file(
        "requests.graphql",
        "query All { User { age } }  query ByName($n: String) { User(filter: {name: {_eq: $n}}) { name } }");
    EXPECT_EQ(ask_json({"query", "-f", file, "-o", "ByName", "-v", R"({"n": "Alice"})"}),
              json::parse(R"({"data": {"User": [{"name": "Alice"}]}})"));
    EXPECT_EQ(ask_json({"query", "-f", file, "-o", "ByName", "-v", R"({"n": "Bob"})"}),
              json::parse(R"({"data": {"User": []}})"));
    EXPECT_EQ(cli_({"query", "-"}, "{ User { age } }").out,
              "{\n  \"data\": {\n    \"User\": [\n      {\n        \"age\": 31\n      }\n    ]\n  }\n}\n");
}

TEST_F(CliTest, Query_AnswerWithErrors_IsPrintedWithStatusOne) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const Outcome outcome = cli_({"query", "{ Nope { name } }"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "");
    const json answer = json::parse(outcome.out, nullptr, false);
    EXPECT_EQ(answer.at("errors").at(0).at("message"), "Cannot query field \"Nope\" on type \"Query\".");
    EXPECT_TRUE(answer.at("data").is_null());
    expect_error(cli_({"query", ""}), "request cannot be empty");
    EXPECT_EQ(cli_({"query", "{ User { age } }", "-v", "{"}).status, 1);
}

TEST_F(CliTest, Query_ReadOnly_RefusesMutations) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    EXPECT_EQ(cli_({"query", "--read-only", "{ User { age } }"}).status, 0);
    EXPECT_EQ(cli_({"query", "--read-only", "mutation { create_User(input: {age: 2}) { _docID } }"}).status,
              1);
    EXPECT_EQ(ask_json({"doc", "list", "User"}).at("documents").size(), 1U);
}

// ---- documents ----

TEST_F(CliTest, DocCreate_ArrayWithOneBad_CreatesNone) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    EXPECT_EQ(cli_({"doc", "create", "User", R"([{"name": "Bob"}, {"nope": 1}])"}).status, 1);
    EXPECT_EQ(ask_json({"doc", "list", "User"}).at("documents").size(), 1U);
    EXPECT_EQ(
        ask_json({"doc", "create", "User", R"([{"name": "Bob"}, {"name": "Carol"}])"}).at("documents").size(),
        2U);
    EXPECT_EQ(ask_json({"doc", "list", "User"}).at("documents").size(), 3U);
}

TEST_F(CliTest, DocCreate_BadInput_SaysWhat) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    expect_error(cli_({"doc", "create", "User"}), "document or file must be defined");
    expect_error(cli_({"doc", "create", "User", R"({"name": "Alice", "age": 31, "points": 1})"}),
                 "a document with the given ID already exists. DocID: " + id_);
    expect_error(cli_({"doc", "create", "User", R"({"nope": 1})"}),
                 "the given field does not exist. Name: nope");
    EXPECT_NE(cli_({"doc", "create", "Nope", "{}"}).err.find("Error: "), std::string::npos);
    EXPECT_EQ(cli_({"doc", "create", "User", "[1]"}).status, 1);
    EXPECT_EQ(cli_({"doc", "create", "User", "-f", "/nowhere"}).status, 1);
}

TEST_F(CliTest, DocGet_TextAndJson_ShowTheFields) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const json document = ask_json({"doc", "get", id_}).at("documents").at(0);
    EXPECT_EQ(document,
              json({{"_docID", id_}, {"_deleted", false}, {"age", 31}, {"name", "Alice"}, {"points", 1}}));
    EXPECT_NE(cli_({"doc", "get", id_}).out.find("name        Alice\n"), std::string::npos);
    const Outcome unknown = cli_({"doc", "get", "bae-00000000-0000-5000-8000-000000000000"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_NE(unknown.err.find("bae-00000000-0000-5000-8000-000000000000"), std::string::npos) << unknown.err;
}

TEST_F(CliTest, DocList_LimitAfterDeleted_ChooseRows) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    ASSERT_EQ(cli_({"doc", "create", "User", R"([{"name": "Bob"}, {"name": "Carol"}])"}).status, 0);
    const json all = ask_json({"doc", "list", "User"}).at("documents");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(ask_json({"doc", "list", "User", "--limit", "2"}).at("documents"), json({all[0], all[1]}));
    EXPECT_EQ(ask_json({"doc", "list", "User", "--after", all[0].at("_docID")}).at("documents"),
              json({all[1], all[2]}));
    const std::string gone = all[1].at("_docID");
    ASSERT_EQ(cli_({"query", "mutation { delete_User(docID: \"" + gone + "\") { _docID } }"}).status, 0);
    EXPECT_EQ(ask_json({"doc", "list", "User"}).at("documents"), json({all[0], all[2]}));
    EXPECT_EQ(ask_json({"doc", "list", "User", "--deleted"}).at("documents").size(), 3U);
    expect_error(cli_({"doc", "get", gone}), "document " + gone + " is deleted (--deleted shows it)");
    EXPECT_EQ(cli_({"doc", "get", gone, "--deleted"}).status, 0);
    expect_error(cli_({"doc", "list", "Nope"}), "collection not found. CollectionName: Nope");
}

TEST_F(CliTest, DocHistory_CreateUpdateDelete_IsNewestFirst) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    ASSERT_EQ(cli_({"query", "mutation { update_User(input: {age: 32, points: 5}) { _docID } }"}).status, 0);
    ASSERT_EQ(cli_({"query", "mutation { delete_User { _docID } }"}).status, 0);
    const json commits = ask_json({"doc", "history", id_}).at("commits");
    ASSERT_EQ(commits.size(), 3U);
    EXPECT_EQ(commits[0].at("status"), "deleted");
    EXPECT_EQ(commits[0].at("height"), 3);
    EXPECT_EQ(commits[1].at("status"), "updated");
    EXPECT_EQ(commits[1].at("fields"), json({{"age", 32}, {"points", 5}}));
    EXPECT_EQ(commits[2].at("status"), "created");
    EXPECT_EQ(commits[2].at("fields"), json({{"age", 31}, {"name", "Alice"}, {"points", 1}}));
    const Outcome text = cli_({"doc", "history", id_, "--fields"});
    EXPECT_NE(text.out.find("name=\"Alice\""), std::string::npos) << text.out;
    EXPECT_EQ(cli_({"doc", "history", "nope"}).status, 1);
}

// ---- the DAG ----

TEST_F(CliTest, Dag_ShowLogGraphVerify_AgreeOnTheHead) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    ASSERT_EQ(cli_({"query", "mutation { update_User(input: {age: 32}) { _docID } }"}).status, 0);
    const json log = ask_json({"dag", "log", id_});
    ASSERT_EQ(log.at("docID"), id_);
    ASSERT_EQ(log.at("commits").size(), 2U);
    const std::string head = log.at("commits")[0].at("cid");
    const json history = ask_json({"doc", "history", id_}).at("commits");
    EXPECT_EQ(history[0].at("cid"), head);
    EXPECT_EQ(ask_json({"dag", "show", head}).at("cid"), head);
    const json fields = ask_json({"dag", "log", id_, "--fields"}).at("commits")[0].at("fields");
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields[0].at("value"), 32);
    EXPECT_EQ(ask_json({"dag", "verify", id_}).at("problems"), json::array());
    EXPECT_EQ(ask_json({"dag", "verify", head}).at("problems"), json::array());
    const Outcome graph = cli_({"dag", "graph", id_});
    EXPECT_EQ(graph.status, 0);
    EXPECT_NE(graph.out.find("digraph"), std::string::npos);
    EXPECT_NE(graph.out.find("->"), std::string::npos);
}

TEST_F(CliTest, Dag_BadIds_AreNamed) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    for (const std::string verb : {"show", "log", "graph", "verify"}) {
        const Outcome outcome = cli_({"dag", verb, "nonsense"});
        EXPECT_EQ(outcome.status, 1) << verb;
        EXPECT_TRUE(outcome.err.starts_with("Error: ")) << outcome.err;
    }
    const std::string unwritable = "/nowhere/graph.dot";
    EXPECT_EQ(cli_({"dag", "graph", id_, "-o", unwritable}).err,
              "Error: cannot write " + unwritable + ": No such file or directory\n");
}

TEST_F(CliTest, DagGraph_ToFile_WritesIt) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const auto file = cli_.folder().path() / "graph.dot";
    const Outcome outcome = cli_({"dag", "graph", id_, "-o", file.string()});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_GT(std::filesystem::file_size(file), 20U);
}

// ---- the whole store ----

TEST_F(CliTest, Fsck_SoundStore_HasNoProblems) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const json report = ask_json({"fsck"});
    EXPECT_EQ(report.at("problems"), json::array());
    EXPECT_EQ(report.at("documents"), 1);
    EXPECT_NE(cli_({"fsck"}).out.find("no problems\n"), std::string::npos);
}

TEST_F(CliTest, Rebuild_VerifyAndReal_KeepsAnswers) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const std::string before = cli_({"doc", "list", "User", "--json"}).out;
    EXPECT_EQ(ask_json({"rebuild", "--verify"}).at("differences"), json::array());
    EXPECT_EQ(ask_json({"rebuild"}).at("documents"), 1);
    EXPECT_EQ(cli_({"doc", "list", "User", "--json"}).out, before);
}

TEST_F(CliTest, StatsCompact_AfterOneDocument_CountIt) {
    ASSERT_NO_FATAL_FAILURE(make_store());
    const json stats = ask_json({"stats"});
    EXPECT_EQ(stats.at("documents"), 1);
    EXPECT_GT(stats.at("events"), 0);
    EXPECT_GT(stats.at("blockBytes"), 0);
    EXPECT_GT(ask_json({"compact"}).at("logBytes"), 0);
    EXPECT_EQ(ask_json({"stats"}).at("documents"), 1);
}

TEST_F(CliTest, Bench_List_NamesWorkloads) {
    const Outcome outcome = Cli::bare({"bench", "--list"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("create100\n"), std::string::npos);
}

}  // namespace
}  // namespace cairn::test
