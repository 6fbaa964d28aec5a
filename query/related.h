// Related documents of a batch of rows, found in batches: by sorted MultiGet, by prefix scans of the relation
// index, or by one scan of the other collection with a hash join, whichever is estimated cheaper (design
// section 6). Belong to one thread.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"
#include "query/aggregates.h"
#include "query/filter.h"
#include "query/row_set.h"

namespace cairn::query {

struct Level;

// Computed values of selects: aggregates, similarities, _deleted.
class ColumnSource {
  public:
    virtual ~ColumnSource() = default;
    // The item's values for documents of the select's collection.
    virtual Result<Column> compute(const SelectPlan& plan, std::size_t item,
                                   const std::vector<Row>& rows) = 0;
    // The same for what a level holds, kept there.
    virtual Result<const Column*> of_level(Level& level, std::size_t item) = 0;
};

struct ReadContext {
    const ReadView& view;
    const Catalog& catalog;
    bool show_deleted = false;
    ColumnSource* columns = nullptr;  // needed by filters and orders that name computed values
};

// A list for each parent: items[offsets[i]] … items[offsets[i + 1] - 1], numbers of children.
struct Lists {
    std::vector<std::uint32_t> offsets, items;
    std::size_t parents() const { return offsets.empty() ? 0 : offsets.size() - 1; }
    std::size_t count(std::size_t parent) const { return offsets[parent + 1] - offsets[parent]; }
    // Drops the items for which keep(item) is false.
    template <typename Keep>
    void retain(const Keep& keep) {
        std::uint32_t out = 0, begin = 0;
        for (std::size_t parent = 0; parent + 1 < offsets.size(); ++parent) {
            std::uint32_t end = offsets[parent + 1];
            for (std::uint32_t i = begin; i < end; ++i) {
                if (keep(items[i])) items[out++] = items[i];
            }
            begin = end;
            offsets[parent + 1] = out;
        }
        items.resize(out);
    }
};

// The lists of some parents, each as often as it is named; none of none.
Lists picked(const std::vector<std::uint32_t>& parents, const Lists& lists);

// All of so many children for one parent.
inline Lists one_list(std::size_t children) {
    Lists lists;
    lists.offsets = {0, static_cast<std::uint32_t>(children)};
    lists.items.resize(children);
    std::iota(lists.items.begin(), lists.items.end(), 0);
    return lists;
}

// The related documents of each parent, in document id order. Children are distinct.
struct Related : Lists {
    RowSet children;
};

// field is a relation object field of the parents' collection; filter (may be nullptr) restricts the
// children. Errors: io, corruption, those of filters.
Result<Related> fetch_related(const ReadContext& context, int collection, int field,
                              const std::vector<Row>& parents, const Filter* filter);

// How many documents are related to each parent, without reading them: for a many relation without a filter.
Result<std::vector<std::uint64_t>> count_related(const ReadContext& context, int collection, int field,
                                                 const std::vector<Row>& parents);

// keep[i] is cleared for rows that do not satisfy the filter; relations inside are resolved for the rows that
// are still kept. level: where the rows are those of one, else nullptr; it keeps what is computed for its
// select.
Status filter_rows(const ReadContext& context, int collection, const Filter& filter,
                   const std::vector<Row>& rows, std::vector<char>& keep, Level* level = nullptr);

// Calls visit(id, deleted, row bytes) for every document of a collection with an id in the range, in the
// order of ids; visit returns false to stop.
using RowVisitor = std::function<Result<bool>(const DocId&, bool deleted, std::string_view row)>;
Status scan_rows(const ReadContext& context, int collection, const RowVisitor& visit,
                 const IdRange& range = {});

// About how many active documents a collection has, from how dense its first ones are.
Result<double> estimate_rows(const ReadContext& context, int collection);

// Document ids that the relation index lists for a target, appended to sources. cursor: within the relation's
// prefix.
Status list_sources(const ReadView& reads, std::uint32_t collection, std::uint32_t field, const DocId& target,
                    ReadView::PrefixIterator& cursor, std::vector<DocId>& sources);

// Reads documents by id (any order, distinct) and calls visit for those that exist, in document id order.
Status get_rows(const ReadContext& context, int collection, std::vector<DocId> ids, const RowVisitor& visit);
// The same in the order of the list.
Status get_rows_in_order(const ReadContext& context, int collection, const std::vector<DocId>& ids,
                         const RowVisitor& visit);

}  // namespace cairn::query
