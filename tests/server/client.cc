#include "client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace cairn::server::test {

namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

Server start(ServerOptions options) {
    options.port = 0;
    options.store.in_memory = true;
    options.store_path = "server-under-test";
    auto server = Server::start(std::move(options));
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
}

}  // namespace

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

Client::~Client() {
    if (socket_ >= 0) ::close(socket_);
}

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool Client::has_input() const {
    pollfd entry{.fd = socket_, .events = POLLIN, .revents = 0};
    return !input_.empty() || ::poll(&entry, 1, 0) > 0;
}

bool Client::fill() {
    char buffer[16384];
    ssize_t received = ::recv(socket_, buffer, sizeof buffer, 0);
    if (received <= 0) return false;
    input_.append(buffer, static_cast<std::size_t>(received));
    return true;
}

std::string Client::take_line() {
    std::size_t end;
    while ((end = input_.find("\r\n")) == std::string::npos) {
        if (!fill()) return {};
    }
    std::string line = input_.substr(0, end);
    input_.erase(0, end + 2);
    return line;
}

Answer Client::receive() {
    Answer answer;
    std::string status = take_line();
    if (status.size() < 12) return answer;
    answer.status = std::stoi(status.substr(9, 3));
    for (std::string line = take_line(); !line.empty(); line = take_line()) {
        std::size_t colon = line.find(": ");
        answer.headers.emplace(lower(line.substr(0, colon)), line.substr(colon + 2));
    }
    std::string length = answer.header("content-length");
    if (length.empty()) return answer;
    std::size_t bytes = std::stoul(length);
    while (input_.size() < bytes && fill()) {
    }
    answer.body = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return answer;
}

std::string Client::receive_chunk() {
    std::string size = take_line();
    if (size.empty()) return {};
    std::size_t bytes = std::stoul(size, nullptr, 16);
    while (input_.size() < bytes + 2 && fill()) {
    }
    std::string chunk = input_.substr(0, bytes);
    input_.erase(0, bytes + 2);
    return chunk;
}

bool Client::is_closed() {
    char byte;
    return input_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

Answer Client::request(const std::string& method, const std::string& target, const std::string& body,
                       const std::vector<std::string>& headers) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n", method,
                                   target, body.size());
    for (const std::string& header : headers) text += header + "\r\n";
    send(text + "\r\n" + body);
    return receive();
}

ServerUnderTest::ServerUnderTest(ServerOptions options) : server_(start(std::move(options))) {}

Answer ServerUnderTest::operator()(const std::string& method, const std::string& target,
                                   const std::string& body, const std::vector<std::string>& headers) {
    return connect().request(method, target, body, headers);
}

nlohmann::json ServerUnderTest::graphql(const std::string& query, const std::vector<std::string>& headers) {
    return (*this)("POST", "/api/v0/graphql", nlohmann::json({{"query", query}}).dump(), headers).json();
}

}  // namespace cairn::server::test
