// Commands on a server, over its HTTP API (spec/http-and-cli.md sections 2 to 13).
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/backend.h"
#include "cli/json_text.h"
#include "client/http_client.h"

namespace cairn::cli {

namespace {

using client::HttpReply;
using client::HttpRequest;
using client::percent_encode;

constexpr unsigned kOk = 200;
constexpr unsigned kNotFound = 404;

// "?a=b&c=d" of the parameters that have a value.
class QueryString {
  public:
    QueryString& add(std::string_view name, const std::optional<std::string>& value) {
        if (!value) return *this;
        text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, percent_encode(*value));
        return *this;
    }
    QueryString& add_flag(std::string_view name, bool value) { return value ? add(name, "true") : *this; }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

std::string collection_path(const std::string& name) {
    return "/collections/" + percent_encode(name);
}

std::string document_path(const std::string& collection, const std::string& doc_id) {
    return collection_path(collection) + "/" + percent_encode(doc_id);
}

std::string_view without_newline(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

// What a reply that is not a success says: the text of {"error":…}, else `<status>: <body>`.
std::unexpected<Error> refusal(const HttpReply& reply) {
    std::string message;
    if (auto document = JsonDocument::parse(reply.body)) message = text_at(document->root(), "error");
    if (message.empty()) message = fmt::format("{}: {}", reply.status, without_newline(reply.body));
    const auto code = reply.status == kNotFound ? ErrorCode::not_found : ErrorCode::invalid_argument;
    return fail(code, std::move(message));
}

std::string index_json(const IndexRequest& request) {
    std::string fields;
    for (const auto& field : request.fields) {
        fields += fmt::format("{}{{\"Name\":{},\"Descending\":{}}}", fields.empty() ? "" : ",",
                              quote_json(field.name), field.descending);
    }
    return fmt::format("{{\"Name\":{},\"Fields\":[{}],\"Unique\":{}}}", quote_json(request.name), fields,
                       request.unique);
}

std::string graphql_json(const Request& request) {
    std::string body = "{\"query\":" + quote_json(request.query);
    if (!request.operation_name.empty()) body += ",\"operationName\":" + quote_json(request.operation_name);
    if (!request.variables_json.empty()) body += fmt::format(",\"variables\":{}", request.variables_json);
    return body + "}";
}

bool has_errors(std::string_view answer) {
    return answer.starts_with("{\"errors\":");  // they come first (section 3)
}

std::vector<std::string> texts_at(simdjson::dom::element object, std::string_view key) {
    std::vector<std::string> texts;
    for (const auto text : items_at(object, key)) texts.push_back(plain_text(text));
    return texts;
}

Result<CheckReport> read_report(const Result<std::string>& answer) {
    if (!answer) return std::unexpected(answer.error());
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(*answer));
    const auto root = document.root();
    CheckReport report;
    report.events = number_at(root, "events");
    report.blocks = number_at(root, "blocks");
    report.documents = number_at(root, "documents");
    report.index_entries = number_at(root, "indexEntries");
    report.problems = texts_at(root, "problems");
    return report;
}

Result<StoreStats> read_stats(const Result<std::string>& answer) {
    if (!answer) return std::unexpected(answer.error());
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(*answer));
    const auto root = document.root();
    StoreStats stats;
    stats.events = number_at(root, "events");
    stats.documents = number_at(root, "documents");
    stats.log_bytes = number_at(root, "logBytes");
    stats.projection_bytes = number_at(root, "projectionBytes");
    stats.block_bytes = number_at(root, "blockBytes");
    return stats;
}

class RemoteBackend final : public ServerBackend {
  public:
    RemoteBackend(client::Url url, std::uint64_t transaction)
        : http_(std::move(url)), transaction_(transaction) {}

    Result<bool> execute(const Request& request, const JsonSink& on_answer) override;

    Result<std::string> add_schema(std::string_view sdl) override {
        return call({"POST", "/schema", std::string(sdl), "text/plain"});
    }
    Result<std::string> patch_schema(std::string_view patch_json, bool set_active) override {
        return call_json("PATCH", "/schema",
                         fmt::format("{{\"Patch\":{},\"SetAsDefaultVersion\":{},\"Migration\":null}}",
                                     quote_json(patch_json), set_active));
    }
    Status set_active_schema(std::string_view version_id) override {
        return done(call({"POST", "/schema/default", std::string(version_id), "text/plain"}));
    }
    Status patch_collections(std::string_view patch_json) override {
        return done(call_json("PATCH", "/collections", quote_json(patch_json)));
    }
    Result<std::string> describe_schemas(const SchemaSelector& selector) override {
        QueryString query;
        query.add("version_id", selector.version_id).add("root", selector.root).add("name", selector.name);
        return call({"GET", "/schema" + query.text()});
    }
    Result<std::string> describe_definitions(const CollectionSelector& selector) override {
        QueryString query;
        query.add("name", selector.name)
            .add("version_id", selector.version_id)
            .add("collection_id", selector.collection_id)
            .add_flag("get_inactive", selector.include_inactive);
        return call({"GET", "/collections" + query.text()});
    }

    Status create_documents(const std::string& collection, std::string_view json,
                            const DocumentEncryption& encryption) override {
        QueryString query;
        query.add_flag("encrypt", encryption.whole_document);
        if (!encryption.fields.empty())
            query.add("encryptFields", fmt::format("{}", fmt::join(encryption.fields, ",")));
        return done(in_collection(collection, "POST", query.text(), std::string(json)));
    }
    Result<std::vector<std::string>> create_named(const std::string& collection,
                                                  const std::vector<std::string>& documents) override;
    Result<std::string> get_document(const std::string& collection, const std::string& doc_id,
                                     bool show_deleted) override {
        QueryString query;
        query.add_flag("show_deleted", show_deleted);
        return call({"GET", document_path(collection, doc_id) + query.text()});
    }
    Status update_document(const std::string& collection, const std::string& doc_id,
                           std::string_view json) override {
        return done(call_json("PATCH", document_path(collection, doc_id), std::string(json)));
    }
    Status delete_document(const std::string& collection, const std::string& doc_id) override {
        return done(call({"DELETE", document_path(collection, doc_id)}));
    }
    Result<std::string> update_documents(const std::string& collection, std::string_view filter_json,
                                         std::string_view updater_json) override {
        return in_collection(
            collection, "PATCH", "",
            fmt::format("{{\"filter\":{},\"updater\":{}}}", filter_json, quote_json(updater_json)));
    }
    Result<std::string> delete_documents(const std::string& collection,
                                         std::string_view filter_json) override {
        return in_collection(collection, "DELETE", "", fmt::format("{{\"filter\":{}}}", filter_json));
    }
    Status document_ids(const std::string& collection, const JsonSink& on_id) override {
        CAIRN_ASSIGN(const HttpReply reply, send({"GET", collection_path(collection)}, on_id));
        if (reply.status == kNotFound && reply.body.empty())
            return std::unexpected(unknown_collection(collection));
        if (reply.status != kOk) return refusal(reply);
        return {};
    }
    Result<std::vector<std::string>> list_ids(const std::string& collection, const std::string& after,
                                              std::size_t limit, bool include_deleted) override;
    Result<std::string> collection_of(const std::string& doc_id) override;

    Result<std::string> create_index(const std::string& collection, const IndexRequest& request) override {
        return in_collection(collection, "POST", "/indexes", index_json(request));
    }
    Status drop_index(const std::string& collection, const std::string& name) override {
        return done(in_collection(collection, "DELETE", "/indexes/" + percent_encode(name)));
    }
    Result<std::string> indexes(const std::string& collection) override {
        return in_collection(collection, "GET", "/indexes");
    }
    Result<std::string> all_indexes() override { return call({"GET", "/collections/indexes"}); }

    Result<std::string> begin_transaction(bool read_only, bool concurrent) override {
        QueryString query;
        query.add_flag("read_only", read_only);
        return call({"POST", (concurrent ? "/tx/concurrent" : "/tx") + query.text()});
    }
    Status commit_transaction(const std::string& id) override {
        return done(call({"POST", "/tx/" + percent_encode(id)}));
    }
    Status discard_transaction(const std::string& id) override {
        return done(call({"DELETE", "/tx/" + percent_encode(id)}));
    }

    Result<std::string> document_log(const std::string& doc_id, bool fields, std::size_t limit) override {
        QueryString query;
        query.add_flag("fields", fields);
        if (limit != 0) query.add("limit", std::to_string(limit));
        return call({"GET", "/documents/" + percent_encode(doc_id) + "/log" + query.text()});
    }
    Result<std::string> document_graph(const std::string& doc_id) override {
        return call({"GET", "/documents/" + percent_encode(doc_id) + "/graph"});
    }
    Result<std::string> show_block(const std::string& cid) override {
        return call({"GET", "/blocks/" + percent_encode(cid)});
    }
    Result<CheckReport> verify(const std::string& cid_or_doc_id) override {
        return read_report(call_long("GET", "/verify/" + percent_encode(cid_or_doc_id)));
    }
    Result<CheckReport> check(const std::string&) override {
        return read_report(call_long("POST", "/store/check"));
    }
    Result<RebuildReport> rebuild(bool verify_only, const std::string&) override;
    Result<StoreStats> stats() override { return read_stats(call({"GET", "/store/stats"})); }
    Result<StoreStats> compact() override { return read_stats(call_long("POST", "/store/compact")); }

    Status export_backup(const BackupOptions& options) override {
        return done(
            call_json("POST", "/backup/export",
                      fmt::format("{{\"filepath\":{},\"format\":\"json\",\"pretty\":{},\"collections\":{}}}",
                                  quote_json(options.file.string()), options.pretty,
                                  quote_json_list(options.collections))));
    }
    Status import_backup(const std::string& file) override {
        return done(
            call_json("POST", "/backup/import", fmt::format("{{\"filepath\":{}}}", quote_json(file))));
    }
    Status purge() override { return done(call({"POST", "/purge"})); }
    Status dump() override { return done(call({"GET", "/debug/dump"})); }

    Status close() override { return {}; }

  private:
    Result<HttpReply> send(HttpRequest request, const client::EventSink& on_event = {}) {
        request.target.insert(0, "/api/v0");
        request.transaction = transaction_;
        return http_.send(request, on_event);
    }
    // The body of a success.
    Result<std::string> call(HttpRequest request) {
        CAIRN_ASSIGN(HttpReply reply, send(std::move(request)));
        if (reply.status != kOk) return refusal(reply);
        return std::string(without_newline(reply.body));
    }
    Result<std::string> call_json(std::string method, std::string target, std::string body) {
        return call({std::move(method), std::move(target), std::move(body), "application/json"});
    }
    Result<std::string> call_long(std::string method, std::string target) {
        HttpRequest request{std::move(method), std::move(target)};
        request.may_take_long = true;
        return call(std::move(request));
    }
    // A path below one collection, which is unknown when the answer is an empty 404.
    Result<std::string> in_collection(const std::string& collection, std::string method,
                                      std::string_view rest, std::string body = {}) {
        HttpRequest request{
            std::move(method), fmt::format("{}{}", collection_path(collection), rest), {}, {}};
        if (!body.empty()) request.content_type = "application/json";
        request.body = std::move(body);
        CAIRN_ASSIGN(const HttpReply reply, send(std::move(request)));
        if (reply.status == kNotFound && reply.body.empty())
            return std::unexpected(unknown_collection(collection));
        if (reply.status != kOk) return refusal(reply);
        return std::string(without_newline(reply.body));
    }
    static Status done(const Result<std::string>& result) {
        if (!result) return std::unexpected(result.error());
        return {};
    }

    Result<JsonDocument> ask_once(const Request& request);

    client::HttpClient http_;
    std::uint64_t transaction_;
};

Result<bool> RemoteBackend::execute(const Request& request, const JsonSink& on_answer) {
    if (!request.variables_json.empty()) {
        if (const std::string problem = Database::json_problem(request.variables_json); !problem.empty())
            return fail(ErrorCode::invalid_argument, fmt::format("variables are not JSON: {}", problem));
    }
    bool any_errors = false;
    const auto on_event = [&](std::string_view answer) {
        any_errors = any_errors || has_errors(answer);
        return on_answer(answer);
    };
    CAIRN_ASSIGN(const HttpReply reply,
                 send({"POST", "/graphql", graphql_json(request), "application/json"}, on_event));
    if (reply.status != kOk) return refusal(reply);
    if (!reply.was_events) on_event(without_newline(reply.body));
    return any_errors;
}

// The answer of a request of the command's own.
Result<JsonDocument> RemoteBackend::ask_once(const Request& request) {
    std::string answer;
    CAIRN_TRY(execute(request, [&answer](std::string_view json) {
        answer = json;
        return true;
    }));
    return JsonDocument::parse(answer);
}

Result<RebuildReport> RemoteBackend::rebuild(bool verify_only, const std::string&) {
    QueryString query;
    query.add_flag("verify_only", verify_only);
    CAIRN_ASSIGN(const std::string answer, call_long("POST", "/store/rebuild" + query.text()));
    CAIRN_ASSIGN(const JsonDocument document, JsonDocument::parse(answer));
    const auto root = document.root();
    RebuildReport report;
    report.events = number_at(root, "events");
    report.documents = number_at(root, "documents");
    if (root["seconds"].get(report.seconds) != simdjson::SUCCESS) report.seconds = 0;
    report.differences = texts_at(root, "differences");
    return report;
}

// The route for it answers nothing, so the ids come from a mutation.
Result<std::vector<std::string>> RemoteBackend::create_named(const std::string& collection,
                                                             const std::vector<std::string>& documents) {
    const std::string request = fmt::format(
        "mutation($input: [{0}MutationInputArg!]) {{ create_{0}(input: $input) {{ _docID }} }}", collection);
    const std::string variables = fmt::format("{{\"input\":[{}]}}", fmt::join(documents, ","));
    CAIRN_ASSIGN(const JsonDocument answer, ask_once({request, variables, {}}));
    if (const auto errors = items_at(answer.root(), "errors"); !errors.empty())
        return fail(ErrorCode::invalid_argument, text_at(errors.front(), "message"));
    std::vector<std::string> ids;
    simdjson::dom::object data;
    if (answer.root()["data"].get(data) != simdjson::SUCCESS || data.size() != 1) return ids;
    for (const auto document : items_of((*data.begin()).value)) ids.push_back(text_at(document, "_docID"));
    return ids;
}

// The collection call lists deleted documents as well, so the ids come from a request. It cannot begin behind
// an id: those before it are passed over here.
Result<std::vector<std::string>> RemoteBackend::list_ids(const std::string& collection,
                                                         const std::string& after, std::size_t limit,
                                                         bool include_deleted) {
    std::string arguments = include_deleted ? "showDeleted: true" : "showDeleted: false";
    if (after.empty()) arguments += fmt::format(", limit: {}", limit);
    const std::string request = fmt::format("{{ {}({}) {{ _docID }} }}", collection, arguments);
    CAIRN_ASSIGN(const JsonDocument answer, ask_once({request, {}, {}}));
    simdjson::dom::object data;
    std::vector<std::string> ids;
    if (answer.root()["data"].get(data) != simdjson::SUCCESS || data.size() != 1) return ids;
    for (const auto document : items_of((*data.begin()).value)) {
        std::string id = text_at(document, "_docID");
        if (id <= after) continue;
        if (ids.size() == limit) break;
        ids.push_back(std::move(id));
    }
    return ids;
}

// There is no such route: the version in a commit of the document leads to the collection.
Result<std::string> RemoteBackend::collection_of(const std::string& doc_id) {
    const std::string variables = fmt::format("{{\"id\":{}}}", quote_json(doc_id));
    CAIRN_ASSIGN(
        const JsonDocument document,
        ask_once({"query($id: ID) { commits(docID: $id, limit: 1) { schemaVersionId } }", variables, {}}));
    simdjson::dom::element commit;
    if (document.root().at_pointer("/data/commits/0").get(commit) != simdjson::SUCCESS)
        return fail(ErrorCode::not_found, fmt::format("document not found. DocID: {}", doc_id));
    CollectionSelector selector;
    selector.version_id = text_at(commit, "schemaVersionId");
    CAIRN_ASSIGN(const std::string definitions, describe_definitions(selector));
    CAIRN_ASSIGN(const JsonDocument found, JsonDocument::parse(definitions));
    simdjson::dom::element version;
    if (found.root().at_pointer("/0/version").get(version) != simdjson::SUCCESS)
        return fail(ErrorCode::not_found, fmt::format("document not found. DocID: {}", doc_id));
    return text_at(version, "Name");
}

}  // namespace

Result<std::unique_ptr<ServerBackend>> open_remote(const StoreOptions& options) {
    if (options.url.empty())
        return fail(ErrorCode::unsupported, "this needs a server: give --url, or use `cairn client`");
    CAIRN_ASSIGN(client::Url url, client::parse_url(options.url));
    return std::make_unique<RemoteBackend>(std::move(url), options.transaction);
}

}  // namespace cairn::cli
