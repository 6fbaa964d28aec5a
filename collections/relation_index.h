// Reading the relation index (collections/README.md "Keys and values"). Belongs to one thread, like the view.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/keys.h"
#include "collections/storage.h"

namespace cairn {

// Calls visit(source, value) for the documents whose key field, the number of which is given, names the
// target, in the order of their ids. cursor: within the field's prefix. Errors: io, a request's limits.
template <typename Visit>
Status visit_sources(const ReadView& reads, std::uint32_t collection, std::uint32_t field,
                     const DocId& target, ReadView::PrefixIterator& cursor, const Visit& visit) {
    const std::string prefix = relation_prefix(collection, field, target);
    rocksdb::Iterator& it = *cursor.it;
    for (it.Seek(slice(prefix)); it.Valid(); it.Next()) {
        const std::string_view key = view(it.key());
        if (!key.starts_with(prefix)) break;
        if (!reads.take()) return reads.budget()->failure();
        visit(DocId::from_key(key.substr(prefix.size())), view(it.value()));
    }
    if (!it.status().ok()) return rocksdb_error(it.status(), "cannot read the relation index");
    return {};
}

// The same for one target, with a cursor of its own.
template <typename Visit>
Status visit_sources(const ReadView& reads, std::uint32_t collection, std::uint32_t field,
                     const DocId& target, const Visit& visit) {
    auto cursor =
        reads.iterate(Family::relations, relation_prefix(collection, field), ScanKind::within_prefix);
    return visit_sources(reads, collection, field, target, *cursor, visit);
}

}  // namespace cairn
