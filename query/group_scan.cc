#include "query/group_scan.h"

#include <algorithm>

namespace cairn::query {
namespace {

// Whether every member of a group shows the same for an item.
bool shows_key(const OutputItem& item, const BoundAggregate& aggregate, const std::vector<GroupKey>& keys) {
    auto has = [&](GroupKey::Kind kind, int field) {
        return std::any_of(keys.begin(), keys.end(), [&](const GroupKey& key) {
            return key.kind == kind && (kind != GroupKey::Kind::value || key.field == field);
        });
    };
    switch (item.kind) {
        case OutputItem::Kind::type_name:
            return true;
        case OutputItem::Kind::scalar:
            return has(GroupKey::Kind::value, item.field) || has(GroupKey::Kind::doc_id, 0);
        case OutputItem::Kind::doc_id:
            return has(GroupKey::Kind::doc_id, 0);
        case OutputItem::Kind::deleted:
            return has(GroupKey::Kind::deleted, 0);
        case OutputItem::Kind::aggregate:
            return std::all_of(aggregate.targets.begin(), aggregate.targets.end(), [](const auto& target) {
                return target.kind == AggregateTarget::Kind::group;
            });
        default:
            return false;
    }
}

bool orders_by_key(const SelectArguments& arguments) {
    return std::all_of(arguments.order.begin(), arguments.order.end(), [&](const auto& order) {
        if (order.plan != nullptr) return true;
        return order.path.empty() &&
               std::any_of(arguments.group_by->begin(), arguments.group_by->end(), [&](const GroupKey& key) {
                   return key.kind == GroupKey::Kind::value && key.field == order.field;
               });
    });
}

}  // namespace

bool GroupScan::can_answer(const SelectPlan& plan, const SelectArguments& arguments,
                           const BoundSelect& bound) {
    for (const GroupKey& key : *arguments.group_by) {
        if (key.kind == GroupKey::Kind::related_id) return false;
    }
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        if (plan.items[i].kind == OutputItem::Kind::group) return false;
        for (const AggregateTarget& target : bound.aggregates[i].targets) {
            if (target.kind != AggregateTarget::Kind::group) continue;
            const SelectArguments& given = target.arguments;
            if (!given.order.empty() || (given.filter && given.filter->uses_relations)) return false;
        }
    }
    return true;
}

GroupScan::GroupScan(const ExecutionContext& context, const SelectPlan& plan,
                     const SelectArguments& arguments, const BoundSelect& bound)
    : plan_(plan), keys_(*arguments.group_by), aggregated_(plan.items.size()) {
    const Collection& type = context.catalog().collection(plan.collection);
    single_value_ = keys_.size() == 1 && keys_[0].kind == GroupKey::Kind::value;
    first_shows_all_ = !arguments.group_filter && orders_by_key(arguments);
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const BoundAggregate& aggregate = bound.aggregates[i];
        first_shows_all_ = first_shows_all_ && shows_key(plan.items[i], aggregate, keys_);
        for (std::size_t t = 0; t < aggregate.targets.size(); ++t) {
            const AggregateTarget& target = aggregate.targets[t];
            if (target.kind != AggregateTarget::Kind::group) continue;
            Source source;
            source.item = i;
            source.op = aggregate.op;
            source.filter = target.arguments.filter.get();
            source.is_first = bound.first_source == GroupSource{i, t} && source.filter != nullptr;
            source.window = target.arguments.member_window;
            if (target.value_field >= 0 && aggregate.op != AggregateOp::count) {
                const Field& field = type.fields[static_cast<std::size_t>(target.value_field)];
                source.slot = field.slot;
                source.kind = field.kind;
            }
            sources_.push_back(std::move(source));
        }
    }
}

void GroupScan::add_group() {
    groups_.emplace_back().place = 2 * rows_;
    for (std::size_t i = 0; i < aggregated_.size(); ++i) {
        if (plan_.items[i].kind == OutputItem::Kind::aggregate) aggregated_[i].emplace_back();
    }
    for (Source& source : sources_) {
        if (!source.window.is_open()) source.seen.push_back(0);
    }
}

// The group of a row: a known one, or the next number.
std::uint32_t GroupScan::group_of(const DocId& id, bool deleted, const RowView& row) {
    if (single_value_) {  // the stored bytes are the key
        if (!row.has(keys_[0].slot)) {
            if (!null_group_) null_group_ = static_cast<std::uint32_t>(table_.size());
            return *null_group_;
        }
        std::uint32_t found = table_.find_or_add(row.raw(keys_[0].slot));
        return null_group_ && found >= *null_group_ ? found + 1 : found;
    }
    key_.clear();
    for (const GroupKey& key : keys_) append_group_key(key, id, deleted, row, key_);
    return table_.find_or_add(key_);
}

Status GroupScan::add(const DocId& id, bool deleted, std::string_view bytes) {
    RowView row(bytes);
    std::uint32_t group = group_of(id, deleted, row);
    bool is_new = group == groups_.size();
    if (is_new) add_group();
    if (is_new || !first_shows_all_) {
        groups_[group].id = id;
        groups_[group].deleted = deleted;
        groups_[group].row.assign(bytes);
    }
    for (Source& source : sources_) {
        if (source.filter != nullptr) {
            CAIRN_ASSIGN(bool holds, test_row(*source.filter, row, id));
            if (!holds) continue;
        }
        add_to(source, group, row);
    }
    ++rows_;
    return {};
}

void GroupScan::add_to(Source& source, std::uint32_t group, const RowView& row) {
    if (source.is_first) groups_[group].place = std::min(groups_[group].place, 2 * source.passed++ + 1);
    if (!source.window.is_open() && !source.window.shows(source.seen[group]++)) return;
    Accumulator& into = aggregated_[source.item][group];
    if (source.op == AggregateOp::count) {
        into.count(1);
    } else if (source.kind != FieldKind::none && row.has(source.slot)) {
        into.add(source.op, read_number(row.raw(source.slot), source.kind));
    }
}

void GroupScan::finish(Resolver& resolver, Level& level, Lists& groups) {
    level.own_rows.reserve(groups_.size());
    for (const Group& group : groups_) level.own_rows.push_back({group.id, group.deleted, group.row});
    resolver.begin(plan_, level.own_rows, level);
    for (std::size_t i = 0; i < aggregated_.size(); ++i) {
        if (plan_.items[i].kind == OutputItem::Kind::aggregate)
            level.items[i].scanned = std::move(aggregated_[i]);
    }
    groups.offsets = {0, static_cast<std::uint32_t>(groups_.size())};
    for (std::uint32_t i = 0; i < groups_.size(); ++i) groups.items.push_back(i);
    std::sort(groups.items.begin(), groups.items.end(),
              [&](std::uint32_t a, std::uint32_t b) { return groups_[a].place < groups_[b].place; });
}

}  // namespace cairn::query
