// The documents of one select on their way to the answer, and everything that the select's items need:
// related documents, groups, aggregates (spec/query.md sections 6 to 9). A request is resolved level by
// level, each item for all documents of a level at once. Belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "query/aggregate_binding.h"
#include "query/connection_arguments.h"
#include "query/groups.h"
#include "query/related.h"
#include "query/row_order.h"
#include "query/select_arguments.h"

namespace cairn::query {

struct Level;
struct ConnectionPages;

// What one item has for the rows of its level.
struct ResolvedItem {
    bool done = false;
    const Field* field = nullptr;
    bool single = false;
    // relation, secondary_id, group: for each row the rows of `child`
    Lists lists;
    std::unique_ptr<RowSet> related;  // holds the rows of a relation's child
    std::unique_ptr<Level> child;     // relation, group
    Column column;                    // aggregate, similarity, deleted
    std::unique_ptr<ConnectionPages> connection;
    // aggregate: what a scan has aggregated over members of groups already, by row
    std::optional<std::vector<Accumulator>> scanned;
};

struct Level {
    const SelectPlan* plan = nullptr;
    const Collection* collection = nullptr;
    const std::vector<Row>* rows = nullptr;  // documents; the last member of each group
    bool of_versions = false;                // they are documents of ExecutionContext::versions
    std::vector<Row> own_rows;               // what `rows` points to, when nobody else holds them
    std::unique_ptr<Groups> groups;          // when the select is grouped and its members are at hand
    std::vector<ResolvedItem> items;         // parallel to plan->items
};

// Documents of a connection as one selection of a node shows them; lists number those of the level.
struct NodeLevel {
    Level level;
    Lists lists;
};

// The pages of a connection: of each row of a level, or the one at the root.
struct ConnectionPages {
    const std::vector<Row>* rows = nullptr;
    RowSet related;  // holds them where they are those of a relation
    Lists lists;     // the page of each parent, numbers of rows; without a page wanted, all of them
    std::vector<char> has_previous, has_next;  // by parent
    std::vector<std::uint64_t> totals;         // likewise
    const KeysetOrder* order = nullptr;
    OrderKeys keys;                // of all rows, where cursors are wanted
    std::vector<NodeLevel> nodes;  // parallel to ConnectionPlan::nodes
    bool resolves_late = false;    // nodes are resolved while writing, a part of the page after the other
};

class Resolver final : public ColumnSource {
  public:
    explicit Resolver(const ExecutionContext& context, bool show_deleted = false)
        : context_(context), reads_{context.view(), context.catalog(), show_deleted, this} {}
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    const ExecutionContext& context() const { return context_; }
    const ReadContext& reads() const { return reads_; }
    // The aggregates of a select; bound once.
    Result<const BoundSelect*> bound(const SelectPlan& plan);

    // Makes a level of documents; nothing is resolved yet. rows must outlive it.
    void begin(const SelectPlan& plan, const std::vector<Row>& rows, Level& level) const;
    // Makes a level of what a select makes of lists of rows: it groups or orders them. lists become the lists
    // of the level's rows, before any window. outer: what encloses the groups is grouped by.
    Status begin_lists(const SelectPlan& plan, const SelectArguments& arguments,
                       const std::vector<GroupKey>& outer, const std::vector<Row>& rows, Lists& lists,
                       Level& level);
    // Filters and orders groups by the select's own arguments.
    Status arrange_groups(const SelectArguments& arguments, Level& level, Lists& lists);
    // Resolves all items. lists: the lists of the level's rows as they will be shown; rows in none may be
    // left out.
    Status finish(Level& level, Lists& lists);
    // The same for levels of which every row is shown.
    Status finish(Level& level);

    Result<Column> compute(const SelectPlan& plan, std::size_t item, const std::vector<Row>& rows) override;
    Result<const Column*> of_level(Level& level, std::size_t item) override;

  private:
    // relation: where the plan is of a relation's documents.
    Result<const SelectArguments*> arguments(const SelectPlan& plan, const Field* relation = nullptr);
    Status resolve(Level& level, std::size_t item);
    Status resolve_relation(Level& level, std::size_t item);
    Status resolve_connection(Level& level, std::size_t item);
    Status resolve_group(Level& level, std::size_t item);
    Status resolve_aggregate(Level& level, std::size_t item);
    Status resolve_similarity(Level& level, std::size_t item);
    Status add_target(Level& level, const AggregateTarget& target, const GroupSource& source, AggregateOp op,
                      std::vector<Accumulator>& into);
    Status add_related(Level& level, const AggregateTarget& target, AggregateOp op,
                       std::vector<Accumulator>& into);
    Status add_members(Level& level, const AggregateTarget& target, const GroupSource& source, AggregateOp op,
                       std::vector<Accumulator>& into);
    Status add_selected(Level& level, const AggregateTarget& target, AggregateOp op,
                        std::vector<Accumulator>& into);
    Status begin_groups(const SelectArguments& arguments, const std::vector<GroupKey>& outer,
                        const std::vector<Row>& rows, Lists& lists, Level& level);
    Status restrict_members(const SelectArguments& arguments, Level& level, Lists& members);

    const ExecutionContext& context_;
    ReadContext reads_;
    std::unordered_map<const SelectPlan*, std::unique_ptr<BoundSelect>> bound_;
    std::unordered_map<const SelectPlan*, std::unique_ptr<SelectArguments>> arguments_;
    std::unordered_map<const ConnectionPlan*, std::unique_ptr<ConnectionArguments>> connections_;
};

}  // namespace cairn::query
