// cairn doc history: the commits of one document as a table, newest first.
#include <fmt/format.h>

#include <memory>
#include <unordered_map>

#include "cli/cbor_text.h"
#include "cli/doc_commands.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

struct Change {
    std::string field;
    std::string value;  // JSON text; of an encrypted field the base64 text
};

struct HistoryEntry {
    std::uint64_t height = 0;
    std::string cid;
    std::size_t parents = 0;
    std::string status;  // created, updated, deleted
    std::vector<Change> changes;
};

// The value under `key` anywhere inside an element, depth first.
bool find_number(element value, std::string_view key, std::uint64_t& number) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return false;
    for (const auto field : object) {
        if (field.key == key && field.value.get(number) == simdjson::SUCCESS) return true;
        if (find_number(field.value, key, number)) return true;
    }
    return false;
}

// A composite without changed fields is either a deletion or an update that changed nothing: its block tells.
Result<bool> deletes_document(const Database& database, const std::string& cid) {
    CAIRN_ASSIGN(const std::string text, database.show_block(cid));
    CAIRN_ASSIGN(const JsonDocument block, JsonDocument::parse(text));
    std::uint64_t status = 1;
    find_number(block.root(), "status", status);
    return status == 2;
}

std::string value_text(const std::string& delta) {
    const auto bytes = decode_base64(delta);
    if (!bytes) return quote_json(delta);
    const auto json = cbor_to_json(*bytes);
    return json ? *json : quote_json(delta);
}

using Values =
    std::unordered_map<std::string, std::string>;  // CID of a field commit -> JSON text of its value

Result<HistoryEntry> read_entry(const Database& database, element commit, const Values& values) {
    HistoryEntry entry;
    entry.height = number_at(commit, "height");
    entry.cid = text_at(commit, "cid");
    for (const element link : items_at(commit, "links")) {
        const std::string name = text_at(link, "name");
        if (name == "_head") {
            ++entry.parents;
            continue;
        }
        const auto value = values.find(text_at(link, "cid"));
        entry.changes.push_back({name, value == values.end() ? "null" : value->second});
    }
    entry.status = entry.parents == 0 ? "created" : "updated";
    if (entry.changes.empty() && entry.parents > 0) {
        CAIRN_ASSIGN(const bool deleted, deletes_document(database, entry.cid));
        if (deleted) entry.status = "deleted";
    }
    return entry;
}

Result<std::vector<HistoryEntry>> read_history(Database& database, const std::string& id) {
    CAIRN_ASSIGN(
        const JsonDocument answer,
        ask(database,
            "query($id: ID) { commits(docID: $id) { cid height fieldName delta links { name cid } } }",
            fmt::format("{{\"id\":{}}}", quote_json(id))));
    const auto commits = documents_in(answer);
    Values values;
    for (const element commit : commits) {
        if (text_at(commit, "fieldName") != "_C")
            values.emplace(text_at(commit, "cid"), value_text(text_at(commit, "delta")));
    }
    std::vector<HistoryEntry> history;
    for (const element commit : commits) {
        if (text_at(commit, "fieldName") != "_C") continue;
        CAIRN_ASSIGN(HistoryEntry entry, read_entry(database, commit, values));
        history.push_back(std::move(entry));
    }
    return history;
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
    constexpr std::size_t kValueWidth = 40;
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
    CAIRN_ASSIGN(Database database, open_store(options, Access::read));
    CAIRN_TRY(database.collection_of(id));
    CAIRN_ASSIGN(const auto entries, read_history(database, id));
    print(options.json ? render_json(id, entries) : render_table(entries, values));
    return 0;
}

}  // namespace

void add_doc_history(Commands& commands, CLI::App& group) {
    auto id = std::make_shared<std::string>();
    auto values = std::make_shared<bool>(false);
    CLI::App& command = commands.add(
        group, "history", "Show what was written to a document, newest first (counters: the increments)",
        "cairn doc history bae-…\ncairn doc history bae-… --fields",
        [id, values](const StoreOptions& options) { return history(options, *id, *values); });
    command.add_option("docID", *id, "Id of the document")->required();
    command.add_flag("--fields", *values, "Show the values that were written");
}

}  // namespace cairn::cli
