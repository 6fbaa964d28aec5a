// cairn schema add | describe | patch
#include <fmt/format.h>

#include <memory>

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
};

Result<int> print_versions(const StoreOptions& options, const std::string& versions,
                           std::string_view when_none) {
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
    CAIRN_ASSIGN(Database database, open_store(options, Access::create));
    auto versions = database.add_schema(sdl);
    CAIRN_TRY(database.close());
    if (!versions) {
        return fail(versions.error().code, "failed to add schema: " + versions.error().message);
    }
    return print_versions(options, *versions, "nothing to add: the text defines no type");
}

Result<int> patch(const StoreOptions& options, const InputFlags& input) {
    CAIRN_ASSIGN(const std::string text, read_input(input.files, input.argument, "patch cannot be empty"));
    CAIRN_ASSIGN(Database database, open_store(options, Access::write));
    auto versions = database.patch_schema(text);
    CAIRN_TRY(database.close());
    if (!versions) {
        return fail(versions.error().code, "failed to patch schema: " + versions.error().message);
    }
    return print_versions(options, *versions, "nothing changed");
}

std::string render_collection(const CollectionInfo& collection) {
    std::string text = fmt::format("type {}  {}\n", collection.name, collection.version_id);
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& field : collection.fields) {
        std::string what = field.kind;
        if (!field.crdt.empty() && field.crdt != "lww") what += fmt::format("  @crdt(type: {})", field.crdt);
        if (!field.relation.empty()) what += fmt::format("  relation {}", field.relation);
        lines.emplace_back("  " + field.name, what);
    }
    return text + render_pairs(lines);
}

// Elements of a JSON array whose Name is the given one; all of them for "".
std::string select_named(element array, const std::string& name) {
    std::string out = "[";
    for (const element item : items_of(array)) {
        if (!name.empty() && text_at(item, "Name") != name) continue;
        if (out.size() > 1) out += ',';
        out += simdjson::minify(item);
    }
    return out + "]";
}

Result<int> describe_as_json(const Database& database, const std::string& name) {
    CAIRN_ASSIGN(const JsonDocument collections, JsonDocument::parse(database.describe_collections()));
    CAIRN_ASSIGN(const JsonDocument schemas, JsonDocument::parse(database.describe_schemas()));
    print(
        indent_json(fmt::format("{{\"collections\":{},\"schemas\":{}}}",
                                select_named(collections.root(), name), select_named(schemas.root(), name))));
    return 0;
}

Result<int> describe(const StoreOptions& options, const std::string& name) {
    CAIRN_ASSIGN(const Database database, open_store(options, Access::read));
    if (!name.empty()) CAIRN_TRY(find_collection(database, name));
    if (options.json) return describe_as_json(database, name);
    CAIRN_ASSIGN(const auto collections, read_collections(database));
    std::string text;
    for (const auto& collection : collections) {
        if (!name.empty() && collection.name != name) continue;
        text += (text.empty() ? "" : "\n") + render_collection(collection);
    }
    print(text.empty() ? "no collections" : text);
    return 0;
}

std::shared_ptr<InputFlags> add_input_command(Commands& commands, CLI::App& group, const std::string& verb,
                                              const std::string& description, const std::string& examples,
                                              const std::string& file_flags,
                                              Result<int> (*body)(const StoreOptions&, const InputFlags&)) {
    auto input = std::make_shared<InputFlags>();
    CLI::App& command =
        commands.add(group, verb, description, examples,
                     [input, body](const StoreOptions& options) { return body(options, *input); });
    command.add_option("text", input->argument, "The text itself, or - for standard input");
    command.add_option(file_flags, input->files, "Read the text from a file; several are joined")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->take_all();
    return input;
}

}  // namespace

void add_schema_commands(Commands& commands) {
    CLI::App& group = commands.group("schema", "Add, change and describe types");
    add_input_command(commands, group, "add", "Add the types of an SDL text, all or none of them",
                      "cairn schema add -f schema.graphql\n"
                      "cairn schema add 'type User { name: String  age: Int }'\n"
                      "cairn schema add - < schema.graphql",
                      "-f,--file", add);
    add_input_command(commands, group, "patch", "Change active types by a JSON Patch",
                      "cairn schema patch '[{\"op\":\"add\",\"path\":\"/User/Fields/-\","
                      "\"value\":{\"Name\":\"email\",\"Kind\":\"String\"}}]'\n"
                      "cairn schema patch -p patch.json",
                      "-p,--patch-file", patch);
    auto name = std::make_shared<std::string>();
    CLI::App& describe_command =
        commands.add(group, "describe", "Show the active collections with their fields",
                     "cairn schema describe\ncairn schema describe --name User --json",
                     [name](const StoreOptions& options) { return describe(options, *name); });
    describe_command.add_option("--name", *name, "Only the collection of this name");
}

}  // namespace cairn::cli
