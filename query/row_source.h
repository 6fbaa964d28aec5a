// The documents that a select begins with and its filter chooses, one by one or in batches, or sorted. Belong
// to one execution and one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "query/levels.h"
#include "query/row_order.h"

namespace cairn::query {

// Large, since a batch may need a scan of another collection; of wide documents fewer.
inline constexpr std::size_t kBatchRows = 16384, kBatchBytes = std::size_t{8} << 20;

// The documents that a select begins with, whatever its filter: in the order of its path, of its range, or of
// their ids.
Status visit_source(const Resolver& resolver, int collection, const SelectArguments& arguments,
                    const RowVisitor& visit);

// Feeds the documents that a select's source and filter choose, in the order of the source, in batches;
// on_batch returns false to stop. Rows are valid during the call. Without rows wanted, only ids are kept. The
// filter is taken apart: arguments serve one pass.
template <typename OnBatch>
Status for_each_batch(const Resolver& resolver, int collection, SelectArguments& arguments, bool rows_wanted,
                      std::size_t batch_rows, const OnBatch& on_batch) {
    const ReadContext& reads = resolver.reads();
    std::unique_ptr<Filter> related_filter = split_relations(arguments.filter);
    const Filter* local = arguments.filter.get();
    bool keep_bytes = rows_wanted || related_filter != nullptr;
    RowSet batch;
    std::size_t bytes = 0;
    bool stopped = false;
    auto flush = [&]() -> Status {
        if (related_filter) {
            std::vector<char> keep(batch.rows.size(), 1);
            CAIRN_TRY(filter_rows(reads, collection, *related_filter, batch.rows, keep));
            std::size_t out = 0;
            for (std::size_t i = 0; i < keep.size(); ++i) {
                if (keep[i] != 0) batch.rows[out++] = batch.rows[i];
            }
            batch.rows.resize(out);
        }
        if (!batch.rows.empty()) {
            CAIRN_ASSIGN(bool more, on_batch(batch));
            stopped = !more;
        }
        batch.clear();
        bytes = 0;
        return {};
    };
    const std::size_t most_bytes = batch_rows == SIZE_MAX ? SIZE_MAX : kBatchBytes;
    auto take = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
        if (local != nullptr) {
            CAIRN_ASSIGN(bool holds, test_row(*local, RowView(row), id));
            if (!holds) return true;
        }
        if (keep_bytes) {
            batch.add(id, deleted, row);
            bytes += row.size();
        } else {
            batch.rows.push_back({id, deleted, {}});
        }
        if (batch.rows.size() >= batch_rows || bytes >= most_bytes) CAIRN_TRY(flush());
        return !stopped;
    };
    CAIRN_TRY(visit_source(resolver, collection, arguments, take));
    if (!stopped) CAIRN_TRY(flush());
    return {};
}

// The same row by row: straight from the source when no condition needs more than the row, else in batches of
// batch_rows. visit returns false to stop; the row is valid during the call.
template <typename Visit>
Status for_each_row(const Resolver& resolver, int collection, SelectArguments& arguments, bool rows_wanted,
                    const Visit& visit, std::size_t batch_rows = kBatchRows) {
    if (arguments.filter && arguments.filter->uses_relations) {
        return for_each_batch(resolver, collection, arguments, rows_wanted, batch_rows,
                              [&](RowSet& batch) -> Result<bool> {
                                  for (const Row& row : batch.rows) {
                                      CAIRN_ASSIGN(bool more, visit(row.id, row.deleted, row.bytes));
                                      if (!more) return false;
                                  }
                                  return true;
                              });
    }
    auto take = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
        if (arguments.filter) {
            CAIRN_ASSIGN(bool holds, test_row(*arguments.filter, RowView(row), id));
            if (!holds) return true;
        }
        return visit(id, deleted, row);
    };
    return visit_source(resolver, collection, arguments, take);
}

// Keeps the part of a batch that lies in the window of offset and limit.
class Window {
  public:
    explicit Window(const ListWindow& window)
        : skip_(window.offset), left_(window.limit), limited_(window.limit != UINT64_MAX) {}
    // False when nothing that comes later can be wanted.
    template <typename T>
    bool apply(std::vector<T>& rows) {
        std::size_t drop = std::min<std::uint64_t>(skip_, rows.size());
        skip_ -= skip_ == UINT64_MAX ? 0 : drop;
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(drop));
        if (limited_) {
            if (rows.size() > left_) rows.resize(left_);
            left_ -= rows.size();
        }
        return !limited_ || left_ > 0;
    }

  private:
    std::uint64_t skip_, left_;
    bool limited_;
};

// The documents of a select in its order, those in its window; they live as long as the sorter.
Result<std::vector<Row>> sorted_rows(const Resolver& resolver, int collection, SelectArguments& arguments,
                                     RowSorter& sorter);

}  // namespace cairn::query
