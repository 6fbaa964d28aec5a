// The cairn command: reads the command line, runs one command, prints errors.
#include <exception>

#include "cli/command.h"
#include "cli/output.h"

namespace {

// What works on the store and on a server.
void add_shared_commands(cairn::cli::Commands& commands) {
    cairn::cli::add_schema_commands(commands);
    cairn::cli::add_query_command(commands);
    cairn::cli::add_collection_commands(commands);
    cairn::cli::add_doc_commands(commands);
    cairn::cli::add_dag_commands(commands);
    cairn::cli::add_index_commands(commands);
    cairn::cli::add_transaction_commands(commands);
    cairn::cli::add_backup_commands(commands);
    cairn::cli::add_store_commands(commands);
    cairn::cli::add_purge_commands(commands);
    cairn::cli::add_version_command(commands);
}

int run(int argc, char** argv) {
    CLI::App app{"CairnDB: an embedded, event-sourced, mergeable document store with GraphQL.", "cairn"};
    app.footer(
        "Examples:\n  cairn schema add 'type User { name: String }'\n  cairn query '{ User { name } }'\n"
        "  cairn serve &\n  cairn client query '{ User { name } }'\n\n"
        "Exit status: 0 on success, 1 on any error, also when a GraphQL answer has errors (not under "
        "`cairn client`) or a check finds problems.");
    cairn::cli::Commands commands(app);
    add_shared_commands(commands);
    cairn::cli::add_serve_command(commands);
    cairn::cli::add_misc_commands(commands);
    commands.enter_client();
    add_shared_commands(commands);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        cairn::cli::print(cairn::cli::chosen_help(app));
        return cairn::cli::finish_output() ? 0 : 1;
    } catch (const CLI::ParseError& error) {
        cairn::cli::print_error(cairn::cli::describe_parse_error(app, error));
        return 1;
    }
    const auto status = commands.run();
    const auto flushed = cairn::cli::finish_output();
    if (!status || !flushed) {
        cairn::cli::print_error(!status ? status.error().message : flushed.error().message);
        return 1;
    }
    return *status;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        cairn::cli::print_error(error.what());
        return 1;
    }
}
