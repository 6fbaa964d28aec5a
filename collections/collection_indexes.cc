#include "collections/collection_indexes.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "collections/document_writer.h"
#include "collections/materializer.h"
#include "collections/schema_change.h"
#include "collections/schema_indexes.h"

namespace cairn {

namespace {

// The entries of one index over all documents of its collection, and whether they may stand side by side.
class EntryCollector {
  public:
    EntryCollector(const Collection& collection, const IndexDescription& index)
        : collection_(collection), index_(index), prefix_(index_prefix(collection.short_id, index.id)) {}

    Status add(const DocId& id, std::string_view row) {
        CAIRN_ASSIGN(std::vector<Slot> slots, decode_row(row));
        CAIRN_ASSIGN(std::vector<IndexEntry> entries, index_entries(collection_, index_, slots, id));
        if (index_.unique) {
            for (const IndexEntry& entry : entries) {
                if (!entry.has_null && (entry.repeats || taken_.contains(entry.values)))
                    return unique_violation(collection_, index_, slots, id);
            }
        }
        for (IndexEntry& entry : entries) {
            keys_.push_back(prefix_ + entry.values + std::string(id.key()));
            if (index_.unique && !entry.has_null) taken_.insert(std::move(entry.values));
        }
        return {};
    }

    const std::vector<std::string>& keys() const { return keys_; }

  private:
    const Collection& collection_;
    const IndexDescription& index_;
    std::string prefix_;
    std::vector<std::string> keys_;
    std::unordered_set<std::string> taken_;
};

}  // namespace

Result<IndexCreation> create_index(StoreTransaction& transaction, int collection_at,
                                   const IndexDirective& directive) {
    const Collection& old = transaction.catalog().collection(collection_at);
    CatalogDraft draft(transaction.catalog());
    CollectionVersionDescription& version = draft.version(old.version_id);
    CAIRN_ASSIGN(std::size_t place, IndexBuilder(*draft.schema(old.version_id), version).add(directive));
    IndexCreation creation;
    creation.index = version.indexes[place];
    std::uint32_t short_id = old.short_id;
    CAIRN_ASSIGN(SchemaChange change, std::move(draft).finish({}, {}));
    creation.catalog = std::move(change.catalog);

    const Collection& collection =
        creation.catalog->collection(creation.catalog->collection_index_by_short_id(short_id));
    EntryCollector entries(collection, creation.index);
    std::string prefix = row_prefix(short_id, false);
    auto cursor = transaction.view().iterate(Family::rows, prefix, ScanKind::long_range);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        CAIRN_TRY(entries.add(DocId::from_key(view(cursor->it->key()).substr(4)), view(cursor->it->value())));
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the documents");
    cursor.reset();
    BatchSink sink(transaction.batch(), transaction.store().storage());
    for (const std::string& key : entries.keys()) sink.put(Family::indexes, key, "");
    return creation;
}

Result<std::shared_ptr<const Catalog>> drop_index(StoreTransaction& transaction, int collection_at,
                                                  std::string_view name) {
    const Collection& collection = transaction.catalog().collection(collection_at);
    CatalogDraft draft(transaction.catalog());
    auto& indexes = draft.version(collection.version_id).indexes;
    auto index = std::find_if(indexes.begin(), indexes.end(),
                              [&](const IndexDescription& known) { return known.name == name; });
    if (index == indexes.end()) {
        return fail(ErrorCode::invalid_argument,
                    "index with name doesn't exists. Name: " + std::string(name));
    }
    std::string prefix = index_prefix(collection.short_id, index->id);
    indexes.erase(index);
    CAIRN_ASSIGN(SchemaChange change, std::move(draft).finish({}, {}));
    std::vector<std::string> keys;
    auto cursor = transaction.view().iterate(Family::indexes, prefix, ScanKind::long_range);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        keys.emplace_back(view(cursor->it->key()));
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the index");
    cursor.reset();
    BatchSink sink(transaction.batch(), transaction.store().storage());
    for (const std::string& key : keys) sink.erase(Family::indexes, key);
    return change.catalog;
}

}  // namespace cairn
