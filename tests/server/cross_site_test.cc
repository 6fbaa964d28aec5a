// CORS (spec/http-and-cli.md section 14), and what is refused to protect people with a browser.
#include <gtest/gtest.h>

#include "client.h"
#include "server/cors.h"
#include "server/origin_check.h"

namespace cairn::server::test {
namespace {

ServerOptions allowing(std::vector<std::string> origins) {
    ServerOptions options;
    options.allowed_origins = std::move(origins);
    return options;
}

TEST(Cors, SimpleRequest_AllowedOrigin_IsEchoed) {
    ServerUnderTest server(allowing({"http://app.example"}));
    Answer answer = server("GET", "/health-check", "", {"Origin: http://App.example"});
    EXPECT_EQ(answer.header("access-control-allow-origin"), "http://App.example");
    EXPECT_EQ(answer.header("vary"), "Origin");
    Answer other = server("GET", "/health-check", "", {"Origin: http://other.example"});
    EXPECT_EQ(other.status, 200);
    EXPECT_EQ(other.header("access-control-allow-origin"), "");
}

TEST(Cors, Preflight_Allowed_TellsWhatIsAsked) {
    ServerUnderTest server(allowing({"*"}));
    Answer answer = server("OPTIONS", "/api/v0/graphql", "",
                           {"Origin: http://app.example", "Access-Control-Request-Method: PATCH",
                            "Access-Control-Request-Headers: content-type, x-defradb-tx"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("access-control-allow-origin"), "http://app.example");
    EXPECT_EQ(answer.header("access-control-allow-methods"), "PATCH");
    EXPECT_EQ(answer.header("access-control-allow-headers"), "content-type, x-defradb-tx");
    EXPECT_EQ(answer.header("access-control-max-age"), "300");
    EXPECT_EQ(answer.headers.count("vary"), 3u);
}

TEST(Cors, Preflight_NotAllowed_HasOnlyVary) {
    ServerUnderTest server(allowing({"http://app.example"}));
    for (const std::vector<std::string>& headers : std::vector<std::vector<std::string>>{
             {"Origin: http://other.example", "Access-Control-Request-Method: POST"},
             {"Origin: http://app.example", "Access-Control-Request-Method: PUT"},
             {"Origin: http://app.example", "Access-Control-Request-Method: POST",
              "Access-Control-Request-Headers: x-other"}}) {
        Answer answer = server("OPTIONS", "/api/v0/graphql", "", headers);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.count("vary"), 3u);
        for (const auto& [name, value] : answer.headers)
            EXPECT_FALSE(name.starts_with("access-control")) << name;
    }
}

TEST(OriginCheck, HostNames_OnlyKnownOnesPass) {
    ServerOptions options;
    options.host = "cairn.internal";
    options.allowed_hosts = {"DB.example"};
    auto refused = [&](std::string_view host) {
        HttpRequest request;
        request.method = "GET";
        request.host = host;
        return check_origin(options, request).has_value();
    };
    for (std::string_view host : {"", "localhost", "LOCALHOST:9181", "x.localhost:1", "127.0.0.1:9181",
                                  "10.1.2.3", "[::1]:9181", "cairn.internal:9181", "db.example"}) {
        EXPECT_FALSE(refused(host)) << host;
    }
    for (std::string_view host : {"evil.example", "evil.example:9181", "localhost.evil.example",
                                  "1.2.3.4.evil", "127.0.0.1.nip.io", "[evil]", "[", ":"}) {
        EXPECT_TRUE(refused(host)) << host;
    }
    options.allowed_hosts = {"*"};
    EXPECT_FALSE(refused("evil.example"));
}

TEST(OriginCheck, ForeignPages_MayNotChangeWithoutAsking) {
    ServerOptions options = allowing({"http://app.example"});
    auto refused = [&](std::string_view method, std::string_view origin, std::string_view content_type) {
        HttpRequest request;
        request.method = method;
        request.host = "localhost:9181";
        request.origin = origin;
        request.content_type = content_type;
        return check_origin(options, request).has_value();
    };
    EXPECT_TRUE(refused("POST", "http://evil.example", "text/plain"));
    EXPECT_TRUE(refused("POST", "http://evil.example", ""));
    EXPECT_TRUE(refused("POST", "http://evil.example", "Text/Plain ; charset=utf-8"));
    EXPECT_TRUE(refused("POST", "null", "multipart/form-data; boundary=x"));
    EXPECT_TRUE(refused("POST", "http://localhost:3000", "application/x-www-form-urlencoded"));
    EXPECT_FALSE(refused("POST", "http://evil.example", "application/json"));  // a browser asks first
    EXPECT_FALSE(refused("GET", "http://evil.example", ""));
    EXPECT_FALSE(refused("POST", "http://app.example", "text/plain"));
    EXPECT_FALSE(refused("POST", "http://localhost:9181", "text/plain"));
    EXPECT_FALSE(refused("POST", "", "text/plain"));  // no browser
}

TEST(OriginCheck, RefusedRequest_Is403AndDoesNothing) {
    ServerUnderTest server;
    Answer answer =
        server("POST", "/api/v0/schema", "type User { name: String }", {"Origin: http://evil.example"});
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.json()["error"], "requests from this origin are not allowed: http://evil.example");
    EXPECT_EQ(server("GET", "/api/v0/schema").body, "[]\n");
    Client client = server.connect();
    client.send("GET /api/v0/schema HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(client.receive().status, 403);
}

}  // namespace
}  // namespace cairn::server::test
