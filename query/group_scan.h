// Groups made and aggregated while documents are scanned: no member is kept, only the last of each group.
// Belongs to one request and one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/groups.h"
#include "query/levels.h"

namespace cairn::query {

class GroupScan {
  public:
    // Whether a grouped select can be answered this way: its keys are on the rows, no member is shown, and
    // members are aggregated in the order of the scan under conditions on rows alone.
    static bool can_answer(const SelectPlan& plan, const SelectArguments& arguments,
                           const BoundSelect& bound);

    // The arguments are those of can_answer and must outlive the scan.
    GroupScan(const ExecutionContext& context, const SelectPlan& plan, const SelectArguments& arguments,
              const BoundSelect& bound);

    // The next document in order. Errors: those of filters.
    Status add(const DocId& id, bool deleted, std::string_view bytes);

    // Makes the level of groups and the list that holds them all in order. The rows live as long as the scan.
    void finish(Resolver& resolver, Level& level, Lists& groups);

  private:
    // One target over _group.
    struct Source {
        std::size_t item = 0;
        AggregateOp op = AggregateOp::count;
        const Filter* filter = nullptr;
        bool is_first = false;  // decides on the order of groups
        std::uint32_t slot = 0;
        FieldKind kind = FieldKind::none;  // none: no values, documents are counted
        ListWindow window;
        std::vector<std::uint64_t> seen;  // by group, with a window: members that passed the filter
        std::uint64_t passed = 0;         // members of all groups that passed the filter
    };
    struct Group {
        DocId id;
        bool deleted = false;
        std::string row;          // its last member, or the first when all show the same
        std::uint64_t place = 0;  // as Groups::places
    };
    std::uint32_t group_of(const DocId& id, bool deleted, const RowView& row);
    void add_group();
    void add_to(Source& source, std::uint32_t group, const RowView& row);

    const SelectPlan& plan_;
    const std::vector<GroupKey>& keys_;
    bool first_shows_all_ = false;
    std::vector<Source> sources_;
    std::vector<std::vector<Accumulator>> aggregated_;  // by item of the plan, then by group
    GroupTable table_;
    std::optional<std::uint32_t> null_group_;  // with a single key on the row
    bool single_value_ = false;
    std::vector<Group> groups_;
    std::string key_;
    std::uint64_t rows_ = 0;
};

}  // namespace cairn::query
