// The command tree: every command is a body that runs after the whole command line has been read. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cairn/error.h"
#include "cli/store.h"

namespace cairn::cli {

// What a command does. Returns the exit status; an error is printed by main as `Error: <message>` with
// status 1.
using CommandBody = std::function<Result<int>(const StoreOptions& options)>;

// Owns the global options and remembers which command was chosen. Must outlive the parse of the App it was
// made for.
class Commands {
  public:
    explicit Commands(CLI::App& root);

    // Where commands are added: the root, or the group `client` after enter_client.
    CLI::App& root() { return *scope_; }

    // From here on commands are added under `cairn client`, where they work on a server.
    void enter_client();
    bool in_client() const { return scope_ != &root_; }

    // Adds a group such as `schema`; without a verb it prints its help.
    CLI::App& group(const std::string& name, const std::string& description);

    // Adds a command with the global flags and examples (one per line, each a whole command line).
    CLI::App& add(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples, CommandBody body);

    // A command that works on the store or, with --url, on a server.
    CLI::App& add_for_both(CLI::App& parent, const std::string& name, const std::string& description,
                           const std::string& examples, CommandBody body);

    // For a command that reads its own arguments: it has no global flags.
    void choose_when_parsed(CLI::App& command, CommandBody body);

    // Runs the chosen command; the help of the deepest named group when there is none.
    Result<int> run() const;

  private:
    CLI::App& root_;
    CLI::App* scope_;
    StoreOptions options_;
    CommandBody chosen_;
};

// Message for a command line that CLI11 refused: names what was wrong and the nearest command or flag.
std::string describe_parse_error(const CLI::App& root, const CLI::ParseError& error);

// Help text of a command with its whole name, and of the innermost command that was named on the command
// line.
std::string help_of(const CLI::App& command);
std::string chosen_help(const CLI::App& root);

void add_schema_commands(Commands& commands);
void add_query_command(Commands& commands);
void add_doc_commands(Commands& commands);
void add_dag_commands(Commands& commands);
void add_store_commands(Commands& commands);
void add_serve_command(Commands& commands);
void add_collection_commands(Commands& commands);
void add_index_commands(Commands& commands);
void add_transaction_commands(Commands& commands);
void add_backup_commands(Commands& commands);
void add_purge_commands(Commands& commands);
void add_version_command(Commands& commands);
void add_misc_commands(Commands& commands);

}  // namespace cairn::cli
