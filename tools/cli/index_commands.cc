// cairn index create | drop | list (spec/http-and-cli.md section 17).
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/answers.h"
#include "cli/backend.h"
#include "cli/command.h"

namespace cairn::cli {

namespace {

struct IndexFlags {
    std::string collection, name;
    std::vector<std::string> fields;
    bool unique = false;
};

// "name", "name:ASC" or "name:DESC".
Result<IndexField> read_field(const std::string& text) {
    const std::size_t colon = text.find(':');
    IndexField field{.name = text.substr(0, colon)};
    if (colon == std::string::npos) return field;
    const std::string order = text.substr(colon + 1);
    if (order.find(':') != std::string::npos) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("invalid or malformed field description. Field: {}", text));
    }
    if (order != "ASC" && order != "DESC") {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("invalid order: expected ASC or DESC. Field: {}", text));
    }
    field.descending = order == "DESC";
    return field;
}

Result<int> create(const StoreOptions& options, const IndexFlags& flags) {
    IndexRequest request{.name = flags.name, .fields = {}, .unique = flags.unique};
    for (const auto& text : flags.fields) {
        CAIRN_ASSIGN(IndexField field, read_field(text));
        request.fields.push_back(std::move(field));
    }
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_ASSIGN(const std::string index, backend->create_index(flags.collection, request));
    CAIRN_TRY(backend->close());
    print_answer(options, "index", index);
    return 0;
}

Result<int> drop(const StoreOptions& options, const IndexFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_TRY(backend->drop_index(flags.collection, flags.name));
    CAIRN_TRY(backend->close());
    return 0;
}

Result<int> list(const StoreOptions& options, const IndexFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string indexes,
                 flags.collection.empty() ? backend->all_indexes() : backend->indexes(flags.collection));
    print_answer(options, "indexes", indexes);
    return 0;
}

}  // namespace

void add_index_commands(Commands& commands) {
    CLI::App& group = commands.group("index", "Secondary indexes of collections");

    auto created = std::make_shared<IndexFlags>();
    CLI::App& create_command = commands.add_for_both(
        group, "create", "Create an index over the documents that are there and all to come",
        "cairn index create -c User --fields name\n"
        "cairn index create -c User --fields age:DESC,name -n UserByAge --unique",
        [created](const StoreOptions& options) { return create(options, *created); });
    create_command.add_option("-c,--collection", created->collection, "Name of the collection")->required();
    create_command.add_option("--fields", created->fields, "Fields, each with :ASC (default) or :DESC")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->required();
    create_command.add_option("-n,--name", created->name, "Name of the index (default: made of its fields)");
    create_command.add_flag("-u,--unique", created->unique, "No two documents may have the same values");

    auto dropped = std::make_shared<IndexFlags>();
    CLI::App& drop_command =
        commands.add_for_both(group, "drop", "Remove an index", "cairn index drop -c User -n UserByAge",
                              [dropped](const StoreOptions& options) { return drop(options, *dropped); });
    drop_command.add_option("-c,--collection", dropped->collection, "Name of the collection")->required();
    drop_command.add_option("-n,--name", dropped->name, "Name of the index")->required();

    auto listed = std::make_shared<IndexFlags>();
    commands
        .add_for_both(group, "list", "Show the indexes of a collection, or of all, as JSON",
                      "cairn index list\ncairn index list -c User",
                      [listed](const StoreOptions& options) { return list(options, *listed); })
        .add_option("-c,--collection", listed->collection, "Name of the collection");
}

}  // namespace cairn::cli
