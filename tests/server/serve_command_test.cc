// The `cairn serve` program: start, requests, signals, exit status.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "client.h"

namespace cairn::server::test {
namespace {

// A running `cairn serve` on a free port.
class Program {
  public:
    Program(const std::filesystem::path& rootdir, std::vector<std::string> flags) {
        int pipe[2];
        if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
        flags.insert(flags.begin(),
                     {CAIRN_BINARY, "serve", "--url", "127.0.0.1:0", "--rootdir", rootdir.string()});
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(pipe[1], STDERR_FILENO);
            ::close(pipe[0]);
            ::close(pipe[1]);
            std::vector<char*> argv;
            for (std::string& flag : flags) argv.push_back(flag.data());
            argv.push_back(nullptr);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        errors_ = pipe[0];
        constexpr std::string_view kReady = "Providing GraphQL endpoint at http://127.0.0.1:";
        while (log_.find(kReady) == std::string::npos && read_more()) {
        }
        if (std::size_t at = log_.find(kReady); at != std::string::npos)
            port_ = static_cast<std::uint16_t>(std::atoi(log_.c_str() + at + kReady.size()));
    }
    Program(const Program&) = delete;
    ~Program() {
        if (pid_ > 0) end(SIGKILL);
        ::close(errors_);
    }

    std::uint16_t port() const { return port_; }
    const std::string& log() const { return log_; }
    // Sends a signal and waits for the end; the exit status, or 128 and the signal.
    int end(int signal) {
        ::kill(pid_, signal);
        while (read_more()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    int wait() { return end(0); }

  private:
    bool read_more() {
        char buffer[4096];
        ssize_t bytes = ::read(errors_, buffer, sizeof buffer);
        if (bytes > 0) log_.append(buffer, static_cast<std::size_t>(bytes));
        return bytes > 0;
    }
    pid_t pid_ = -1;
    int errors_ = -1;
    std::uint16_t port_ = 0;
    std::string log_;
};

class ServeCommand : public testing::Test {
  protected:
    ServeCommand() {
        char name[] = "/tmp/cairn-serve-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    ~ServeCommand() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(ServeCommand, Sigterm_AfterRequests_ExitsWithZeroAndKeepsTheData) {
    {
        Program program(folder_, {});
        ASSERT_NE(program.port(), 0) << program.log();
        EXPECT_EQ(
            Client(program.port()).request("POST", "/api/v0/schema", "type User { name: String }").status,
            200);
        EXPECT_EQ(
            Client(program.port()).request("POST", "/api/v0/collections/User", "{\"name\":\"Ann\"}").status,
            200);
        EXPECT_EQ(program.end(SIGTERM), 0) << program.log();
        EXPECT_NE(program.log().find("http: POST /api/v0/collections/User status=200 length=0 elapsed="),
                  std::string::npos);
    }
    EXPECT_TRUE(std::filesystem::exists(folder_ / "config.yaml"));
    Program again(folder_, {});
    Answer answer = Client(again.port()).request("POST", "/api/v0/graphql", "{\"query\":\"{User{name}}\"}");
    EXPECT_EQ(answer.body, "{\"data\":{\"User\":[{\"name\":\"Ann\"}]}}\n");
    EXPECT_EQ(again.end(SIGINT), 0) << again.log();
}

TEST_F(ServeCommand, Sigterm_WithAnIdleConnection_ExitsWithZero) {
    Program program(folder_, {"--store", "memory", "--no-keyring", "--development", "--document-acp-type",
                              "local", "--log-level", "error"});
    Client client(program.port());
    EXPECT_EQ(client.request("GET", "/health-check").status, 200);
    EXPECT_EQ(program.end(SIGTERM), 0) << program.log();
    EXPECT_EQ(program.log().find("http: "), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
}

TEST_F(ServeCommand, WrongFlags_EndWithOneAndAMessage) {
    for (auto [flags, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--document-acp-type", "foo"},
              "Error: the selected acp type is not supported by this build. ACP: foo\n"},
             {{"--node-acp-enable=true"}, "Error: can not start nac without identity\n"},
             {{"--max-connections", "many"},
              "Error: --max-connections: limits.connections must be a number, not \"many\"\n"}}) {
        Program program(folder_, flags);
        EXPECT_EQ(program.wait(), 1);
        EXPECT_EQ(program.log(), message);
    }
}

}  // namespace
}  // namespace cairn::server::test
