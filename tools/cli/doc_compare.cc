// cairn doc diff | blame: one document at two points of its history, and where each value comes from.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "cli/backend.h"
#include "cli/doc_commands.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

constexpr std::size_t kAllCommits = 0;
constexpr std::string_view kDeleted = "_deleted";

struct DiffFlags {
    std::string id, from, to;
};

struct CommitPlace {
    std::string cid;
    std::uint64_t height = 0;
};

// The commit that a person means: its CID or the end of it, or a height that only one commit has.
Result<CommitPlace> find_commit(const std::vector<CommitPlace>& commits, const std::string& given) {
    std::vector<CommitPlace> found;
    const bool is_height = !given.empty() && given.find_first_not_of("0123456789") == std::string::npos;
    for (const CommitPlace& commit : commits) {
        if (commit.cid == given) return commit;
        const bool meant = is_height ? std::to_string(commit.height) == given
                                     : given.size() >= 4 && commit.cid.ends_with(given);
        if (meant) found.push_back(commit);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) return fail(ErrorCode::not_found, fmt::format("the document has no commit {}", given));
    std::string cids;
    for (const CommitPlace& commit : found) cids += " " + short_cid(commit.cid);
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} commits of the document are meant by {}:{}", found.size(), given, cids));
}

using Values = std::map<std::string, std::string>;  // by field, JSON; null is left out

// The document as of a commit, or as it is now for an empty CID.
Result<Values> values_at(Backend& backend, const CollectionInfo& collection, const std::string& id,
                         const std::string& cid) {
    std::string fields = "_deleted";
    for (const auto& field : collection.value_fields()) fields += " " + field;
    const std::string request =
        cid.empty() ? fmt::format("query($id: [String!]) {{ {}(docID: $id, showDeleted: true) {{ {} }} }}",
                                  collection.name, fields)
                    : fmt::format(
                          "query($id: [String!], $cid: String) {{ {}(docID: $id, cid: $cid, showDeleted: "
                          "true) {{ {} }} }}",
                          collection.name, fields);
    const std::string variables =
        cid.empty() ? fmt::format("{{\"id\":[{}]}}", quote_json(id))
                    : fmt::format("{{\"id\":[{}],\"cid\":{}}}", quote_json(id), quote_json(cid));
    CAIRN_ASSIGN(const JsonDocument answer, ask(backend, request, variables));
    Values values;
    for (const element document : documents_in(answer)) {
        simdjson::dom::object object;
        if (document.get(object) != simdjson::SUCCESS) continue;
        for (const auto field : object) {
            std::string text = simdjson::minify(field.value);
            const bool nothing = text == "null" || (field.key == kDeleted && text == "false");
            if (!nothing) values.emplace(std::string(field.key), std::move(text));
        }
    }
    return values;
}

struct Difference {
    std::string field;
    std::optional<std::string> from, to;  // JSON
};

std::vector<Difference> compare(const Values& from, const Values& to) {
    std::vector<Difference> differences;
    for (const auto& [field, value] : from) {
        const auto other = to.find(field);
        if (other == to.end()) {
            differences.push_back({field, value, std::nullopt});
        } else if (other->second != value) {
            differences.push_back({field, value, other->second});
        }
    }
    for (const auto& [field, value] : to) {
        if (!from.contains(field)) differences.push_back({field, std::nullopt, value});
    }
    std::sort(differences.begin(), differences.end(),
              [](const Difference& a, const Difference& b) { return a.field < b.field; });
    return differences;
}

std::string json_of(const std::string& id, const std::string& from, const std::string& to,
                    const std::vector<Difference>& differences) {
    std::string fields;
    for (const Difference& difference : differences) {
        fields += fmt::format("{}{}:{{\"from\":{},\"to\":{}}}", fields.empty() ? "" : ",",
                              quote_json(difference.field), difference.from.value_or("null"),
                              difference.to.value_or("null"));
    }
    return indent_json(fmt::format("{{\"docID\":{},\"from\":{},\"to\":{},\"fields\":{{{}}}}}", quote_json(id),
                                   from.empty() ? "null" : quote_json(from),
                                   to.empty() ? "null" : quote_json(to), fields));
}

std::string text_of(const std::vector<Difference>& differences) {
    std::string text;
    for (const Difference& difference : differences) {
        if (difference.from) text += fmt::format("- {}: {}\n", difference.field, *difference.from);
        if (difference.to) text += fmt::format("+ {}: {}\n", difference.field, *difference.to);
    }
    return text.empty() ? "no differences" : text;
}

Result<std::vector<CommitPlace>> commits_of(const JsonDocument& log) {
    std::vector<CommitPlace> commits;
    for (const element commit : items_at(log.root(), "commits"))
        commits.push_back({text_at(commit, "cid"), number_at(commit, "priority")});
    return commits;
}

// Without --from: before the newest commit (of several newest ones the first); without --to: the document as
// it is.
Result<int> diff(const StoreOptions& options, const DiffFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string name, backend->collection_of(flags.id));
    CAIRN_ASSIGN(const CollectionInfo collection, find_collection(*backend, name));
    CAIRN_ASSIGN(const std::string text, backend->document_log(flags.id, false, kAllCommits));
    CAIRN_ASSIGN(const JsonDocument log, JsonDocument::parse(text));
    CAIRN_ASSIGN(const std::vector<CommitPlace> commits, commits_of(log));
    std::string to, from;
    std::optional<CommitPlace> end;
    if (!flags.to.empty()) {
        CAIRN_ASSIGN(end, find_commit(commits, flags.to));
        to = end->cid;
    }
    bool from_nothing = false;
    if (!flags.from.empty()) {
        CAIRN_ASSIGN(const CommitPlace begin, find_commit(commits, flags.from));
        from = begin.cid;
    } else {
        const std::string last = end ? end->cid : commits.empty() ? std::string() : commits.front().cid;
        for (const element commit : items_at(log.root(), "commits")) {
            if (text_at(commit, "cid") != last) continue;
            const auto parents = items_at(commit, "heads");
            from_nothing = parents.empty();
            if (!parents.empty()) from = plain_text(parents.front());
        }
    }
    Values before;
    if (!from_nothing) {
        CAIRN_ASSIGN(before, values_at(*backend, collection, flags.id, from));
    }
    CAIRN_ASSIGN(const Values after, values_at(*backend, collection, flags.id, to));
    const auto differences = compare(before, after);
    print(options.json ? json_of(flags.id, from, to, differences) : text_of(differences));
    return 0;
}

// ---- blame ----

// The write that a field's value is from; of a counter the newest of all that count.
struct Origin {
    std::uint64_t height = 0;
    std::string commit;        // of the document
    std::string field_commit;  // the field's own
    std::string data;          // hex; what decides between writes of one height (spec/blocks.md 9.1)
    bool is_counter = false;
    std::size_t writes = 0;
};

std::map<std::string, Origin> origins_of(const JsonDocument& log) {
    std::map<std::string, Origin> origins;
    for (const element commit : items_at(log.root(), "commits")) {
        for (const element field : items_at(commit, "fields")) {
            Origin& origin = origins[text_at(field, "fieldName")];
            ++origin.writes;
            const std::uint64_t height = number_at(field, "priority");
            const std::string data = text_at(field, "data");
            if (std::tie(height, data) <= std::tie(origin.height, origin.data)) continue;
            origin.height = height;
            origin.data = data;
            origin.commit = text_at(commit, "cid");
            origin.field_commit = text_at(field, "cid");
            origin.is_counter = text_at(field, "kind") == "counter";
        }
    }
    return origins;
}

Result<int> blame(const StoreOptions& options, const std::string& id) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string name, backend->collection_of(id));
    CAIRN_ASSIGN(const CollectionInfo collection, find_collection(*backend, name));
    CAIRN_ASSIGN(const std::string text, backend->document_log(id, true, kAllCommits));
    CAIRN_ASSIGN(const JsonDocument log, JsonDocument::parse(text));
    CAIRN_ASSIGN(const Values values, values_at(*backend, collection, id, {}));
    constexpr std::size_t kValueWidth = 60;
    Table table({"FIELD", "VALUE", "HEIGHT", "COMMIT", "WRITES"});
    std::string fields;
    for (const auto& [field, origin] : origins_of(log)) {
        const auto found = values.find(field);
        const std::string value = found == values.end() ? "null" : found->second;
        table.add({field, shorten(value, kValueWidth), std::to_string(origin.height),
                   short_cid(origin.commit),
                   fmt::format("{}{}", origin.writes, origin.is_counter ? " (all count)" : "")});
        fields += fmt::format(
            "{}{}:{{\"value\":{},\"height\":{},\"commit\":{},\"fieldCommit\":{},\"writes\":{},\"counter\":{}}"
            "}",
            fields.empty() ? "" : ",", quote_json(field), value, origin.height, quote_json(origin.commit),
            quote_json(origin.field_commit), origin.writes, origin.is_counter);
    }
    print(options.json
              ? indent_json(fmt::format("{{\"docID\":{},\"fields\":{{{}}}}}", quote_json(id), fields))
              : table.render());
    return 0;
}

}  // namespace

void add_doc_diff(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<DiffFlags>();
    CLI::App& command =
        commands.add_for_both(group, "diff", "Show what changed in a document between two commits",
                              "cairn doc diff bae-…\ncairn doc diff bae-… --from 1 --to 3\ncairn doc diff "
                              "bae-… --from bafyrei… --json",
                              [flags](const StoreOptions& options) { return diff(options, *flags); });
    command.add_option("docID", flags->id, "Id of the document")->required();
    const std::string what = "CID of a commit, its last characters, or its height";
    command.add_option("--from", flags->from, what + " (default: the one before)");
    command.add_option("--to", flags->to, what + " (default: the document as it is)");
}

void add_doc_blame(Commands& commands, CLI::App& group) {
    auto id = std::make_shared<std::string>();
    commands
        .add_for_both(group, "blame", "Show which commit each value of a document is from",
                      "cairn doc blame bae-…\ncairn doc blame bae-… --json",
                      [id](const StoreOptions& options) { return blame(options, *id); })
        .add_option("docID", *id, "Id of the document")
        ->required();
}

}  // namespace cairn::cli
