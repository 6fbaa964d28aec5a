#include "query/related.h"

#include <algorithm>

#include "collections/relation_index.h"
#include "collections/row_cursor.h"
#include "query/filter_json.h"
#include "query/joined.h"
#include "query/levels.h"
#include "query/linked.h"
#include "query/read_costs.h"

namespace cairn::query {
namespace {

constexpr std::size_t kLookupBatch = 512;

constexpr std::size_t kSampleRows = 64;
constexpr std::size_t kSampleParents = 16;

// Tests the part of a filter that needs only the row itself; the part on relations is applied to the batch
// afterwards.
class ChildFilter {
  public:
    explicit ChildFilter(const Filter* filter) : filter_(filter) {}
    Result<bool> admits(std::string_view row, const DocId& id) const {
        if (filter_ == nullptr || filter_->uses_relations) return true;
        return test_row(*filter_, RowView(row), id);
    }
    bool needs_batch() const { return filter_ != nullptr && filter_->uses_relations; }
    const Filter& filter() const { return *filter_; }

  private:
    const Filter* filter_;
};

// Drops the children that the batch part of the filter refuses from the lists.
Status drop_refused(const ReadContext& context, int collection, const ChildFilter& filter, Related& related) {
    if (!filter.needs_batch()) return {};
    std::vector<char> keep(related.children.rows.size(), 1);
    CAIRN_TRY(filter_rows(context, collection, filter.filter(), related.children.rows, keep));
    related.retain([&](std::uint32_t child) { return keep[child] != 0; });
    return {};
}

// Visits the documents of the ids (distinct, numbered by positions) that the filter admits, in document id
// order; by look-ups, or by a scan when that is estimated cheaper.
template <typename Take>
Status visit_wanted(const ReadContext& context, int target, const std::vector<DocId>& ids,
                    const DocIdMap& positions, const ChildFilter& filter, const Take& take) {
    auto admit = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
        std::uint32_t at = positions.find(id);
        if (at == DocIdMap::kEmpty) return true;
        CAIRN_ASSIGN(bool admitted, filter.admits(row, id));
        if (admitted) take(at, id, deleted, row);
        return true;
    };
    bool scan = false;
    if (ids.size() > kSampleRows) {
        CAIRN_ASSIGN(double total, estimate_rows(context, target));
        scan = total * kScanStep < static_cast<double>(ids.size()) * kLookup;
    }
    return scan ? scan_rows(context, target, admit) : get_rows(context, target, ids, admit);
}

// Distinct ids in the order of their numbers.
struct NumberedIds {
    explicit NumberedIds(std::size_t expected) : positions(std::min<std::size_t>(expected, 4096)) {}
    std::uint32_t number(const DocId& id) {
        std::uint32_t at = positions.insert(id, static_cast<std::uint32_t>(ids.size()));
        if (at == ids.size()) ids.push_back(id);
        return at;
    }
    DocIdMap positions;
    std::vector<DocId> ids;
};

// This side holds the key: each parent has at most one related document.
Result<Related> fetch_by_key(const ReadContext& context, const Field& key, int target,
                             const std::vector<Row>& parents, const ChildFilter& filter) {
    Related related;
    std::vector<std::uint32_t> wanted(parents.size(), DocIdMap::kEmpty);
    NumberedIds children(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (auto id = document_in(parents[i].view(), key.slot)) wanted[i] = children.number(*id);
    }
    std::vector<std::uint32_t> child_of(children.ids.size(), DocIdMap::kEmpty);
    CAIRN_TRY(visit_wanted(context, target, children.ids, children.positions, filter,
                           [&](std::uint32_t at, const DocId& id, bool deleted, std::string_view row) {
                               child_of[at] = static_cast<std::uint32_t>(related.children.rows.size());
                               related.children.add(id, deleted, row);
                           }));
    related.offsets.reserve(parents.size() + 1);
    related.offsets.push_back(0);
    for (std::uint32_t at : wanted) {
        if (at != DocIdMap::kEmpty && child_of[at] != DocIdMap::kEmpty) related.items.push_back(child_of[at]);
        related.offsets.push_back(static_cast<std::uint32_t>(related.items.size()));
    }
    return related;
}

// Lists (parent, child) pairs as offsets and items; pairs come grouped by nothing but ascending child within
// a parent.
void build_lists(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs, std::size_t parents,
                 Related& related) {
    related.offsets.assign(parents + 1, 0);
    for (const auto& [parent, child] : pairs) ++related.offsets[parent + 1];
    for (std::size_t i = 0; i < parents; ++i) related.offsets[i + 1] += related.offsets[i];
    related.items.resize(pairs.size());
    std::vector<std::uint32_t> next(related.offsets.begin(), related.offsets.end() - 1);
    for (const auto& [parent, child] : pairs) related.items[next[parent]++] = child;
}

// The numbers of rows by their ids; of rows with one id, that of the first.
DocIdMap positions_of(const std::vector<Row>& rows) {
    DocIdMap positions(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) positions.insert(rows[i].id, static_cast<std::uint32_t>(i));
    return positions;
}

// The number of the parent that a row's key names; DocIdMap::kEmpty when it is none of them.
std::uint32_t parent_of(std::string_view row, const Field& key, const DocIdMap& positions) {
    const auto parent = document_in(RowView(row), key.slot);
    return parent ? positions.find(*parent) : DocIdMap::kEmpty;
}

// The other side holds the key.
Result<Related> fetch_by_index(const ReadContext& context, const Field& key, int target,
                               const std::vector<Row>& parents, const ChildFilter& filter) {
    Related related;
    const Collection& child_type = context.catalog.collection(target);
    std::string index_prefix_text = relation_prefix(child_type.short_id, key.short_id);
    std::vector<DocId> sources;
    auto cursor = context.view.iterate(Family::relations, index_prefix_text, ScanKind::within_prefix);
    bool scan = context.show_deleted;  // the relation index has active documents only
    std::size_t listed = 0;
    if (!scan &&
        parents.size() > kSampleParents) {  // how many children the first parents have tells about the others
        for (; listed < kSampleParents; ++listed) {
            CAIRN_TRY(list_sources(context.view, child_type.short_id, key.short_id, parents[listed].id,
                                   *cursor, sources));
        }
        double wanted =
            static_cast<double>(sources.size()) / kSampleParents * static_cast<double>(parents.size());
        CAIRN_ASSIGN(double all, estimate_rows(context, target));
        scan = all * kScanStep < static_cast<double>(parents.size()) * kSeek + wanted * (kLookup + kScanStep);
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    auto keep = [&](std::uint32_t parent, const DocId& id, bool deleted,
                    std::string_view row) -> Result<bool> {
        CAIRN_ASSIGN(bool admitted, filter.admits(row, id));
        if (admitted) {
            pairs.emplace_back(parent, static_cast<std::uint32_t>(related.children.rows.size()));
            related.children.add(id, deleted, row);
        }
        return true;
    };
    const DocIdMap positions = positions_of(parents);
    auto take = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
        const std::uint32_t parent = parent_of(row, key, positions);
        return parent == DocIdMap::kEmpty ? Result<bool>(true) : keep(parent, id, deleted, row);
    };
    if (scan) {
        CAIRN_TRY(scan_rows(context, target, take));
    } else {
        for (; listed < parents.size(); ++listed) {
            CAIRN_TRY(list_sources(context.view, child_type.short_id, key.short_id, parents[listed].id,
                                   *cursor, sources));
        }
        CAIRN_TRY(get_rows(context, target, sources, take));
    }
    build_lists(pairs, parents.size(), related);
    return related;
}

std::vector<DocId> ids_of(const std::vector<Row>& rows) {
    std::vector<DocId> ids;
    ids.reserve(rows.size());
    for (const Row& row : rows) ids.push_back(row.id);
    return ids;
}

// Pairs of a parent and a number of another document.
struct NumberedLinks {
    NumberedIds others{0};
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
};
Result<NumberedLinks> numbered_links(const ReadContext& context, const Field& field,
                                     const std::vector<Row>& parents) {
    CAIRN_ASSIGN(std::vector<LinkedPair> links, list_links(context, field, ids_of(parents)));
    NumberedLinks numbered;
    numbered.pairs.reserve(links.size());
    for (const LinkedPair& link : links)
        numbered.pairs.emplace_back(link.parent, numbered.others.number(link.other));
    return numbered;
}

// A pair may be there twice.
void sort_distinct(std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
}

// Rows of which each document stands once, and for every given row its number there.
struct DistinctRows {
    std::vector<Row> rows;
    std::vector<std::uint32_t> number;
};
// Nothing when the rows are distinct already, as they are but for members of groups of lists that share
// documents.
std::optional<DistinctRows> distinct_rows(const std::vector<Row>& rows) {
    DistinctRows distinct;
    DocIdMap positions(rows.size());
    distinct.number.reserve(rows.size());
    for (const Row& row : rows)
        distinct.number.push_back(positions.insert(row.id, static_cast<std::uint32_t>(positions.size())));
    if (positions.size() == rows.size()) return std::nullopt;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (distinct.number[i] == distinct.rows.size()) distinct.rows.push_back(rows[i]);
    }
    return distinct;
}

// A junction holds the pairs.
Result<Related> fetch_by_links(const ReadContext& context, const Field& field,
                               const std::vector<Row>& parents, const ChildFilter& filter) {
    CAIRN_ASSIGN(NumberedLinks links, numbered_links(context, field, parents));
    auto& [others, pairs] = links;
    std::vector<std::uint32_t> child_of(others.ids.size(), DocIdMap::kEmpty);
    Related related;
    CAIRN_TRY(visit_wanted(context, field.target, others.ids, others.positions, filter,
                           [&](std::uint32_t at, const DocId& id, bool deleted, std::string_view row) {
                               child_of[at] = static_cast<std::uint32_t>(related.children.rows.size());
                               related.children.add(id, deleted, row);
                           }));
    // Children are numbered in document id order.
    for (auto& pair : pairs) pair.second = child_of[pair.second];
    std::erase_if(pairs, [](const auto& pair) { return pair.second == DocIdMap::kEmpty; });
    sort_distinct(pairs);
    build_lists(pairs, parents.size(), related);
    return related;
}

// Links to documents that are there.
Result<std::vector<std::uint64_t>> count_links(const ReadContext& context, const Field& field,
                                               const std::vector<Row>& parents) {
    if (auto distinct = distinct_rows(parents)) {
        CAIRN_ASSIGN(std::vector<std::uint64_t> counted, count_links(context, field, distinct->rows));
        std::vector<std::uint64_t> counts;
        for (std::uint32_t row : distinct->number) counts.push_back(counted[row]);
        return counts;
    }
    CAIRN_ASSIGN(NumberedLinks links, numbered_links(context, field, parents));
    auto& [others, pairs] = links;
    sort_distinct(pairs);
    std::vector<char> there(others.ids.size(), 0);
    CAIRN_TRY(visit_wanted(context, field.target, others.ids, others.positions, ChildFilter(nullptr),
                           [&](std::uint32_t at, const DocId&, bool, std::string_view) { there[at] = 1; }));
    std::vector<std::uint64_t> counts(parents.size(), 0);
    for (const auto& [parent, other] : pairs) counts[parent] += there[other] != 0 ? 1 : 0;
    return counts;
}

// The key field of the side that holds the relation, seen from either side, and the collection it is in.
struct RelationKey {
    const Field* key = nullptr;
    bool here = false;
};
Result<RelationKey> relation_key(const Catalog& catalog, const Collection& type, const Field& field) {
    if (field.primary && field.id_field >= 0) {
        return RelationKey{&type.fields[static_cast<std::size_t>(field.id_field)], true};
    }
    if (field.partner < 0 || field.target < 0) {
        return fail(ErrorCode::internal, "relation " + field.name + " has no other side");
    }
    const Collection& other = catalog.collection(field.target);
    const Field& partner = other.fields[static_cast<std::size_t>(field.partner)];
    return RelationKey{&other.fields[static_cast<std::size_t>(partner.id_field)], false};
}

}  // namespace

Lists picked(const std::vector<std::uint32_t>& parents, const Lists& lists) {
    Lists picked;
    if (lists.offsets.empty()) return picked;
    picked.offsets.push_back(0);
    for (std::uint32_t parent : parents) {
        picked.items.insert(picked.items.end(), lists.items.begin() + lists.offsets[parent],
                            lists.items.begin() + lists.offsets[parent + 1]);
        picked.offsets.push_back(static_cast<std::uint32_t>(picked.items.size()));
    }
    return picked;
}

// Document ids are uniformly random, so the first few rows
// tell how dense all are; the memtable's own counts would count every version of an updated row.
Result<double> estimate_rows(const ReadContext& context, int collection) {
    std::string prefix = row_prefix(context.catalog.collection(collection).short_id, false);
    auto cursor = context.view.iterate(Family::rows, prefix);
    std::size_t count = 0;
    std::uint64_t last = 0;
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid() && count < kSampleRows;
         cursor->it->Next(), ++count) {
        last = dag::read_big_endian64(cursor->it->key().data() + prefix.size());
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the rows");
    if (count < kSampleRows) return static_cast<double>(count);
    double covered = (static_cast<double>(last) + 1) / 18446744073709551616.0;
    return static_cast<double>(count) / covered;
}

namespace {

// Active and deleted rows from a place on, while their ids belong to what is wanted; `earlier` is the order
// in which the cursors go.
template <typename Cursor, typename Belongs, typename Earlier>
Status merge_rows(const ReadContext& context, std::uint32_t number, const std::optional<DocId>& place,
                  const Belongs& belongs, const Earlier& earlier, const RowVisitor& visit) {
    Cursor active(context.view, number, false, place);
    std::optional<Cursor> deleted;
    if (context.show_deleted) deleted.emplace(context.view, number, true, place);
    while (active.valid() || (deleted && deleted->valid())) {
        const bool take_deleted =
            deleted && deleted->valid() && (!active.valid() || earlier(deleted->id(), active.id()));
        Cursor& cursor = take_deleted ? *deleted : active;
        const DocId id = cursor.id();
        if (!belongs(id)) break;
        if (!context.view.take()) return context.view.budget()->failure();
        CAIRN_ASSIGN(bool more, visit(id, take_deleted, cursor.row()));
        if (!more) return {};
        cursor.next();
    }
    CAIRN_TRY(active.status());
    return deleted ? deleted->status() : Status();
}

}  // namespace

Status scan_rows(const ReadContext& context, int collection, const RowVisitor& visit, const IdRange& range) {
    const std::uint32_t number = context.catalog.collection(collection).short_id;
    if (range.is_empty()) return {};
    if (range.backward) {
        return merge_rows<ReverseRowCursor>(
            context, number, range.end, [&](const DocId& id) { return !range.begin || id >= *range.begin; },
            std::greater<>(), visit);
    }
    return merge_rows<RowCursor>(
        context, number, range.begin, [&](const DocId& id) { return !range.end || id < *range.end; },
        std::less<>(), visit);
}

Status list_sources(const ReadView& reads, std::uint32_t collection, std::uint32_t field, const DocId& target,
                    ReadView::PrefixIterator& cursor, std::vector<DocId>& sources) {
    return visit_sources(reads, collection, field, target, cursor,
                         [&](const DocId& source, std::string_view) { sources.push_back(source); });
}

Status get_rows(const ReadContext& context, int collection, std::vector<DocId> ids, const RowVisitor& visit) {
    std::uint32_t number = context.catalog.collection(collection).short_id;
    if (ids.size() == 1 && !context.show_deleted) {
        char key[kRowKeyBytes];
        write_row_key(key, number, false, ids[0]);
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found, context.view.get(Family::rows, {key, kRowKeyBytes}, value));
        if (!found) return {};
        if (!context.view.take()) return context.view.budget()->failure();
        CAIRN_TRY(visit(ids[0], false, view(value)));
        return {};
    }
    std::sort(ids.begin(), ids.end());
    return get_rows_in_order(context, collection, ids, visit);
}

namespace {

// Rows of one batch of ids: from pages in memory where they are there, the others by one sorted MultiGet.
class RowBatch {
  public:
    RowBatch(const ReadView& reads, std::uint32_t collection, bool deleted)
        : reads_(reads), collection_(collection), deleted_(deleted), lookup_(reads) {}

    Status read(std::span<const DocId> ids) {
        lookup_.release();
        rows_.assign(ids.size(), std::nullopt);
        missing_.clear();
        key_texts_.clear();
        for (std::size_t i = 0; i < ids.size(); ++i) {
            char key[kRowKeyBytes];
            write_row_key(key, collection_, deleted_, ids[i]);
            std::string_view row;
            switch (lookup_.find({key, kRowKeyBytes}, row)) {
                case RowLookup::Outcome::present:
                    rows_[i] = row;
                    break;
                case RowLookup::Outcome::absent:
                    break;
                case RowLookup::Outcome::unknown:
                    missing_.push_back(i);
                    key_texts_.append(key, kRowKeyBytes);
            }
        }
        return missing_.empty() ? Status() : read_missing();
    }
    // Stays until the next read.
    const std::optional<std::string_view>& row(std::size_t at) const { return rows_[at]; }

  private:
    Status read_missing() {
        keys_.clear();
        for (std::size_t i = 0; i < missing_.size(); ++i)
            keys_.emplace_back(key_texts_.data() + i * kRowKeyBytes, kRowKeyBytes);
        CAIRN_TRY(reads_.multi_get(Family::rows, keys_, values_, found_));
        for (std::size_t i = 0; i < missing_.size(); ++i) {
            if (found_[i] != 0) rows_[missing_[i]] = view(values_[i]);
        }
        return {};
    }

    const ReadView& reads_;
    const std::uint32_t collection_;
    const bool deleted_;
    RowLookup lookup_;
    std::vector<std::optional<std::string_view>> rows_;
    std::vector<std::size_t> missing_;
    std::string key_texts_;
    std::vector<rocksdb::Slice> keys_;
    std::vector<rocksdb::PinnableSlice> values_;
    std::vector<char> found_;
};

}  // namespace

Status get_rows_in_order(const ReadContext& context, int collection, const std::vector<DocId>& ids,
                         const RowVisitor& visit) {
    const std::uint32_t number = context.catalog.collection(collection).short_id;
    RowBatch active(context.view, number, false), deleted(context.view, number, true);
    for (std::size_t begin = 0; begin < ids.size(); begin += kLookupBatch) {
        const auto batch = std::span(ids).subspan(begin, std::min(kLookupBatch, ids.size() - begin));
        CAIRN_TRY(active.read(batch));
        if (context.show_deleted) CAIRN_TRY(deleted.read(batch));
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const bool is_deleted = !active.row(i) && context.show_deleted;
            const auto& row = is_deleted ? deleted.row(i) : active.row(i);
            if (!row) continue;
            if (!context.view.take()) return context.view.budget()->failure();
            CAIRN_ASSIGN(bool more, visit(batch[i], is_deleted, *row));
            if (!more) return {};
        }
    }
    return {};
}

Result<Related> fetch_related(const ReadContext& context, int collection, int field_at,
                              const std::vector<Row>& parents, const Filter* filter) {
    const Collection& type = context.catalog.collection(collection);
    const Field& field = type.fields[static_cast<std::size_t>(field_at)];
    if (field.is_join) return fetch_joined(context, collection, field_at, parents, filter);
    if (!field.primary) {
        if (auto distinct = distinct_rows(parents)) {
            CAIRN_ASSIGN(Related related,
                         fetch_related(context, collection, field_at, distinct->rows, filter));
            static_cast<Lists&>(related) = picked(distinct->number, related);
            return related;
        }
    }
    ChildFilter child_filter(filter);
    Related related;
    if (field.link) {
        CAIRN_ASSIGN(related, fetch_by_links(context, field, parents, child_filter));
        CAIRN_TRY(drop_refused(context, field.target, child_filter, related));
        return related;
    }
    CAIRN_ASSIGN(RelationKey key, relation_key(context.catalog, type, field));
    if (key.here) {
        CAIRN_ASSIGN(related, fetch_by_key(context, *key.key, field.target, parents, child_filter));
    } else {
        CAIRN_ASSIGN(related, fetch_by_index(context, *key.key, field.target, parents, child_filter));
    }
    CAIRN_TRY(drop_refused(context, field.target, child_filter, related));
    if (!field.many && !key.here) {  // the first one in document id order (spec/query.md 6.2)
        std::uint32_t out = 0, begin = 0;
        for (std::size_t parent = 0; parent + 1 < related.offsets.size(); ++parent) {
            std::uint32_t end = related.offsets[parent + 1];
            if (end > begin) related.items[out++] = related.items[begin];
            begin = end;
            related.offsets[parent + 1] = out;
        }
        related.items.resize(out);
    }
    return related;
}

namespace {

// How many documents of the other side, which holds the key, name each parent: looked up in the relation
// index, or by one pass over them.
Result<std::vector<std::uint64_t>> count_sources(const ReadContext& context, const Field& key, int target,
                                                 const std::vector<Row>& parents) {
    const std::uint32_t number = context.catalog.collection(target).short_id;
    std::vector<std::uint64_t> counts(parents.size(), 0);
    auto cursor = context.view.iterate(Family::relations, relation_prefix(number, key.short_id),
                                       ScanKind::within_prefix);
    const auto look_up = [&](std::size_t begin, std::size_t end) -> Status {
        for (std::size_t i = begin; i < end; ++i) {
            CAIRN_TRY(visit_sources(context.view, number, key.short_id, parents[i].id, *cursor,
                                    [&](const DocId&, std::string_view) { ++counts[i]; }));
        }
        return {};
    };
    const std::size_t sample = std::min(kSampleParents, parents.size());
    CAIRN_TRY(look_up(0, sample));
    if (sample == parents.size()) return counts;
    const double documents = static_cast<double>(parents.size());
    const double wanted = std::accumulate(counts.begin(), counts.end(), 0.0) / kSampleParents * documents;
    CAIRN_ASSIGN(double all, estimate_rows(context, target));
    if (all * kScanStep >= documents * kSeek + wanted * kIndexStep) {
        CAIRN_TRY(look_up(sample, parents.size()));
        return counts;
    }
    const DocIdMap positions = positions_of(parents);
    std::vector<std::uint64_t> found(parents.size(), 0);  // at the first place of each parent
    CAIRN_TRY(scan_rows(context, target, [&](const DocId&, bool, std::string_view row) -> Result<bool> {
        const std::uint32_t parent = parent_of(row, key, positions);
        if (parent != DocIdMap::kEmpty) ++found[parent];
        return true;
    }));
    for (std::size_t i = 0; i < parents.size(); ++i) counts[i] = found[positions.find(parents[i].id)];
    return counts;
}

}  // namespace

Result<std::vector<std::uint64_t>> count_related(const ReadContext& context, int collection, int field_at,
                                                 const std::vector<Row>& parents) {
    const Collection& type = context.catalog.collection(collection);
    const Field& field = type.fields[static_cast<std::size_t>(field_at)];
    if (field.link) return count_links(context, field, parents);
    if (field.is_join) return count_joined(context, collection, field_at, parents);
    std::vector<std::uint64_t> counts(parents.size(), 0);
    if (context.show_deleted) {
        CAIRN_ASSIGN(Related related, fetch_related(context, collection, field_at, parents, nullptr));
        for (std::size_t i = 0; i < parents.size(); ++i) counts[i] = related.count(i);
        return counts;
    }
    CAIRN_ASSIGN(RelationKey key, relation_key(context.catalog, type, field));
    return count_sources(context, *key.key, field.target, parents);
}

}  // namespace cairn::query
