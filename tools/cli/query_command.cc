// cairn query
#include <memory>

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

Result<int> run_query(const StoreOptions& options, const QueryFlags& flags) {
    CAIRN_ASSIGN(const std::string request,
                 read_input(flags.files, flags.argument, "request cannot be empty"));
    CAIRN_ASSIGN(Database database, open_store(options, flags.read_only ? Access::read : Access::write));
    bool has_errors = false;
    const std::string answer = database.execute({request, flags.variables, flags.operation}, &has_errors);
    CAIRN_TRY(database.close());
    print(indent_json(answer));
    return has_errors ? 1 : 0;
}

}  // namespace

void add_query_command(Commands& commands) {
    auto flags = std::make_shared<QueryFlags>();
    CLI::App& command =
        commands.add(commands.root(), "query",
                     "Run a GraphQL request and print its answer. An answer with errors is printed too, with "
                     "exit status 1.",
                     "cairn query '{ User { name age } }'\n"
                     "cairn query 'mutation { create_User(input: {name: \"Alice\"}) { _docID } }'\n"
                     "cairn query -f requests.graphql -o ByName -v '{\"name\": \"Alice\"}'\n"
                     "echo '{ User { name } }' | cairn query -",
                     [flags](const StoreOptions& options) { return run_query(options, *flags); });
    command.add_option("request", flags->argument, "The request itself, or - for standard input");
    command.add_option("-f,--file", flags->files, "Read the request from a file")->allow_extra_args(false);
    command.add_option("-v,--variables", flags->variables, "Variables as a JSON object");
    command.add_option("-o,--operation", flags->operation, "Name of the operation to run");
    command.add_flag("--read-only", flags->read_only, "Open the store without writing to it; mutations fail");
}

}  // namespace cairn::cli
