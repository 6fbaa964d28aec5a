// What the aggregates of a select are over, with variables resolved (spec/query.md 7.5, 8.1, 8.2): documents
// of a relation, members of a group, elements of an array, commits, or a list that is selected anyway.
#pragma once

#include <optional>
#include <vector>

#include "cairn/error.h"
#include "query/array_values.h"
#include "query/select_arguments.h"

namespace cairn::query {

struct AggregateTarget {
    enum class Kind : std::uint8_t { collection, relation, group, array, versions };
    Kind kind = Kind::collection;
    int collection = -1;   // whose documents are aggregated; -1 for array and versions
    int field = -1;        // relation, array: the field of the select's collection
    int value_field = -1;  // the field of `collection` whose values are taken; -1: none
    bool is_float = false;
    // The item of the select whose list is taken, when one has the same arguments (then `arguments` is
    // empty).
    std::optional<std::size_t> reused;
    // The aggregate in the reused selection whose values are taken.
    std::optional<std::size_t> child_item;
    SelectArguments arguments;  // collection, relation, group
    ElementSelector elements;   // array
    ListWindow window;          // versions
};

struct BoundAggregate {
    AggregateOp op = AggregateOp::count;
    bool is_float = false;
    std::vector<AggregateTarget> targets;
};

// An aggregate item of a select. Errors: those of evaluate_selector; "unable to identify aggregate child".
Result<BoundAggregate> bind_aggregate(const ExecutionContext& context, const SelectPlan& plan,
                                      const OutputItem& item);
// An aggregate over whole collections.
Result<BoundAggregate> bind_root_aggregate(const ExecutionContext& context, AggregateOp op,
                                           const AstSelection& selection);

// Where the members of groups come from that decide on the order of groups (spec/query.md 7.2): the first
// selected _group, else the first target that is no selected _group. `target` is meaningless for the former.
struct GroupSource {
    std::size_t item = 0;
    std::size_t target = 0;
    friend bool operator==(const GroupSource&, const GroupSource&) = default;
};

// The aggregates of a select, bound: one for each item, empty for other items.
struct BoundSelect {
    std::vector<BoundAggregate> aggregates;
    std::optional<GroupSource> first_source;
};
Result<BoundSelect> bind_select(const ExecutionContext& context, const SelectPlan& plan);

}  // namespace cairn::query
