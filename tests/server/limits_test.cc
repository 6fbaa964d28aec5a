// Every limit, at it and one past it; deadlines by a clock of the test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "client.h"

namespace cairn::server::test {
namespace {

// A clock that the test moves.
struct Clock {
    std::shared_ptr<std::atomic<std::int64_t>> now = std::make_shared<std::atomic<std::int64_t>>(0);
    void use_in(ServerOptions& options) const {
        options.clock_ms = [now = now] { return now->load(); };
    }
    void move(std::int64_t ms) const { *now += ms; }
    // Lets time pass while something is waited for; deadlines are set before they pass.
    template <typename Wait>
    auto run_during(Wait wait) const {
        std::atomic<bool> over = false;
        std::thread mover([&] {
            while (!over) {
                move(100);
                std::this_thread::yield();
            }
        });
        auto result = wait();
        over = true;
        mover.join();
        return result;
    }
};
constexpr std::int64_t kNever = std::int64_t{1} << 60;

TEST(Limits, Body_AtTheLimitAndOnePast_IsReadAndRefused) {
    ServerOptions options;
    options.limits.body_bytes = 100;
    ServerUnderTest server(options);
    std::string query = R"({"query":"{ __typename }","x":")";
    std::string fits = query + std::string(100 - query.size() - 2, 'x') + "\"}";
    ASSERT_EQ(fits.size(), 100u);
    EXPECT_EQ(server("POST", "/api/v0/graphql", fits).status, 200);
    Client client = server.connect();
    Answer refused = client.request("POST", "/api/v0/graphql", fits + " ");
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.json()["error"], "the body is too large");
    EXPECT_EQ(refused.header("connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST(Limits, ChunkedBody_OnePast_IsRefused) {
    ServerOptions options;
    options.limits.body_bytes = 20;
    ServerUnderTest server(options);
    Client client = server.connect();
    client.send(
        "POST /api/v0/schema HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "a\r\n# 3456789\n\r\nb\r\n# 34567890\n\r\n0\r\n\r\n");
    EXPECT_EQ(client.receive().status, 413);
}

TEST(Limits, Headers_AtTheLimitAndPast_AreReadAndRefused) {
    ServerOptions options;
    options.limits.header_bytes = 1000;
    ServerUnderTest server(options);
    std::string first_line = "GET /health-check HTTP/1.1\r\n", head = "Host: localhost\r\nX-Long: ";
    auto ask = [&](std::size_t bytes) {
        Client client = server.connect();
        client.send(first_line + head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n");
        return client.receive();
    };
    EXPECT_EQ(ask(1000).status, 200);
    Answer refused = ask(1001);
    EXPECT_EQ(refused.status, 431);
    EXPECT_EQ(refused.json()["error"], "the headers are too large");
}

TEST(Limits, Connections_OnePast_Is503) {
    ServerOptions options;
    options.limits.connections = 2;
    ServerUnderTest server(options);
    Client first = server.connect(), second = server.connect();
    EXPECT_EQ(first.request("GET", "/health-check").status, 200);
    EXPECT_EQ(second.request("GET", "/health-check").status, 200);
    Client third = server.connect();
    Answer refused = third.receive();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.json()["error"], "too many connections");
    EXPECT_EQ(first.request("GET", "/health-check").status, 200);
}

TEST(Limits, Transactions_OnePast_Is503UntilOneEnds) {
    ServerOptions options;
    options.limits.transactions = 2;
    ServerUnderTest server(options);
    std::string first = std::to_string(server("POST", "/api/v0/tx").json()["id"].get<int>());
    EXPECT_EQ(server("POST", "/api/v0/tx").status, 200);
    Answer refused = server("POST", "/api/v0/tx");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.json()["error"], "too many open transactions. Limit: 2");
    EXPECT_EQ(server("DELETE", "/api/v0/tx/" + first).status, 200);
    EXPECT_EQ(server("POST", "/api/v0/tx").status, 200);
}

TEST(Limits, IdleConnection_AfterItsTime_IsClosed) {
    Clock clock;
    ServerOptions options;
    clock.use_in(options);
    options.limits.idle_ms = 1000;
    ServerUnderTest server(options);
    Client client = server.connect();
    EXPECT_EQ(client.request("GET", "/health-check").status, 200);
    clock.move(999);
    EXPECT_EQ(client.request("GET", "/health-check").status, 200);
    EXPECT_TRUE(clock.run_during([&] { return client.is_closed(); }));
}

TEST(Limits, RequestThatDoesNotArrive_AfterItsTime_Is408) {
    Clock clock;
    ServerOptions options;
    clock.use_in(options);
    options.limits.request_ms = 1000;
    options.limits.idle_ms = kNever;
    ServerUnderTest server(options);
    Client client = server.connect();
    client.send("GET /health-check HTTP/1.1\r\n");
    Answer answer = clock.run_during([&] { return client.receive(); });
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.json()["error"], "the request took too long to arrive");
}

TEST(Limits, Transaction_NobodyUses_IsDiscarded) {
    Clock clock;
    ServerOptions options;
    clock.use_in(options);
    auto notes = std::make_shared<std::atomic<int>>(0);
    options.log = [notes](std::string_view line) {
        if (line == "1 transactions were discarded: nobody used them") ++*notes;
    };
    options.limits.transaction_ms = 1000;
    ServerUnderTest server(options);
    std::string id = std::to_string(server("POST", "/api/v0/tx").json()["id"].get<int>());
    clock.move(900);
    EXPECT_TRUE(
        server.graphql("{ __schema { queryType { name } } }", {"x-defradb-tx: " + id}).contains("data"));
    clock.move(900);
    EXPECT_EQ(notes->load(), 0);
    clock.move(200);
    while (notes->load() == 0) std::this_thread::yield();
    EXPECT_EQ(server("POST", "/api/v0/tx/" + id).json()["error"], "invalid transaction id");
}

TEST(Connection, PipelinedRequests_AreAnsweredInOrder) {
    ServerUnderTest server;
    Client client = server.connect();
    std::string many;
    for (int i = 0; i < 300; ++i)
        many +=
            fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", i % 2 == 0 ? "/health-check" : "/nope");
    client.send(many);
    for (int i = 0; i < 300; ++i) EXPECT_EQ(client.receive().status, i % 2 == 0 ? 200 : 404) << i;
}

TEST(Connection, RequestByteByByte_IsAnswered) {
    ServerUnderTest server;
    Client client = server.connect();
    std::string request =
        "POST /api/v0/graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        "24\r\n\r\n{\"query\":\"{__typename}\"}";
    for (char c : request) client.send(std::string(1, c));
    EXPECT_EQ(client.receive().status, 200);
}

TEST(Connection, ExpectContinue_IsTold) {
    ServerUnderTest server;
    Client client = server.connect();
    client.send(
        "POST /api/v0/schema HTTP/1.1\r\nHost: localhost\r\nContent-Length: 21\r\nExpect: "
        "100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100);
    client.send("type T { name: Int } ");
    EXPECT_EQ(client.receive().status, 200);
}

TEST(Connection, Close_IsHonoured) {
    ServerUnderTest server;
    for (const char* request : {"GET /health-check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                                "GET /health-check HTTP/1.0\r\n\r\n"}) {
        Client client = server.connect();
        client.send(request);
        EXPECT_EQ(client.receive().status, 200);
        EXPECT_TRUE(client.is_closed());
    }
}

TEST(Connection, BytesThatAreNotHttp_Are400) {
    ServerUnderTest server;
    for (std::string_view bytes : {"hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02",
                                   "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
        Client client = server.connect();
        client.send(bytes);
        EXPECT_EQ(client.receive().status, 400);
        EXPECT_TRUE(client.is_closed());
    }
}

TEST(Connection, LargeAnswer_ArrivesWhole) {
    ServerUnderTest server;
    EXPECT_EQ(server("POST", "/api/v0/schema", "type Text { text: String }").status, 200);
    std::string text(4 << 20, 'a');
    EXPECT_EQ(server("POST", "/api/v0/collections/Text", "{\"text\":\"" + text + "\"}").status, 200);
    EXPECT_EQ(server.graphql("{ Text { text } }")["data"]["Text"][0]["text"], text);
}

TEST(Server, PortInUse_NamesTheAddress) {
    ServerUnderTest first;
    ServerOptions options;
    options.store.in_memory = true;
    options.store_path = "second";
    options.port = first.server().port();
    auto second = Server::start(options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message,
              fmt::format("cannot listen on 127.0.0.1:{}: Address already in use", options.port));
}

TEST(Server, Stop_ClosesIdleConnectionsAndRefusesNew) {
    ServerUnderTest server;
    Client idle = server.connect();
    EXPECT_EQ(idle.request("GET", "/health-check").status, 200);
    std::uint16_t port = server.server().port();
    EXPECT_TRUE(server.server().stop());
    EXPECT_TRUE(idle.is_closed());
    EXPECT_FALSE(Client(port).connected());
    EXPECT_TRUE(server.server().stop());
}

}  // namespace
}  // namespace cairn::server::test
