// A client of a server under test, on a loopback connection.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/server.h"

namespace cairn::server::test {

struct Answer {
    int status = 0;                                   // 0: the connection ended without an answer
    std::multimap<std::string, std::string> headers;  // names in small letters
    std::string body;

    std::string header(const std::string& name) const {
        auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// One TCP connection. Waits at most ten seconds for anything.
class Client {
  public:
    explicit Client(std::uint16_t port);
    Client(Client&& other) noexcept : socket_(other.socket_), input_(std::move(other.input_)) {
        other.socket_ = -1;
    }
    Client(const Client&) = delete;
    ~Client();

    bool connected() const { return socket_ >= 0; }
    void send(std::string_view bytes);
    // Reads one whole answer; of an event stream only its head.
    Answer receive();
    // The next chunk of an event stream; empty at its end, or when the connection ends.
    std::string receive_chunk();
    // Whether something has arrived that was not read yet; does not wait.
    bool has_input() const;
    // True when the server closes the connection and sends nothing more.
    bool is_closed();

    Answer request(const std::string& method, const std::string& target, const std::string& body = {},
                   const std::vector<std::string>& headers = {});

  private:
    bool fill();
    std::string take_line();

    int socket_ = -1;
    std::string input_;
};

// A server on a store in memory, and a connection for each request.
class ServerUnderTest {
  public:
    explicit ServerUnderTest(ServerOptions options = {});
    Answer operator()(const std::string& method, const std::string& target, const std::string& body = {},
                      const std::vector<std::string>& headers = {});
    // POST /graphql
    nlohmann::json graphql(const std::string& query, const std::vector<std::string>& headers = {});
    Client connect() const { return Client(server_.port()); }
    Server& server() { return server_; }

  private:
    Server server_;
};

}  // namespace cairn::server::test
