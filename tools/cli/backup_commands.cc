// cairn backup export | import, purge, dump (spec/http-and-cli.md sections 9, 13 and 17).
#include <fmt/format.h>

#include <memory>

#include "cli/backend.h"
#include "cli/command.h"

namespace cairn::cli {

namespace {

struct ExportFlags {
    BackupOptions backup;
    std::string file;
    std::string format = "json";
};

Result<int> export_backup(const StoreOptions& options, const ExportFlags& flags) {
    if (flags.format != "json")
        return fail(ErrorCode::invalid_argument, fmt::format("invalid export format: {}", flags.format));
    BackupOptions backup = flags.backup;
    backup.file = flags.file;
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_TRY(backend->export_backup(backup));
    return 0;
}

Result<int> import_backup(const StoreOptions& options, const std::string& file) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_TRY(backend->import_backup(file));
    CAIRN_TRY(backend->close());
    return 0;
}

Result<int> purge(const StoreOptions& options, bool force) {
    if (!force) {
        return fail(ErrorCode::invalid_argument,
                    "run this command again with --force if you really want to purge all data");
    }
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_TRY(backend->purge());
    return 0;
}

Result<int> dump(const StoreOptions& options) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_TRY(backend->dump());
    return 0;
}

}  // namespace

void add_backup_commands(Commands& commands) {
    CLI::App& group = commands.group("backup", "All documents to and from a JSON file");

    auto flags = std::make_shared<ExportFlags>();
    CLI::App& export_command = commands.add_for_both(
        group, "export", "Write documents to a file (of the server's machine, when there is a server)",
        "cairn backup export books.json\ncairn backup export --pretty -c Author,Book books.json",
        [flags](const StoreOptions& options) { return export_backup(options, *flags); });
    export_command.add_option("path", flags->file, "The file to write")->required();
    export_command.add_option("-c,--collections", flags->backup.collections, "Only these collections")
        ->delimiter(',')
        ->allow_extra_args(false);
    export_command.add_flag("-p,--pretty", flags->backup.pretty, "Indent the JSON");
    export_command.add_option("-f,--format", flags->format, "Form of the file: json");

    auto file = std::make_shared<std::string>();
    commands
        .add_for_both(group, "import", "Create the documents of a file, all or none",
                      "cairn backup import books.json",
                      [file](const StoreOptions& options) { return import_backup(options, *file); })
        .add_option("path", *file, "The file to read")
        ->required();
}

void add_purge_commands(Commands& commands) {
    auto force = std::make_shared<bool>(false);
    commands
        .add_for_both(commands.root(), "purge",
                      "Delete all data (of a server: when it runs with --development)", "cairn purge --force",
                      [force](const StoreOptions& options) { return purge(options, *force); })
        .add_flag("-f,--force", *force, "Really do it");
    commands.add_for_both(commands.root(), "dump", "Write what is in the store to the log", "cairn dump",
                          dump);
}

}  // namespace cairn::cli
