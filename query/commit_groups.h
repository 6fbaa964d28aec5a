// `commits(groupBy: …)` and the order of commits (spec/query.md sections 7.1, 7.2 and 11.3). Belongs to one
// request and one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cairn/error.h"
#include "dag/graph.h"
#include "query/commit_writer.h"
#include "query/select_plan.h"

namespace cairn::query {

// What commits are ordered by.
struct CommitKeys {
    explicit CommitKeys(const dag::Commit& commit);
    std::uint64_t height;
    std::string cid, doc_id;
};
struct CommitOrderKey {
    CommitItem::Kind key = CommitItem::Kind::height;  // height, cid or doc_id
    bool descending = false;
};
bool comes_before(const CommitKeys& a, const CommitKeys& b, const std::vector<CommitOrderKey>& order);

struct CommitWindow {
    std::uint64_t limit = 0;  // 0: none
    std::uint64_t offset = 0;
    // First and past-the-last position of what is shown of so many.
    std::pair<std::size_t, std::size_t> of(std::size_t count) const;
};

// Collects the commits of a walk into groups. A group stands where its key was met first and shows the values
// of its last member; its members keep the order of the walk.
class CommitGroups {
  public:
    // plan and source must outlive the groups. by holds height, cid, doc_id and field_name; empty puts
    // everything in one group.
    CommitGroups(const CommitPlan& plan, std::vector<CommitItem::Kind> by, dag::BlockSource& source);

    Status add(const dag::Commit& commit);
    // Appends the groups in the window, ordered by their last members. Errors: those of reading a block.
    Status write(const std::vector<CommitOrderKey>& order, const CommitWindow& window, std::string& out);

  private:
    struct Group {
        explicit Group(const dag::Commit& commit) : last(commit.digest), keys(commit) {}
        dag::Digest last;
        CommitKeys keys;                   // of the last member
        std::vector<std::string> members;  // their JSON, with commas between, for each selected _group
    };
    std::string group_key(const dag::Commit& commit) const;
    Status write_group(const Group& group, std::string& out);

    const CommitPlan& plan_;
    std::vector<CommitItem::Kind> by_;
    dag::BlockSource& source_;
    std::vector<CommitWriter> member_writers_;  // for each selected _group
    std::vector<Group> groups_;
    std::unordered_map<std::string, std::size_t> by_key_;
};

}  // namespace cairn::query
