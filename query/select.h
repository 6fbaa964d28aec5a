// Executes selections: source, filters, relations, groups, order, limits, and the answer as JSON text written
// straight from row bytes (spec/query.md sections 4 to 8). An executor belongs to one request and one thread.
#pragma once

#include <string>
#include <vector>

#include "cairn/error.h"
#include "query/aggregates.h"
#include "query/select_arguments.h"

namespace cairn::query {

// Appends the JSON array of a root select.
Status execute_select(const ExecutionContext& context, const SelectPlan& plan, std::string& out);

// Appends the JSON array of a select whose documents are context.versions (in document id order) instead of
// the collection's; false, with nothing appended, when the filter takes none.
Result<bool> execute_select_of_versions(const ExecutionContext& context, const SelectPlan& plan,
                                        std::string& out);

// Appends the JSON array of the given documents (in document id order); rendered_deleted shows every one as
// deleted (results of delete_T).
Status render_documents(const ExecutionContext& context, const SelectPlan& plan, std::vector<DocId> ids,
                        bool rendered_deleted, std::string& out);

// The documents that a select's arguments choose, in order, for mutations.
Result<std::vector<DocId>> select_ids(const ExecutionContext& context, int collection,
                                      SelectArguments arguments);

// Appends the value of an aggregate over whole collections (spec/query.md 8.1).
Status execute_aggregate(const ExecutionContext& context, AggregateOp op, const AstSelection& selection,
                         std::string& out);

}  // namespace cairn::query
