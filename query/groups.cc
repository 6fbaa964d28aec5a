#include "query/groups.h"

#include <algorithm>
#include <cstring>

namespace cairn::query {
namespace {

// Eight bytes at a time; keys are short.
std::uint64_t hash_key(std::string_view key) {
    constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
    std::uint64_t hash = key.size() * kMultiplier;
    auto mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * kMultiplier;
        hash ^= hash >> 29;
    };
    std::uint64_t word;
    for (; key.size() >= sizeof word; key.remove_prefix(sizeof word)) {
        std::memcpy(&word, key.data(), sizeof word);
        mix(word);
    }
    word = 0;
    if (!key.empty()) std::memcpy(&word, key.data(), key.size());
    mix(word);
    return hash ^ hash >> 32;
}

}  // namespace

std::uint32_t GroupTable::find_or_add(std::string_view key) {
    std::uint64_t hash = hash_key(key);
    std::size_t mask = slots_.size() - 1, at = hash & mask;
    while (slots_[at].group != kEmpty) {
        if (slots_[at].hash == hash && slots_[at].key == key) return slots_[at].group;
        at = (at + 1) & mask;
    }
    slots_[at] = {hash, arena_.copy(key), size_++};
    std::uint32_t group = slots_[at].group;
    if (static_cast<std::size_t>(size_) * 2 > slots_.size()) grow();
    return group;
}

std::uint32_t GroupTable::find(std::string_view key) const {
    const std::uint64_t hash = hash_key(key);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].group != kEmpty && (slots_[at].hash != hash || slots_[at].key != key)) {
        at = (at + 1) & mask;
    }
    return slots_[at].group;
}

void GroupTable::grow() {
    std::vector<Slot> old(slots_.size() * 4);
    old.swap(slots_);
    std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.group == kEmpty) continue;
        std::size_t at = slot.hash & mask;
        while (slots_[at].group != kEmpty) at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

namespace {

void append_part(std::string_view bytes, std::string& out) {
    std::uint32_t size = static_cast<std::uint32_t>(bytes.size()) + 1;  // 0 is null
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out.append(bytes);
}

void append_null(std::string& out) {
    out.append(sizeof(std::uint32_t), '\0');
}

// The key bytes of rows, with what relations they need.
class KeyWriter {
  public:
    static Result<KeyWriter> make(const ReadContext& context, int collection,
                                  const std::vector<GroupKey>& keys, const std::vector<Row>& rows) {
        KeyWriter writer(keys, rows);
        for (const GroupKey& key : keys) {
            Related related;
            if (key.kind == GroupKey::Kind::related_id) {
                CAIRN_ASSIGN(related, fetch_related(context, collection, key.field, rows, nullptr));
            }
            writer.related_.push_back(std::move(related));
        }
        return writer;
    }
    void append(std::uint32_t row, std::string& out) const {
        for (std::size_t k = 0; k < keys_.size(); ++k) {
            if (keys_[k].kind != GroupKey::Kind::related_id) {
                append_group_key(keys_[k], rows_[row].id, rows_[row].deleted, rows_[row].view(), out);
                continue;
            }
            const Related& related = related_[k];
            if (related.count(row) == 0) {
                append_null(out);
            } else {
                append_part(related.children.rows[related.items[related.offsets[row]]].id.key(), out);
            }
        }
    }

  private:
    KeyWriter(const std::vector<GroupKey>& keys, const std::vector<Row>& rows) : keys_(keys), rows_(rows) {}
    const std::vector<GroupKey>& keys_;
    const std::vector<Row>& rows_;
    std::vector<Related> related_;  // parallel to keys_
};

}  // namespace

void append_group_key(const GroupKey& key, const DocId& id, bool deleted, const RowView& row,
                      std::string& out) {
    switch (key.kind) {
        case GroupKey::Kind::doc_id:
            append_part(id.key(), out);
            return;
        case GroupKey::Kind::deleted:
            out += deleted ? '\1' : '\0';
            return;
        default:
            if (row.has(key.slot)) {
                append_part(row.raw(key.slot), out);
            } else {
                append_null(out);
            }
    }
}

Result<Groups> make_groups(const ReadContext& context, int collection, std::vector<GroupKey> keys,
                           const std::vector<Row>& rows, Lists& lists) {
    Groups groups;
    groups.keys = std::move(keys);
    groups.members = &rows;
    groups.group_of.assign(rows.size(), Groups::kNone);
    CAIRN_ASSIGN(KeyWriter writer, KeyWriter::make(context, collection, groups.keys, rows));
    GroupTable table;
    Lists by_parent;
    by_parent.offsets.push_back(0);
    std::string key;
    for (std::uint32_t parent = 0; parent < lists.parents(); ++parent) {
        for (std::uint32_t i = lists.offsets[parent]; i < lists.offsets[parent + 1]; ++i) {
            std::uint32_t row = lists.items[i];
            key.assign(reinterpret_cast<const char*>(&parent), sizeof parent);
            writer.append(row, key);
            std::uint32_t group = table.find_or_add(key);
            if (group == groups.last.size()) {
                groups.last.push_back(row);
                groups.places.push_back(2 * static_cast<std::uint64_t>(i - lists.offsets[parent]));
                by_parent.items.push_back(group);
            }
            groups.last[group] = row;
            groups.group_of[row] = group;
        }
        by_parent.offsets.push_back(static_cast<std::uint32_t>(by_parent.items.size()));
    }
    groups.lists = std::move(lists);
    lists = std::move(by_parent);
    return groups;
}

}  // namespace cairn::query
