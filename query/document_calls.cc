// Calls of a transaction on documents, by the rules of the collection calls (spec/http-and-cli.md section 6).
#include <algorithm>

#include <fmt/format.h>

#include "collections/delete_rules.h"
#include "collections/document_json.h"
#include "collections/document_writer.h"
#include "collections/json_document.h"
#include "query/database_impl.h"
#include "query/document_filter.h"

namespace cairn {
namespace {

constexpr std::string_view kNotFound = "document not found or not authorized to access";

// What stands under an id in a collection.
struct Found {
    bool exists = false, deleted = false;
    rocksdb::PinnableSlice row;
};

Result<Found> find_row(const StoreTransaction& transaction, const Collection& collection, const DocId& id) {
    Found found;
    for (bool deleted : {false, true}) {
        std::string key = row_key(collection.short_id, deleted, id);
        CAIRN_ASSIGN(found.exists, transaction.view().get(Family::rows, key, found.row));
        found.deleted = deleted;
        if (found.exists) break;
    }
    return found;
}

Status check_writable(const Collection& collection) {
    if (!collection.is_view) return {};
    return fail(ErrorCode::unsupported,
                fmt::format("documents of a view cannot be changed. Name: {}", collection.name));
}

// The updater of many documents: the fields it sets, or nothing for an array.
Result<std::vector<FieldInput>> read_updater(const Collection& collection, std::string_view json) {
    std::size_t begin = json.find_first_not_of(" \t\r\n");
    char first = begin == std::string_view::npos ? '\0' : json[begin];
    CAIRN_TRY(parse_json_value(json, FieldKind::json));
    if (first == '[') return std::vector<FieldInput>();
    if (first == '{') return read_json_inputs(collection, json);
    return fail(ErrorCode::invalid_argument, "the updater of a document is of invalid type");
}

// Ids below one prefix of the rows, from a start on.
class IdCursor {
  public:
    IdCursor(const StoreTransaction& transaction, const Collection& collection, bool deleted,
             const std::optional<DocId>& after)
        : cursor_(transaction.view().iterate(Family::rows, row_prefix(collection.short_id, deleted))) {
        std::string start = row_prefix(collection.short_id, deleted);
        if (after) start.append(after->key()).push_back('\0');
        cursor_->it->Seek(slice(start));
    }
    bool valid() const { return cursor_->it->Valid(); }
    DocId id() const { return DocId::from_key(view(cursor_->it->key()).substr(4)); }
    void next() { cursor_->it->Next(); }

  private:
    std::unique_ptr<ReadView::PrefixIterator> cursor_;
};

std::vector<std::string> texts_of(const std::vector<DocId>& ids) {
    std::vector<std::string> texts;
    texts.reserve(ids.size());
    for (const DocId& id : ids) texts.push_back(id.text());
    return texts;
}

// spec/blocks.md 11.2; texts of spec/query.md 10.1.
Status check_encrypted_fields(const Collection& collection, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (collection.find(name) == nullptr)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the given field does not exist. Name: {}", name));
        if (name.starts_with('_'))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("can not encrypt build-in field. Name: {}", name));
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> Transaction::create_documents(std::string_view name, std::string_view json,
                                                               const DocumentEncryption& encryption) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::vector<std::string>> {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
        const Collection& collection = transaction.catalog().collection(at);
        CAIRN_TRY(check_writable(collection));
        CAIRN_TRY(check_encrypted_fields(collection, encryption.fields));
        CAIRN_ASSIGN(std::vector<std::string_view> texts, split_json_documents(json));
        std::vector<std::vector<FieldInput>> documents;
        documents.reserve(texts.size());
        for (std::string_view text : texts) {
            CAIRN_ASSIGN(documents.emplace_back(), read_json_inputs(collection, text));
        }
        EncryptionRequest request{encryption.whole_document, encryption.fields};
        WriteContext write{transaction};
        std::vector<std::string> ids;
        ids.reserve(documents.size());
        for (std::vector<FieldInput>& inputs : documents) {
            CAIRN_ASSIGN(DocId id, cairn::create_document(write, at, std::move(inputs), request));
            ids.push_back(id.text());
        }
        return ids;
    });
}

Result<std::string> Transaction::create_document(std::string_view collection, std::string_view json) {
    CAIRN_ASSIGN(std::vector<std::string> ids, create_documents(collection, json));
    if (ids.size() != 1) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("one document is wanted, the text holds {}", ids.size()));
    }
    return std::move(ids[0]);
}

Result<std::string> Transaction::get_document(std::string_view name, std::string_view doc_id,
                                              bool show_deleted) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    CAIRN_ASSIGN(int at, find_collection(transaction->catalog(), name));
    const Collection& collection = transaction->catalog().collection(at);
    CAIRN_ASSIGN(DocId id, read_doc_id(doc_id));
    CAIRN_ASSIGN(Found found, find_row(*transaction, collection, id));
    if (!found.exists || (found.deleted && !show_deleted))
        return fail(ErrorCode::not_found, std::string(kNotFound));
    std::string json;
    CAIRN_TRY(DocumentJson(collection).append(id, RowView(view(found.row)), json));
    return json;
}

Status Transaction::update_document(std::string_view name, std::string_view doc_id, std::string_view json) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
        const Collection& collection = transaction.catalog().collection(at);
        CAIRN_ASSIGN(DocId id, read_doc_id(doc_id));
        CAIRN_ASSIGN(Found found, find_row(transaction, collection, id));
        if (!found.exists) return fail(ErrorCode::not_found, std::string(kNotFound));
        std::vector<FieldInput> inputs;
        if (!found.deleted) {  // a deleted document wins over a wrong body
            CAIRN_ASSIGN(inputs, read_json_inputs(collection, json));
        }
        WriteContext write{transaction};
        return cairn::update_document(write, at, id, inputs);
    });
}

Status Transaction::delete_document(std::string_view name, std::string_view doc_id) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
        CAIRN_ASSIGN(DocId id, read_doc_id(doc_id));
        CAIRN_ASSIGN(Found found, find_row(transaction, transaction.catalog().collection(at), id));
        if (!found.exists) return fail(ErrorCode::not_found, std::string(kNotFound));
        WriteContext write{transaction};
        DeleteEffects effects;
        return delete_with_rules(write, at, {&id, 1}, impl_->database->options.limits.cascade_documents,
                                 effects);
    });
}

Result<std::vector<std::string>> Transaction::update_documents(std::string_view name,
                                                               std::string_view filter_json,
                                                               std::string_view updater_json) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::vector<std::string>> {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
        const Collection& collection = transaction.catalog().collection(at);
        CAIRN_TRY(check_writable(collection));
        CAIRN_ASSIGN(auto types, impl_->database->schema(transaction.catalog_pointer()));
        CAIRN_TRY(parse_json_value(updater_json, FieldKind::json));
        CAIRN_ASSIGN(std::vector<DocId> ids, query::find_documents(transaction, *types, at, filter_json));
        if (ids.empty()) return std::vector<std::string>();
        CAIRN_ASSIGN(std::vector<FieldInput> inputs, read_updater(collection, updater_json));
        WriteContext write{transaction};
        for (const DocId& id : ids) {
            if (!inputs.empty()) CAIRN_TRY(cairn::update_document(write, at, id, inputs));
        }
        return texts_of(ids);
    });
}

Result<std::vector<std::string>> Transaction::delete_documents(std::string_view name,
                                                               std::string_view filter_json) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::vector<std::string>> {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
        CAIRN_TRY(check_writable(transaction.catalog().collection(at)));
        CAIRN_ASSIGN(auto types, impl_->database->schema(transaction.catalog_pointer()));
        CAIRN_ASSIGN(std::vector<DocId> ids, query::find_documents(transaction, *types, at, filter_json));
        WriteContext write{transaction};
        DeleteEffects effects;
        CAIRN_TRY(
            delete_with_rules(write, at, ids, impl_->database->options.limits.cascade_documents, effects));
        return texts_of(ids);
    });
}

Result<std::vector<std::string>> Transaction::document_ids(std::string_view name, std::string_view after,
                                                           std::size_t limit, bool include_deleted) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    CAIRN_ASSIGN(int at, find_collection(transaction->catalog(), name));
    const Collection& collection = transaction->catalog().collection(at);
    std::optional<DocId> start;
    if (!after.empty()) {
        CAIRN_ASSIGN(start, read_doc_id(after));
    }
    IdCursor active(*transaction, collection, false, start), deleted(*transaction, collection, true, start);
    std::vector<std::string> ids;
    while (ids.size() < limit) {
        bool more_deleted = include_deleted && deleted.valid();
        if (!active.valid() && !more_deleted) break;
        bool take_deleted = more_deleted && (!active.valid() || deleted.id() < active.id());
        IdCursor& next = take_deleted ? deleted : active;
        ids.push_back(next.id().text());
        next.next();
    }
    return ids;
}

}  // namespace cairn
