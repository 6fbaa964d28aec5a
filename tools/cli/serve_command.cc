// cairn serve | start: the HTTP server.
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "cli/command.h"
#include "cli/output.h"
#include "server/server.h"

namespace cairn::cli {

namespace {

// The flags of the command as given.
struct ServeFlags {
    std::string url = "127.0.0.1:9181";
    std::string store = "persistent";
    std::string document_acp = "none";
    std::string identity, node_identity;
    bool no_keyring = false, development = false, enable_signing = false, node_acp = false;
};

// "[http://]host:port", the host of an IPv6 address in brackets.
Status read_url(std::string_view url, server::ServerOptions& options) {
    std::string_view rest = url;
    if (std::size_t scheme = rest.find("://"); scheme != std::string_view::npos)
        rest.remove_prefix(scheme + 3);
    std::size_t colon = rest.rfind(':');
    std::string_view port = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    std::string_view host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size())
        return fail(ErrorCode::invalid_argument, fmt::format("not an address with a port: {}", url));
    options.host = host;
    return {};
}

Result<int> serve(const StoreOptions& store, const ServeFlags& flags) {
    server::ServerOptions options;
    CAIRN_TRY(read_url(flags.url, options));
    CAIRN_ASSIGN(options.store_path, store_folder(store));
    options.store = database_options(store, Access::create);
    options.store.in_memory = flags.store == "memory";
    options.development = flags.development;
    options.log = [](std::string_view line) { print_note(line); };
    if (!options.store.in_memory) CAIRN_TRY(prepare_folder(options.store_path, Access::create));
    CAIRN_ASSIGN(server::Server server, server::Server::start(std::move(options)));
    print_note(fmt::format("Providing HTTP API at http://{}", flags.url));
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
        command.add_option("--url", flags->url, "Address to listen on (default: 127.0.0.1:9181)");
        command.add_option("--store", flags->store, "persistent, or memory: gone when the server stops");
        command.add_flag("--development", flags->development, "Allow POST /purge");
        command.add_flag("--no-keyring", flags->no_keyring, "Keep no keys on disk");
        command.add_option("--document-acp-type", flags->document_acp,
                           "Access control of documents: none or local");
        command.add_flag("--enable-signing", flags->enable_signing, "Sign commits");
        command.add_option("--identity", flags->identity, "Private key (hex) of who starts the server");
        command.add_option("--node-identity", flags->node_identity, "Key of the server, TYPE:HEX");
        command.add_flag("--node-acp-enable", flags->node_acp, "Access control of the API");
    }
}

}  // namespace cairn::cli
