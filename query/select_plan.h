// What a selection asks for, bound to the catalog: output items sorted by response key, fragments taken
// apart, equal keys merged. Plans refer to the syntax tree they were made from and are immutable; arguments
// are evaluated at each execution, since they may hold variables.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "query/ast.h"

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

struct OutputItem {
    enum class Kind : std::uint8_t {
        scalar,
        doc_id,
        deleted,
        type_name,
        relation,
        secondary_id,
        count,
        versions
    };
    Kind kind = Kind::scalar;
    std::string key;
    std::string prefix;                       // `"key":`
    int field = -1;                           // index into the collection's fields
    const AstSelection* selection = nullptr;  // arguments of relation; the first one written
    std::unique_ptr<SelectPlan> child;        // relation
    CommitPlan commits;                       // versions
    // count: what is counted
    enum class Target : std::uint8_t { relation, array, versions };
    Target target = Target::relation;
    const AstValue* target_value = nullptr;  // the selector object
};

struct SelectPlan {
    int collection = -1;
    const AstSelection* selection = nullptr;
    std::vector<OutputItem> items;
    bool ids_only = true;  // nothing needs the row itself
};

// Errors: invalid_argument for what validation does not cover; unsupported for parts of the language that
// this release does not have.
Result<std::unique_ptr<SelectPlan>> plan_select(const Catalog& catalog, const Document& document,
                                                int collection, const AstSelection& selection);
Result<CommitPlan> plan_commits(const Document& document, const AstSelection& selection);

}  // namespace cairn::query
