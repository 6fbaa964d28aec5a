#include "cli/command.h"

#include <fmt/format.h>

#include <utility>

#include "cli/output.h"
#include "cli/suggest.h"

namespace cairn::cli {

namespace {

void add_global_flags(CLI::App& command, StoreOptions& options) {
    const std::string group = "Global options";
    command
        .add_option("--rootdir", options.rootdir,
                    "Folder of the store (default: $CAIRN_ROOTDIR, else $HOME/.cairn)")
        ->group(group);
    command
        .add_option("--durability", options.durability,
                    "What a successful write promises: full, process or memory")
        ->check(CLI::IsMember({"full", "process", "memory"}))
        ->group(group);
    command.add_option("--cache-mib", options.cache_mib, "Size of the block cache in MiB")
        ->check(CLI::Range(1, 1 << 20))
        ->group(group);
    command.add_flag("--json", options.json, "Print one JSON object")->group(group);
}

// The innermost command or group that was named.
const CLI::App& deepest(const CLI::App& root) {
    const CLI::App* app = &root;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
    return *app;
}

std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(sub->get_name());
    }
    return names;
}

std::vector<std::string> flag_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::string with_suggestion(std::string message, const std::vector<std::string>& candidates,
                            const std::string& given) {
    const std::string near = nearest_name(given, candidates);
    if (!near.empty()) message += fmt::format(" (did you mean \"{}\"?)", near);
    return message;
}

std::string describe_extras(const CLI::App& root) {
    const CLI::App& app = deepest(root);
    const auto extras = root.remaining(true);
    if (extras.empty()) return "unexpected argument";
    const std::string& first = extras.front();
    if (first.size() > 1 && first.front() == '-') {
        return with_suggestion(fmt::format("unknown flag: {}", first), flag_names(app), first);
    }
    const auto names = command_names(app);
    if (!names.empty()) {
        return with_suggestion(fmt::format("unknown command \"{}\" for \"{}\"", first, full_name(app)), names,
                               first);
    }
    return fmt::format("unexpected argument \"{}\" for \"{}\"", first, full_name(app));
}

}  // namespace

// At most one command per group: then no argument of a command is taken for the name of another one.
Commands::Commands(CLI::App& root) : root_(root) {
    root_.require_subcommand(0, 1);
    add_global_flags(root, options_);
}

CLI::App& Commands::group(const std::string& name, const std::string& description) {
    CLI::App& group = *root_.add_subcommand(name, description);
    group.require_subcommand(0, 1);
    group.footer(fmt::format("`cairn {} COMMAND --help` shows the flags of a command and examples.", name));
    return group;
}

CLI::App& Commands::add(CLI::App& parent, const std::string& name, const std::string& description,
                        const std::string& examples, CommandBody body) {
    CLI::App& command = *parent.add_subcommand(name, description);
    add_global_flags(command, options_);
    std::string footer = "Examples:";
    for (const auto& line : CLI::detail::split(examples, '\n')) footer += "\n  " + line;
    command.footer(footer);
    choose_when_parsed(command, std::move(body));
    return command;
}

void Commands::choose_when_parsed(CLI::App& command, CommandBody body) {
    command.callback([this, body = std::move(body)] { chosen_ = body; });
}

Result<int> Commands::run() const {
    if (chosen_) return chosen_(options_);
    print(help_of(deepest(root_)));
    return 0;
}

std::string chosen_help(const CLI::App& root) {
    return help_of(deepest(root));
}

std::string help_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return command.help(parent == nullptr ? "" : full_name(*parent));
}

std::string describe_parse_error(const CLI::App& root, const CLI::ParseError& error) {
    const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
    if (code == CLI::ExitCodes::ExtrasError) return describe_extras(root);
    const std::string text = error.what();
    return text.empty() ? error.get_name() : text;
}

}  // namespace cairn::cli
