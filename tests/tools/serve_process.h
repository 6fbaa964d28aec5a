// A `cairn serve` of a test's own: a store in a temporary folder, a free loopback port.
#pragma once

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

#include "tools/process.h"

namespace cairn::test {

// A loopback port that nobody listened on a moment ago.
unsigned free_port();

class ServeProcess {
  public:
    // Starts it and waits until it answers; throws when it does not.
    explicit ServeProcess(const std::vector<std::string>& flags = {});
    ServeProcess(const ServeProcess&) = delete;
    ServeProcess& operator=(const ServeProcess&) = delete;
    ~ServeProcess();

    // Runs `cairn ARGUMENTS… --url <the server's>`.
    Outcome operator()(std::vector<std::string> arguments, const std::string& input = {}) const;
    // Runs `cairn client ARGUMENTS… --url <the server's>`.
    Outcome client(std::vector<std::string> arguments, const std::string& input = {}) const;

    const std::string& url() const { return url_; }
    const TemporaryFolder& folder() const { return folder_; }

  private:
    void stop();

    TemporaryFolder folder_;
    std::string url_;
    pid_t child_ = -1;
    std::thread log_reader_;  // its log goes nowhere, and must not fill the pipe
};

}  // namespace cairn::test
