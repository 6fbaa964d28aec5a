// cairn doc list | get | create
#include "cli/doc_commands.h"

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

constexpr std::size_t kMaxListed = 1'000'000;
constexpr std::size_t kCellWidth = 32;

struct ListFlags {
    std::string collection;
    std::size_t limit = 100;
    std::string after;
    bool deleted = false;
};

struct CreateFlags {
    std::string collection;
    std::string argument;
    std::vector<std::string> files;
};

Result<int> list(const StoreOptions& options, const ListFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const CollectionInfo collection, find_collection(*backend, flags.collection));
    CAIRN_ASSIGN(const auto ids,
                 backend->list_ids(flags.collection, flags.after, flags.limit, flags.deleted));
    CAIRN_ASSIGN(const JsonDocument answer, ask(*backend, request_by_ids(collection, flags.deleted),
                                                fmt::format("{{\"ids\":{}}}", quote_json_list(ids))));
    const auto documents = documents_in(answer);
    if (options.json) {
        print_documents_as_json(documents);
        return 0;
    }
    const auto fields = collection.value_fields();
    std::vector<std::string> heading = {"_docID"};
    if (flags.deleted) heading.push_back("_deleted");
    heading.insert(heading.end(), fields.begin(), fields.end());
    Table table(heading);
    for (const element document : documents) {
        std::vector<std::string> row;
        for (const auto& name : heading) {
            element value;
            const bool found = document[name].get(value) == simdjson::SUCCESS;
            row.push_back(!found ? "-" : shorten(plain_text(value), name == "_docID" ? 64 : kCellWidth));
        }
        table.add(std::move(row));
    }
    print(table.empty() ? "no documents" : table.render());
    return 0;
}

Result<int> get(const StoreOptions& options, const std::string& id, bool deleted) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string name, backend->collection_of(id));
    CAIRN_ASSIGN(const CollectionInfo collection, find_collection(*backend, name));
    CAIRN_ASSIGN(const JsonDocument answer, ask(*backend, request_by_ids(collection, true),
                                                fmt::format("{{\"ids\":{}}}", quote_json_list({id}))));
    const auto documents = documents_in(answer);
    if (documents.empty())
        return fail(ErrorCode::not_found, fmt::format("document not found. DocID: {}", id));
    bool is_deleted = false;
    if (documents.front()["_deleted"].get(is_deleted) == simdjson::SUCCESS && is_deleted && !deleted) {
        return fail(ErrorCode::not_found, fmt::format("document {} is deleted (--deleted shows it)", id));
    }
    if (options.json) {
        print_documents_as_json(documents);
        return 0;
    }
    std::vector<std::pair<std::string, std::string>> pairs = {{"collection", name}};
    simdjson::dom::object object;
    if (documents.front().get(object) == simdjson::SUCCESS) {
        for (const auto field : object) pairs.emplace_back(std::string(field.key), plain_text(field.value));
    }
    print(render_pairs(pairs));
    return 0;
}

// The texts of the documents in one JSON object or an array of objects; the library reads them itself.
Result<std::vector<std::string>> split_documents(const std::string& text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (text[start] != '[') return std::vector<std::string>{text};
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    const auto error = parser.parse(text).get(root);
    if (error != simdjson::SUCCESS) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("cannot parse JSON: {}", simdjson::error_message(error)));
    }
    std::vector<std::string> documents;
    for (const element document : items_of(root)) documents.push_back(simdjson::minify(document));
    return documents;
}

Result<int> create(const StoreOptions& options, const CreateFlags& flags) {
    CAIRN_ASSIGN(const std::string text,
                 read_input(flags.files, flags.argument, "document or file must be defined"));
    CAIRN_ASSIGN(const auto documents, split_documents(text));
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_ASSIGN(const auto ids, backend->create_named(flags.collection, documents));
    CAIRN_TRY(backend->close());
    if (options.json) {
        std::string list;
        for (const auto& id : ids)
            list += fmt::format("{}{{\"_docID\":{}}}", list.empty() ? "" : ",", quote_json(id));
        print(indent_json(fmt::format("{{\"documents\":[{}]}}", list)));
    } else {
        for (const auto& id : ids) print(id);
    }
    return 0;
}

void add_list(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<ListFlags>();
    CLI::App& command =
        commands.add_for_both(group, "list", "List the documents of a collection in the order of their ids",
                              "cairn doc list User\ncairn doc list User --limit 20 --after bae-… --json",
                              [flags](const StoreOptions& options) { return list(options, *flags); });
    command.add_option("collection", flags->collection, "Name of the collection")->required();
    command.add_option("--limit", flags->limit, "At most so many (default 100)")
        ->check(CLI::Range(std::size_t{1}, kMaxListed));
    command.add_option("--after", flags->after, "Only documents behind this id");
    command.add_flag("--deleted", flags->deleted, "Deleted documents too");
}

void add_get(Commands& commands, CLI::App& group) {
    auto id = std::make_shared<std::string>();
    auto deleted = std::make_shared<bool>(false);
    CLI::App& command = commands.add_for_both(
        group, "get", "Show one document", "cairn doc get bae-…\ncairn doc get bae-… --json",
        [id, deleted](const StoreOptions& options) { return get(options, *id, *deleted); });
    command.add_option("docID", *id, "Id of the document")->required();
    command.add_flag("--deleted", *deleted, "Also when the document is deleted");
}

void add_create(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<CreateFlags>();
    CLI::App& command =
        commands.add_for_both(group, "create", "Create a document, or all documents of an array or none",
                              "cairn doc create User '{\"name\": \"Alice\"}'\n"
                              "cairn doc create User -f users.json\n"
                              "cat users.json | cairn doc create User -",
                              [flags](const StoreOptions& options) { return create(options, *flags); });
    command.add_option("collection", flags->collection, "Name of the collection")->required();
    command.add_option("json", flags->argument, "A JSON object or array, or - for standard input");
    command.add_option("-f,--file", flags->files, "Read the JSON from a file")->allow_extra_args(false);
}

}  // namespace

Result<JsonDocument> ask(Backend& backend, const std::string& request, const std::string& variables) {
    std::string text;
    const auto keep = [&text](std::string_view json) {
        text = json;
        return true;
    };
    CAIRN_ASSIGN(const bool has_errors, backend.execute({request, variables, {}}, keep));
    CAIRN_ASSIGN(JsonDocument answer, JsonDocument::parse(text));
    if (!has_errors) return answer;
    const auto errors = items_at(answer.root(), "errors");
    return fail(ErrorCode::internal, errors.empty() ? text : text_at(errors.front(), "message"));
}

std::vector<element> documents_in(const JsonDocument& answer) {
    simdjson::dom::object data;
    if (answer.root()["data"].get(data) != simdjson::SUCCESS || data.size() == 0) return {};
    return items_of((*data.begin()).value);
}

std::string request_by_ids(const CollectionInfo& collection, bool deleted) {
    std::string request = fmt::format("query($ids: [String!]) {{ {}(docID: $ids{}) {{ _docID _deleted",
                                      collection.name, deleted ? ", showDeleted: true" : "");
    for (const auto& field : collection.value_fields()) request += " " + field;
    return request + " } }";
}

void print_documents_as_json(const std::vector<element>& documents) {
    std::string list;
    for (const element document : documents) list += (list.empty() ? "" : ",") + simdjson::minify(document);
    print(indent_json(fmt::format("{{\"documents\":[{}]}}", list)));
}

void add_doc_commands(Commands& commands) {
    CLI::App& group = commands.group("doc", "List, show and create documents, and see their history");
    add_list(commands, group);
    add_get(commands, group);
    add_create(commands, group);
    add_doc_history(commands, group);
    add_doc_diff(commands, group);
    add_doc_blame(commands, group);
}

}  // namespace cairn::cli
