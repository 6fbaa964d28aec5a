// What each route answers (spec/http-and-cli.md sections 1 to 8 and 13).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "client.h"

namespace cairn::server::test {
namespace {

using nlohmann::json;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kSelectsOfALongRequest = 600;  // these builds take as long for fewer
#else
constexpr std::size_t kSelectsOfALongRequest = 6000;
#endif

class Routes : public testing::Test {
  protected:
    Routes() {
        EXPECT_EQ(server_("POST", "/api/v0/schema", "type User { name: String  age: Int }").status, 200);
    }
    std::string create(const std::string& text) {
        Answer answer = server_("POST", "/api/v0/collections/User", text);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.body, "");
        EXPECT_EQ(answer.header("content-type"), "");
        json users = server_.graphql("{ User(order: {age: DESC}, limit: 1) { _docID } }")["data"]["User"];
        return users.at(0).at("_docID");
    }
    std::string error_of(const Answer& answer) {
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.header("content-type"), "application/json");
        return answer.json().value("error", "");
    }

    ServerUnderTest server_;
};

TEST_F(Routes, HealthCheck_Get_IsHealthy) {
    Answer answer = server_("GET", "/health-check");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "\"Healthy\"\n");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.header("vary"), "Origin");
}

TEST_F(Routes, UnknownPath_AnyMethod_Is404InPlainText) {
    Answer answer = server_("GET", "/api/v0/nope");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, "404 page not found\n");
    EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(server_("GET", "/api/v0").status, 404);
    EXPECT_EQ(server_("GET", "/api/v0/collections/User/x/y").status, 404);
    EXPECT_EQ(server_("GET", "/").status, 404);
}

TEST_F(Routes, KnownPath_OtherMethod_Is405WithOneAllowEach) {
    Answer answer = server_("PUT", "/api/v0/tx/1");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.headers.count("allow"), 2u);
    EXPECT_EQ(server_("HEAD", "/health-check").status, 405);
    Client client = server_.connect();
    EXPECT_EQ(client.request("HEAD", "/nope").body, "");
    EXPECT_EQ(client.request("GET", "/health-check").status, 200);
}

TEST_F(Routes, UnknownCollection_AnyRoute_Is404WithEmptyBody) {
    for (auto [method, path, body] :
         std::vector<std::array<std::string, 3>>{{"GET", "", ""},
                                                 {"POST", "", "{}"},
                                                 {"PATCH", "", R"({"filter":{},"updater":"{}"})"},
                                                 {"DELETE", "", R"({"filter":{}})"},
                                                 {"GET", "/bae-x", ""},
                                                 {"PATCH", "/bae-x", "{}"},
                                                 {"DELETE", "/bae-x", ""},
                                                 {"GET", "/indexes", ""},
                                                 {"POST", "/indexes", "{}"},
                                                 {"DELETE", "/indexes/x", ""}}) {
        Answer answer = server_(method, "/api/v0/collections/Nope" + path, body);
        EXPECT_EQ(answer.status, 404) << method << path;
        EXPECT_EQ(answer.body, "") << method << path;
    }
}

TEST_F(Routes, Graphql_PostAndGet_GiveTheSame) {
    create(R"({"name":"Ann <&>","age":3})");
    Answer post = server_("POST", "/api/v0/graphql",
                          R"({"query":"query Q($a: Int) { User(filter: {age: {_eq: $a}}) )"
                          R"({ name } }","variables":{"a":3},"operationName":"Q"})");
    EXPECT_EQ(post.body, "{\"data\":{\"User\":[{\"name\":\"Ann \\u003c\\u0026\\u003e\"}]}}\n");
    Answer get =
        server_("GET",
                "/api/v0/graphql?query=query+Q(%24a:Int)%7BUser(filter:%7Bage:%7B_eq:%24a%7D%7D)%7Bname%7D%7D"
                "&variables=%7B%22a%22:3%7D&operationName=Q");
    EXPECT_EQ(get.body, post.body);
}

TEST_F(Routes, Graphql_BodiesThatAreNoRequests_NameTheFault) {
    auto ask = [&](const std::string& body) { return error_of(server_("POST", "/api/v0/graphql", body)); };
    EXPECT_EQ(ask(""), "unexpected end of JSON input");
    EXPECT_EQ(ask("{\"query\":"), "unexpected end of JSON input");
    EXPECT_EQ(ask("bad"), "invalid character 'b' looking for beginning of value");
    EXPECT_EQ(ask("[]"), "json: cannot unmarshal array into Go value of type http.GraphQLRequest");
    EXPECT_EQ(ask(R"({"query":5})"),
              "json: cannot unmarshal number into Go struct field GraphQLRequest.query of type string");
    EXPECT_EQ(error_of(server_("GET", "/api/v0/graphql")), "unexpected end of JSON input");
    EXPECT_EQ(error_of(server_("GET", "/api/v0/graphql?query=%7BUser%7Bname%7D%7D&variables=%7B")),
              "unexpected end of JSON input");
    json empty = server_("POST", "/api/v0/graphql", "{\"QUERY\":\"\"}").json();
    EXPECT_EQ(empty["errors"][0]["message"], "Must provide an operation.");
}

TEST_F(Routes, Graphql_MutationByGet_IsRefusedAndDoesNothing) {
    Answer answer =
        server_("GET", "/api/v0/graphql?query=mutation%7Bcreate_User(input:%7Bname:%22A%22%7D)%7Bname%7D%7D");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("allow"), "POST");
    EXPECT_EQ(answer.json()["error"], "a mutation must be sent by POST, not by GET");
    EXPECT_EQ(server_.graphql("{ User { name } }")["data"]["User"], json::array());
    // by POST, the query string may hold it
    EXPECT_EQ(
        server_("POST", "/api/v0/graphql?query=mutation%7Bcreate_User(input:%7Bname:%22A%22%7D)%7Bname%7D%7D")
            .json(),
        json::parse(R"({"data":{"create_User":[{"name":"A"}]}})"));
}

TEST_F(Routes, Schema_AddPatchDescribe_ShowTheVersions) {
    EXPECT_EQ(server_("POST", "/api/v0/schema", "").body, "[]\n");
    json schemas = server_("GET", "/api/v0/schema?name=User").json();
    ASSERT_EQ(schemas.size(), 1u);
    std::string first = schemas[0]["VersionID"];
    json patch = {{"Patch", R"([{"op":"add","path":"/User/Fields/-","value":{"Name":"email","Kind":11}}])"},
                  {"SetAsDefaultVersion", true}};
    EXPECT_EQ(server_("PATCH", "/api/v0/schema", patch.dump()).body, "");
    EXPECT_EQ(server_("GET", "/api/v0/schema?root=" + first).json().size(), 2u);
    EXPECT_EQ(server_("GET", "/api/v0/collections?name=User&get_inactive=t").json().size(), 1u);
    EXPECT_EQ(server_("GET", "/api/v0/collections?get_inactive=1").json().size(), 2u);
    EXPECT_EQ(error_of(server_("GET", "/api/v0/collections?get_inactive=abc")),
              "strconv.ParseBool: parsing \"abc\": invalid syntax");
    EXPECT_EQ(error_of(server_("GET", "/api/v0/collections?version_id=")), "key not found");
    EXPECT_EQ(error_of(server_("GET", "/api/v0/schema?version_id=abc")), "key not found");
    EXPECT_EQ(server_("GET", "/api/v0/schema?root=&name=User").body, "[]\n");
    EXPECT_EQ(error_of(server_("POST", "/api/v0/schema/default", "\"" + first + "\"")), "key not found");
    EXPECT_EQ(server_("POST", "/api/v0/schema/default", first).status, 200);
    EXPECT_EQ(server_("GET", "/api/v0/collections?name=User").json()[0]["version"]["VersionID"], first);
    EXPECT_EQ(error_of(server_("PATCH", "/api/v0/schema", R"({"Patch":[]})")),
              "json: cannot unmarshal array into Go struct field patchSchemaRequest.Patch of type string");
}

TEST_F(Routes, Documents_ById_AreReadChangedAndDeleted) {
    std::string id = create(R"({"name":"Ann","age":3})"), path = "/api/v0/collections/User/" + id;
    EXPECT_EQ(server_("GET", path).body,
              fmt::format("{{\"_docID\":\"{}\",\"age\":3,\"name\":\"Ann\"}}\n", id));
    EXPECT_EQ(server_("PATCH", path, R"({"age":4})").body, "");
    EXPECT_EQ(server_("GET", path).json()["age"], 4);
    EXPECT_EQ(server_("DELETE", path).status, 200);
    EXPECT_EQ(error_of(server_("GET", path)), "document not found or not authorized to access");
    EXPECT_EQ(server_("GET", path + "?show_deleted=true").json()["name"], "Ann");
    EXPECT_EQ(error_of(server_("DELETE", path)),
              "a document with the given ID has been deleted. DocID: " + id);
}

TEST_F(Routes, Documents_ByFilter_CountAndIdsAreGiven) {
    std::string id = create(R"({"name":"Ann","age":3})");
    EXPECT_EQ(server_("PATCH", "/api/v0/collections/User",
                      R"({"filter":{"age":{"_gt":2}},"updater":"{\"age\":9}"})")
                  .body,
              fmt::format("{{\"Count\":1,\"DocIDs\":[\"{}\"]}}\n", id));
    EXPECT_EQ(server_("DELETE", "/api/v0/collections/User", R"({"filter":"{age: {_lt: 2}}"})").body,
              "{\"Count\":0,\"DocIDs\":[]}\n");
    EXPECT_EQ(error_of(server_("DELETE", "/api/v0/collections/User", R"({})")), "invalid filter");
    EXPECT_EQ(error_of(server_("DELETE", "/api/v0/collections/User", "[]")),
              "json: cannot unmarshal array into Go value of type http.CollectionDeleteRequest");
    EXPECT_EQ(server_("DELETE", "/api/v0/collections/User", R"({"filter":{}})").json()["Count"], 1);
}

TEST_F(Routes, DocumentIds_MoreThanAPage_StreamInOrder) {
    std::string many = "[";
    for (int i = 0; i < 2500; ++i) many += fmt::format("{}{{\"age\":{}}}", i == 0 ? "" : ",", i);
    create(many + "]");
    Client client = server_.connect();
    Answer head = client.request("GET", "/api/v0/collections/User");
    EXPECT_EQ(head.header("content-type"), "text/event-stream");
    EXPECT_EQ(head.header("cache-control"), "no-cache");
    std::vector<std::string> ids;
    for (std::string chunk = client.receive_chunk(); !chunk.empty(); chunk = client.receive_chunk()) {
        std::size_t at = 0;
        while ((at = chunk.find("data: ", at)) != std::string::npos) {
            at += 6;
            json event = json::parse(chunk.substr(at, chunk.find("\n\n", at) - at));
            EXPECT_EQ(event["error"], "");
            ids.push_back(event["docID"]);
        }
    }
    EXPECT_EQ(ids.size(), 2500u);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    EXPECT_EQ(client.request("GET", "/health-check").status, 200);  // the connection lives on
}

TEST_F(Routes, Indexes_CreateListDrop_ShowTheirJson) {
    EXPECT_EQ(server_("GET", "/api/v0/collections/indexes").body, "{}\n");
    EXPECT_EQ(server_("GET", "/api/v0/collections/User/indexes").body, "[]\n");
    std::string index =
        R"({"Name":"User_age_ASC","ID":1,"Fields":[{"Name":"age","Descending":true}],"Unique":true})";
    EXPECT_EQ(server_("POST", "/api/v0/collections/User/indexes",
                      R"({"ID":7,"Fields":[{"name":"age","Descending":true}],"Unique":true})")
                  .body,
              index + "\n");
    EXPECT_EQ(server_("GET", "/api/v0/collections/User/indexes").body, "[" + index + "]\n");
    EXPECT_EQ(server_("GET", "/api/v0/collections/indexes").body, "{\"User\":[" + index + "]}\n");
    EXPECT_EQ(error_of(server_("POST", "/api/v0/collections/User/indexes", "{}")), "index missing fields");
    EXPECT_EQ(server_("DELETE", "/api/v0/collections/User/indexes/User_age_ASC").status, 200);
    EXPECT_EQ(error_of(server_("DELETE", "/api/v0/collections/User/indexes/x")),
              "index with name doesn't exists. Name: x");
}

TEST_F(Routes, Transaction_TwoThatWriteTheSame_SecondConflicts) {
    std::string path = "/api/v0/collections/User/" + create(R"({"name":"Ann","age":3})");
    auto begin = [&] {
        return std::to_string(server_("POST", "/api/v0/tx").json()["id"].get<std::uint64_t>());
    };
    std::string first = begin(), second = begin();
    EXPECT_NE(first, second);
    EXPECT_EQ(server_("PATCH", path, R"({"age":4})", {"x-defradb-tx: " + first}).status, 200);
    EXPECT_EQ(server_("PATCH", path, R"({"age":5})", {"X-DefraDB-Tx: " + second}).status, 200);
    EXPECT_EQ(server_("GET", path).json()["age"], 3);
    EXPECT_EQ(server_("GET", path, "", {"x-defradb-tx: " + second}).json()["age"], 5);
    EXPECT_EQ(server_("POST", "/api/v0/tx/" + first).body, "");
    EXPECT_EQ(error_of(server_("POST", "/api/v0/tx/" + second)), "transaction conflict. Please retry");
    EXPECT_EQ(error_of(server_("POST", "/api/v0/tx/" + second)), "Trying to commit a discarded txn");
    EXPECT_EQ(server_("DELETE", "/api/v0/tx/" + second).status, 200);
    EXPECT_EQ(error_of(server_("DELETE", "/api/v0/tx/" + second)), "invalid transaction id");
    EXPECT_EQ(error_of(server_("POST", "/api/v0/tx/abc")), "invalid transaction id");
    EXPECT_EQ(server_("GET", path).json()["age"], 4);
}

TEST_F(Routes, Transaction_UnknownId_IsIgnored) {
    for (const char* id : {"99", "x", "-1", "1 "}) {
        json answer = server_.graphql("{ User { name } }", {std::string("x-defradb-tx: ") + id});
        EXPECT_TRUE(answer.contains("data")) << id;
    }
}

TEST_F(Routes, Transaction_ReadOnly_RefusesWrites) {
    std::string id =
        std::to_string(server_("POST", "/api/v0/tx/concurrent?read_only=true").json()["id"].get<int>());
    constexpr std::string_view kRefused =
        "error writing block: No sets or deletes are allowed in a read-only transaction";
    EXPECT_EQ(error_of(server_("POST", "/api/v0/collections/User", "{}", {"x-defradb-tx: " + id})), kRefused);
    json answer =
        server_.graphql("mutation { create_User(input: {age: 1}) { age } }", {"x-defradb-tx: " + id});
    EXPECT_EQ(answer["errors"][0]["message"], kRefused);
    EXPECT_EQ(server_("POST", "/api/v0/tx/" + id).status, 200);
}

TEST_F(Routes, Inspection_AnswersAndRefusals) {
    const std::string id = create(R"({"name":"Ann","age":3})");
    const json log = server_("GET", "/api/v0/documents/" + id + "/log?fields=true").json();
    ASSERT_EQ(log["commits"].size(), 1U);
    EXPECT_EQ(log["commits"][0]["fields"].size(), 2U);
    EXPECT_EQ(server_("GET", "/api/v0/documents/" + id + "/log?limit=x").json()["error"],
              "limit is not a number: x");
    const std::string cid = log["heads"][0];
    EXPECT_EQ(server_("GET", "/api/v0/blocks/" + cid).json()["kind"], "composite");
    EXPECT_NE(server_("GET", "/api/v0/documents/" + id + "/graph").body.find("digraph"), std::string::npos);
    EXPECT_EQ(server_("GET", "/api/v0/verify/" + id).json()["problems"], json::array());
    EXPECT_EQ(server_("GET", "/api/v0/store/stats").json()["documents"], 1);
    EXPECT_EQ(server_("POST", "/api/v0/store/check").json()["problems"], json::array());
    EXPECT_EQ(server_("POST", "/api/v0/store/rebuild").json()["documents"], 1);
    EXPECT_EQ(server_("POST", "/api/v0/store/rebuild?verify_only=true").json()["differences"], json::array());
    EXPECT_EQ(server_("POST", "/api/v0/store/compact").status, 200);
    EXPECT_EQ(server_("GET", "/api/v0/store/rebuild").status, 405);
    for (const char* path : {"/documents/x/log", "/documents/x/graph", "/blocks/x", "/verify/x"}) {
        const Answer refused = server_("GET", std::string("/api/v0") + path);
        EXPECT_GE(refused.status, 400) << path;
        EXPECT_NE(refused.json().value("error", "").find('x'), std::string::npos) << path << refused.body;
    }
}

// What takes long is not answered on a thread that others read on (tools/README.md).
TEST_F(Routes, ALongRequest_HoldsUpNobody) {
    std::string users = "[";
    for (int i = 0; i < 2000; ++i)
        users += fmt::format("{}{{\"name\":\"user {}\",\"age\":{}}}", i ? "," : "", i, i);
    const std::string id = create(users + "]");
    std::string fields;
    for (std::size_t i = 0; i < kSelectsOfALongRequest; ++i)
        fields += fmt::format("f{}: User(filter: {{name: {{_like: \"%z%z\"}}}}) {{ age }} ", i);
    const std::string one = fmt::format("{{ User(docID: \"{}\") {{ age }} }}", id);
    const std::string page = json({{"query", "{ User(limit: 1) { age } }"}}).dump();
    Client slow = server_.connect();
    const std::string body = json({{"query", "{ " + fields + "}"}}).dump();
    slow.send(
        fmt::format("POST /api/v0/graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    body.size(), body));
    for (int i = 0; i < 8; ++i) {  // some of them share a thread with the long one
        EXPECT_EQ(server_.graphql(one)["data"]["User"][0]["age"], 1999);
        EXPECT_EQ(server_("POST", "/api/v0/graphql", page, {"Content-Type: application/json"}).status, 200);
    }
    EXPECT_FALSE(slow.has_input()) << "the others had to wait for the long request";
    EXPECT_EQ(slow.receive().json()["data"].size(), kSelectsOfALongRequest);
}

TEST_F(Routes, Purge_OutsideDevelopment_IsRefusedByABareString) {
    Answer answer = server_("POST", "/api/v0/purge");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "\"cannot purge database when development mode is disabled\"\n");
}

TEST(Purge, InDevelopment_EmptiesTheStoreAndEndsTransactions) {
    ServerOptions options;
    options.development = true;
    ServerUnderTest server(options);
    EXPECT_EQ(server("POST", "/api/v0/schema", "type User { name: String }").status, 200);
    std::string id = std::to_string(server("POST", "/api/v0/tx").json()["id"].get<int>());
    EXPECT_EQ(server("POST", "/api/v0/purge").body, "");
    EXPECT_EQ(server("GET", "/api/v0/collections").body, "[]\n");
    EXPECT_EQ(server("POST", "/api/v0/tx/" + id).json()["error"], "invalid transaction id");
    EXPECT_EQ(server("POST", "/api/v0/schema", "type User { name: String }").status, 200);
}

}  // namespace
}  // namespace cairn::server::test
