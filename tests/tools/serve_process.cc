#include "tools/serve_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace cairn::test {

namespace {

// Reads until the text has come or the pipe ends. The server says where it listens when it does.
bool wait_for_text(int pipe, const std::string& text) {
    std::string seen;
    char byte = 0;
    while (read(pipe, &byte, 1) == 1) {
        seen += byte;
        if (seen.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

unsigned free_port() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    const bool bound = bind(listener, plain, length) == 0 && getsockname(listener, plain, &length) == 0;
    close(listener);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

ServeProcess::ServeProcess(const std::vector<std::string>& flags)
    : url_("127.0.0.1:" + std::to_string(free_port())) {
    const std::string rootdir = (folder_.path() / "server").string();
    std::vector<std::string> command = {CAIRN_BINARY, "serve", "--rootdir", rootdir, "--url", url_};
    command.insert(command.end(), flags.begin(), flags.end());
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0) {
        std::vector<char*> argv;
        for (auto& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        dup2(errors[1], STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(errors[1]);
    const bool listens = wait_for_text(errors[0], "Providing HTTP API");
    log_reader_ = std::thread([log = errors[0]] {
        char bytes[4096];
        while (read(log, bytes, sizeof bytes) > 0) continue;
        close(log);
    });
    if (listens) return;
    stop();
    std::runtime_error("the server did not start at " + url_);
}

ServeProcess::~ServeProcess() {
    stop();
}

void ServeProcess::stop() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    log_reader_.join();
}

Outcome ServeProcess::operator()(std::vector<std::string> arguments, const std::string& input) const {
    arguments.push_back("--url");
    arguments.push_back(url_);
    return Cli::bare(std::move(arguments), input);
}

Outcome ServeProcess::client(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), "client");
    return (*this)(std::move(arguments), input);
}

}  // namespace cairn::test
