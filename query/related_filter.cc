// Filters that need more than a row: relations and computed values (related.h).
#include "query/filter_json.h"
#include "query/joined.h"
#include "query/levels.h"
#include "query/linked.h"

namespace cairn::query {
namespace {

// Computed values are taken from the level, or computed for the rows that are still kept.
Status filter_computed(const ReadContext& context, const Filter& filter, const std::vector<Row>& rows,
                       std::vector<char>& keep, Level* level) {
    auto test = [&](std::size_t row, const Number& number) -> Status {
        CAIRN_ASSIGN(bool holds, test_json(*filter.children[0], number.value(), false));
        keep[row] = holds ? 1 : 0;
        return {};
    };
    if (level != nullptr && level->plan == filter.plan) {
        CAIRN_ASSIGN(const Column* column, context.columns->of_level(*level, filter.item));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (keep[i] != 0) CAIRN_TRY(test(i, (*column)[i]));
        }
        return {};
    }
    std::vector<Row> wanted;
    std::vector<std::size_t> origin;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (keep[i] == 0) continue;
        wanted.push_back(rows[i]);
        origin.push_back(i);
    }
    if (wanted.empty()) return {};
    CAIRN_ASSIGN(Column column, context.columns->compute(*filter.plan, filter.item, wanted));
    for (std::size_t i = 0; i < wanted.size(); ++i) CAIRN_TRY(test(origin[i], column[i]));
    return {};
}

// Which parents are linked with a document that the filter admits, found from those documents: cheaper where
// the other collection is small and few of it are admitted. Nothing where it is not.
Result<std::optional<std::vector<char>>> have_links_to_few(const ReadContext& context, const Field& field,
                                                           const std::vector<Row>& parents,
                                                           const Filter* filter) {
    constexpr std::size_t kFewOthers = 64, kRowsPerOther = 8;
    if (filter == nullptr || filter->uses_relations) return std::nullopt;
    CAIRN_ASSIGN(double others, estimate_rows(context, field.target));
    if (others * kRowsPerOther > static_cast<double>(parents.size())) return std::nullopt;
    std::vector<DocId> admitted;
    bool decided = true;
    CAIRN_TRY(
        scan_rows(context, field.target, [&](const DocId& id, bool, std::string_view row) -> Result<bool> {
            const auto holds = test_row(*filter, RowView(row), id);
            if (holds && *holds) admitted.push_back(id);
            // An error counts only where the document is related.
            decided = holds && admitted.size() <= kFewOthers;
            return decided;
        }));
    if (!decided) return std::nullopt;
    CAIRN_ASSIGN(std::vector<DocId> linked, linked_parents(context, field, admitted));
    DocIdMap found(linked.size());
    for (const DocId& id : linked) found.insert(id, 0);
    std::vector<char> have(parents.size(), 0);
    for (std::size_t i = 0; i < parents.size(); ++i)
        have[i] = found.find(parents[i].id) != DocIdMap::kEmpty ? 1 : 0;
    return have;
}

// Whether each parent has a related document that satisfies the filter, which may be nullptr.
Result<std::vector<char>> have_related(const ReadContext& context, int collection, int field_at,
                                       const std::vector<Row>& parents, const Filter* filter) {
    const Collection& type = context.catalog.collection(collection);
    if (type.fields[static_cast<std::size_t>(field_at)].is_join)
        return have_joined(context, collection, field_at, parents, filter);
    if (const Field& field = type.fields[static_cast<std::size_t>(field_at)]; field.link) {
        CAIRN_ASSIGN(std::optional<std::vector<char>> have,
                     have_links_to_few(context, field, parents, filter));
        if (have) return std::move(*have);
    }
    CAIRN_ASSIGN(Related related, fetch_related(context, collection, field_at, parents, filter));
    std::vector<char> have(parents.size(), 0);
    for (std::size_t i = 0; i < parents.size(); ++i) have[i] = related.count(i) > 0 ? 1 : 0;
    return have;
}

Status filter_relation(const ReadContext& context, int collection, const Filter& filter,
                       const std::vector<Row>& rows, std::vector<char>& keep) {
    std::vector<Row> wanted;
    std::vector<std::uint32_t> origin;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (keep[i] == 0) continue;
        wanted.push_back(rows[i]);
        origin.push_back(static_cast<std::uint32_t>(i));
    }
    if (wanted.empty()) return {};
    const Field& field =
        context.catalog.collection(collection).fields[static_cast<std::size_t>(filter.field)];
    const Filter* inner = filter.children.empty() ? nullptr : filter.children[0].get();
    bool null_test = filter.kind == Filter::Kind::relation_null;
    // A single relation to nothing counts as a document of nulls (spec/query.md 5.7), so unlinked and refused
    // must be told apart.
    bool missing_matches = false;
    if (!null_test && !field.many) {
        CAIRN_ASSIGN(missing_matches, test_missing(*inner));
    }
    CAIRN_ASSIGN(std::vector<char> matching,
                 have_related(context, collection, filter.field, wanted, null_test ? nullptr : inner));
    std::vector<char> linked;
    if (missing_matches) {
        CAIRN_ASSIGN(linked, have_related(context, collection, filter.field, wanted, nullptr));
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        bool holds = (matching[i] != 0) != null_test;
        if (missing_matches && linked[i] == 0) holds = true;
        keep[origin[i]] = holds ? 1 : 0;
    }
    return {};
}

}  // namespace

Status filter_rows(const ReadContext& context, int collection, const Filter& filter,
                   const std::vector<Row>& rows, std::vector<char>& keep, Level* level) {
    if (!filter.uses_relations) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (keep[i] == 0) continue;
            CAIRN_ASSIGN(bool holds, test_row(filter, rows[i].view(), rows[i].id));
            keep[i] = holds ? 1 : 0;
        }
        return {};
    }
    switch (filter.kind) {
        case Filter::Kind::all_of:
            for (const auto& child : filter.children)
                CAIRN_TRY(filter_rows(context, collection, *child, rows, keep, level));
            return {};
        case Filter::Kind::any_of: {
            std::vector<char> open = keep, result(rows.size(), 0);
            for (const auto& child : filter.children) {
                std::vector<char> branch = open;
                CAIRN_TRY(filter_rows(context, collection, *child, rows, branch, level));
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    if (branch[i] == 0) continue;
                    result[i] = 1;
                    open[i] = 0;
                }
            }
            keep = std::move(result);
            return {};
        }
        case Filter::Kind::negation: {
            std::vector<char> inner = keep;
            CAIRN_TRY(filter_rows(context, collection, *filter.children[0], rows, inner, level));
            for (std::size_t i = 0; i < rows.size(); ++i) keep[i] = keep[i] != 0 && inner[i] == 0 ? 1 : 0;
            return {};
        }
        case Filter::Kind::relation:
        case Filter::Kind::relation_null:
            return filter_relation(context, collection, filter, rows, keep);
        case Filter::Kind::computed:
            return filter_computed(context, filter, rows, keep, level);
        default:
            return fail(ErrorCode::internal, "filter condition in a wrong place");
    }
}

}  // namespace cairn::query
