// cairn collection describe | create | get | docIDs | update | delete | patch: the collection calls
// (spec/http-and-cli.md sections 6 and 17).
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/answers.h"
#include "cli/backend.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

// What the commands take; each has the flags it needs.
struct CollectionFlags {
    CollectionSelector selector;
    std::string argument;
    std::vector<std::string> files;
    std::string doc_id, filter, updater;
    DocumentEncryption encryption;
    bool show_deleted = false;
};

using FlagsPointer = std::shared_ptr<CollectionFlags>;

// A call on the collection that the selector chose.
using OnCollection = Result<int> (*)(const StoreOptions&, const CollectionFlags&, Backend&,
                                     const std::string& collection);

// The names of all versions that the selector chooses.
Result<std::vector<std::string>> selected_names(Backend& backend, const CollectionSelector& selector) {
    CAIRN_ASSIGN(const std::string definitions, backend.describe_definitions(selector));
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(definitions));
    std::vector<std::string> names;
    for (const auto definition : items_of(document.root())) {
        simdjson::dom::element version;
        if (definition["version"].get(version) == simdjson::SUCCESS)
            names.push_back(text_at(version, "Name"));
    }
    return names;
}

// Under `cairn client` a selection that is not of one collection shows the usage, with status 0
// (spec/http-and-cli.md section 17).
Result<int> run_selected(const StoreOptions& options, const CollectionFlags& flags, Access access,
                         const CLI::App& command, OnCollection body) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, access));
    CAIRN_ASSIGN(const auto names, selected_names(*backend, flags.selector));
    if (names.size() == 1) {
        CAIRN_ASSIGN(const int status, body(options, flags, *backend, names.front()));
        CAIRN_TRY(backend->close());
        return status;
    }
    if (options.client) {
        print_line_to_stderr(help_of(command));
        return 0;
    }
    if (names.empty() && flags.selector.name)
        return std::unexpected(unknown_collection(*flags.selector.name));
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} collections match, not one: choose by --name, --collection-id or --version-id",
                    names.size()));
}

Result<int> describe(const StoreOptions& options, const CollectionFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string definitions, backend->describe_definitions(flags.selector));
    print_answer(options, "collections", definitions);
    return 0;
}

Result<int> patch(const StoreOptions& options, const CollectionFlags& flags) {
    CAIRN_ASSIGN(const std::string text, read_input(flags.files, flags.argument, "patch cannot be empty"));
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_TRY(backend->patch_collections(text));
    CAIRN_TRY(backend->close());
    return 0;
}

Result<int> create(const StoreOptions&, const CollectionFlags& flags, Backend& backend,
                   const std::string& collection) {
    CAIRN_ASSIGN(const std::string text,
                 read_input(flags.files, flags.argument, "document or file must be defined"));
    CAIRN_TRY(backend.create_documents(collection, text, flags.encryption));
    return 0;
}

Result<int> get(const StoreOptions& options, const CollectionFlags& flags, Backend& backend,
                const std::string& collection) {
    CAIRN_ASSIGN(const std::string document,
                 backend.get_document(collection, flags.doc_id, flags.show_deleted));
    print_answer(options, "document", document);
    return 0;
}

Result<int> list_ids(const StoreOptions& options, const CollectionFlags&, Backend& backend,
                     const std::string& collection) {
    std::string list;
    CAIRN_TRY(backend.document_ids(collection, [&](std::string_view id) {
        if (options.json) {
            list += (list.empty() ? "" : ",");
            list += id;
        } else {
            print(indent_json(id));
        }
        return true;
    }));
    if (options.json) print(indent_json(fmt::format("{{\"documents\":[{}]}}", list)));
    return 0;
}

// A filter on the command line is JSON, or else GraphQL syntax, which the API takes as a JSON string.
std::string filter_json(const std::string& filter) {
    return Database::json_problem(filter).empty() ? filter : quote_json(filter);
}

std::unexpected<Error> no_target() {
    return fail(ErrorCode::invalid_argument, "docID or filter must be defined");
}

Result<int> update(const StoreOptions& options, const CollectionFlags& flags, Backend& backend,
                   const std::string& collection) {
    if (flags.doc_id.empty() && flags.filter.empty()) return no_target();
    if (flags.updater.empty())
        return fail(ErrorCode::invalid_argument, "missing required flag. Flag: updater");
    if (!flags.doc_id.empty()) {
        CAIRN_TRY(backend.update_document(collection, flags.doc_id, flags.updater));
        return 0;
    }
    CAIRN_ASSIGN(const std::string changed,
                 backend.update_documents(collection, filter_json(flags.filter), flags.updater));
    print_answer(options, "changed", changed);
    return 0;
}

Result<int> remove(const StoreOptions& options, const CollectionFlags& flags, Backend& backend,
                   const std::string& collection) {
    if (flags.doc_id.empty() && flags.filter.empty()) return no_target();
    if (!flags.doc_id.empty()) {
        CAIRN_TRY(backend.delete_document(collection, flags.doc_id));
        return 0;
    }
    CAIRN_ASSIGN(const std::string changed, backend.delete_documents(collection, filter_json(flags.filter)));
    print_answer(options, "changed", changed);
    return 0;
}

// ---- the command line ----

void add_selector(CLI::App& command, CollectionSelector& selector) {
    command.add_option("--name", selector.name, "Name of the collection");
    command.add_option("--collection-id", selector.collection_id, "Id of the collection");
    command.add_option("--version-id", selector.version_id, "Id of a version of the collection");
    command.add_flag("--get-inactive", selector.include_inactive, "Inactive versions too");
}

CLI::App& add_selected(Commands& commands, CLI::App& group, const std::string& verb,
                       const std::string& description, const std::string& examples, const FlagsPointer& flags,
                       Access access, OnCollection body) {
    auto self = std::make_shared<const CLI::App*>(nullptr);
    CLI::App& command = commands.add_for_both(group, verb, description, examples,
                                              [flags, access, body, self](const StoreOptions& options) {
                                                  return run_selected(options, *flags, access, **self, body);
                                              });
    *self = &command;
    add_selector(command, flags->selector);
    return command;
}

void add_describe(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<CollectionFlags>();
    CLI::App& command = commands.add_for_both(
        group, "describe", "Show the versions of collections with their schemas, as JSON",
        "cairn collection describe\ncairn collection describe --name User\n"
        "cairn collection describe --get-inactive",
        [flags](const StoreOptions& options) { return describe(options, *flags); });
    add_selector(command, flags->selector);
}

void add_create(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<CollectionFlags>();
    CLI::App& command =
        add_selected(commands, group, "create", "Create a document, or all documents of an array or none",
                     "cairn collection create --name User '{\"name\": \"Alice\"}'\n"
                     "cairn collection create --name User -f users.json",
                     flags, Access::write, create);
    command.add_option("document", flags->argument, "A JSON object or array, or - for standard input");
    command.add_option("-f,--file", flags->files, "Read the JSON from a file")->allow_extra_args(false);
    command.add_flag("-e,--encrypt", flags->encryption.whole_document, "Encrypt the document");
    command.add_option("--encrypt-fields", flags->encryption.fields, "Encrypt these fields")
        ->delimiter(',')
        ->allow_extra_args(false);
}

void add_get(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<CollectionFlags>();
    CLI::App& command = add_selected(commands, group, "get", "Show one document, as JSON",
                                     "cairn collection get --name User bae-…", flags, Access::read, get);
    command.add_option("docID", flags->doc_id, "Id of the document")->required();
    command.add_flag("--show-deleted", flags->show_deleted, "Also when the document is deleted");
}

void add_target(CLI::App& command, CollectionFlags& flags) {
    CLI::Option* id = command.add_option("--docID", flags.doc_id, "Only the document with this id");
    command.add_option("--filter", flags.filter, "All documents that fit, as JSON or in GraphQL syntax")
        ->excludes(id);
}

void add_changes(Commands& commands, CLI::App& group) {
    auto changed = std::make_shared<CollectionFlags>();
    CLI::App& update_command = add_selected(
        commands, group, "update", "Change a document, or all that fit a filter",
        "cairn collection update --name User --docID bae-… --updater '{\"age\": 32}'\n"
        "cairn collection update --name User --filter '{\"age\": {\"_gt\": 30}}' --updater '{\"old\": true}'",
        changed, Access::write, update);
    add_target(update_command, *changed);
    update_command.add_option("--updater", changed->updater, "JSON object that is merged into the document");

    auto removed = std::make_shared<CollectionFlags>();
    CLI::App& delete_command =
        add_selected(commands, group, "delete", "Delete a document, or all that fit a filter",
                     "cairn collection delete --name User --docID bae-…\n"
                     "cairn collection delete --name User --filter '{name: {_eq: \"Alice\"}}'",
                     removed, Access::write, remove);
    add_target(delete_command, *removed);
}

void add_patch(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<CollectionFlags>();
    CLI::App& command =
        commands.add_for_both(group, "patch", "Change collection versions by a JSON Patch",
                              "cairn collection patch '[{\"op\": \"replace\", \"path\": "
                              "\"/bafkrei…/IsActive\", \"value\": false}]'\n"
                              "cairn collection patch -p patch.json",
                              [flags](const StoreOptions& options) { return patch(options, *flags); });
    command.add_option("patch", flags->argument, "The patch itself, or - for standard input");
    command.add_option("-p,--patch-file", flags->files, "Read the patch from a file")
        ->allow_extra_args(false);
}

}  // namespace

void add_collection_commands(Commands& commands) {
    CLI::App& group = commands.group("collection", "Documents and versions of one collection, as JSON");
    add_describe(commands, group);
    add_create(commands, group);
    add_get(commands, group);
    add_selected(commands, group, "docIDs", "List the ids of all documents, deleted ones too",
                 "cairn collection docIDs --name User", std::make_shared<CollectionFlags>(), Access::read,
                 list_ids);
    add_changes(commands, group);
    add_patch(commands, group);
}

}  // namespace cairn::cli
