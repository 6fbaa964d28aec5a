// cairn dag show | log | graph | verify
#include <fmt/format.h>

#include <memory>

#include "cli/backend.h"
#include "cli/command.h"
#include "cli/graph_output.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/report.h"

namespace cairn::cli {

namespace {

using simdjson::dom::element;

struct LogFlags {
    std::string id;
    bool fields = false;
    std::size_t limit = 1000;
};

// The bytes of a block, given as hex text: how many, and how they begin.
std::string bytes_text(const std::string& hex) {
    constexpr std::size_t kShownDigits = 64;
    return fmt::format("{}: {}", hex.size() / 2, shorten(hex, kShownDigits));
}

Result<int> show(const StoreOptions& options, const std::string& cid) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string block, backend->show_block(cid));
    if (options.json) {
        print(indent_json(block));
        return 0;
    }
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(block));
    const element root = document.root();
    std::string text = render_pairs({{"cid", text_at(root, "cid")},
                                     {"kind", text_at(root, "kind")},
                                     {"event", std::to_string(number_at(root, "event"))},
                                     {"bytes", bytes_text(text_at(root, "bytes"))}});
    element decoded;
    if (root["block"].get(decoded) == simdjson::SUCCESS) text += indent_json(simdjson::minify(decoded));
    print(text);
    return 0;
}

std::string join_cids(const std::vector<element>& cids) {
    std::string text;
    for (const element cid : cids) text += (text.empty() ? "" : " ") + short_cid(plain_text(cid));
    return text.empty() ? "-" : text;
}

std::string linked_fields(element commit) {
    std::string text;
    for (const element link : items_at(commit, "links"))
        text += (text.empty() ? "" : ", ") + text_at(link, "name");
    return text.empty() ? "-" : text;
}

std::vector<std::string> log_row(element commit) {
    const std::string kind = text_at(commit, "kind");
    const std::string status = text_at(commit, "status") == "deleted" ? " (deleted)" : "";
    return {std::to_string(number_at(commit, "priority")), short_cid(text_at(commit, "cid")), kind + status,
            join_cids(items_at(commit, "heads")), linked_fields(commit)};
}

std::vector<std::string> field_row(element commit) {
    return {std::to_string(number_at(commit, "priority")), short_cid(text_at(commit, "cid")),
            "  " + text_at(commit, "kind"), join_cids(items_at(commit, "heads")),
            text_at(commit, "fieldName")};
}

Result<int> log(const StoreOptions& options, const LogFlags& flags) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string answer, backend->document_log(flags.id, flags.fields, flags.limit));
    if (options.json) {
        print(indent_json(answer));
        return 0;
    }
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(answer));
    Table table({"HEIGHT", "COMMIT", "KIND", "PARENTS", "FIELDS"});
    for (const element commit : items_at(document.root(), "commits")) {
        table.add(log_row(commit));
        for (const element field : items_at(commit, "fields")) table.add(field_row(field));
    }
    print(render_pairs({{"document", text_at(document.root(), "docID")},
                        {"heads", join_cids(items_at(document.root(), "heads"))}}) +
          table.render());
    return 0;
}

Result<int> graph(const StoreOptions& options, const std::string& id, const GraphOutput& output) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const std::string dot, backend->document_graph(id));
    CAIRN_ASSIGN(const std::string text, output.svg ? dot_to_svg(dot) : Result<std::string>(dot));
    if (!output.file.empty()) CAIRN_TRY(write_file(output.file, text));
    if (options.json) {
        print(indent_json(output.file.empty()
                              ? fmt::format("{{{}:{}}}", output.svg ? "\"svg\"" : "\"dot\"", quote_json(text))
                              : fmt::format("{{\"file\":{}}}", quote_json(output.file))));
    } else if (output.file.empty()) {
        print(text);
    }
    return 0;
}

Result<int> verify(const StoreOptions& options, const std::string& id) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const CheckReport report, backend->verify(id));
    return print_check_report(options, report);
}

void add_log(Commands& commands, CLI::App& group) {
    auto flags = std::make_shared<LogFlags>();
    CLI::App& command =
        commands.add_for_both(group, "log", "List the commits of a document, newest first",
                              "cairn dag log bae-…\ncairn dag log bae-… --fields --json",
                              [flags](const StoreOptions& options) { return log(options, *flags); });
    command.add_option("docID", flags->id, "Id of the document")->required();
    command.add_flag("--fields", flags->fields, "Commits of the single fields too");
    command.add_option("--limit", flags->limit, "At most so many commits (default 1000)")
        ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
}

void add_graph(Commands& commands, CLI::App& group) {
    auto id = std::make_shared<std::string>();
    auto output = std::make_shared<GraphOutput>();
    CLI::App& command = commands.add_for_both(
        group, "graph", "Draw the DAG of a document: DOT text, or SVG by Graphviz",
        "cairn dag graph bae-… -o document.dot\ncairn dag graph bae-… --svg -o document.svg",
        [id, output](const StoreOptions& options) { return graph(options, *id, *output); });
    command.add_option("docID", *id, "Id of the document")->required();
    command.add_option("-o,--output", output->file, "Write to this file");
    command.add_flag("--svg", output->svg, "SVG; needs the dot command of Graphviz");
}

}  // namespace

void add_dag_commands(Commands& commands) {
    CLI::App& group = commands.group("dag", "Look into the Merkle DAG");
    auto cid = std::make_shared<std::string>();
    commands
        .add_for_both(group, "show", "Show one block, decoded",
                      "cairn dag show bafyrei…\ncairn dag show bafyrei… --json",
                      [cid](const StoreOptions& options) { return show(options, *cid); })
        .add_option("cid", *cid, "CID of the block")
        ->required();
    add_log(commands, group);
    add_graph(commands, group);
    auto id = std::make_shared<std::string>();
    commands
        .add_for_both(group, "verify",
                      "Verify hashes, links, heights and signatures of a document's DAG, or below one CID",
                      "cairn dag verify bae-…\ncairn dag verify bafyrei…",
                      [id](const StoreOptions& options) { return verify(options, *id); })
        .add_option("id", *id, "Id of a document, or a CID")
        ->required();
}

}  // namespace cairn::cli
