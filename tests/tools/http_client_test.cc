// The HTTP client against answers that are written out here.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "client/event_reader.h"
#include "client/http_client.h"

namespace cairn::client {
namespace {

// Listens on loopback, and answers what comes on its one connection with the given texts, one per request.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::vector<std::string> answers) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        bind(listener_, plain, length);
        listen(listener_, 1);
        getsockname(listener_, plain, &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    // The client must be gone by now.
    ~ScriptedServer() {
        thread_.join();
        close(listener_);
    }

    Url url() const { return {false, "127.0.0.1", std::to_string(port_), ""}; }
    // What came, after the server has ended.
    const std::string& seen() const { return seen_; }

  private:
    void serve(const std::vector<std::string>& answers) {
        const int connection = accept(listener_, nullptr, nullptr);
        for (const auto& answer : answers) {
            if (!read_request(connection)) break;
            (void)!write(connection, answer.data(), answer.size());
        }
        if (answers.empty()) read_request(connection);  // and is silent until the client goes away
        char byte;
        if (answers.empty()) (void)!read(connection, &byte, 1);
        close(connection);
    }
    // The requests of these tests have no bodies.
    bool read_request(int connection) {
        std::string request;
        char byte = 0;
        while (!request.ends_with("\r\n\r\n")) {
            if (read(connection, &byte, 1) != 1) return false;
            request += byte;
        }
        seen_ += request;
        return true;
    }

    int listener_;
    unsigned port_ = 0;
    std::string seen_;
    std::thread thread_;
};

std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string events(const std::string& bytes) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx", bytes.size());
    return std::string(
               "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n") +
           size + "\r\n" + bytes + "\r\n0\r\n\r\n";
}

TEST(HttpClient, TwoRequests_ShareAConnection) {
    ScriptedServer server({ok("one"), ok("two")});
    HttpClient client(server.url());
    HttpRequest request{.target = "/a"};
    request.transaction = 7;
    const auto first = client.send(request);
    const auto second = client.send({.target = "/b"});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->status, 200U);
    EXPECT_EQ(first->body, "one");
    EXPECT_EQ(second->body, "two");
    EXPECT_NE(server.seen().find("GET /a HTTP/1.1\r\nHost: " + server.url().authority()), std::string::npos);
    EXPECT_NE(server.seen().find("x-defradb-tx: 7\r\n"), std::string::npos);
    EXPECT_EQ(server.seen().find("x-defradb-tx", server.seen().find("GET /b")), std::string::npos);
}

TEST(HttpClient, EventStream_GoesToTheSinkEventByEvent) {
    ScriptedServer server({events("data: {\"a\":1}\n\ndata: 2\n\n")});
    HttpClient client(server.url());
    std::vector<std::string> seen;
    const auto reply = client.send({.target = "/"}, [&](std::string_view data) {
        seen.emplace_back(data);
        return true;
    });
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_TRUE(reply->was_events);
    EXPECT_EQ(seen, (std::vector<std::string>{"{\"a\":1}", "2"}));
}

TEST(HttpClient, EventStream_SinkHasEnough_EndsTheCall) {
    ScriptedServer server({events("data: 1\n\ndata: 2\n\n")});
    HttpClient client(server.url());
    std::size_t count = 0;
    const auto reply = client.send({.target = "/"}, [&](std::string_view) { return ++count < 1; });
    EXPECT_TRUE(reply);
    EXPECT_EQ(count, 1U);
}

TEST(HttpClient, SilentServer_IsNamedWithTheTime) {
    ScriptedServer server({});
    HttpClient client(server.url(),
                      {.connect = std::chrono::seconds(10), .reply = std::chrono::milliseconds(1)});
    const auto reply = client.send({.target = "/"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::io);
    EXPECT_EQ(reply.error().message,
              "no answer from the server at " + server.url().text() + " within 0.001 s");
}

TEST(HttpClient, AnswersThatAreNotHttpOrCut_AreErrors) {
    for (const std::string answer : {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"}) {
        ScriptedServer server({answer});
        HttpClient client(server.url());
        const auto reply = client.send({.target = "/"});
        ASSERT_FALSE(reply) << answer;
        EXPECT_TRUE(
            reply.error().message.starts_with("the connection to the server at " + server.url().text()))
            << reply.error().message;
    }
}

TEST(HttpClient, PlainServerAskedForTls_IsAnError) {
    ScriptedServer server({"HTTP/1.1 400 Bad Request\r\n\r\n"});
    Url url = server.url();
    url.secure = true;
    HttpClient client(url,
                      {.connect = std::chrono::milliseconds(200), .reply = std::chrono::milliseconds(200)});
    const auto reply = client.send({.target = "/"});
    ASSERT_FALSE(reply);
    EXPECT_TRUE(reply.error().message.starts_with("no secure connection to the server at https://"))
        << reply.error().message;
}

TEST(EventReader, BytesCutAnywhere_GiveTheSameEvents) {
    const std::string bytes =
        ": comment\r\ndata: one\r\n\r\n\n\nevent: x\ndata:two\ndata: lines\n\ndata: unfinished";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        EventReader reader;
        std::vector<std::string> seen;
        for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
            reader.add(part);
            while (auto event = reader.next()) seen.push_back(*event);
        }
        EXPECT_EQ(seen, (std::vector<std::string>{"one", "two\nlines"})) << cut;
        EXPECT_EQ(reader.pending(), std::string("data: unfinished").size());
    }
}

TEST(ParseUrl, Forms_AreReadOrRefused) {
    const auto text = [](std::string_view url) {
        const auto parsed = parse_url(url);
        return parsed ? parsed->text() : parsed.error().message;
    };
    EXPECT_EQ(text("127.0.0.1:9181"), "http://127.0.0.1:9181");
    EXPECT_EQ(text("localhost"), "http://localhost:80");
    EXPECT_EQ(text("https://a.example/base/"), "https://a.example:443/base");
    EXPECT_EQ(text("http://[::1]:9"), "http://[::1]:9");
    EXPECT_EQ(text("[::1]"), "http://[::1]:80");
    for (const char* bad :
         {"", ":1", "a:", "a:0", "a:65536", "a:1x", "[::1", "[]:1", "a b", "u@a", "a/?q", "a/#f"}) {
        EXPECT_EQ(text(bad), std::string("not the address of a server: ") + bad);
    }
    EXPECT_EQ(text("ws://a"), "not an http or https address: ws://a");
}

TEST(PercentEncode, EverythingButUnreserved_IsEscaped) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a/b ?é"), "a%2Fb%20%3F%C3%A9");
}

}  // namespace
}  // namespace cairn::client
