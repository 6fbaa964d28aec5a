#include "query/joined.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/limits.h"
#include "query/groups.h"
#include "query/index_access.h"
#include "query/index_ranges.h"
#include "query/join_key.h"
#include "query/read_costs.h"

namespace cairn::query {
namespace {

constexpr std::size_t kFewRows = 64;
constexpr std::size_t kSampleGroups = 16;
constexpr std::size_t kParentsBetweenChecks = 256;

// The parents' distinct values, numbered as groups in order of first appearance, and the other collection's
// documents that have them.
class Join {
  public:
    static constexpr std::uint32_t kNone = GroupTable::kEmpty;
    // Called in document id order; returns false to stop.
    using Visit =
        std::function<Result<bool>(std::uint32_t group, const DocId&, bool deleted, std::string_view row)>;

    Join(const ReadContext& context, int collection, int field, const std::vector<Row>& parents)
        : context_(context),
          type_(context.catalog.collection(collection)),
          field_(type_.fields[static_cast<std::size_t>(field)]),
          other_(context.catalog.collection(field_.target)),
          references_(other_.fields[static_cast<std::size_t>(field_.join_references)]),
          parents_(parents),
          parent_key_(type_.fields[static_cast<std::size_t>(field_.join_on)], references_),
          child_key_(references_, type_.fields[static_cast<std::size_t>(field_.join_on)]) {
        group_of_.reserve(parents.size());
        for (std::size_t i = 0; i < parents.size(); ++i) {
            auto key = parent_key_.read(parents[i].id, parents[i].view());
            group_of_.push_back(key ? table_.find_or_add(*key) : kNone);
            if (key && group_of_.back() == first_parent_.size()) first_parent_.push_back(i);
        }
    }

    const Collection& type() const { return type_; }
    const Field& field() const { return field_; }
    std::size_t parents() const { return parents_.size(); }
    std::size_t groups() const { return first_parent_.size(); }
    // kNone for a parent that joins with nothing.
    std::uint32_t group_of(std::size_t parent) const { return group_of_[parent]; }

    Status visit(const Visit& visit) {
        if (groups() == 0) return {};
        auto take = [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
            auto key = child_key_.read(id, RowView(row));
            const std::uint32_t group = key ? table_.find(*key) : kNone;
            return group == kNone ? Result<bool>(true) : visit(group, id, deleted, row);
        };
        CAIRN_ASSIGN(std::optional<std::vector<DocId>> ids, look_up());
        return ids ? get_rows(context_, field_.target, std::move(*ids), take)
                   : scan_rows(context_, field_.target, take);
    }

  private:
    // The documents to read, all that may have a value of a group; nothing when a scan costs less.
    Result<std::optional<std::vector<DocId>>> look_up() {
        if (references_.short_id == 1) return look_up_ids();
        if (context_.show_deleted) return std::nullopt;  // indexes hold active documents only
        index_ = index_led_by(context_.catalog, field_.target, field_.join_references);
        if (index_ == nullptr && !has_relation_index()) return std::nullopt;
        std::vector<DocId> ids;
        const std::size_t sample = std::min(groups(), kSampleGroups);
        CAIRN_ASSIGN(bool few, list(0, sample, kFewRows, ids));
        if (few && sample == groups()) return ids;
        CAIRN_ASSIGN(double rows, estimate_rows(context_, field_.target));
        const double seeks = static_cast<double>(groups()) * kSeek;
        const double most = (rows * kScanStep - seeks) / (kLookup + kScanStep);  // rows that are worth it
        const double expected =
            static_cast<double>(ids.size()) / static_cast<double>(sample) * static_cast<double>(groups());
        if (most < expected) return std::nullopt;
        if (!few) ids.clear();  // it stopped within a group
        CAIRN_ASSIGN(bool worth, list(few ? sample : 0, groups(), static_cast<std::size_t>(most), ids));
        if (!worth) return std::nullopt;
        return ids;
    }

    Result<std::optional<std::vector<DocId>>> look_up_ids() {
        std::vector<DocId> ids;
        for (std::uint32_t group = 0; group < groups(); ++group) {
            if (auto id = id_of(group)) ids.push_back(*id);
        }
        if (ids.size() <= kFewRows) return ids;
        CAIRN_ASSIGN(double rows, estimate_rows(context_, field_.target));
        if (rows * kScanStep < static_cast<double>(ids.size()) * kLookup) return std::nullopt;
        return ids;
    }

    // The value of a group as a document id; nothing when it is another text.
    std::optional<DocId> id_of(std::uint32_t group) {
        const Row& parent = parents_[first_parent_[group]];
        std::string_view key = *parent_key_.read(parent.id, parent.view());
        return key.size() == 16 ? std::optional(DocId::from_key(key)) : std::nullopt;
    }

    // The key of a relation has an index of its own, of ids in their usual spelling.
    bool has_relation_index() {
        if (references_.relation_object < 0) return false;
        if (!other_.fields[static_cast<std::size_t>(references_.relation_object)].primary) return false;
        for (std::uint32_t group = 0; group < groups(); ++group) {
            if (!id_of(group)) return false;
        }
        return true;
    }

    // Appends the documents of some groups. False, and not all of them, when there are more than `most`.
    Result<bool> list(std::size_t first, std::size_t last, std::size_t most, std::vector<DocId>& ids) {
        return index_ != nullptr ? list_by_index(first, last, most, ids)
                                 : list_by_relation(first, last, most, ids);
    }

    Result<bool> list_by_index(std::size_t first, std::size_t last, std::size_t most,
                               std::vector<DocId>& ids) {
        IndexAccess access;
        access.index = index_;
        const std::string prefix = index_prefix(other_.short_id, index_->id);
        for (std::size_t group = first; group < last; ++group) {
            const Row& parent = parents_[first_parent_[group]];
            CAIRN_ASSIGN(std::optional<Value> value, parent_key_.value(parent.id, parent.view()));
            if (!value) continue;
            std::string key = prefix;
            append_index_key(*value, references_.kind, index_->fields.front().descending, key);
            std::string end = after_prefix(key);
            access.ranges.push_back({std::move(key), std::move(end)});
        }
        std::sort(access.ranges.begin(), access.ranges.end(),
                  [](const KeyRange& a, const KeyRange& b) { return a.begin < b.begin; });
        CAIRN_TRY(visit_index(context_.view, access, [&](const DocId& id) -> Result<bool> {
            ids.push_back(id);
            return ids.size() <= most;
        }));
        return ids.size() <= most;
    }

    Result<bool> list_by_relation(std::size_t first, std::size_t last, std::size_t most,
                                  std::vector<DocId>& ids) {
        const std::uint32_t key = references_.short_id;
        auto cursor = context_.view.iterate(Family::relations, relation_prefix(other_.short_id, key),
                                            ScanKind::within_prefix);
        for (std::size_t group = first; group < last && ids.size() <= most; ++group) {
            CAIRN_TRY(list_sources(context_.view, other_.short_id, key,
                                   *id_of(static_cast<std::uint32_t>(group)), *cursor, ids));
        }
        return ids.size() <= most;
    }

    const ReadContext& context_;
    const Collection& type_;
    const Field& field_;
    const Collection& other_;
    const Field& references_;
    const std::vector<Row>& parents_;
    JoinKey parent_key_, child_key_;
    GroupTable table_;
    std::vector<std::uint32_t> group_of_;    // by parent
    std::vector<std::size_t> first_parent_;  // by group
    const IndexDescription* index_ = nullptr;
};

// A list for each group: items by the group that each is in, in ascending order.
void list_by_group(const std::vector<std::uint32_t>& group_of, std::size_t groups, Lists& lists) {
    lists.offsets.assign(groups + 1, 0);
    for (std::uint32_t group : group_of) ++lists.offsets[group + 1];
    for (std::size_t i = 0; i < groups; ++i) lists.offsets[i + 1] += lists.offsets[i];
    lists.items.resize(group_of.size());
    std::vector<std::uint32_t> next(lists.offsets.begin(), lists.offsets.end() - 1);
    for (std::size_t i = 0; i < group_of.size(); ++i)
        lists.items[next[group_of[i]]++] = static_cast<std::uint32_t>(i);
}

// The documents of each group that the filter admits.
Result<Related> fetch_groups(const ReadContext& context, Join& join, const Filter* filter) {
    Related related;
    std::vector<std::uint32_t> group_of;  // by child
    std::vector<char> taken(join.field().many ? 0 : join.groups(), 0);
    const bool by_batch = filter != nullptr && filter->uses_relations;
    CAIRN_TRY(join.visit(
        [&](std::uint32_t group, const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
            if (!join.field().many && std::exchange(taken[group], 1) != 0) return true;
            if (filter != nullptr && !by_batch) {
                CAIRN_ASSIGN(bool holds, test_row(*filter, RowView(row), id));
                if (!holds) return true;
            }
            group_of.push_back(group);
            related.children.add(id, deleted, row);
            return true;
        }));
    list_by_group(group_of, join.groups(), related);
    if (!by_batch) return related;
    std::vector<char> keep(related.children.rows.size(), 1);
    CAIRN_TRY(filter_rows(context, join.field().target, *filter, related.children.rows, keep));
    related.retain([&](std::uint32_t child) { return keep[child] != 0; });
    return related;
}

// Whether each group has a document that the filter admits.
Result<std::vector<char>> match_groups(const ReadContext& context, Join& join, const Filter* filter) {
    std::vector<char> matched(join.groups(), 0);
    if (filter != nullptr && filter->uses_relations) {
        CAIRN_ASSIGN(Related related, fetch_groups(context, join, filter));
        for (std::size_t i = 0; i < matched.size(); ++i) matched[i] = related.count(i) > 0 ? 1 : 0;
        return matched;
    }
    std::vector<char> decided(join.groups(), 0);  // no further document counts
    CAIRN_TRY(
        join.visit([&](std::uint32_t group, const DocId& id, bool, std::string_view row) -> Result<bool> {
            if (decided[group] != 0) return true;
            bool holds = true;
            if (filter != nullptr) {
                CAIRN_ASSIGN(holds, test_row(*filter, RowView(row), id));
            }
            matched[group] = holds ? 1 : 0;
            decided[group] = holds || !join.field().many ? 1 : 0;
            return true;
        }));
    return matched;
}

// From the lists of groups to those of parents. Values that many documents share on both sides make many more
// pairs than there are documents.
Status expand(const ReadContext& context, const Join& join, Related& related) {
    Lists lists;
    lists.offsets.reserve(join.parents() + 1);
    lists.offsets.push_back(0);
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < join.parents(); ++i) {
        if (std::uint32_t group = join.group_of(i); group != Join::kNone) pairs += related.count(group);
        if (pairs > limits::kMaxJoinedPairs) {
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("a join gives more than {} pairs of documents. Type: {}, Field: {}",
                                    limits::kMaxJoinedPairs, join.type().name, join.field().name));
        }
        lists.offsets.push_back(static_cast<std::uint32_t>(pairs));
    }
    lists.items.reserve(pairs);
    for (std::size_t i = 0; i < join.parents(); ++i) {
        const std::uint32_t group = join.group_of(i);
        if (group == Join::kNone) continue;
        for (std::uint32_t k = related.offsets[group]; k < related.offsets[group + 1]; ++k) {
            lists.items.push_back(related.items[k]);
        }
        WorkBudget* budget = context.view.budget();
        if (i % kParentsBetweenChecks == 0 && budget != nullptr && !budget->check()) return budget->failure();
    }
    static_cast<Lists&>(related) = std::move(lists);
    return {};
}

}  // namespace

Result<Related> fetch_joined(const ReadContext& context, int collection, int field,
                             const std::vector<Row>& parents, const Filter* filter) {
    Join join(context, collection, field, parents);
    CAIRN_ASSIGN(Related related, fetch_groups(context, join, filter));
    // Where every parent has a value of its own, groups and parents are the same.
    if (join.groups() < join.parents()) CAIRN_TRY(expand(context, join, related));
    return related;
}

Result<std::vector<std::uint64_t>> count_joined(const ReadContext& context, int collection, int field,
                                                const std::vector<Row>& parents) {
    Join join(context, collection, field, parents);
    std::vector<std::uint64_t> of_groups(join.groups(), 0), counts(parents.size(), 0);
    CAIRN_TRY(join.visit([&](std::uint32_t group, const DocId&, bool, std::string_view) -> Result<bool> {
        of_groups[group] = join.field().many ? of_groups[group] + 1 : 1;
        return true;
    }));
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (join.group_of(i) != Join::kNone) counts[i] = of_groups[join.group_of(i)];
    }
    return counts;
}

Result<std::vector<char>> have_joined(const ReadContext& context, int collection, int field,
                                      const std::vector<Row>& parents, const Filter* filter) {
    Join join(context, collection, field, parents);
    CAIRN_ASSIGN(std::vector<char> matched, match_groups(context, join, filter));
    std::vector<char> have(parents.size(), 0);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (join.group_of(i) != Join::kNone) have[i] = matched[join.group_of(i)];
    }
    return have;
}

}  // namespace cairn::query
