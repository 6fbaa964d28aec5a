#include "query/page_index.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/index_ranges.h"
#include "query/row_order.h"

namespace cairn::query {
namespace {

// Places of an index: where the entries of a value begin and end, or those of one document.
class Places {
  public:
    Places(const Catalog& catalog, int collection, const KeysetOrder& order, const IndexAccess& access)
        : catalog_(catalog), collection_(collection), order_(order), access_(access) {}

    // The entries of what stands at a cursor: of its document, or of all documents with its value.
    Result<KeyRange> at(const Cursor& cursor, bool document) const {
        std::string key = access_.ranges.front().begin;
        for (std::size_t k = 0; k + 1 < cursor.keys.size(); ++k) {
            CAIRN_TRY(append_index_key(cursor.keys[k], order_kind(catalog_, collection_, order_.keys()[k]),
                                       access_.index->fields[k].descending, key));
        }
        if (!document) return KeyRange{key, after_prefix(key)};
        key += cursor.id().key();
        return KeyRange{key, key + '\0'};
    }

  private:
    const Catalog& catalog_;
    const int collection_;
    const KeysetOrder& order_;
    const IndexAccess& access_;
};

}  // namespace

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
    const Places places(catalog, collection, given.order, *access);
    // The document of a cursor is outside; documents with its value are looked at unless ties are in order.
    const auto &low = access->reversed == given.backward ? given.after : given.before,
               &high = access->reversed == given.backward ? given.before : given.after;
    if (low) {
        CAIRN_ASSIGN(KeyRange at, places.at(*low, page.is_exact));
        between.begin = page.is_exact ? at.end : at.begin;
    }
    if (high) {
        CAIRN_ASSIGN(KeyRange at, places.at(*high, page.is_exact));
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
