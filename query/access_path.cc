#include "query/access_path.h"

#include <algorithm>
#include <unordered_set>

#include "query/index_ranges.h"
#include "query/linked.h"

namespace cairn::query {
namespace {

using OrderKeys = std::vector<SelectArguments::OrderKey>;

// A row read through an index costs about as much as five to six of a scan.
constexpr double kIndexShare = 0.15;
constexpr std::uint64_t kAlwaysFew = 64;
constexpr std::size_t kBatch = 512;

void append_order(const std::vector<IndexOrderKey>& keys, const std::vector<int>& path, OrderKeys& order) {
    for (const IndexOrderKey& key : keys) {
        SelectArguments::OrderKey added;
        added.path = path;
        added.field = key.field;
        added.descending = key.descending;
        order.push_back(std::move(added));
    }
}

Result<bool> reads_few(const ReadContext& reads, int collection, const IndexAccess& access) {
    if (access.is_whole) return false;
    CAIRN_ASSIGN(bool few, has_few_entries(reads.view, access, kAlwaysFew));
    if (few) return true;
    CAIRN_ASSIGN(double rows, estimate_rows(reads, collection));
    return has_few_entries(reads.view, access, static_cast<std::uint64_t>(rows * kIndexShare));
}

// The index serves the filter: it gives the order, whether it is read or not.
Result<AccessPath> path_by_filter(const ReadContext& reads, int collection, IndexAccess access,
                                  SelectArguments& arguments) {
    AccessPath path;
    OrderKeys& order = arguments.order;
    auto local = local_order(order);
    bool served = local && serves_order(*local, access);
    bool read = access.order.empty();  // only reading the index gives the order
    if (!read && !arguments.ids) {
        CAIRN_ASSIGN(read, reads_few(reads, collection, access));
    }
    if (served) order.clear();
    if (read) {
        path.index = std::move(access);
    } else {
        append_order(access.order, {}, order);
    }
    return path;
}

// Documents that point at others: parents of children that hold the key, and children of parents that do.
Result<std::vector<DocId>> keys_in_rows(const ReadContext& reads, int collection, std::uint32_t slot,
                                        const std::vector<DocId>& ids) {
    std::vector<DocId> found;
    CAIRN_TRY(get_rows_in_order(reads, collection, ids,
                                [&](const DocId&, bool, std::string_view row) -> Result<bool> {
                                    if (auto id = document_in(RowView(row), slot)) found.push_back(*id);
                                    return true;
                                }));
    return found;
}

Result<std::vector<DocId>> sources_of(const ReadContext& reads, std::uint32_t collection, std::uint32_t field,
                                      const std::vector<DocId>& targets) {
    std::vector<DocId> found;
    auto cursor =
        reads.view.iterate(Family::relations, relation_prefix(collection, field), ScanKind::within_prefix);
    for (const DocId& target : targets)
        CAIRN_TRY(list_sources(reads.view, collection, field, target, *cursor, found));
    return found;
}

// The parents of children that an index gives, each once, in the order of the children (spec/query.md 13.4).
Result<std::vector<DocId>> parents_of(const ReadContext& reads, int collection, const Field& field,
                                      const IndexAccess& children) {
    std::vector<DocId> child_ids;
    CAIRN_TRY(visit_index(reads.view, children, [&](const DocId& id) -> Result<bool> {
        child_ids.push_back(id);
        return true;
    }));
    const Collection& type = reads.catalog.collection(collection);
    const Collection& other = reads.catalog.collection(field.target);
    std::vector<DocId> parents;
    if (field.link) {
        CAIRN_ASSIGN(parents, linked_parents(reads, field, child_ids));
    } else if (field.primary) {
        const Field& key = type.fields[static_cast<std::size_t>(field.id_field)];
        CAIRN_ASSIGN(parents, sources_of(reads, type.short_id, key.short_id, child_ids));
    } else {
        const Field& partner = other.fields[static_cast<std::size_t>(field.partner)];
        std::uint32_t slot = other.fields[static_cast<std::size_t>(partner.id_field)].slot;
        CAIRN_ASSIGN(parents, keys_in_rows(reads, field.target, slot, child_ids));
    }
    std::unordered_set<DocId, DocIdHash> seen;
    std::erase_if(parents, [&](const DocId& id) { return !seen.insert(id).second; });
    return parents;
}

// A relation condition that an index of the other side serves. A single relation to nothing must not satisfy
// it, since what has no child is not reached from children.
Result<std::optional<IndexAccess>> index_of_children(const ReadContext& reads, const Collection& type,
                                                     const Filter& condition) {
    if (condition.kind != Filter::Kind::relation || condition.field < 0) return std::nullopt;
    const Field& field = type.fields[static_cast<std::size_t>(condition.field)];
    if (field.partner < 0 && !field.link) return std::nullopt;
    const Filter& inner = *condition.children.front();
    auto access = index_for_filter(reads.catalog, field.target, inner);
    if (!access) return std::nullopt;
    if (!field.many) {
        CAIRN_ASSIGN(bool missing, test_missing(inner));
        if (missing) return std::nullopt;
    }
    return access;
}

// Turns a join around where an index of the other side serves a condition; nothing when none does.
Result<std::optional<AccessPath>> path_by_relation(const ReadContext& reads, int collection,
                                                   SelectArguments& arguments) {
    const Collection& type = reads.catalog.collection(collection);
    for (const Filter* condition : required_conditions(*arguments.filter)) {
        CAIRN_ASSIGN(std::optional<IndexAccess> access, index_of_children(reads, type, *condition));
        if (!access) continue;
        const Field& field = type.fields[static_cast<std::size_t>(condition->field)];
        AccessPath path;
        CAIRN_ASSIGN(bool few, reads_few(reads, field.target, *access));
        if (few) {
            CAIRN_ASSIGN(path.ids, parents_of(reads, collection, field, *access));
        } else if (!field.many) {
            append_order(access->order, {condition->field}, arguments.order);
        }
        return path;
    }
    return std::nullopt;
}

AccessPath path_by_order(const Catalog& catalog, int collection, SelectArguments& arguments) {
    AccessPath path;
    OrderKeys& order = arguments.order;
    if (order.empty()) return path;
    if (auto local = local_order(order)) {
        auto access = index_for_order(catalog, collection, *local);
        if (!access) return path;
        order.clear();
        // Without a limit, or with a filter, more would be read than a scan costs.
        if (arguments.window.limit != UINT64_MAX && !arguments.filter && !arguments.ids) {
            path.index = std::move(access);
        } else {
            append_order(access->order, {}, order);
        }
        return path;
    }
    // By a related document: those of one value come in the order of the other side's index.
    const auto& first = order.front();
    if (first.path.size() != 1 || first.field < 0 || first.plan != nullptr || order.size() != 1) return path;
    const Field& field = catalog.collection(collection).fields[static_cast<std::size_t>(first.path.front())];
    auto access = index_for_order(catalog, field.target, {{first.field, first.descending}});
    if (field.partner < 0 || !access) return path;
    std::vector<int> way = first.path;
    order.clear();
    append_order(access->order, way, order);
    return path;
}

Result<AccessPath> path_of(const ReadContext& reads, int collection, SelectArguments& arguments) {
    if (arguments.filter) {
        auto access = index_for_filter(reads.catalog, collection, *arguments.filter);
        if (access) return path_by_filter(reads, collection, std::move(*access), arguments);
        if (arguments.filter->uses_relations) {
            CAIRN_ASSIGN(std::optional<AccessPath> turned, path_by_relation(reads, collection, arguments));
            if (turned) return std::move(*turned);
        }
    }
    return path_by_order(reads.catalog, collection, arguments);
}

}  // namespace

std::optional<std::vector<IndexOrderKey>> local_order(const std::vector<SelectArguments::OrderKey>& order) {
    std::vector<IndexOrderKey> keys;
    for (const auto& key : order) {
        if (!key.path.empty() || key.plan != nullptr) return std::nullopt;
        keys.push_back({key.field, key.descending});
    }
    return keys;
}

Result<bool> is_small_share(const ReadContext& reads, int collection, std::uint64_t documents) {
    if (documents <= kAlwaysFew) return true;
    CAIRN_ASSIGN(double rows, estimate_rows(reads, collection));
    return static_cast<double>(documents) <= rows * kIndexShare;
}

Status choose_path(const ReadContext& reads, int collection, SelectArguments& arguments) {
    if (reads.show_deleted) return {};  // indexes hold active documents only
    OrderKeys of_groups;
    if (arguments.group_by) of_groups.swap(arguments.order);
    CAIRN_ASSIGN(AccessPath path, path_of(reads, collection, arguments));
    if (arguments.group_by) arguments.order.swap(of_groups);
    if (!path.is_scan()) arguments.path = std::make_shared<const AccessPath>(std::move(path));
    return {};
}

bool is_order_of_index(const Catalog& catalog, int collection,
                       const std::vector<SelectArguments::OrderKey>& order) {
    const auto local = local_order(order);
    return local && index_for_order(catalog, collection, *local);
}

Status visit_path(const ReadContext& reads, int collection, const AccessPath& path,
                  const std::optional<std::vector<DocId>>& only, const RowVisitor& visit) {
    auto wanted = [&](const DocId& id) {
        return !only || std::binary_search(only->begin(), only->end(), id);
    };
    std::vector<DocId> batch;
    bool stopped = false;
    std::size_t size = 16;  // small at first: a limit may be filled soon
    auto flush = [&]() -> Status {
        CAIRN_TRY(get_rows_in_order(reads, collection, batch,
                                    [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                                        CAIRN_ASSIGN(bool more, visit(id, deleted, row));
                                        stopped = !more;
                                        return more;
                                    }));
        batch.clear();
        size = std::min(size * 4, kBatch);
        return {};
    };
    auto take = [&](const DocId& id) -> Result<bool> {
        if (wanted(id)) batch.push_back(id);
        if (batch.size() >= size) CAIRN_TRY(flush());
        return !stopped;
    };
    if (path.ids) {
        for (std::size_t i = 0; i < path.ids->size() && !stopped; ++i) CAIRN_TRY(take((*path.ids)[i]));
    } else {
        CAIRN_TRY(visit_index(reads.view, *path.index, take));
    }
    return stopped ? Status{} : flush();
}

void add_list_order(const Catalog& catalog, const Field& field, SelectArguments& arguments) {
    if (!field.many || field.partner < 0 || field.link) return;
    const Field& partner = catalog.collection(field.target).fields[static_cast<std::size_t>(field.partner)];
    std::vector<IndexOrderKey> keys = foreign_key_order(catalog, field.target, partner.id_field);
    if (keys.size() > 1) append_order(keys, {}, arguments.order);
}

}  // namespace cairn::query
