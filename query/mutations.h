// Executes mutation root fields (spec/query.md section 10) inside a transaction. Nothing is committed here.
#pragma once

#include <string>

#include "cairn/error.h"
#include "collections/document_writer.h"
#include "query/select.h"
#include "query/select_plan.h"

namespace cairn::query {

enum class MutationVerb : std::uint8_t { create, update, remove, upsert };

struct MutationPlan {
    MutationVerb verb = MutationVerb::create;
    std::unique_ptr<SelectPlan> select;  // its collection is the mutated one
};

// The verb and collection that a mutation field names ("create_User"); collection -1 when it names none.
struct MutationName {
    MutationVerb verb = MutationVerb::create;
    int collection = -1;
};
MutationName parse_mutation_name(const Catalog& catalog, std::string_view name);

// Runs one mutation field and appends its JSON array. Errors: those of document_writer; "cannot upsert
// multiple matching documents".
Status execute_mutation(WriteContext& write, const ExecutionContext& context, const MutationPlan& plan,
                        const AstSelection& selection, std::string& out);

}  // namespace cairn::query
