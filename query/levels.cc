#include "query/levels.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/commits.h"
#include "query/connection.h"
#include "query/input_values.h"

namespace cairn::query {
namespace {

bool is_resolved(const OutputItem& item) {
    using Kind = OutputItem::Kind;
    return item.kind == Kind::relation || item.kind == Kind::connection || item.kind == Kind::secondary_id ||
           item.kind == Kind::aggregate || item.kind == Kind::similarity || item.kind == Kind::group;
}

template <typename T>
std::vector<T> picked(const std::vector<std::uint32_t>& rows, const std::vector<T>& values) {
    std::vector<T> picked;
    if (values.empty()) return picked;
    picked.reserve(rows.size());
    for (std::uint32_t row : rows) picked.push_back(values[row]);
    return picked;
}

// Leaves out the rows that are in no list, when that spares work. Members of groups number their groups, so
// all of those stay.
void leave_out_unused(Level& level, Lists& lists) {
    bool spares = std::any_of(level.plan->items.begin(), level.plan->items.end(), is_resolved);
    if (!spares || level.groups || lists.items.size() >= level.rows->size()) return;
    constexpr std::uint32_t kUnused = 0xffffffffu;
    std::vector<std::uint32_t> number(level.rows->size(), kUnused), used;
    for (std::uint32_t& item : lists.items) {
        if (number[item] == kUnused) {
            number[item] = static_cast<std::uint32_t>(used.size());
            used.push_back(item);
        }
        item = number[item];
    }
    level.own_rows = picked(used, *level.rows);
    level.rows = &level.own_rows;
    for (ResolvedItem& item : level.items) {
        item.column = picked(used, item.column);
        item.lists = picked(used, item.lists);
        if (item.scanned) item.scanned = picked(used, *item.scanned);
    }
}

// Groups number their members, so a document that several parents have becomes a row of each.
void give_each_list_its_rows(std::vector<Row>& rows, Lists& lists) {
    std::vector<Row> own;
    own.reserve(lists.items.size());
    for (std::uint32_t& item : lists.items) {
        own.push_back(rows[item]);
        item = static_cast<std::uint32_t>(own.size()) - 1;
    }
    rows = std::move(own);
}

// Adds the value of a field of the documents in each list.
void add_documents(const Collection& collection, const AggregateTarget& target, AggregateOp op,
                   const QueryModes& modes, const std::vector<Row>& rows, const Lists& lists,
                   std::vector<Accumulator>& into) {
    if (op == AggregateOp::count) {
        for (std::size_t i = 0; i < into.size(); ++i) into[i].count(lists.count(i));
        return;
    }
    if (target.value_field < 0) return;
    const Field& field = collection.fields[static_cast<std::size_t>(target.value_field)];
    for (std::size_t i = 0; i < into.size(); ++i) {
        Accumulator own;
        for (std::uint32_t k = lists.offsets[i]; k < lists.offsets[i + 1]; ++k) {
            RowView row = rows[lists.items[k]].view();
            if (row.has(field.slot)) {
                own.add(op, read_number(row.raw(field.slot), field.kind));
            } else if (modes.extremes_after_last_null) {
                own.forget_extreme();
            }
        }
        into[i].absorb(op, own);
    }
}

}  // namespace

Result<const BoundSelect*> Resolver::bound(const SelectPlan& plan) {
    std::unique_ptr<BoundSelect>& known = bound_[&plan];
    if (!known) {
        CAIRN_ASSIGN(BoundSelect select, bind_select(context_, plan));
        known = std::make_unique<BoundSelect>(std::move(select));
    }
    return known.get();
}

Result<const SelectArguments*> Resolver::arguments(const SelectPlan& plan, const Field* relation) {
    std::unique_ptr<SelectArguments>& known = arguments_[&plan];
    if (!known) {
        CAIRN_ASSIGN(SelectArguments evaluated, evaluate_arguments(context_, plan));
        bool ordered = relation != nullptr && !evaluated.group_by;
        if (ordered) add_list_order(context_.catalog(), *relation, evaluated);
        known = std::make_unique<SelectArguments>(std::move(evaluated));
    }
    return known.get();
}

void Resolver::begin(const SelectPlan& plan, const std::vector<Row>& rows, Level& level) const {
    level.plan = &plan;
    level.collection = &reads_.catalog.collection(plan.collection);
    level.rows = &rows;
    level.of_versions = plan.is_root && context_.versions != nullptr;
    level.items.resize(plan.items.size());
    for (std::size_t i = 0; i < level.items.size(); ++i) {
        int field = plan.items[i].field;
        if (field >= 0) level.items[i].field = &level.collection->fields[static_cast<std::size_t>(field)];
    }
}

Status Resolver::begin_lists(const SelectPlan& plan, const SelectArguments& arguments,
                             const std::vector<GroupKey>& outer, const std::vector<Row>& rows, Lists& lists,
                             Level& level) {
    begin(plan, rows, level);
    if (!arguments.group_by) {
        return sort_lists(reads_, plan.collection, arguments.order, rows, &level, lists);
    }
    CAIRN_TRY(begin_groups(arguments, outer, rows, lists, level));
    return arrange_groups(arguments, level, lists);
}

Status Resolver::begin_groups(const SelectArguments& arguments, const std::vector<GroupKey>& outer,
                              const std::vector<Row>& rows, Lists& lists, Level& level) {
    std::vector<GroupKey> keys = outer;
    for (const GroupKey& key : *arguments.group_by) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    CAIRN_ASSIGN(Groups groups, make_groups(reads_, level.plan->collection, std::move(keys), rows, lists));
    level.groups = std::make_unique<Groups>(std::move(groups));
    for (std::uint32_t last : level.groups->last) level.own_rows.push_back(rows[last]);
    level.rows = &level.own_rows;
    CAIRN_ASSIGN(const BoundSelect* select, bound(*level.plan));
    if (!select->first_source) return {};
    CAIRN_TRY(resolve(level, select->first_source->item));
    const std::vector<std::uint64_t>& places = level.groups->places;
    for (std::size_t i = 0; i < lists.parents(); ++i) {
        std::sort(lists.items.begin() + lists.offsets[i], lists.items.begin() + lists.offsets[i + 1],
                  [&](std::uint32_t a, std::uint32_t b) { return places[a] < places[b]; });
    }
    return {};
}

Status Resolver::arrange_groups(const SelectArguments& arguments, Level& level, Lists& lists) {
    if (arguments.group_filter) {
        std::vector<char> keep(level.rows->size(), 1);
        CAIRN_TRY(
            filter_rows(reads_, level.plan->collection, *arguments.group_filter, *level.rows, keep, &level));
        lists.retain([&](std::uint32_t group) { return keep[group] != 0; });
    }
    return sort_lists(reads_, level.plan->collection, arguments.order, *level.rows, &level, lists);
}

Status Resolver::finish(Level& level, Lists& lists) {
    leave_out_unused(level, lists);
    return finish(level);
}

Status Resolver::finish(Level& level) {
    for (std::size_t i = 0; i < level.items.size(); ++i) {
        if (is_resolved(level.plan->items[i])) CAIRN_TRY(resolve(level, i));
    }
    return {};
}

Result<Column> Resolver::compute(const SelectPlan& plan, std::size_t item, const std::vector<Row>& rows) {
    Level level;
    begin(plan, rows, level);
    CAIRN_TRY(of_level(level, item));
    return std::move(level.items[item].column);
}

Result<const Column*> Resolver::of_level(Level& level, std::size_t item) {
    CAIRN_TRY(resolve(level, item));
    return &level.items[item].column;
}

Status Resolver::resolve(Level& level, std::size_t item) {
    ResolvedItem& resolved = level.items[item];
    if (resolved.done) return {};
    switch (level.plan->items[item].kind) {
        case OutputItem::Kind::relation:
        case OutputItem::Kind::secondary_id:
            CAIRN_TRY(resolve_relation(level, item));
            break;
        case OutputItem::Kind::connection:
            CAIRN_TRY(resolve_connection(level, item));
            break;
        case OutputItem::Kind::group:
            CAIRN_TRY(resolve_group(level, item));
            break;
        case OutputItem::Kind::aggregate:
            CAIRN_TRY(resolve_aggregate(level, item));
            break;
        case OutputItem::Kind::similarity:
            CAIRN_TRY(resolve_similarity(level, item));
            break;
        case OutputItem::Kind::deleted:
            for (const Row& row : *level.rows) resolved.column.push_back(Number::of(row.deleted));
            break;
        default:
            break;
    }
    resolved.done = true;
    return {};
}

Status Resolver::resolve_relation(Level& level, std::size_t at) {
    const OutputItem& item = level.plan->items[at];
    ResolvedItem& resolved = level.items[at];
    resolved.single = !resolved.field->many;
    const SelectArguments* given = nullptr;
    if (item.kind == OutputItem::Kind::relation) {
        CAIRN_ASSIGN(given, arguments(*item.child, resolved.field));
    }
    CAIRN_ASSIGN(Related related, fetch_related(reads_, level.plan->collection, item.field, *level.rows,
                                                given == nullptr ? nullptr : given->filter.get()));
    resolved.related = std::make_unique<RowSet>(std::move(related.children));
    resolved.lists = std::move(static_cast<Lists&>(related));
    if (given == nullptr) return {};
    if (given->group_by) give_each_list_its_rows(resolved.related->rows, resolved.lists);
    const std::vector<Row>& rows = resolved.related->rows;
    if (given->ids) {
        resolved.lists.retain([&](std::uint32_t row) {
            return std::binary_search(given->ids->begin(), given->ids->end(), rows[row].id);
        });
    }
    resolved.child = std::make_unique<Level>();
    CAIRN_TRY(begin_lists(*item.child, *given, {}, rows, resolved.lists, *resolved.child));
    apply_window(given->window, resolved.lists);
    return finish(*resolved.child, resolved.lists);
}

Status Resolver::resolve_connection(Level& level, std::size_t at) {
    const OutputItem& item = level.plan->items[at];
    const ConnectionPlan& plan = *item.connection;
    std::unique_ptr<ConnectionArguments>& given = connections_[&plan];
    if (!given) {
        CAIRN_ASSIGN(ConnectionArguments evaluated, evaluate_connection(context_, plan));
        given = std::make_unique<ConnectionArguments>(std::move(evaluated));
    }
    level.items[at].connection = std::make_unique<ConnectionPages>();
    ConnectionPages& pages = *level.items[at].connection;
    const int collection = level.plan->collection;
    if (!plan.needs_page && !given->select.filter && !reads_.show_deleted) {
        CAIRN_ASSIGN(pages.totals, count_related(reads_, collection, item.field, *level.rows));
        return {};
    }
    CAIRN_ASSIGN(Related related,
                 fetch_related(reads_, collection, item.field, *level.rows, given->select.filter.get()));
    return page_related(*this, plan, *given, std::move(related), pages);
}

// Members of a level's groups that the arguments choose, in their order.
Status Resolver::restrict_members(const SelectArguments& arguments, Level& level, Lists& members) {
    const std::vector<Row>& rows = *level.groups->members;
    if (arguments.ids) {
        members.retain([&](std::uint32_t row) {
            return std::binary_search(arguments.ids->begin(), arguments.ids->end(), rows[row].id);
        });
    }
    if (!arguments.filter) return {};
    std::vector<char> keep(rows.size(), 0);
    for (std::uint32_t row : members.items) keep[row] = 1;
    CAIRN_TRY(filter_rows(reads_, level.plan->collection, *arguments.filter, rows, keep));
    members.retain([&](std::uint32_t row) { return keep[row] != 0; });
    return {};
}

Status Resolver::resolve_group(Level& level, std::size_t at) {
    const OutputItem& item = level.plan->items[at];
    ResolvedItem& resolved = level.items[at];
    if (!level.groups) return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
    Groups& groups = *level.groups;
    CAIRN_ASSIGN(const SelectArguments* given, arguments(*item.child));
    Lists members = groups.lists;
    CAIRN_TRY(restrict_members(*given, level, members));
    resolved.child = std::make_unique<Level>();
    Level& child = *resolved.child;
    CAIRN_TRY(begin_lists(*item.child, *given, groups.keys, *groups.members, members, child));
    child.of_versions = level.of_versions;
    CAIRN_ASSIGN(const BoundSelect* select, bound(*level.plan));
    bool is_source = select->first_source == GroupSource{at, 0};
    resolved.lists = hand_out(groups, members, is_source, [&](std::uint32_t row) {
        return child.groups ? child.groups->last[row] : row;
    });
    apply_window(given->member_window, resolved.lists);
    return finish(child, resolved.lists);
}

Status Resolver::resolve_similarity(Level& level, std::size_t at) {
    const OutputItem& item = level.plan->items[at];
    ResolvedItem& resolved = level.items[at];
    const AstValue* given =
        find_member(context_.variables.resolve(item.target_value), "vector", context_.variables);
    if (given == nullptr) return fail(ErrorCode::invalid_argument, std::string(kNothingToAggregate));
    FieldKind kind = resolved.field->kind;
    CAIRN_ASSIGN(Value vector, input_value(given, kind, context_.variables));
    resolved.column.resize(level.rows->size(), Number::of(0.0));
    for (std::size_t i = 0; i < level.rows->size(); ++i) {
        RowView row = (*level.rows)[i].view();
        if (!row.has(resolved.field->slot)) continue;
        CAIRN_ASSIGN(resolved.column[i],
                     dot_product(row.raw(resolved.field->slot), kind, vector.as<Value::Array>()));
    }
    return {};
}

Status Resolver::resolve_aggregate(Level& level, std::size_t at) {
    ResolvedItem& resolved = level.items[at];
    CAIRN_ASSIGN(const BoundSelect* select, bound(*level.plan));
    const BoundAggregate& aggregate = select->aggregates[at];
    std::vector<Accumulator> items =
        resolved.scanned ? std::move(*resolved.scanned) : std::vector<Accumulator>(level.rows->size());
    for (std::size_t t = 0; t < aggregate.targets.size(); ++t) {
        const AggregateTarget& target = aggregate.targets[t];
        if (resolved.scanned && target.kind == AggregateTarget::Kind::group) continue;
        CAIRN_TRY(add_target(level, target, GroupSource{at, t}, aggregate.op, items));
    }
    resolved.column.reserve(items.size());
    for (const Accumulator& item : items) {
        resolved.column.push_back(item.result(aggregate.op, aggregate.is_float));
    }
    return {};
}

Status Resolver::add_target(Level& level, const AggregateTarget& target, const GroupSource& source,
                            AggregateOp op, std::vector<Accumulator>& into) {
    if (target.reused) return add_selected(level, target, op, into);
    switch (target.kind) {
        case AggregateTarget::Kind::relation:
            return add_related(level, target, op, into);
        case AggregateTarget::Kind::group:
            return add_members(level, target, source, op, into);
        case AggregateTarget::Kind::array: {
            const Field& field = level.collection->fields[static_cast<std::size_t>(target.field)];
            for (std::size_t i = 0; i < into.size(); ++i) {
                RowView row = (*level.rows)[i].view();
                if (!row.has(field.slot)) continue;
                CAIRN_TRY(add_elements(target.elements, row.raw(field.slot), field.kind, op, into[i]));
            }
            return {};
        }
        case AggregateTarget::Kind::versions:
            for (std::size_t i = 0; i < into.size(); ++i) {
                CAIRN_ASSIGN(std::uint64_t count,
                             count_versions(context_, (*level.rows)[i].id, level.of_versions));
                into[i].count(target.window.size_of(count));
            }
            return {};
        case AggregateTarget::Kind::collection:
            break;
    }
    return fail(ErrorCode::internal, "an aggregate over a collection within a select");
}

Status Resolver::add_related(Level& level, const AggregateTarget& target, AggregateOp op,
                             std::vector<Accumulator>& into) {
    const SelectArguments& given = target.arguments;
    if (op == AggregateOp::count && !given.filter) {
        CAIRN_ASSIGN(std::vector<std::uint64_t> counts,
                     count_related(reads_, level.plan->collection, target.field, *level.rows));
        for (std::size_t i = 0; i < into.size(); ++i) into[i].count(given.window.size_of(counts[i]));
        return {};
    }
    CAIRN_ASSIGN(Related related, fetch_related(reads_, level.plan->collection, target.field, *level.rows,
                                                given.filter.get()));
    CAIRN_TRY(sort_lists(reads_, target.collection, given.order, related.children.rows, nullptr, related));
    apply_window(given.window, related);
    add_documents(reads_.catalog.collection(target.collection), target, op, context_.modes,
                  related.children.rows, related, into);
    return {};
}

Status Resolver::add_members(Level& level, const AggregateTarget& target, const GroupSource& source,
                             AggregateOp op, std::vector<Accumulator>& into) {
    if (!level.groups) return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
    Groups& groups = *level.groups;
    const std::vector<Row>& rows = *groups.members;
    Lists members = groups.lists;
    CAIRN_TRY(restrict_members(target.arguments, level, members));
    CAIRN_TRY(sort_lists(reads_, target.collection, target.arguments.order, rows, nullptr, members));
    CAIRN_ASSIGN(const BoundSelect* select, bound(*level.plan));
    Lists by_group =
        hand_out(groups, members, select->first_source == source, [](std::uint32_t row) { return row; });
    apply_window(target.arguments.member_window, by_group);
    add_documents(*level.collection, target, op, context_.modes, rows, by_group, into);
    return {};
}

// Aggregates what a selection shows.
Status Resolver::add_selected(Level& level, const AggregateTarget& target, AggregateOp op,
                              std::vector<Accumulator>& into) {
    CAIRN_TRY(resolve(level, *target.reused));
    ResolvedItem& selected = level.items[*target.reused];
    Level& child = *selected.child;
    if (target.child_item) {
        CAIRN_ASSIGN(const Column* column, of_level(child, *target.child_item));
        for (std::size_t i = 0; i < into.size(); ++i) {
            for (std::uint32_t k = selected.lists.offsets[i]; k < selected.lists.offsets[i + 1]; ++k) {
                into[i].add(op, (*column)[selected.lists.items[k]]);
            }
        }
        return {};
    }
    if (op == AggregateOp::count || !child.groups) {
        add_documents(*child.collection, target, op, context_.modes, *child.rows, selected.lists, into);
        return {};
    }
    // Groups in groups: a field is taken of all their members (spec/query.md Q45).
    Lists members =
        hand_out(*child.groups, child.groups->lists, false, [](std::uint32_t row) { return row; });
    Lists flat;
    flat.offsets.push_back(0);
    for (std::size_t i = 0; i < into.size(); ++i) {
        for (std::uint32_t k = selected.lists.offsets[i]; k < selected.lists.offsets[i + 1]; ++k) {
            std::uint32_t group = selected.lists.items[k];
            flat.items.insert(flat.items.end(), members.items.begin() + members.offsets[group],
                              members.items.begin() + members.offsets[group + 1]);
        }
        flat.offsets.push_back(static_cast<std::uint32_t>(flat.items.size()));
    }
    add_documents(*child.collection, target, op, context_.modes, *child.groups->members, flat, into);
    return {};
}

}  // namespace cairn::query
