// Documents of one collection (spec/http-and-cli.md section 6).
#include <fmt/format.h>

#include <algorithm>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

// The name of the collection that the path names. Errors: not_found.
Status check_collection(Transaction& transaction, const std::string& name) {
    CAIRN_TRY(transaction.indexes(name));
    return {};
}

// The answer for a path that names no collection.
HttpResponse unknown_collection() {
    HttpResponse response;
    response.status = 404;
    return response;
}

// Runs a body after it is known that the collection exists; bodies were decoded before.
template <typename In>
std::optional<HttpResponse> run_on_collection(Call& call, In in,
                                              const std::function<Status(Transaction&)>& body) {
    bool known = false;
    Status status = in(call, [&](Transaction& transaction) -> Status {
        CAIRN_TRY(check_collection(transaction, call.parameters[0]));
        known = true;
        return body(transaction);
    });
    if (status) return std::nullopt;
    if (!known && status.error().code == ErrorCode::not_found) return unknown_collection();
    return error_response(status.error());
}

std::string change_result(const std::vector<std::string>& ids) {
    return fmt::format("{{\"Count\":{},\"DocIDs\":{}}}", ids.size(), json_list(ids));
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        std::string_view name = text.substr(0, text.find(','));
        text.remove_prefix(std::min(name.size() + 1, text.size()));
        if (!name.empty()) names.emplace_back(name);
    }
    return names;
}

// The ids of a collection, read page by page as the client takes them. Documents that come and go meanwhile
// may or may not be among them; every other one is, once.
class DocumentIdStream final : public BodyStream {
  public:
    DocumentIdStream(State& state, std::string collection, std::string transaction,
                     std::vector<std::string> first)
        : state_(state),
          collection_(std::move(collection)),
          transaction_(std::move(transaction)),
          page_(std::move(first)) {}

    static constexpr std::size_t kPage = 1000;

    Next next(std::string& out) override {
        if (page_.empty()) return Next::end;
        for (const std::string& id : page_)
            fmt::format_to(std::back_inserter(out), "data: {{\"docID\":\"{}\",\"error\":\"\"}}\n\n", id);
        std::string last = std::move(page_.back());
        bool full = page_.size() == kPage;
        page_.clear();
        if (full) read_page(last, out);
        return Next::piece;
    }
    void on_ready(std::function<void()>) override {}

  private:
    void read_page(const std::string& after, std::string& out) {
        Status status = state_.with_database([&](Database& database) -> Status {
            auto body = [&](Transaction& transaction) -> Status {
                CAIRN_ASSIGN(page_, transaction.document_ids(collection_, after, kPage, true));
                return {};
            };
            if (auto inside = state_.transactions().run(transaction_, body)) return *inside;
            return database.read(body);
        });
        if (status) return;
        out += "data: {\"docID\":\"\",\"error\":";
        append_json_string(status.error().message, out);
        out += "}\n\n";
    }

    State& state_;
    std::string collection_, transaction_;
    std::vector<std::string> page_;
};

}  // namespace

HttpResponse list_document_ids(Call& call) {
    std::vector<std::string> first;
    auto refused = run_on_collection(call, read_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(first, transaction.document_ids(call.parameters[0], "", DocumentIdStream::kPage, true));
        return {};
    });
    if (refused) return std::move(*refused);
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = std::make_unique<DocumentIdStream>(
        call.state, call.parameters[0], std::string(call.request.transaction), std::move(first));
    return response;
}

HttpResponse create_documents(Call& call) {
    DocumentEncryption encryption{.whole_document = call.query.get_or_empty("encrypt") == "true",
                                  .fields = split_names(call.query.get_or_empty("encryptFields"))};
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) -> Status {
        CAIRN_TRY(transaction.create_documents(call.parameters[0], call.request.body, encryption));
        return {};
    });
    return refused ? std::move(*refused) : HttpResponse();
}

HttpResponse update_documents(Call& call) {
    auto body = JsonObject::parse(call.request.body, "http.CollectionUpdateRequest");
    if (!body) return error_response(body.error());
    auto updater = body->text("updater");
    if (!updater) return error_response(updater.error());
    std::vector<std::string> ids;
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(ids, transaction.update_documents(call.parameters[0], body->raw("filter"), *updater));
        return {};
    });
    return refused ? std::move(*refused) : json_response(change_result(ids));
}

HttpResponse delete_documents(Call& call) {
    auto body = JsonObject::parse(call.request.body, "http.CollectionDeleteRequest");
    if (!body) return error_response(body.error());
    std::vector<std::string> ids;
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(ids, transaction.delete_documents(call.parameters[0], body->raw("filter")));
        return {};
    });
    return refused ? std::move(*refused) : json_response(change_result(ids));
}

HttpResponse get_document(Call& call) {
    bool show_deleted = parse_boolean(call.query.get_or_empty("show_deleted")).value_or(false);
    std::string document;
    auto refused = run_on_collection(call, read_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(document,
                     transaction.get_document(call.parameters[0], call.parameters[1], show_deleted));
        return {};
    });
    return refused ? std::move(*refused) : json_response(std::move(document));
}

HttpResponse update_document(Call& call) {
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) {
        return transaction.update_document(call.parameters[0], call.parameters[1], call.request.body);
    });
    return refused ? std::move(*refused) : HttpResponse();
}

HttpResponse delete_document(Call& call) {
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) {
        return transaction.delete_document(call.parameters[0], call.parameters[1]);
    });
    return refused ? std::move(*refused) : HttpResponse();
}

// ---- indexes of a collection (section 7) ----

HttpResponse list_all_indexes(Call& call) {
    std::string indexes;
    Status status = read_in(call, [&](Transaction& transaction) -> Status {
        indexes = transaction.all_indexes();
        return {};
    });
    return status ? json_response(std::move(indexes)) : error_response(status.error());
}

HttpResponse list_indexes(Call& call) {
    std::string indexes;
    auto refused = run_on_collection(call, read_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(indexes, transaction.indexes(call.parameters[0]));
        return {};
    });
    return refused ? std::move(*refused) : json_response(std::move(indexes));
}

namespace {

Result<IndexRequest> read_index(std::string_view body) {
    CAIRN_ASSIGN(JsonObject object, JsonObject::parse(body, "client.IndexDescription"));
    IndexRequest request;
    CAIRN_ASSIGN(request.name, object.text("Name"));
    CAIRN_ASSIGN(request.unique, object.boolean("Unique"));
    CAIRN_ASSIGN(std::vector<JsonObject> fields, object.objects("Fields"));
    for (const JsonObject& field : fields) {
        IndexField& added = request.fields.emplace_back();
        CAIRN_ASSIGN(added.name, field.text("Name"));
        CAIRN_ASSIGN(added.descending, field.boolean("Descending"));
    }
    return request;
}

}  // namespace

HttpResponse create_index(Call& call) {
    auto request = read_index(call.request.body);
    if (!request) return error_response(request.error());
    std::string index;
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(index, transaction.create_index(call.parameters[0], *request));
        return {};
    });
    return refused ? std::move(*refused) : json_response(std::move(index));
}

HttpResponse drop_index(Call& call) {
    auto refused = run_on_collection(call, write_in, [&](Transaction& transaction) {
        return transaction.drop_index(call.parameters[0], call.parameters[1]);
    });
    return refused ? std::move(*refused) : HttpResponse();
}

}  // namespace cairn::server
