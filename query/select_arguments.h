// Arguments of selects and of aggregates' targets, evaluated for one execution (spec/query.md 4.3
// to 4.6, 7.1).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cairn/database.h"
#include "cairn/error.h"
#include "collections/store.h"
#include "query/filter.h"
#include "query/list_window.h"
#include "query/request_effects.h"
#include "query/select_plan.h"
#include "query/variables.h"

namespace cairn::query {

// A document as it was at some commit.
struct DocumentVersion {
    DocId id;
    bool deleted = false;
    std::string row;
    std::vector<dag::Digest> heads;  // composites, where `_version` starts
};

class PastViews;

struct ExecutionContext {
    const StoreTransaction& transaction;
    const VariableValues& variables;
    QueryModes modes = {};
    // Messages for the answer that are no failures; null when nobody reads them.
    std::vector<std::string>* notices = nullptr;
    // Documents as they were, in document id order, that stand in for the rows of the root select's
    // collection.
    const std::vector<DocumentVersion>* versions = nullptr;
    RequestLimits limits = {};
    // What mutations did beside what they answer; null when nobody reads it.
    RequestEffects* effects = nullptr;
    // Gives the store as it was, to what may have an argument asOf; null where nothing can have one.
    PastViews* past = nullptr;
    const Catalog& catalog() const { return transaction.catalog(); }
    const ReadView& view() const { return transaction.view(); }
};

// Whether an answer may have so many bytes. Errors: limit_exceeded.
inline Status check_bytes(const ReadView& view, std::size_t bytes) {
    WorkBudget* budget = view.budget();
    if (budget == nullptr || budget->allows_bytes(bytes)) return {};
    return budget->failure();
}

// What documents are grouped by.
struct GroupKey {
    enum class Kind : std::uint8_t { value, doc_id, deleted, related_id };
    Kind kind = Kind::value;
    int field = -1;          // value: the field; related_id: the relation on the side without the key
    std::uint32_t slot = 0;  // value
    friend bool operator==(const GroupKey&, const GroupKey&) = default;
};

struct AccessPath;

// Arguments of one select, evaluated.
struct SelectArguments {
    std::optional<std::vector<DocId>>
        ids;  // docID given: sorted, distinct, only those that can name a document
    std::unique_ptr<Filter> filter;
    struct OrderKey {
        std::vector<int> path;  // relation fields from the select's collection on
        int field = -1;         // -1: _docID
        bool descending = false;
        // A computed value of the select at the end of the path, instead of a field.
        const SelectPlan* plan = nullptr;
        std::size_t item = 0;
    };
    std::vector<OrderKey> order;
    ListWindow window;
    ListWindow member_window;  // the same limit and offset as they count for _group
    bool show_deleted = false;
    std::optional<std::string> cid;    // time travel
    std::optional<std::string> as_of;  // only of a root select or root aggregate; see PastViews::at
    std::optional<std::vector<GroupKey>> group_by;
    std::shared_ptr<const AccessPath> path;  // how the documents are reached; null: by ids or a scan
    IdRange range;                           // of a scan
    std::unique_ptr<Filter> group_filter;    // with group_by: what of the filter tests aggregates
};

// plan is the select that has the arguments: where `_alias` looks names up, and whose fields a groupBy in a
// variable is checked against. Errors: invalid_argument with the texts of 17.1.
Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, const SelectPlan& plan);
// The same from other arguments for documents of a collection; names as compile_filter has it, without
// groupBy.
Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, int collection,
                                           std::span<const AstArgument> arguments, const SelectPlan* names);
// The same from a selector object (aggregate targets). plan: the select whose list is aggregated; may be
// nullptr.
Result<SelectArguments> evaluate_selector(const ExecutionContext& context, int collection,
                                          const AstValue* selector, const SelectPlan* plan = nullptr);

}  // namespace cairn::query
