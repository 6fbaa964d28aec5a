#include "tools/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace cairn::test {

namespace {

constexpr unsigned kNobody = 65534;

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

FilePointer temporary_file() {
    FilePointer file(std::tmpfile(), std::fclose);
    if (!file) throw std::runtime_error("no temporary file");
    return file;
}

std::string content_of(std::FILE* file) {
    std::rewind(file);
    std::string text;
    char buffer[1 << 14];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    return text;
}

[[noreturn]] void become(const std::vector<std::string>& command, bool as_nobody) {
    if (as_nobody && geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(126);
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& command, const std::string& input, bool as_nobody) {
    const FilePointer in = temporary_file();
    const FilePointer out = temporary_file();
    const FilePointer err = temporary_file();
    std::fwrite(input.data(), 1, input.size(), in.get());
    std::fflush(in.get());
    std::rewind(in.get());
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
        dup2(fileno(in.get()), STDIN_FILENO);
        dup2(fileno(out.get()), STDOUT_FILENO);
        dup2(fileno(err.get()), STDERR_FILENO);
        become(command, as_nobody);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content_of(out.get()),
            content_of(err.get())};
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create a folder like " + name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

Outcome Cli::operator()(std::vector<std::string> arguments, const std::string& input) const {
    arguments.push_back("--rootdir");
    arguments.push_back(rootdir().string());
    return bare(std::move(arguments), input);
}

Outcome Cli::bare(std::vector<std::string> arguments, const std::string& input) {
    arguments.insert(arguments.begin(), CAIRN_BINARY);
    return run_program(arguments, input);
}

}  // namespace cairn::test
