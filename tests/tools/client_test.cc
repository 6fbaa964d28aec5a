// The commands on a server: `cairn client …` and `--url`, each with a success and what is said when it fails.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/serve_process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr const char* kUnknownId = "bae-00000000-0000-5000-8000-000000000000";

class ClientTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(server_.client({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
        const json made = graphql(R"(mutation { create_User(input: {name: "Alice", age: 31}) { _docID } })");
        id_ = made.at("data").at("create_User").at(0).at("_docID");
    }

    // The JSON that a command under `client` prints.
    json answer(const std::vector<std::string>& arguments) {
        const Outcome outcome = server_.client(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return json::parse(outcome.out, nullptr, false);
    }
    json graphql(const std::string& request) { return answer({"query", request}); }

    void expect_silence(const std::vector<std::string>& arguments) {
        const Outcome outcome = server_.client(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
    void expect_error(const std::vector<std::string>& arguments, const std::string& message) {
        const Outcome outcome = server_.client(arguments);
        EXPECT_EQ(outcome.status, 1) << outcome.out;
        EXPECT_EQ(outcome.err, "Error: " + message + "\n");
        EXPECT_EQ(outcome.out, "");
    }

    ServeProcess server_;
    std::string id_;
};

// ---- query ----

TEST_F(ClientTest, Query_Answer_IsIndentedUnderAHeading) {
    const Outcome outcome = server_.client({"query", "-"}, "{ User { age } }");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "------ Request Results ------\n");
    EXPECT_EQ(outcome.out,
              "{\n  \"data\": {\n    \"User\": [\n      {\n        \"age\": 31\n      }\n    ]\n  }\n}\n");
    const Outcome plain = server_({"query", "{ User { age } }"});
    EXPECT_EQ(plain.out, outcome.out);
    EXPECT_EQ(plain.err, "");
}

TEST_F(ClientTest, Query_FileVariablesOperation_ReachTheServer) {
    const std::string file = server_.folder().file(
        "r.graphql",
        "query All { User { age } } query By($n: String) { User(filter: {name: {_eq: $n}}) { name } }");
    EXPECT_EQ(answer({"query", "-f", file, "-o", "By", "-v", R"({"n": "Bob"})"}),
              json::parse(R"({"data": {"User": []}})"));
    EXPECT_EQ(answer({"query", "-f", file, "-o", "By", "-v", R"({"n": "Alice"})"}),
              json::parse(R"({"data": {"User": [{"name": "Alice"}]}})"));
    expect_error({"query", ""}, "request cannot be empty");
    const Outcome broken = server_.client({"query", "{ User { age } }", "-v", "{"});
    EXPECT_EQ(broken.status, 1);
    EXPECT_NE(broken.err.find("variables are not JSON"), std::string::npos) << broken.err;
}

TEST_F(ClientTest, Query_AnswerWithErrors_EndsWithZeroOnlyUnderClient) {
    EXPECT_EQ(graphql("{ Nope { x } }").at("errors").at(0).at("message"),
              "Cannot query field \"Nope\" on type \"Query\".");
    EXPECT_EQ(server_({"query", "{ Nope { x } }"}).status, 1);
}

TEST_F(ClientTest, Query_ReadOnly_RefusesMutations) {
    expect_error({"query", "--read-only", "mutation { delete_User { _docID } }"},
                 "--read-only: the request is a mutation");
    EXPECT_EQ(graphql("{ User { name } }").at("data").at("User").size(), 1U);
}

// ---- schema ----

TEST_F(ClientTest, Schema_AddDescribePatchSetActive_ChangeTheServer) {
    const json added = answer({"schema", "add", "type Book { title: String }"});
    ASSERT_EQ(added.size(), 1U);
    const std::string first = added.at(0).at("VersionID");
    const std::string patch =
        R"([{"op":"add","path":"/Book/Fields/-","value":{"Name":"isbn","Kind":"String"}}])";
    expect_silence({"schema", "patch", patch});
    ASSERT_EQ(answer({"schema", "describe", "--name", "Book"}).size(), 2U);
    EXPECT_EQ(answer({"collection", "describe", "--name", "Book"}).at(0).at("version").at("VersionID"),
              first);
    std::string second;
    for (const auto& schema : answer({"schema", "describe", "--name", "Book"})) {
        if (schema.at("VersionID") != first) second = schema.at("VersionID");
    }
    expect_silence({"schema", "set-active", second});
    EXPECT_EQ(answer({"collection", "describe", "--name", "Book"}).at(0).at("version").at("VersionID"),
              second);
    EXPECT_EQ(answer({"schema", "describe", "--version", first}).at(0).at("VersionID"), first);
    EXPECT_EQ(answer({"schema", "describe", "--root", first}).size(), 2U);
}

TEST_F(ClientTest, Schema_Failures_SayWhat) {
    expect_error({"schema", "add"}, "schema cannot be empty");
    expect_error({"schema", "patch"}, "patch cannot be empty");
    expect_error({"schema", "set-active", "nope"}, "key not found");
    expect_error({"schema", "describe", "--version", "nope"}, "key not found");
    const Outcome again = server_.client({"schema", "add", "type User { name: String }"});
    EXPECT_EQ(again.status, 1);
    EXPECT_TRUE(again.err.starts_with("Error: failed to add schema: ")) << again.err;
    EXPECT_EQ(server_.client({"schema", "patch", "not json"}).status, 1);
}

TEST_F(ClientTest, SchemaDescribe_ByUrl_ShowsTheSameAsOnAStore) {
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
    EXPECT_EQ(server_({"schema", "describe"}).out, store({"schema", "describe"}).out);
    EXPECT_EQ(server_({"schema", "describe", "--json"}).out, store({"schema", "describe", "--json"}).out);
}

// ---- collection ----

TEST_F(ClientTest, Collection_CreateGetUpdateDelete_ChangeDocuments) {
    expect_silence({"collection", "create", R"([{"name": "Bob", "age": 4}, {"name": "Carol"}])"});
    EXPECT_EQ(answer({"collection", "get", id_}), json({{"_docID", id_}, {"age", 31}, {"name", "Alice"}}));
    expect_silence({"collection", "update", "--docID", id_, "--updater", R"({"age": 32})"});
    EXPECT_EQ(answer({"collection", "get", "--name", "User", id_}).at("age"), 32);
    const json changed = answer(
        {"collection", "update", "--filter", R"({name: {_eq: "Alice"}})", "--updater", R"({"age": 33})"});
    EXPECT_EQ(changed, json({{"Count", 1}, {"DocIDs", json::array({id_})}}));
    EXPECT_EQ(answer({"collection", "delete", "--filter", R"({"name": {"_eq": "Bob"}})"}).at("Count"), 1);
    expect_silence({"collection", "delete", "--docID", id_});
    EXPECT_EQ(answer({"collection", "get", "--show-deleted", id_}).at("age"), 33);
    EXPECT_EQ(graphql("{ User { name } }").at("data").at("User"), json::parse(R"([{"name": "Carol"}])"));
}

TEST_F(ClientTest, CollectionDocIds_EachDocument_IsOneObject) {
    expect_silence({"collection", "create", R"([{"name": "Bob"}, {"name": "Carol"}])"});
    const Outcome outcome = server_.client({"collection", "docIDs"});
    EXPECT_NE(outcome.out.find("{\n  \"docID\": \"" + id_ + "\",\n  \"error\": \"\"\n}\n"), std::string::npos)
        << outcome.out;
    EXPECT_EQ(answer({"collection", "docIDs", "--json"}).at("documents").size(), 3U);
}

TEST_F(ClientTest, Collection_Failures_SayWhat) {
    expect_error({"collection", "create"}, "document or file must be defined");
    expect_error({"collection", "create", R"({"nope": 1})"}, "the given field does not exist. Name: nope");
    expect_error({"collection", "get", kUnknownId}, "document not found or not authorized to access");
    expect_error({"collection", "get"}, "accepts 1 arg(s), received 0 (docID is required)");
    expect_error({"collection", "update", "--docID", id_}, "missing required flag. Flag: updater");
    expect_error({"collection", "update", "--updater", "{}"}, "docID or filter must be defined");
    expect_error({"collection", "delete"}, "docID or filter must be defined");
    expect_error({"collection", "delete", "--docID", kUnknownId},
                 "document not found or not authorized to access");
    expect_error({"collection", "patch"}, "patch cannot be empty");
    expect_error({"collection", "describe", "--version-id", "nope"}, "key not found");
}

TEST_F(ClientTest, Collection_SelectionNotOfOne_ShowsUsageOrFails) {
    ASSERT_EQ(server_.client({"schema", "add", "type Book { title: String }"}).status, 0);
    const Outcome usage = server_.client({"collection", "create", "{}"});
    EXPECT_EQ(usage.status, 0);
    EXPECT_EQ(usage.out, "");
    EXPECT_NE(usage.err.find("Usage: cairn client collection create"), std::string::npos) << usage.err;
    EXPECT_EQ(server_({"collection", "create", "{}"}).err,
              "Error: 2 collections match, not one: choose by --name, --collection-id or --version-id\n");
    EXPECT_EQ(server_({"collection", "docIDs", "--name", "Nope"}).err,
              "Error: collection not found. CollectionName: Nope\n");
}

TEST_F(ClientTest, CollectionPatch_IsActiveFalse_HidesTheVersion) {
    const std::string version = answer({"collection", "describe"}).at(0).at("version").at("VersionID");
    expect_silence({"collection", "patch",
                    R"([{"op": "replace", "path": "/)" + version + R"(/IsActive", "value": false}])"});
    EXPECT_EQ(answer({"collection", "describe"}), json::array());
    EXPECT_EQ(answer({"collection", "describe", "--get-inactive"}).size(), 1U);
}

// ---- doc ----

TEST_F(ClientTest, Doc_ListAndGet_ShowTheSameAsOnAStore) {
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
    ASSERT_EQ(store({"doc", "create", "User", R"({"name": "Alice", "age": 31})"}).status, 0);
    EXPECT_EQ(server_({"doc", "list", "User"}).out, store({"doc", "list", "User"}).out);
    EXPECT_EQ(server_({"doc", "get", id_}).out, store({"doc", "get", id_}).out);
    EXPECT_EQ(server_({"doc", "list", "User", "--after", id_}).out, "no documents\n");
    expect_error({"doc", "get", kUnknownId}, "document not found. DocID: " + std::string(kUnknownId));
    expect_error({"doc", "list", "Nope"}, "collection not found. CollectionName: Nope");
}

TEST_F(ClientTest, DocCreate_OneOrMany_PrintsTheirIds) {
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
    const std::string users = R"([{"name": "Bob", "age": 4}, {"name": "Carol"}])";
    const Outcome made = server_({"doc", "create", "User", users});
    EXPECT_EQ(made.status, 0) << made.err;
    const std::string ids = store({"doc", "create", "User", users}).out;
    const std::size_t line = ids.find('\n') + 1;
    EXPECT_TRUE(made.out == ids || made.out == ids.substr(line) + ids.substr(0, line)) << made.out;
    const Outcome one = server_({"doc", "create", "User", "--json", R"({"name": "Dora"})"});
    EXPECT_EQ(json::parse(one.out).at("documents").size(), 1U);
    EXPECT_EQ(server_({"doc", "create", "Nope", "{}"}).status, 1);
    const Outcome again = server_({"doc", "create", "User", users});
    EXPECT_EQ(again.status, 1);
    EXPECT_NE(again.err.find("already exists"), std::string::npos) << again.err;
}

// ---- dag, store ----

TEST_F(ClientTest, HistoryAndDag_ShowTheSameAsOnAStore) {
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
    ASSERT_EQ(store({"doc", "create", "User", R"({"name": "Alice", "age": 31})"}).status, 0);
    const std::string change =
        "mutation { update_User(docID: \"" + id_ + "\", input: {age: 32}) { _docID } }";
    ASSERT_EQ(store({"query", change}).status, 0);
    ASSERT_EQ(server_({"query", change}).status, 0);
    const json log = json::parse(store({"dag", "log", id_, "--json"}).out);
    const std::string head = log.at("heads").at(0);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"doc", "history", id_, "--fields"},
          {"dag", "log", id_, "--fields"},
          {"dag", "log", id_, "--limit", "1", "--json"},
          {"dag", "graph", id_},
          {"dag", "show", head, "--json"},
          {"dag", "verify", id_},
          {"dag", "verify", head, "--json"},
          {"fsck"},
          {"fsck", "--json"}}) {
        const Outcome ours = server_(command);
        EXPECT_EQ(ours.status, 0) << command[0] << ": " << ours.err;
        EXPECT_EQ(ours.out, store(command).out) << command[0];
        EXPECT_EQ(server_.client(command).out, ours.out) << command[0];
    }
    for (const std::vector<std::string>& command : {std::vector<std::string>{"doc", "history", kUnknownId},
                                                    {"dag", "log", "nope"},
                                                    {"dag", "graph", kUnknownId},
                                                    {"dag", "show", "nope"},
                                                    {"dag", "verify", "nope"}}) {
        const Outcome refused = server_(command);
        EXPECT_EQ(refused.status, 1) << command[1];
        EXPECT_EQ(refused.err, store(command).err) << command[1];
    }
}

TEST_F(ClientTest, StoreCommands_AskTheServer) {
    EXPECT_EQ(json::parse(server_({"stats", "--json"}).out).at("documents"), 1);
    const json rebuilt = json::parse(server_({"rebuild", "--json"}).out);
    EXPECT_EQ(rebuilt.at("documents"), 1);
    const Outcome verified = server_({"rebuild", "--verify"});
    EXPECT_NE(verified.out.find("the projections are what the log says"), std::string::npos) << verified.out;
    EXPECT_EQ(server_({"compact"}).status, 0);
    EXPECT_EQ(server_.client({"stats", "--json"}).status, 0);
    EXPECT_EQ(graphql("{ User { name } }").at("data").at("User").size(), 1U);
    const json transaction = answer({"tx", "create"});
    expect_error({"rebuild"}, "a rebuild needs all transactions to be over, 1 is open");
    expect_silence({"tx", "discard", std::to_string(transaction.at("id").get<int>())});
    EXPECT_EQ(server_({"rebuild"}).status, 0);
}

// ---- index ----

TEST_F(ClientTest, Index_CreateListDrop_ChangeTheServer) {
    const json index =
        answer({"index", "create", "-c", "User", "--fields", "name:DESC,age", "-n", "ByName", "-u"});
    EXPECT_EQ(index.at("Name"), "ByName");
    EXPECT_EQ(index.at("Unique"), true);
    EXPECT_EQ(index.at("Fields"), json::parse(R"([{"Name": "name", "Descending": true},
                                                  {"Name": "age", "Descending": false}])"));
    EXPECT_EQ(answer({"index", "list", "-c", "User"}), json::array({index}));
    EXPECT_EQ(answer({"index", "list"}), json({{"User", json::array({index})}}));
    expect_silence({"index", "drop", "-c", "User", "-n", "ByName"});
    EXPECT_EQ(answer({"index", "list"}), json::object());
}

TEST_F(ClientTest, Index_Failures_SayWhat) {
    expect_error({"index", "create", "-c", "User", "--fields", "name:FOO"},
                 "invalid order: expected ASC or DESC. Field: name:FOO");
    expect_error({"index", "create", "-c", "User", "--fields", "name:a:b"},
                 "invalid or malformed field description. Field: name:a:b");
    expect_error({"index", "create", "-c", "Nope", "--fields", "name"},
                 "collection not found. CollectionName: Nope");
    expect_error({"index", "create", "--fields", "name"}, "required flag(s) \"collection\" not set");
    expect_error({"index", "list", "-c", "Nope"}, "collection not found. CollectionName: Nope");
    expect_error({"index", "drop", "-c", "User", "-n", "nope"}, "index with name doesn't exists. Name: nope");
}

// ---- tx ----

TEST_F(ClientTest, Transaction_CommitAndDiscard_KeepAndForget) {
    const std::string request = "mutation { create_User(input: {name: \"Bob\"}) { _docID } }";
    const std::string first = answer({"tx", "create"}).at("id").dump();
    EXPECT_EQ(server_.client({"query", "--tx", first, request}).status, 0);
    EXPECT_EQ(graphql("{ User { name } }").at("data").at("User").size(), 1U);
    expect_silence({"tx", "discard", first});
    const std::string second = answer({"tx", "create", "--concurrent"}).at("id").dump();
    EXPECT_EQ(server_.client({"query", "--tx", second, request}).status, 0);
    expect_silence({"tx", "commit", second});
    EXPECT_EQ(graphql("{ User { name } }").at("data").at("User").size(), 2U);
}

TEST_F(ClientTest, Transaction_Failures_SayWhat) {
    expect_error({"tx", "commit", "12345"}, "invalid transaction id");
    expect_silence({"tx", "discard", "12345"});
    const std::string reading = answer({"tx", "create", "--read-only"}).at("id").dump();
    const Outcome refused = server_.client({"collection", "create", "--tx", reading, R"({"name": "Bob"})"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.err.find("read-only transaction"), std::string::npos) << refused.err;
    EXPECT_EQ(Cli::bare({"tx", "create"}).err,
              "Error: this needs a server: give --url, or use `cairn client`\n");
    EXPECT_EQ(Cli::bare({"query", "--tx", "5", "{ User { name } }"}).err,
              "Error: --tx 5 needs a server: give --url\n");
}

// ---- backup, purge, dump, version ----

TEST_F(ClientTest, Backup_ExportDeleteImport_BringsDocumentsBack) {
    const std::string file = (server_.folder().path() / "backup.json").string();
    expect_silence({"backup", "export", "--pretty", "-c", "User", file});
    EXPECT_EQ(json::parse(std::ifstream(file)).at("User").size(), 1U);
    const Outcome twice = server_.client({"backup", "import", file});
    EXPECT_EQ(twice.status, 1);
    EXPECT_NE(twice.err.find("a document with the given ID already exists. DocID: " + id_), std::string::npos)
        << twice.err;
    expect_error({"backup", "export", "-f", "csv", file}, "invalid export format: csv");
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String  age: Int }"}).status, 0);
    EXPECT_EQ(store({"backup", "import", file}).status, 0);
    EXPECT_EQ(store({"doc", "list", "User"}).out, server_({"doc", "list", "User"}).out);
}

TEST_F(ClientTest, Purge_WithoutForceOrDevelopment_IsRefused) {
    expect_error({"purge"}, "run this command again with --force if you really want to purge all data");
    expect_error({"purge", "--force"}, "400: \"cannot purge database when development mode is disabled\"");
    const ServeProcess development({"--development"});
    ASSERT_EQ(development.client({"schema", "add", "type A { x: Int }"}).status, 0);
    EXPECT_EQ(development.client({"purge", "-f"}).status, 0);
    EXPECT_EQ(development.client({"schema", "describe"}).out, "[]\n");
}

TEST_F(ClientTest, DumpAndVersion_AreAccepted) {
    expect_silence({"dump"});
    EXPECT_EQ(server_.client({"version"}).out, Cli::bare({"version"}).out);
    EXPECT_EQ(answer({"version", "-f", "json"}).at("httpAPI"), "v0");
}

// ---- the server itself ----

TEST(Client, ServerNotThere_IsNamed) {
    const std::string url = "127.0.0.1:" + std::to_string(free_port());
    const std::vector<std::vector<std::string>> commands = {
        {"client", "query", "{ x }"}, {"doc", "list", "A"}, {"client", "tx", "create"}};
    for (const auto& command : commands) {
        auto arguments = command;
        arguments.insert(arguments.end(), {"--url", url});
        const Outcome outcome = Cli::bare(arguments);
        EXPECT_EQ(outcome.status, 1);
        EXPECT_TRUE(outcome.err.ends_with("Error: cannot reach the server at http://" + url +
                                          ": Connection refused\n"))
            << outcome.err;
    }
}

TEST(Client, AddressesThatAreNone_AreNamed) {
    EXPECT_EQ(Cli::bare({"client", "dump", "--url", "ftp://x"}).err,
              "Error: not an http or https address: ftp://x\n");
    EXPECT_EQ(Cli::bare({"client", "dump", "--url", "a:b"}).err, "Error: not the address of a server: a:b\n");
    EXPECT_NE(Cli::bare({"query", "--url", "", "{ x }"}).err.find("an address is empty"), std::string::npos);
    EXPECT_EQ(Cli::bare({"stats", "--url", "a:b"}).err, "Error: not the address of a server: a:b\n");
}

TEST(Client, Help_OfEveryCommand_HasExamplesWithItsName) {
    const std::vector<std::vector<std::string>> commands = {{"schema", "set-active"},
                                                            {"collection", "update"},
                                                            {"index", "create"},
                                                            {"tx", "commit"},
                                                            {"backup", "export"},
                                                            {"purge"},
                                                            {"query"}};
    for (const auto& command : commands) {
        auto arguments = command;
        arguments.insert(arguments.begin(), "client");
        arguments.push_back("--help");
        const Outcome outcome = Cli::bare(arguments);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_NE(outcome.out.find("Examples:\n  cairn client " + command.front()), std::string::npos)
            << outcome.out;
    }
}

// ---- the same commands on a store ----

TEST(EmbeddedCommands, CollectionIndexPurge_WorkOnAStore) {
    const Cli store;
    ASSERT_EQ(store({"schema", "add", "type User { name: String }"}).status, 0);
    ASSERT_EQ(store({"collection", "create", R"({"name": "Alice"})"}).status, 0);
    const json ids = json::parse(store({"collection", "docIDs", "--json"}).out).at("documents");
    ASSERT_EQ(ids.size(), 1U);
    const std::string id = ids.at(0).at("docID");
    EXPECT_EQ(store({"collection", "update", "--docID", id, "--updater", R"({"name": "Bob"})"}).status, 0);
    EXPECT_EQ(json::parse(store({"collection", "get", id}).out).at("name"), "Bob");
    EXPECT_EQ(store({"index", "create", "-c", "User", "--fields", "name"}).status, 0);
    EXPECT_EQ(json::parse(store({"index", "list"}).out).at("User").size(), 1U);
    EXPECT_EQ(store({"index", "drop", "-c", "Nope", "-n", "x"}).err,
              "Error: collection not found. CollectionName: Nope\n");
    EXPECT_EQ(json::parse(store({"collection", "delete", "--filter", "{}"}).out).at("Count"), 1);
    EXPECT_EQ(store({"purge"}).status, 1);
    EXPECT_EQ(store({"purge", "--force"}).status, 0);
    EXPECT_FALSE(std::filesystem::exists(store.rootdir() / "data"));
}

}  // namespace
}  // namespace cairn::test
