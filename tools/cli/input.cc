#include "cli/input.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace cairn::cli {

namespace {

constexpr std::size_t kMaxInputBytes = std::size_t{1} << 30;

std::unexpected<Error> read_failure(const std::string& path, const std::string& reason) {
    return fail(ErrorCode::io, fmt::format("failed to read file {}: {}", path, reason));
}

Result<std::string> read_all(std::FILE* stream, const std::string& path) {
    std::string text;
    char buffer[1 << 16];
    while (true) {
        const std::size_t count = std::fread(buffer, 1, sizeof buffer, stream);
        text.append(buffer, count);
        if (text.size() > kMaxInputBytes) return read_failure(path, "longer than 1 GiB");
        if (count < sizeof buffer) break;
    }
    if (std::ferror(stream) != 0) return read_failure(path, std::strerror(errno));
    return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
    if (path == "-") return read_all(stdin, "standard input");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (!file) return read_failure(path, std::strerror(errno));
    return read_all(file.get(), path);
}

Result<std::string> read_input(const std::vector<std::string>& files, const std::string& argument,
                               const std::string& empty) {
    std::string text;
    for (const auto& file : files) {
        CAIRN_ASSIGN(const std::string part, read_file(file));
        text += part;
        if (!text.ends_with('\n')) text += '\n';
    }
    if (files.empty() && argument == "-") {
        CAIRN_ASSIGN(text, read_file("-"));
    } else if (files.empty()) {
        text = argument;
    }
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorCode::invalid_argument, empty);
    return text;
}

}  // namespace cairn::cli
