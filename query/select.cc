#include "query/select.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/answer_writer.h"
#include "query/group_scan.h"
#include "query/past_views.h"
#include "query/row_source.h"
#include "query/time_travel.h"

namespace cairn::query {
namespace {

// Rows that are wanted at most, when no order has to see all.
std::size_t first_batch(const ListWindow& window) {
    if (window.limit > kBatchRows || window.offset > kBatchRows) return kBatchRows;
    return std::min<std::uint64_t>(kBatchRows, window.limit + window.offset);
}

Status select_unordered(Resolver& resolver, const SelectPlan& plan, SelectArguments& arguments,
                        std::string& out) {
    Window window(arguments.window);
    AnswerWriter writer(resolver, plan);
    bool first = true;
    return for_each_batch(resolver, plan.collection, arguments, !plan.ids_only, first_batch(arguments.window),
                          [&](RowSet& batch) -> Result<bool> {
                              bool more = window.apply(batch.rows);
                              CAIRN_TRY(writer.write_rows(batch.rows, false, first, out));
                              return more;
                          });
}

// With a filter on computed values: what is computed for it is also what is shown. In one batch when an order
// has to see all.
Status select_computed(Resolver& resolver, const SelectPlan& plan, SelectArguments& arguments,
                       std::string& out) {
    std::unique_ptr<Filter> filter = split_computed(arguments.filter);
    Window window(arguments.window);
    AnswerWriter writer(resolver, plan);
    bool first = true;
    return for_each_batch(
        resolver, plan.collection, arguments, true, arguments.order.empty() ? kBatchRows : SIZE_MAX,
        [&](RowSet& batch) -> Result<bool> {
            Level level;
            resolver.begin(plan, batch.rows, level);
            Lists lists = one_list(batch.rows.size());
            if (filter) {
                std::vector<char> keep(batch.rows.size(), 1);
                CAIRN_TRY(filter_rows(resolver.reads(), plan.collection, *filter, batch.rows, keep, &level));
                lists.retain([&](std::uint32_t row) { return keep[row] != 0; });
            }
            CAIRN_TRY(
                sort_lists(resolver.reads(), plan.collection, arguments.order, batch.rows, &level, lists));
            bool more = window.apply(lists.items);
            lists.offsets[1] = static_cast<std::uint32_t>(lists.items.size());
            CAIRN_TRY(resolver.finish(level, lists));
            if (!first && !lists.items.empty()) out += ',';
            first = first && lists.items.empty();
            CAIRN_TRY(writer.write_level(level, lists.items, out));
            return more;
        });
}

Status select_ordered(Resolver& resolver, const SelectPlan& plan, SelectArguments& arguments,
                      std::string& out) {
    RowSorter sorter(resolver.reads(), plan.collection, arguments);
    CAIRN_ASSIGN(std::vector<Row> rows, sorted_rows(resolver, plan.collection, arguments, sorter));
    AnswerWriter writer(resolver, plan);
    bool first = true;
    for (std::size_t begin = 0; begin < rows.size(); begin += kBatchRows) {
        std::size_t end = std::min(rows.size(), begin + kBatchRows);
        std::vector<Row> part(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                              rows.begin() + static_cast<std::ptrdiff_t>(end));
        CAIRN_TRY(writer.write_rows(part, false, first, out));
    }
    return {};
}

Status write_groups(Resolver& resolver, const SelectPlan& plan, const SelectArguments& arguments,
                    Level& level, Lists& groups, std::string& out) {
    apply_window(arguments.window, groups);
    CAIRN_TRY(resolver.finish(level, groups));
    return AnswerWriter(resolver, plan).write_level(level, groups.items, out);
}

Status select_scanned_groups(Resolver& resolver, const SelectPlan& plan, SelectArguments& arguments,
                             const BoundSelect& bound, std::string& out) {
    GroupScan scan(resolver.context(), plan, arguments, bound);
    CAIRN_TRY(for_each_row(resolver, plan.collection, arguments, true,
                           [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                               CAIRN_TRY(scan.add(id, deleted, row));
                               return true;
                           }));
    Level level;
    Lists groups;
    scan.finish(resolver, level, groups);
    CAIRN_TRY(resolver.arrange_groups(arguments, level, groups));
    return write_groups(resolver, plan, arguments, level, groups, out);
}

Status select_groups(Resolver& resolver, const SelectPlan& plan, SelectArguments& arguments,
                     std::string& out) {
    CAIRN_ASSIGN(const BoundSelect* bound, resolver.bound(plan));
    // Rows of all groups come mixed: which of a group's is the last null is not known then.
    const bool one_by_one = resolver.context().modes.extremes_after_last_null;
    if (!one_by_one && GroupScan::can_answer(plan, arguments, *bound)) {
        return select_scanned_groups(resolver, plan, arguments, *bound, out);
    }
    // One batch of all members, since each group may show any of them.
    return for_each_batch(
        resolver, plan.collection, arguments, true, SIZE_MAX, [&](RowSet& members) -> Result<bool> {
            Lists lists = one_list(members.rows.size());
            Level level;
            CAIRN_TRY(resolver.begin_lists(plan, arguments, {}, members.rows, lists, level));
            CAIRN_TRY(write_groups(resolver, plan, arguments, level, lists, out));
            return true;
        });
}

// Whether computed values that choose or order documents are worth keeping for the answer: with an order and
// a limit few documents remain, and the others need not be held.
bool keeps_computed(const SelectArguments& arguments) {
    if (!arguments.order.empty() && arguments.window.limit != UINT64_MAX) return false;
    return (arguments.filter && arguments.filter->uses_computed) ||
           std::any_of(arguments.order.begin(), arguments.order.end(),
                       [](const auto& key) { return key.plan != nullptr; });
}

Status write_select(const ExecutionContext& context, const SelectPlan& plan, SelectArguments& arguments,
                    std::string& out) {
    Resolver resolver(context, arguments.show_deleted);
    if (context.versions == nullptr) CAIRN_TRY(choose_path(resolver.reads(), plan.collection, arguments));
    out += '[';
    CAIRN_TRY(arguments.group_by          ? select_groups(resolver, plan, arguments, out)
              : keeps_computed(arguments) ? select_computed(resolver, plan, arguments, out)
              : arguments.order.empty()   ? select_unordered(resolver, plan, arguments, out)
                                          : select_ordered(resolver, plan, arguments, out));
    out += ']';
    return {};
}

}  // namespace

namespace {

// With both arguments the documents are those of the commit, and what they are related to is as of then.
Status select_at_commit(const ExecutionContext& context, const SelectPlan& plan, SelectArguments& arguments,
                        std::string& out) {
    if (!arguments.cid) return write_select(context, plan, arguments, out);
    CAIRN_ASSIGN(std::vector<DocumentVersion> versions, versions_at(context, plan.collection, arguments));
    ExecutionContext at_commit = context;
    at_commit.versions = &versions;
    return write_select(at_commit, plan, arguments, out);
}

}  // namespace

Status execute_select(const ExecutionContext& context, const SelectPlan& plan, std::string& out) {
    CAIRN_ASSIGN(SelectArguments arguments, evaluate_arguments(context, plan));
    if (!arguments.as_of) return select_at_commit(context, plan, arguments, out);
    CAIRN_ASSIGN(const ExecutionContext then, context_as_of(context, *arguments.as_of));
    return select_at_commit(then, plan, arguments, out);
}

Result<bool> execute_select_of_versions(const ExecutionContext& context, const SelectPlan& plan,
                                        std::string& out) {
    CAIRN_ASSIGN(SelectArguments arguments, evaluate_arguments(context, plan));
    std::size_t begin = out.size();
    CAIRN_TRY(write_select(context, plan, arguments, out));
    bool any = out.size() > begin + 2;
    if (!any) out.resize(begin);
    return any;
}

Status render_documents(const ExecutionContext& context, const SelectPlan& plan, std::vector<DocId> ids,
                        bool rendered_deleted, std::string& out) {
    SelectArguments arguments;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    Resolver resolver(context);
    AnswerWriter writer(resolver, plan);
    bool first = true;
    out += '[';
    if (plan.ids_only) {
        std::vector<Row> rows;
        for (const DocId& id : ids) rows.push_back({id, rendered_deleted, {}});
        CAIRN_TRY(writer.write_rows(rows, rendered_deleted, first, out));
    } else {
        arguments.ids = std::move(ids);
        CAIRN_TRY(for_each_batch(resolver, plan.collection, arguments, true, kBatchRows,
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
    Resolver resolver(context);
    CAIRN_TRY(choose_path(resolver.reads(), collection, arguments));
    CAIRN_TRY(for_each_row(resolver, collection, arguments, false,
                           [&](const DocId& id, bool, std::string_view) -> Result<bool> {
                               ids.push_back(id);
                               return true;
                           }));
    return ids;
}

namespace {

// Adds the documents of one target that its arguments choose.
Status add_target(Resolver& resolver, AggregateOp op, AggregateTarget& target, Accumulator& into) {
    const Field* field = nullptr;
    if (target.value_field >= 0) {
        const Collection& type = resolver.reads().catalog.collection(target.collection);
        field = &type.fields[static_cast<std::size_t>(target.value_field)];
    }
    const bool forgets = resolver.context().modes.extremes_after_last_null;
    Accumulator own;
    auto add = [&](std::string_view bytes) {
        if (op == AggregateOp::count) {
            own.count(1);
        } else if (RowView row(bytes); field != nullptr && row.has(field->slot)) {
            own.add(op, read_number(row.raw(field->slot), field->kind));
        } else if (forgets) {
            own.forget_extreme();
        }
    };
    SelectArguments& arguments = target.arguments;
    CAIRN_TRY(choose_path(resolver.reads(), target.collection, arguments));
    // All count, in whatever order.
    if (arguments.window.is_open() && !resolver.context().modes.extremes_after_last_null)
        arguments.order.clear();
    if (!arguments.order.empty()) {
        RowSorter sorter(resolver.reads(), target.collection, arguments);
        CAIRN_ASSIGN(std::vector<Row> rows, sorted_rows(resolver, target.collection, arguments, sorter));
        for (const Row& row : rows) add(row.bytes);
        into.absorb(op, own);
        return {};
    }
    std::uint64_t position = 0;
    const ListWindow window = arguments.window;
    CAIRN_TRY(for_each_row(resolver, target.collection, arguments, op != AggregateOp::count,
                           [&](const DocId&, bool, std::string_view row) -> Result<bool> {
                               if (window.shows(position++)) add(row);
                               return position < window.offset || window.shows(position);
                           }));
    into.absorb(op, own);
    return {};
}

}  // namespace

Status execute_aggregate(const ExecutionContext& context, AggregateOp op, const AstSelection& selection,
                         std::string& out) {
    CAIRN_ASSIGN(BoundAggregate aggregate, bind_root_aggregate(context, op, selection));
    Resolver resolver(context);
    Accumulator items;
    for (AggregateTarget& target : aggregate.targets) {
        if (!target.arguments.as_of) {
            CAIRN_TRY(add_target(resolver, op, target, items));
            continue;
        }
        CAIRN_ASSIGN(const ExecutionContext then, context_as_of(context, *target.arguments.as_of));
        Resolver then_resolver(then);
        CAIRN_TRY(add_target(then_resolver, op, target, items));
    }
    append_number(items.result(op, aggregate.is_float), selection.name, context, out);
    return {};
}

}  // namespace cairn::query
