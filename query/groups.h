// Documents put into groups (spec/query.md section 7). Belong to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/related.h"
#include "query/select_arguments.h"

namespace cairn::query {

// Key bytes -> group number, in order of first appearance. Groups have the same key when they would render
// alike: stored forms are compared.
class GroupTable {
  public:
    static constexpr std::uint32_t kEmpty = 0xffffffffu;

    GroupTable() : slots_(64) {}
    std::uint32_t find_or_add(std::string_view key);
    // kEmpty when there is no group of the key.
    std::uint32_t find(std::string_view key) const;
    std::size_t size() const { return size_; }

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::string_view key;
        std::uint32_t group = kEmpty;
    };
    void grow();
    std::vector<Slot> slots_;
    ByteArena arena_;
    std::uint32_t size_ = 0;
};

// Appends the key bytes of a row for keys that are on the row itself.
void append_group_key(const GroupKey& key, const DocId& id, bool deleted, const RowView& row,
                      std::string& out);

struct Groups {
    static constexpr std::uint32_t kNone = 0xffffffffu;
    const std::vector<Row>* members = nullptr;
    Lists lists;                          // members of each parent in incoming order
    std::vector<std::uint32_t> group_of;  // by member: its group; kNone when it is in no list
    std::vector<std::uint32_t> last;      // by group: its last member
    // By group: where it is first mentioned when the parent's members and the members that the first source
    // gives are taken alternately (7.2): 2p for a member, 2c + 1 for one of the source.
    std::vector<std::uint64_t> places;
    std::vector<GroupKey> keys;  // those of enclosing groups included
};

// Groups the members of each parent's list; lists become the lists of groups, in order of first appearance.
// Errors: those of fetch_related.
Result<Groups> make_groups(const ReadContext& context, int collection, std::vector<GroupKey> keys,
                           const std::vector<Row>& rows, Lists& lists);

// Hands out the items of each parent's list to the groups; member_of(item) is a member of the item's group.
// With from_source, the groups' places are brought forward by what the items mention.
template <typename MemberOf>
Lists hand_out(Groups& groups, const Lists& items, bool from_source, const MemberOf& member_of) {
    Lists by_group;
    by_group.offsets.assign(groups.last.size() + 1, 0);
    for (std::size_t parent = 0; parent < items.parents(); ++parent) {
        for (std::uint32_t i = items.offsets[parent]; i < items.offsets[parent + 1]; ++i) {
            std::uint32_t group = groups.group_of[member_of(items.items[i])];
            ++by_group.offsets[group + 1];
            if (!from_source) continue;
            std::uint64_t place = 2 * static_cast<std::uint64_t>(i - items.offsets[parent]) + 1;
            groups.places[group] = std::min(groups.places[group], place);
        }
    }
    for (std::size_t i = 0; i + 1 < by_group.offsets.size(); ++i)
        by_group.offsets[i + 1] += by_group.offsets[i];
    std::vector<std::uint32_t> next(by_group.offsets.begin(), by_group.offsets.end() - 1);
    by_group.items.resize(items.items.size());
    for (std::uint32_t item : items.items) by_group.items[next[groups.group_of[member_of(item)]]++] = item;
    return by_group;
}

}  // namespace cairn::query
