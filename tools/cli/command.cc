#include "cli/command.h"

#include <fmt/format.h>

#include <utility>

#include "cli/output.h"
#include "cli/suggest.h"

namespace cairn::cli {

namespace {

constexpr const char* kDefaultUrl = "127.0.0.1:9181";

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

void add_server_flags(CLI::App& command, StoreOptions& options) {
    const std::string group = "Server";
    command
        .add_option("--url", options.url,
                    "Work on the server at this address, [http://|https://]HOST[:PORT], not on --rootdir")
        ->check([](const std::string& url) { return std::string(url.empty() ? "an address is empty" : ""); })
        ->group(group);
    command
        .add_option("--tx", options.transaction, "Run inside this transaction of the server (`tx create`)")
        ->group(group);
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

// CLI11 says "--name is required" of the first that is missing.
std::string describe_missing(const CLI::App& app, const std::string& text) {
    const std::string name = text.substr(0, text.find(' '));
    if (name.starts_with("--")) return fmt::format("required flag(s) \"{}\" not set", name.substr(2));
    std::size_t wanted = 0, given = 0;
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional() || !option->get_required()) continue;
        ++wanted;
        given += option->count() > 0 ? 1 : 0;
    }
    return fmt::format("accepts {} arg(s), received {} ({})", wanted, given, text);
}

}  // namespace

// At most one command per group: then no argument of a command is taken for the name of another one.
Commands::Commands(CLI::App& root) : root_(root), scope_(&root) {
    root_.require_subcommand(0, 1);
    add_global_flags(root, options_);
}

void Commands::enter_client() {
    scope_ = &group(
        "client",
        fmt::format("The same commands on a server (default: --url {}); answers are JSON", kDefaultUrl));
    add_global_flags(*scope_, options_);
    add_server_flags(*scope_, options_);
}

CLI::App& Commands::group(const std::string& name, const std::string& description) {
    CLI::App& group = *scope_->add_subcommand(name, description);
    group.require_subcommand(0, 1);
    group.footer(
        fmt::format("`{} COMMAND --help` shows the flags of a command and examples.", full_name(group)));
    return group;
}

CLI::App& Commands::add(CLI::App& parent, const std::string& name, const std::string& description,
                        const std::string& examples, CommandBody body) {
    CLI::App& command = *parent.add_subcommand(name, description);
    add_global_flags(command, options_);
    std::string footer = "Examples:";
    for (const auto& line : CLI::detail::split(examples, '\n')) {
        footer +=
            "\n  " + (in_client() ? CLI::detail::find_and_replace(line, "cairn ", "cairn client ") : line);
    }
    command.footer(footer);
    choose_when_parsed(command, std::move(body));
    return command;
}

CLI::App& Commands::add_for_both(CLI::App& parent, const std::string& name, const std::string& description,
                                 const std::string& examples, CommandBody body) {
    CLI::App& command = add(parent, name, description, examples, std::move(body));
    add_server_flags(command, options_);
    return command;
}

void Commands::choose_when_parsed(CLI::App& command, CommandBody body) {
    command.callback([this, body = std::move(body), client = in_client()] {
        chosen_ = body;
        options_.client = client;
        if (client && options_.url.empty()) options_.url = kDefaultUrl;
    });
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
    if (code == CLI::ExitCodes::RequiredError) return describe_missing(deepest(root), error.what());
    const std::string text = error.what();
    return text.empty() ? error.get_name() : text;
}

}  // namespace cairn::cli
