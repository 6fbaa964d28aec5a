// Executes selections: source, filters, relations, order, limits, and the answer as JSON text written
// straight from row bytes (spec/query.md sections 4 to 6). An executor belongs to one request and one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"
#include "query/related.h"
#include "query/select_plan.h"
#include "query/variables.h"

namespace cairn::query {

struct ExecutionContext {
    const StoreTransaction& transaction;
    const VariableValues& variables;
    // Messages for the answer that are no failures; null when nobody reads them.
    std::vector<std::string>* notices = nullptr;
    const Catalog& catalog() const { return transaction.catalog(); }
    const ReadView& view() const { return transaction.view(); }
};

// Arguments of one select, evaluated.
struct SelectArguments {
    std::optional<std::vector<DocId>>
        ids;  // docID given: sorted, distinct, only those that can name a document
    std::unique_ptr<Filter> filter;
    struct OrderKey {
        std::vector<int> path;  // relation fields from the select's collection on
        int field = -1;         // -1: _docID
        bool descending = false;
    };
    std::vector<OrderKey> order;
    std::uint64_t limit = 0;  // 0: none
    std::uint64_t offset = 0;
    bool show_deleted = false;
};

Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, int collection,
                                           std::span<const AstArgument> arguments);
// The same from a selector object (aggregate targets).
Result<SelectArguments> evaluate_selector(const ExecutionContext& context, int collection,
                                          const AstValue* selector);

// Appends the JSON array of a root select.
Status execute_select(const ExecutionContext& context, const SelectPlan& plan, std::string& out);

// Appends the JSON array of the given documents (in document id order); rendered_deleted shows every one as
// deleted (results of delete_T).
Status render_documents(const ExecutionContext& context, const SelectPlan& plan, std::vector<DocId> ids,
                        bool rendered_deleted, std::string& out);

// The documents that a select's arguments choose, in order, for mutations.
Result<std::vector<DocId>> select_ids(const ExecutionContext& context, int collection,
                                      SelectArguments arguments);

// Number of documents that a root _count target has.
Result<std::uint64_t> count_documents(const ExecutionContext& context, int collection,
                                      SelectArguments arguments);

}  // namespace cairn::query
