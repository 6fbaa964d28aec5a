// cairn version | bench | completion | help
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

// Replaces this process by cairn-bench, which stands beside it.
Result<int> bench(const std::vector<std::string>& arguments) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::string program = (self.parent_path() / "cairn-bench").string();
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    return fail(ErrorCode::not_found, fmt::format("cannot run {}: {}", program, std::strerror(errno)));
}

struct VersionFlags {
    std::string format;
    bool full = false;
};

Result<int> version(const StoreOptions& options, const VersionFlags& flags) {
    if (options.json || flags.format == "json") {
        print(indent_json("{\"version\":\"" CAIRN_VERSION "\",\"release\":\"" CAIRN_VERSION
                          "\",\"httpAPI\":\"v0\",\"docIDVersions\":\"1\"}"));
        return 0;
    }
    print("cairn " CAIRN_VERSION);
    if (flags.full) print("* HTTP API: v0\n* DocID versions: 1");
    return 0;
}

Result<int> completion(const std::string& shell) {
    if (shell != "bash") {
        return fail(ErrorCode::invalid_argument, fmt::format("no completion for \"{}\": only bash", shell));
    }
    print(kBashCompletion);
    return 0;
}

Result<int> help(const CLI::App& root, const std::vector<std::string>& names) {
    const CLI::App* app = &root;
    for (const auto& name : names) {
        const auto found =
            app->get_subcommands([&name](const CLI::App* sub) { return sub->get_name() == name; });
        if (found.empty()) {
            return fail(ErrorCode::not_found,
                        fmt::format("unknown command \"{}\" for \"cairn\"", fmt::join(names, " ")));
        }
        app = found.front();
    }
    print(help_of(*app));
    return 0;
}

}  // namespace

void add_version_command(Commands& commands) {
    auto flags = std::make_shared<VersionFlags>();
    CLI::App& command =
        commands.add_for_both(commands.root(), "version", "Show the version of this command",
                              "cairn version\ncairn version --full\ncairn version --format json",
                              [flags](const StoreOptions& options) { return version(options, *flags); });
    command.add_option("-f,--format", flags->format, "Form of the output: json")
        ->check(CLI::IsMember({"json"}));
    command.add_flag("--full", flags->full, "Versions of what it speaks too");
}

void add_misc_commands(Commands& commands) {
    CLI::App& root = commands.root();
    CLI::App& bench_command =
        *root.add_subcommand("bench", "Run the benchmarks (cairn-bench); all arguments go to it");
    bench_command.set_help_flag();
    bench_command.prefix_command();
    commands.choose_when_parsed(
        bench_command, [&bench_command](const StoreOptions&) { return bench(bench_command.remaining()); });

    auto shell = std::make_shared<std::string>();
    commands
        .add(root, "completion", "Print a completion script for a shell", "source <(cairn completion bash)",
             [shell](const StoreOptions&) { return completion(*shell); })
        .add_option("shell", *shell, "bash")
        ->required();

    auto names = std::make_shared<std::vector<std::string>>();
    commands
        .add(root, "help", "Show the help of a command", "cairn help schema add",
             [names, &root](const StoreOptions&) { return help(root, *names); })
        .add_option("command", *names, "Words of the command");
}

}  // namespace cairn::cli
