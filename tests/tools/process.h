// Runs programs and looks at what they print, for tests of the command line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cairn::test {

struct Outcome {
    int status = -1;  // exit status; 128 + signal when a signal ended it
    std::string out;
    std::string err;
};

// Runs a program to its end. `input` is its standard input. With as_nobody the program gives up root first
// (nothing happens when the test is not root itself).
Outcome run_program(const std::vector<std::string>& command, const std::string& input = {},
                    bool as_nobody = false);

// A new folder, removed with all it holds at the end of its life.
class TemporaryFolder {
  public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    const std::filesystem::path& path() const { return path_; }
    // Writes a file into it and gives its whole name.
    std::string file(const std::string& name, const std::string& text) const;

  private:
    std::filesystem::path path_;
};

// The cairn command on a store of its own.
class Cli {
  public:
    // Runs `cairn ARGUMENTS… --rootdir <the store's>`.
    Outcome operator()(std::vector<std::string> arguments, const std::string& input = {}) const;
    // Without --rootdir.
    static Outcome bare(std::vector<std::string> arguments, const std::string& input = {});

    const TemporaryFolder& folder() const { return folder_; }
    std::filesystem::path rootdir() const { return folder_.path() / "root"; }

  private:
    TemporaryFolder folder_;
};

}  // namespace cairn::test
