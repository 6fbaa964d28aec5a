// What a selection asks for, bound to the catalog: output items sorted by response key, fragments taken
// apart, equal keys merged. Plans refer to the syntax tree they were made from and are immutable; arguments
// are evaluated at each execution, since they may hold variables.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "query/aggregates.h"
#include "query/ast.h"
#include "query/connection_plan.h"

namespace cairn::query {

struct SelectPlan;

struct CommitItem {
    enum class Kind : std::uint8_t {
        cid,
        height,
        doc_id,
        field_name,
        version,
        delta,
        links,
        signature,
        link_count,
        type_name,
        group
    };
    Kind kind = Kind::cid;
    std::string prefix;  // `"key":`
    // links: cid or field_name (name); signature: delta (value), doc_id (identity), version (type); group:
    // the items of its members
    std::vector<CommitItem> children;
};
struct CommitPlan {
    std::vector<CommitItem> items;
    bool needs_signature = false;
    bool has_group = false;  // then the commits have to be grouped
};

inline constexpr std::string_view kGroupWithoutGroupBy =
    "_group may only be referenced when within a groupBy request";
inline constexpr std::string_view kAsOfInside =
    "asOf may only be given to a root field: what is selected inside is as of the same position";
inline constexpr std::string_view kNothingToAggregate =
    "aggregate must be provided with a property to aggregate";

struct OutputItem {
    enum class Kind : std::uint8_t {
        scalar,
        doc_id,
        deleted,
        type_name,
        relation,
        connection,  // of the relation `field`
        secondary_id,
        aggregate,   // _count, _sum, _avg, _min, _max; what they aggregate is bound at each execution
        similarity,  // `field` is the array
        group,
        versions
    };
    Kind kind = Kind::scalar;
    std::string key;
    std::string prefix;                       // `"key":`
    int field = -1;                           // index into the collection's fields
    int stored_field = -1;                    // secondary_id: shown where there is no related document
    const AstSelection* selection = nullptr;  // arguments of relation; the first one written
    std::unique_ptr<SelectPlan> child;        // relation, group
    std::unique_ptr<ConnectionPlan> connection;
    CommitPlan commits;                      // versions
    AggregateOp op = AggregateOp::count;     // aggregate
    const AstValue* target_value = nullptr;  // similarity: the selector object
};

struct SelectPlan {
    int collection = -1;
    const AstSelection* selection = nullptr;
    std::vector<OutputItem> items;
    std::vector<std::size_t> in_order;  // positions in `items`, as the document has them
    bool ids_only = true;               // nothing needs the row itself
    bool is_root = false;
    bool checks_groups = false;  // root selects and those directly inside: 7.1 says what they may select
    bool has_group_by = false;   // there may be a groupBy: it is not the literal null

    // Position of the item with a response key.
    std::optional<std::size_t> find(std::string_view key) const;
    // The plan below the first selection of a relation field; nullptr when it is not selected.
    const SelectPlan* below(int relation_field) const;
};

// Errors: invalid_argument for what validation does not cover; unsupported for parts of the language that
// this release does not have. ungrouped receives one message for each field that a group does not have
// (spec/query.md 7.1); with any, the request must not be executed.
Result<std::unique_ptr<SelectPlan>> plan_select(const Catalog& catalog, const Document& document,
                                                int collection, const AstSelection& selection,
                                                std::vector<std::string>& ungrouped);
// The same for a root connection.
Result<std::unique_ptr<ConnectionPlan>> plan_root_connection(const Catalog& catalog, const Document& document,
                                                             int collection, const AstSelection& selection,
                                                             std::vector<std::string>& ungrouped);
// Those messages for a select that is grouped by the named fields.
std::vector<std::string> ungrouped_fields(const Catalog& catalog, const SelectPlan& plan,
                                          const std::vector<std::string>& group_by);
Result<CommitPlan> plan_commits(const Document& document, const AstSelection& selection);

}  // namespace cairn::query
