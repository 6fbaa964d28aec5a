// cairn query
#include <memory>

#include "cli/backend.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

struct QueryFlags {
    std::string argument;
    std::vector<std::string> files;
    std::string variables;
    std::string operation;
    bool read_only = false;
};

void print_heading(Database::OperationKind kind) {
    print_line_to_stderr(kind == Database::OperationKind::subscription ? "------ Subscription Results ------"
                                                                       : "------ Request Results ------");
}

Result<int> run_query(const StoreOptions& options, const QueryFlags& flags) {
    CAIRN_ASSIGN(const std::string request,
                 read_input(flags.files, flags.argument, "request cannot be empty"));
    const Request wanted{request, flags.variables, flags.operation};
    const auto kind = Database::operation_kind(wanted);
    if (flags.read_only && !options.url.empty() && kind == Database::OperationKind::mutation)
        return fail(ErrorCode::invalid_argument, "--read-only: the request is a mutation");
    CAIRN_ASSIGN(const auto backend, open_backend(options, flags.read_only ? Access::read : Access::write));
    if (options.client) print_heading(kind);
    CAIRN_ASSIGN(const bool has_errors, backend->execute(wanted, [](std::string_view answer) {
        print(indent_json(answer));
        return finish_output().has_value();
    }));
    CAIRN_TRY(backend->close());
    return has_errors && !options.client ? 1 : 0;
}

}  // namespace

void add_query_command(Commands& commands) {
    auto flags = std::make_shared<QueryFlags>();
    CLI::App& command = commands.add_for_both(
        commands.root(), "query",
        "Run a GraphQL request and print its answer. An answer with errors is printed too, with "
        "exit status 1 (0 under `cairn client`). A subscription of a server prints answers as they "
        "come, until Ctrl-C.",
        "cairn query '{ User { name age } }'\n"
        "cairn query 'mutation { create_User(input: {name: \"Alice\"}) { _docID } }'\n"
        "cairn query -f requests.graphql -o ByName -v '{\"name\": \"Alice\"}'\n"
        "echo '{ User { name } }' | cairn query -\n"
        "cairn query --url 127.0.0.1:9181 'subscription { User { name } }'",
        [flags](const StoreOptions& options) { return run_query(options, *flags); });
    command.add_option("request", flags->argument, "The request itself, or - for standard input");
    command.add_option("-f,--file", flags->files, "Read the request from a file")->allow_extra_args(false);
    command.add_option("-v,--variables", flags->variables, "Variables as a JSON object");
    command.add_option("-o,--operation", flags->operation, "Name of the operation to run");
    command.add_flag("--read-only", flags->read_only, "Open the store without writing to it; mutations fail");
}

}  // namespace cairn::cli
