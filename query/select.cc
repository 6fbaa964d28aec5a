#include "query/select.h"

#include <algorithm>

#include "query/answer_writer.h"
#include "query/row_order.h"

namespace cairn::query {
namespace {

constexpr std::size_t kBatchRows = 4096;

ReadContext read_context(const ExecutionContext& context, const SelectArguments& arguments) {
    return {context.view(), context.catalog(), arguments.show_deleted};
}

// Feeds the documents that a select's source and filter choose, in document id order, in batches; on_batch
// returns false to stop. Rows are valid during the call. Without rows wanted, only ids are kept.
template <typename OnBatch>
Status for_each_batch(const ExecutionContext& context, int collection, SelectArguments& arguments,
                      bool rows_wanted, std::size_t batch_rows, const OnBatch& on_batch) {
    ReadContext reads = read_context(context, arguments);
    std::unique_ptr<Filter> related_filter = split_relations(arguments.filter);
    const Filter* local = arguments.filter.get();
    bool keep_bytes = rows_wanted || related_filter != nullptr;
    RowSet batch;
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
        return {};
    };
    auto take = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
        if (local != nullptr) {
            CAIRN_ASSIGN(bool holds, test_row(*local, RowView(row), id));
            if (!holds) return true;
        }
        if (keep_bytes) {
            batch.add(id, deleted, row);
        } else {
            batch.rows.push_back({id, deleted, {}});
        }
        if (batch.rows.size() >= batch_rows) CAIRN_TRY(flush());
        return !stopped;
    };
    if (arguments.ids) {
        CAIRN_TRY(get_rows(reads, collection, *arguments.ids, take));
    } else {
        CAIRN_TRY(scan_rows(reads, collection, take));
    }
    if (!stopped) CAIRN_TRY(flush());
    return {};
}

// Rows that are wanted at most, when no order has to see all.
std::size_t first_batch(const SelectArguments& arguments) {
    if (arguments.limit == 0 || arguments.offset > kBatchRows) return kBatchRows;
    return std::min<std::uint64_t>(kBatchRows, arguments.limit + arguments.offset);
}

// Keeps the part of a batch that lies in the window of offset and limit.
class Window {
  public:
    explicit Window(const SelectArguments& arguments)
        : skip_(arguments.offset), left_(arguments.limit), limited_(arguments.limit != 0) {}
    // False when nothing that comes later can be wanted.
    bool apply(std::vector<Row>& rows) {
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

Status select_unordered(const ExecutionContext& context, const SelectPlan& plan, SelectArguments& arguments,
                        std::string& out) {
    Window window(arguments);
    AnswerWriter writer(context, plan, arguments.show_deleted);
    bool first = true;
    return for_each_batch(context, plan.collection, arguments, !plan.ids_only, first_batch(arguments),
                          [&](RowSet& batch) -> Result<bool> {
                              bool more = window.apply(batch.rows);
                              CAIRN_TRY(writer.write_rows(batch.rows, false, first, out));
                              return more;
                          });
}

Status select_ordered(const ExecutionContext& context, const SelectPlan& plan, SelectArguments& arguments,
                      std::string& out) {
    RowSorter sorter(context, plan.collection, arguments);
    bool by_row =
        sorter.keys_are_local() && !arguments.ids && !(arguments.filter && arguments.filter->uses_relations);
    if (by_row) {  // straight from the scan: only rows that enter the result are copied
        CAIRN_TRY(scan_rows(read_context(context, arguments), plan.collection,
                            [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                                if (arguments.filter) {
                                    CAIRN_ASSIGN(bool holds, test_row(*arguments.filter, RowView(row), id));
                                    if (!holds) return true;
                                }
                                sorter.add_row(id, deleted, row);
                                return true;
                            }));
    } else {
        CAIRN_TRY(for_each_batch(context, plan.collection, arguments, true, kBatchRows,
                                 [&](RowSet& batch) -> Result<bool> {
                                     CAIRN_TRY(sorter.add(batch.rows));
                                     return true;
                                 }));
    }
    CAIRN_ASSIGN(std::vector<Row> rows, sorter.finish());
    Window(arguments).apply(rows);
    AnswerWriter writer(context, plan, arguments.show_deleted);
    bool first = true;
    for (std::size_t begin = 0; begin < rows.size(); begin += kBatchRows) {
        std::size_t end = std::min(rows.size(), begin + kBatchRows);
        std::vector<Row> part(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                              rows.begin() + static_cast<std::ptrdiff_t>(end));
        CAIRN_TRY(writer.write_rows(part, false, first, out));
    }
    return {};
}

}  // namespace

Status execute_select(const ExecutionContext& context, const SelectPlan& plan, std::string& out) {
    CAIRN_ASSIGN(SelectArguments arguments,
                 evaluate_arguments(context, plan.collection, plan.selection->arguments));
    out += '[';
    CAIRN_TRY(arguments.order.empty() ? select_unordered(context, plan, arguments, out)
                                      : select_ordered(context, plan, arguments, out));
    out += ']';
    return {};
}

Status render_documents(const ExecutionContext& context, const SelectPlan& plan, std::vector<DocId> ids,
                        bool rendered_deleted, std::string& out) {
    SelectArguments arguments;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    AnswerWriter writer(context, plan, false);
    bool first = true;
    out += '[';
    if (plan.ids_only) {
        std::vector<Row> rows;
        for (const DocId& id : ids) rows.push_back({id, rendered_deleted, {}});
        CAIRN_TRY(writer.write_rows(rows, rendered_deleted, first, out));
    } else {
        arguments.ids = std::move(ids);
        CAIRN_TRY(for_each_batch(context, plan.collection, arguments, true, kBatchRows,
                                 [&](RowSet& batch) -> Result<bool> {
                                     CAIRN_TRY(writer.write_rows(batch.rows, rendered_deleted, first, out));
                                     return true;
                                 }));
    }
    out += ']';
    return {};
}

Result<std::vector<DocId>> select_ids(const ExecutionContext& context, int collection,
                                      SelectArguments arguments) {
    std::vector<DocId> ids;
    CAIRN_TRY(
        for_each_batch(context, collection, arguments, false, kBatchRows, [&](RowSet& batch) -> Result<bool> {
            for (const Row& row : batch.rows) ids.push_back(row.id);
            return true;
        }));
    return ids;
}

Result<std::uint64_t> count_documents(const ExecutionContext& context, int collection,
                                      SelectArguments arguments) {
    std::uint64_t count = 0;
    CAIRN_TRY(
        for_each_batch(context, collection, arguments, false, kBatchRows, [&](RowSet& batch) -> Result<bool> {
            count += batch.rows.size();
            return true;
        }));
    std::uint64_t left = count > arguments.offset ? count - arguments.offset : 0;
    return arguments.limit != 0 ? std::min(left, arguments.limit) : left;
}

}  // namespace cairn::query
