#include "query/page_index.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/index_ranges.h"

namespace cairn::query {

Result<std::optional<PageIndex>> index_of_page(const Catalog& catalog, int collection,
                                               const ConnectionArguments& given) {
    auto keys = local_order(given.order.keys());
    if (!keys || given.order.is_by_id()) return std::nullopt;
    bool ids_descend = keys->back().descending;
    keys->pop_back();
    // Ids of documents in other spellings stand elsewhere in an index than in an order.
    const Collection& type = catalog.collection(collection);
    if (std::any_of(keys->begin(), keys->end(),
                    [&](const IndexOrderKey& key) { return type.field(key.field).kind == FieldKind::id; }))
        return std::nullopt;
    auto access = index_of_order(catalog, collection, *keys);
    if (!access) return std::nullopt;
    if (given.backward) {
        access->reversed = !access->reversed;
        ids_descend = !ids_descend;
    }
    PageIndex page;
    page.is_exact = access->reversed == ids_descend;
    const KeyRange whole = access->ranges.front();
    KeyRange between = whole;
    // The entries of what stands at a cursor: of its document where ties are in order, else of all documents
    // with its value.
    const auto entries_at = [&](const Cursor& cursor) -> Result<KeyRange> {
        std::string key = whole.begin;
        for (std::size_t k = 0; k < keys->size(); ++k) {
            CAIRN_TRY(append_index_key(cursor.keys[k], type.field((*keys)[k].field).kind,
                                       access->index->fields[k].descending, key));
        }
        if (!page.is_exact) return KeyRange{key, after_prefix(key)};
        key += cursor.id().key();
        return KeyRange{key, key + '\0'};
    };
    // The document of a cursor is outside; documents with its value are looked at unless ties are in order.
    const auto &low = access->reversed == given.backward ? given.after : given.before,
               &high = access->reversed == given.backward ? given.before : given.after;
    if (low) {
        CAIRN_ASSIGN(KeyRange at, entries_at(*low));
        between.begin = page.is_exact ? at.end : at.begin;
    }
    if (high) {
        CAIRN_ASSIGN(KeyRange at, entries_at(*high));
        between.end = page.is_exact ? at.begin : at.end;
    }
    if (between.begin >= between.end) return std::nullopt;
    page.before = {whole.begin, between.begin};
    page.behind = {between.end, whole.end};
    if (access->reversed) std::swap(page.before, page.behind);
    access->ranges = {between};
    access->is_whole = false;
    page.access = std::move(*access);
    return page;
}

}  // namespace cairn::query
