// Calls of a transaction on secondary indexes (spec/schema.md section 15).
#include <algorithm>

#include "collections/collection_indexes.h"
#include "query/database_impl.h"

namespace cairn {
namespace {

std::string index_array(const Collection& collection) {
    std::string json = "[";
    for (const IndexDescription& index : collection.indexes) {
        if (json.size() > 1) json += ',';
        json += Catalog::index_json(index);
    }
    return json + "]";
}

}  // namespace

Result<std::string> Transaction::create_index(std::string_view collection, const IndexRequest& request) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Result<std::string> {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), collection));
        IndexDirective directive{.name = request.name, .unique = request.unique, .fields = {}};
        for (const IndexField& field : request.fields)
            directive.fields.push_back({field.name, field.descending});
        CAIRN_ASSIGN(IndexCreation creation, cairn::create_index(transaction, at, directive));
        transaction.set_catalog(std::move(creation.catalog));
        return Catalog::index_json(creation.index);
    });
}

Status Transaction::drop_index(std::string_view collection, std::string_view name) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), collection));
        CAIRN_ASSIGN(auto catalog, cairn::drop_index(transaction, at, name));
        transaction.set_catalog(std::move(catalog));
        return {};
    });
}

Result<std::string> Transaction::indexes(std::string_view collection) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    CAIRN_ASSIGN(int at, find_collection(transaction->catalog(), collection));
    return index_array(transaction->catalog().collection(at));
}

std::string Transaction::all_indexes() const {
    std::vector<const Collection*> indexed;
    if (impl_) {
        for (const Collection& collection : impl_->transaction->catalog().collections()) {
            if (!collection.indexes.empty()) indexed.push_back(&collection);
        }
    }
    std::sort(indexed.begin(), indexed.end(),
              [](const Collection* a, const Collection* b) { return a->name < b->name; });
    std::string json = "{";
    for (const Collection* collection : indexed) {
        if (json.size() > 1) json += ',';
        append_json_string(collection->name, json);
        json += ':' + index_array(*collection);
    }
    return json + "}";
}

}  // namespace cairn
