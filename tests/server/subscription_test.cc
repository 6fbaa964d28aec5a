// Subscriptions over server-sent events (spec/http-and-cli.md section 4).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "client.h"
#include "server/subscriptions.h"

namespace cairn::server::test {
namespace {

using nlohmann::json;

constexpr const char* kSubscribe =
    R"({"query":"subscription { User(filter: {age: {_gt: 5}}) { name age } }"})";

class Subscriptions : public testing::Test {
  protected:
    explicit Subscriptions(const ServerOptions& options = {}) : server_(options) {
        EXPECT_EQ(server_("POST", "/api/v0/schema", "type User { name: String  age: Int }").status, 200);
    }
    void create(const std::string& name, int age) {
        EXPECT_EQ(
            server_("POST", "/api/v0/collections/User", json({{"name", name}, {"age", age}}).dump()).status,
            200);
    }
    static std::string event(const std::string& name, int age) {
        return fmt::format("data: {{\"data\":{{\"User\":[{{\"age\":{},\"name\":\"{}\"}}]}}}}\n\n", age, name);
    }
    // What arrives until so many bytes are there.
    static std::string receive(Client& client, std::size_t bytes) {
        std::string text;
        while (text.size() < bytes) {
            std::string chunk = client.receive_chunk();
            if (chunk.empty()) break;
            text += chunk;
        }
        return text;
    }
    ServerUnderTest server_;
};

TEST_F(Subscriptions, Post_MatchingWrites_ArriveAsEvents) {
    Client client = server_.connect();
    Answer head = client.request("POST", "/api/v0/graphql", kSubscribe);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-type"), "text/event-stream");
    EXPECT_EQ(head.header("cache-control"), "no-cache");
    EXPECT_EQ(head.header("connection"), "keep-alive");
    EXPECT_EQ(head.header("transfer-encoding"), "chunked");
    create("Ann", 9);
    EXPECT_EQ(receive(client, 1), event("Ann", 9));
    create("Bob", 2);
    create("Cid", 7);
    EXPECT_EQ(receive(client, 1), event("Cid", 7));
}

TEST_F(Subscriptions, Get_Works) {
    Client client = server_.connect();
    EXPECT_EQ(client.request("GET", "/api/v0/graphql?query=subscription%7BUser%7Bname%20age%7D%7D").status,
              200);
    create("Ann", 1);
    EXPECT_EQ(receive(client, 1), event("Ann", 1));
}

TEST_F(Subscriptions, NotValid_IsAnsweredAsJson) {
    Answer answer = server_("POST", "/api/v0/graphql", R"({"query":"subscription { Nope { name } }"})");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.json()["errors"][0]["message"], "Cannot query field \"Nope\" on type \"Subscription\".");
    EXPECT_EQ(answer.json()["data"], nullptr);
}

TEST_F(Subscriptions, Transaction_EventsComeAtCommit) {
    Client client = server_.connect();
    EXPECT_EQ(client.request("POST", "/api/v0/graphql", kSubscribe).status, 200);
    std::string id = std::to_string(server_("POST", "/api/v0/tx").json()["id"].get<int>());
    EXPECT_EQ(server_("POST", "/api/v0/collections/User",
                      R"([{"name":"Ann","age":8},{"name":"Bob","age":9}])", {"x-defradb-tx: " + id})
                  .status,
              200);
    create("Cid", 7);
    EXPECT_EQ(receive(client, 1), event("Cid", 7));
    EXPECT_EQ(server_("POST", "/api/v0/tx/" + id).status, 200);
    EXPECT_EQ(receive(client, 2 * event("Ann", 8).size()), event("Ann", 8) + event("Bob", 9));
}

TEST_F(Subscriptions, HundredsOfListeners_EachGetsEveryEvent) {
    constexpr std::size_t kListeners = 400;
    constexpr int kWrites = 20;
    std::vector<Client> clients;
    for (std::size_t i = 0; i < kListeners; ++i) {
        clients.push_back(server_.connect());
        ASSERT_EQ(clients.back().request("POST", "/api/v0/graphql", kSubscribe).status, 200) << i;
    }
    std::string expected;
    for (int age = 6; age < 6 + kWrites; ++age) {
        create("Ann", age);
        expected += event("Ann", age);
    }
    for (std::size_t i = 0; i < kListeners; ++i)
        ASSERT_EQ(receive(clients[i], expected.size()), expected) << i;
}

TEST_F(Subscriptions, Stop_EndsTheStream) {
    Client client = server_.connect();
    EXPECT_EQ(client.request("POST", "/api/v0/graphql", kSubscribe).status, 200);
    EXPECT_TRUE(server_.server().stop());
    EXPECT_EQ(client.receive_chunk(), "");
    EXPECT_TRUE(client.is_closed());
}

class FewSubscriptions : public Subscriptions {
  protected:
    static ServerOptions few() {
        ServerOptions options;
        options.development = true;
        options.limits.subscriptions = 2;
        options.limits.subscription_bytes = 150;
        return options;
    }
    FewSubscriptions() : Subscriptions(few()) {}
};

TEST_F(FewSubscriptions, OnePast_Is503UntilAClientLeaves) {
    auto first = std::make_unique<Client>(server_.connect());
    Client second = server_.connect();
    EXPECT_EQ(first->request("POST", "/api/v0/graphql", kSubscribe).status, 200);
    EXPECT_EQ(second.request("POST", "/api/v0/graphql", kSubscribe).status, 200);
    Answer refused = server_("POST", "/api/v0/graphql", kSubscribe);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.json()["error"], "too many subscriptions. Limit: 2");
    first.reset();
    Answer answer;
    for (answer = refused; answer.status == 503; std::this_thread::yield()) {
        Client third = server_.connect();
        answer = third.request("POST", "/api/v0/graphql", kSubscribe);
    }
    EXPECT_EQ(answer.status, 200);
}

TEST_F(FewSubscriptions, Purge_EndsThem) {
    Client client = server_.connect();
    EXPECT_EQ(client.request("POST", "/api/v0/graphql", kSubscribe).status, 200);
    EXPECT_EQ(server_("POST", "/api/v0/purge").status, 200);
    EXPECT_EQ(client.receive_chunk(), "");
}

TEST(EventQueue, Capacity_AtItAndOnePast_KeepsAndEnds) {
    constexpr std::size_t kFrame = 8;  // "data: " and the empty line
    EventQueue queue(2 * (kFrame + 5));
    int woken = 0;
    queue.on_ready([&] { ++woken; });
    std::string out;
    EXPECT_EQ(queue.take(out), BodyStream::Next::waiting);
    queue.push("12345");
    queue.push("67890");
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(queue.take(out), BodyStream::Next::piece);
    EXPECT_EQ(out, "data: 12345\n\ndata: 67890\n\n");
    queue.push("12345");
    queue.push("678901");
    EXPECT_EQ(queue.take(out), BodyStream::Next::piece);
    EXPECT_EQ(out, "data: 12345\n\n");
    queue.push("1");
    EXPECT_EQ(queue.take(out), BodyStream::Next::end);
}

}  // namespace
}  // namespace cairn::server::test
