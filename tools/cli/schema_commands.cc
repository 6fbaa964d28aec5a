// cairn schema add | describe | patch | set-active
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/answers.h"
#include "cli/backend.h"
#include "cli/collection_info.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

struct InputFlags {
    std::string argument;
    std::vector<std::string> files;
    bool set_active = false;
};

struct DescribeFlags {
    std::optional<std::string> name, root, version;
};

Result<int> print_versions(const StoreOptions& options, const std::string& versions,
                           std::string_view when_none) {
    if (options.client) {
        print_answer(options, "collections", versions);
        return 0;
    }
    if (options.json) {
        print(indent_json(fmt::format("{{\"collections\":{}}}", versions)));
        return 0;
    }
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(versions));
    Table table({"COLLECTION", "FIELDS", "VERSION"});
    for (const element version : items_of(document.root())) {
        table.add({text_at(version, "Name"), std::to_string(items_at(version, "Fields").size()),
                   text_at(version, "VersionID")});
    }
    print(table.empty() ? when_none : table.render());
    return 0;
}

Result<int> add(const StoreOptions& options, const InputFlags& input) {
    CAIRN_ASSIGN(const std::string sdl, read_input(input.files, input.argument, "schema cannot be empty"));
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::create));
    auto versions = backend->add_schema(sdl);
    CAIRN_TRY(backend->close());
    if (!versions) {
        return fail(versions.error().code, "failed to add schema: " + versions.error().message);
    }
    return print_versions(options, *versions, "nothing to add: the text defines no type");
}

Result<int> patch(const StoreOptions& options, const InputFlags& input) {
    CAIRN_ASSIGN(const std::string text, read_input(input.files, input.argument, "patch cannot be empty"));
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    auto versions = backend->patch_schema(text, input.set_active || !options.client);
    CAIRN_TRY(backend->close());
    if (!versions) {
        return fail(versions.error().code, "failed to patch schema: " + versions.error().message);
    }
    if (options.client || versions->empty()) return 0;
    return print_versions(options, *versions, "nothing changed");
}

std::string render_collection(const CollectionInfo& collection) {
    std::string text = fmt::format("type {}  {}\n", collection.name, collection.version_id);
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& field : collection.fields) {
        std::string what = field.kind;
        if (!field.crdt.empty() && field.crdt != "lww") what += fmt::format("  @crdt(type: {})", field.crdt);
        if (!field.relation.empty()) what += fmt::format("  relation {}", field.relation);
        if (!field.on_delete.empty()) what += fmt::format("  on delete {}", field.on_delete);
        if (!field.join_on.empty()) {
            what +=
                fmt::format("  @join(on: \"{}\", references: \"{}\")", field.join_on, field.join_references);
        }
        lines.emplace_back("  " + field.name, what);
    }
    return text + render_pairs(lines);
}

// [definition.version, …] of an array of definitions.
std::string versions_of(element definitions) {
    std::string out = "[";
    for (const element definition : items_of(definitions)) {
        element version;
        if (definition["version"].get(version) != simdjson::SUCCESS) continue;
        if (out.size() > 1) out += ',';
        out += simdjson::minify(version);
    }
    return out + "]";
}

Result<int> describe_as_json(Backend& backend, const std::optional<std::string>& name) {
    CollectionSelector collections;
    collections.name = name;
    SchemaSelector selector;
    selector.name = name;
    CAIRN_ASSIGN(const std::string definitions, backend.describe_definitions(collections));
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(definitions));
    CAIRN_ASSIGN(const std::string schemas, backend.describe_schemas(selector));
    print(indent_json(
        fmt::format("{{\"collections\":{},\"schemas\":{}}}", versions_of(document.root()), schemas)));
    return 0;
}

// The schemas themselves, as the API describes them.
Result<int> describe_schemas(const StoreOptions& options, Backend& backend, const DescribeFlags& flags) {
    SchemaSelector selector;
    selector.version_id = flags.version;
    selector.root = flags.root;
    selector.name = flags.name;
    CAIRN_ASSIGN(const std::string schemas, backend.describe_schemas(selector));
    print_answer(options, "schemas", schemas);
    return 0;
}

Result<int> describe(const StoreOptions& options, const DescribeFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    if (options.client || flags.root || flags.version) return describe_schemas(options, *backend, flags);
    if (flags.name) CAIRN_TRY(find_collection(*backend, *flags.name));
    if (options.json) return describe_as_json(*backend, flags.name);
    CAIRN_ASSIGN(const auto collections, read_collections(*backend));
    std::string text;
    for (const auto& collection : collections) {
        if (flags.name && collection.name != *flags.name) continue;
        text += (text.empty() ? "" : "\n") + render_collection(collection);
    }
    print(text.empty() ? "no collections" : text);
    return 0;
}

Result<int> set_active(const StoreOptions& options, const std::string& version_id) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_TRY(backend->set_active_schema(version_id));
    CAIRN_TRY(backend->close());
    return 0;
}

CLI::App& add_input_command(Commands& commands, CLI::App& group, const std::string& verb,
                            const std::string& description, const std::string& examples,
                            const std::string& file_flags, const std::shared_ptr<InputFlags>& input,
                            Result<int> (*body)(const StoreOptions&, const InputFlags&)) {
    CLI::App& command =
        commands.add_for_both(group, verb, description, examples,
                              [input, body](const StoreOptions& options) { return body(options, *input); });
    command.add_option("text", input->argument, "The text itself, or - for standard input");
    command.add_option(file_flags, input->files, "Read the text from a file; several are joined")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->take_all();
    return command;
}

void add_patch(Commands& commands, CLI::App& group) {
    auto input = std::make_shared<InputFlags>();
    CLI::App& command = add_input_command(commands, group, "patch", "Change active types by a JSON Patch",
                                          "cairn schema patch '[{\"op\":\"add\",\"path\":\"/User/Fields/-\","
                                          "\"value\":{\"Name\":\"email\",\"Kind\":\"String\"}}]'\n"
                                          "cairn schema patch -p patch.json",
                                          "-p,--patch-file", input, patch);
    command.add_flag("--set-active", input->set_active,
                     "Make the new versions the active ones (always done except under `cairn client`)");
}

void add_describe(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<DescribeFlags>();
    CLI::App& command = commands.add_for_both(
        group, "describe",
        "Show the active collections with their fields; under `cairn client`, or by root "
        "or version, the schemas",
        "cairn schema describe\ncairn schema describe --name User --json",
        [flags](const StoreOptions& options) { return describe(options, *flags); });
    command.add_option("--name", flags->name, "Only those of this name");
    command.add_option("--root", flags->root, "Only the schemas with this root");
    command.add_option("--version", flags->version, "Only the schema version with this id");
}

}  // namespace

void add_schema_commands(Commands& commands) {
    CLI::App& group = commands.group("schema", "Add, change and describe types");
    add_input_command(commands, group, "add", "Add the types of an SDL text, all or none of them",
                      "cairn schema add -f schema.graphql\n"
                      "cairn schema add 'type User { name: String  age: Int }'\n"
                      "cairn schema add - < schema.graphql",
                      "-f,--file", std::make_shared<InputFlags>(), add);
    add_patch(commands, group);
    add_describe(commands, group);
    auto version_id = std::make_shared<std::string>();
    commands
        .add_for_both(group, "set-active", "Make a schema version the active one of its collection",
                      "cairn schema set-active bafkrei…",
                      [version_id](const StoreOptions& options) { return set_active(options, *version_id); })
        .add_option("versionID", *version_id, "Id of the version")
        ->required();
}

}  // namespace cairn::cli
