// cairn serve | start: the HTTP server.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "cli/command.h"
#include "cli/output.h"
#include "server/server.h"
#include "server/settings.h"

namespace cairn::cli {

namespace {

using server::Setting;
using server::SettingKind;
using server::Settings;

// The flags of the command. Those of settings are given as text, by key.
struct ServeFlags {
    std::map<std::string, std::string> settings;
    std::string identity, node_identity;
    bool enable_signing = false;
};

void add_setting_flag(CLI::App& command, const Setting& setting, const std::shared_ptr<ServeFlags>& flags) {
    std::string help(setting.help);
    if (setting.kind == SettingKind::boolean) {
        command.add_flag_function(
            std::string(setting.flag) + "{true}",
            [flags, key = std::string(setting.key)](std::int64_t count) {
                flags->settings[key] = count > 0 ? "true" : "false";
            },
            help);
        return;
    }
    if (!setting.default_value.empty()) help += fmt::format(" (default: {})", setting.default_value);
    auto take = [flags, key = std::string(setting.key)](const std::vector<std::string>& values) {
        flags->settings[key] = fmt::format("{}", fmt::join(values, ","));
    };
    auto* option =
        command.add_option_function<std::vector<std::string>>(std::string(setting.flag), take, help);
    setting.kind == SettingKind::list ? option->delimiter(',') : option->expected(1);
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<Settings> load_settings(const std::filesystem::path& rootdir, const ServeFlags& flags) {
    CAIRN_ASSIGN(Settings settings, Settings::load(rootdir, flags.settings, environment));
    for (const std::string& key : settings.unknown_keys())
        print_note(fmt::format("config.yaml: {} has no meaning here", key));
    if (settings.boolean("acp.node.enable") && flags.identity.empty())
        return fail(ErrorCode::invalid_argument, "can not start nac without identity");
    if (!settings.has_file()) CAIRN_TRY(settings.save(rootdir));
    return settings;
}

void print_what_is_missing(const Settings& settings, const ServeFlags& flags) {
    if (flags.enable_signing) print_note("commits are not signed: signing is not there yet");
    if (settings.text("acp.document.type") != "none")
        print_note("documents have no access control: it is not there yet");
    if (settings.boolean("acp.node.enable")) print_note("the API has no access control: it is not there yet");
}

Result<int> serve(const StoreOptions& store, const ServeFlags& flags) {
    CAIRN_ASSIGN(const std::filesystem::path rootdir, root_folder(store));
    CAIRN_ASSIGN(const Settings settings, load_settings(rootdir, flags));
    CAIRN_ASSIGN(server::ServerOptions options, server::server_options(settings, rootdir));
    CAIRN_ASSIGN(options.store_path, store_folder(store));
    const RequestLimits limits = options.store.limits;
    const QueryModes modes = options.store.modes;
    options.store = database_options(store, Access::create);
    options.store.limits = limits;
    options.store.modes = modes;
    options.store.in_memory = settings.text("datastore.store") == "memory";
    options.log = [](std::string_view line) { print_note(line); };
    if (!options.store.in_memory) CAIRN_TRY(prepare_folder(options.store_path, Access::create));
    print_what_is_missing(settings, flags);
    const bool secure = !options.certificate.empty() || !options.private_key.empty();
    const bool is_ipv6 = options.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? fmt::format("[{}]", options.host) : options.host;
    CAIRN_ASSIGN(server::Server server, server::Server::start(std::move(options)));
    const std::string url = fmt::format("{}://{}:{}", secure ? "https" : "http", host, server.port());
    print_note(fmt::format("Providing HTTP API at {} PlaygroundEnabled=false", url));
    print_note(fmt::format("Providing GraphQL endpoint at {}/api/v0/graphql", url));
    server.wait();
    CAIRN_TRY(server.stop());
    return 0;
}

}  // namespace

void add_serve_command(Commands& commands) {
    for (const char* name : {"serve", "start"}) {
        auto flags = std::make_shared<ServeFlags>();
        CLI::App& command =
            commands.add(commands.root(), name, "Serve the HTTP API until SIGINT or SIGTERM",
                         fmt::format("cairn {} --store memory --url 127.0.0.1:9181", name),
                         [flags](const StoreOptions& options) { return serve(options, *flags); });
        for (const Setting& setting : server::all_settings()) add_setting_flag(command, setting, flags);
        command.add_flag("--enable-signing", flags->enable_signing, "Sign commits");
        command.add_option("--identity,-i", flags->identity, "Private key (hex) of who starts the server");
        command.add_option("--node-identity", flags->node_identity, "Key of the server, TYPE:HEX");
    }
}

}  // namespace cairn::cli
