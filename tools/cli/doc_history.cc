// cairn doc history: the commits of one document as a table, newest first.
#include <fmt/format.h>

#include <memory>

#include "cli/backend.h"
#include "cli/doc_commands.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

struct Change {
    std::string field;
    std::string value;  // JSON text; of an encrypted field its bytes as hex text
};

struct HistoryEntry {
    std::uint64_t height = 0;
    std::string cid;
    std::size_t parents = 0;
    std::string status;  // created, updated, deleted
    std::vector<Change> changes;
};

HistoryEntry read_entry(element commit) {
    HistoryEntry entry;
    entry.height = number_at(commit, "priority");
    entry.cid = text_at(commit, "cid");
    entry.parents = items_at(commit, "heads").size();
    for (const element field : items_at(commit, "fields")) {
        element value;
        const bool readable = field["value"].get(value) == simdjson::SUCCESS;
        entry.changes.push_back({text_at(field, "fieldName"),
                                 readable ? simdjson::minify(value) : quote_json(text_at(field, "data"))});
    }
    if (text_at(commit, "status") == "deleted") {
        entry.status = "deleted";
    } else {
        entry.status = entry.parents == 0 ? "created" : "updated";
    }
    return entry;
}

std::string render_json(const std::string& id, const std::vector<HistoryEntry>& history) {
    std::string commits;
    for (const auto& entry : history) {
        std::string fields;
        for (const auto& change : entry.changes) {
            fields +=
                fmt::format("{}{}:{}", fields.empty() ? "" : ",", quote_json(change.field), change.value);
        }
        commits +=
            fmt::format("{}{{\"height\":{},\"cid\":{},\"status\":{},\"parents\":{},\"fields\":{{{}}}}}",
                        commits.empty() ? "" : ",", entry.height, quote_json(entry.cid),
                        quote_json(entry.status), entry.parents, fields);
    }
    return indent_json(fmt::format("{{\"docID\":{},\"commits\":[{}]}}", quote_json(id), commits));
}

std::string render_table(const std::vector<HistoryEntry>& history, bool values) {
    constexpr std::size_t kValueWidth = 42;  // a document id in quotes
    Table table({"HEIGHT", "COMMIT", "STATUS", "FIELDS"});
    for (const auto& entry : history) {
        std::string fields;
        for (const auto& change : entry.changes) {
            fields += fields.empty() ? "" : ", ";
            fields += values ? fmt::format("{}={}", change.field, shorten(change.value, kValueWidth))
                             : change.field;
        }
        const std::string merge = entry.parents > 1 ? fmt::format(" (joins {})", entry.parents) : "";
        table.add({std::to_string(entry.height), short_cid(entry.cid), entry.status + merge,
                   fields.empty() ? "-" : fields});
    }
    return table.render();
}

Result<int> history(const StoreOptions& options, const std::string& id, bool values) {
    constexpr std::size_t kAllCommits = 0;
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string log, backend->document_log(id, true, kAllCommits));
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(log));
    std::vector<HistoryEntry> entries;
    for (const element commit : items_at(document.root(), "commits")) entries.push_back(read_entry(commit));
    print(options.json ? render_json(id, entries) : render_table(entries, values));
    return 0;
}

}  // namespace

void add_doc_history(Commands& commands, CLI::App& group) {
    auto id = std::make_shared<std::string>();
    auto values = std::make_shared<bool>(false);
    CLI::App& command = commands.add_for_both(
        group, "history", "Show what was written to a document, newest first (counters: the increments)",
        "cairn doc history bae-…\ncairn doc history bae-… --fields",
        [id, values](const StoreOptions& options) { return history(options, *id, *values); });
    command.add_option("docID", *id, "Id of the document")->required();
    command.add_flag("--fields", *values, "Show the values that were written");
}

}  // namespace cairn::cli
