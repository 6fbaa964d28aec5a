#include "cli/graph_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace cairn::cli {

namespace {

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string read_from_start(std::FILE* file) {
    std::rewind(file);
    std::string text;
    char buffer[1 << 14];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    return text;
}

// Runs `dot -Tsvg` between two open files. Returns its wait status, or a negative errno.
int run_dot(int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    char name[] = "dot";
    char format[] = "-Tsvg";
    char* const arguments[] = {name, format, nullptr};
    pid_t child = 0;
    const int error = posix_spawnp(&child, "dot", &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return -error;
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

Result<std::string> dot_to_svg(const std::string& dot) {
    const FilePointer input(std::tmpfile(), std::fclose);
    const FilePointer output(std::tmpfile(), std::fclose);
    if (!input || !output)
        return fail(ErrorCode::io, fmt::format("no temporary file: {}", std::strerror(errno)));
    std::fwrite(dot.data(), 1, dot.size(), input.get());
    std::fflush(input.get());
    std::rewind(input.get());
    const int status = run_dot(fileno(input.get()), fileno(output.get()));
    if (status == -ENOENT)
        return fail(ErrorCode::not_found, "--svg needs the dot command (package graphviz)");
    if (status != 0) return fail(ErrorCode::internal, fmt::format("dot -Tsvg failed with status {}", status));
    return read_from_start(output.get());
}

Status write_file(const std::string& path, const std::string& text) {
    FilePointer file(std::fopen(path.c_str(), "wb"), std::fclose);
    bool good = file != nullptr && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
    if (file) good = std::fclose(file.release()) == 0 && good;
    if (!good) return fail(ErrorCode::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    return {};
}

}  // namespace cairn::cli
