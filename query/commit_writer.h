// Writes one commit as JSON (spec/query.md section 11.2). Belongs to one request and one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "dag/graph.h"
#include "query/select_plan.h"

namespace cairn::query {

std::string cid_text(const dag::Digest& digest);
// `_C` of composites, nothing for collection commits.
std::optional<std::string_view> commit_field_name(const dag::BlockView& block);

class CommitWriter {
  public:
    // items and source must outlive the writer.
    CommitWriter(const std::vector<CommitItem>& items, dag::BlockSource& source)
        : items_(items), source_(source) {}

    // Appends the object. Errors: not_found when the block of a signature is not in the store.
    Status write(const dag::Commit& commit, std::string& out) {
        return write(commit.digest, commit.view, out);
    }
    // Appends the value of one item; not of a group.
    Status write_item(const CommitItem& item, const dag::Digest& digest, const dag::BlockView& block,
                      std::string& out);

  private:
    Status write(const dag::Digest& digest, const dag::BlockView& block, std::string& out);
    Status write_signature(const CommitItem& item, const dag::BlockView& block, std::string& out);

    const std::vector<CommitItem>& items_;
    dag::BlockSource& source_;
};

}  // namespace cairn::query
