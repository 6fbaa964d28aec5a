// Commit queries and the commit view (spec/query.md section 11, spec/blocks.md section 13).
#pragma once

#include <string>

#include "cairn/error.h"
#include "dag/graph.h"
#include "query/select.h"
#include "query/select_plan.h"

namespace cairn::query {

// Blocks of a store, those of the running transaction included.
class StoreBlockSource final : public dag::BlockSource {
  public:
    explicit StoreBlockSource(const StoreTransaction& transaction) : transaction_(transaction) {}
    Result<std::optional<std::string>> block(const dag::Digest& digest) override {
        if (!transaction_.view().take()) return transaction_.view().budget()->failure();
        return transaction_.find_block(digest);
    }

  private:
    const StoreTransaction& transaction_;
};

// Appends the JSON array of a root field `commits` or `latestCommits`.
Status execute_commits(const ExecutionContext& context, const AstSelection& selection, const CommitPlan& plan,
                       std::string& out);
// Appends the JSON array of a document's composites, newest first (`_version`): from its heads, or from those
// of its version in context.versions.
Status render_versions(const ExecutionContext& context, const CommitPlan& plan, const DocId& id,
                       bool of_version, std::string& out);
Result<std::uint64_t> count_versions(const ExecutionContext& context, const DocId& id, bool of_version);

}  // namespace cairn::query
