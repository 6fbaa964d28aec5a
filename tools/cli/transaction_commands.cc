// cairn tx create | commit | discard (spec/http-and-cli.md sections 8 and 17).
#include <memory>

#include "cli/answers.h"
#include "cli/backend.h"
#include "cli/command.h"

namespace cairn::cli {

namespace {

struct BeginFlags {
    bool concurrent = false;
    bool read_only = false;
};

Result<int> create(const StoreOptions& options, const BeginFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_remote(options));
    CAIRN_ASSIGN(const std::string id, backend->begin_transaction(flags.read_only, flags.concurrent));
    print_answer(options, "id", id);
    return 0;
}

Result<int> commit(const StoreOptions& options, const std::string& id) {
    CAIRN_ASSIGN(const auto backend, open_remote(options));
    CAIRN_TRY(backend->commit_transaction(id));
    return 0;
}

// What is not there any more is discarded; only a server that cannot be reached is an error.
Result<int> discard(const StoreOptions& options, const std::string& id) {
    CAIRN_ASSIGN(const auto backend, open_remote(options));
    const Status status = backend->discard_transaction(id);
    if (!status && status.error().code != ErrorCode::invalid_argument) return std::unexpected(status.error());
    return 0;
}

void add_ending(Commands& commands, CLI::App& group, const std::string& verb, const std::string& description,
                Result<int> (*body)(const StoreOptions&, const std::string&)) {
    auto id = std::make_shared<std::string>();
    commands
        .add_for_both(group, verb, description, "cairn tx " + verb + " --url 127.0.0.1:9181 5",
                      [id, body](const StoreOptions& options) { return body(options, *id); })
        .add_option("id", *id, "Number of the transaction")
        ->required();
}

}  // namespace

void add_transaction_commands(Commands& commands) {
    CLI::App& group = commands.group("tx", "Transactions of a server over several commands (--tx)");
    auto flags = std::make_shared<BeginFlags>();
    CLI::App& command =
        commands.add_for_both(group, "create", "Begin a transaction and print its number",
                              "cairn tx create --url 127.0.0.1:9181\n"
                              "cairn query --url 127.0.0.1:9181 --tx 5 '{ User { name } }'",
                              [flags](const StoreOptions& options) { return create(options, *flags); });
    command.add_flag("--concurrent", flags->concurrent, "Its calls may come at the same time");
    command.add_flag("--read-only", flags->read_only, "Writes in it fail");
    add_ending(commands, group, "commit", "Keep what was done in a transaction", commit);
    add_ending(commands, group, "discard", "Forget what was done in a transaction", discard);
}

}  // namespace cairn::cli
