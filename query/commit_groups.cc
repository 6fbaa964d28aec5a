#include "query/commit_groups.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::query {

CommitKeys::CommitKeys(const dag::Commit& commit)
    : height(commit.view.priority), cid(cid_text(commit.digest)), doc_id(commit.view.doc_id) {}

bool comes_before(const CommitKeys& a, const CommitKeys& b, const std::vector<CommitOrderKey>& order) {
    for (const auto& [key, descending] : order) {
        auto compared = key == CommitItem::Kind::height ? a.height <=> b.height
                        : key == CommitItem::Kind::cid  ? a.cid <=> b.cid
                                                        : a.doc_id <=> b.doc_id;
        if (compared != 0) return descending ? compared > 0 : compared < 0;
    }
    return false;
}

std::pair<std::size_t, std::size_t> CommitWindow::of(std::size_t count) const {
    std::size_t begin = std::min<std::uint64_t>(offset, count);
    std::size_t shown = limit == 0 ? count - begin : std::min<std::uint64_t>(limit, count - begin);
    return {begin, begin + shown};
}

CommitGroups::CommitGroups(const CommitPlan& plan, std::vector<CommitItem::Kind> by, dag::BlockSource& source)
    : plan_(plan), by_(std::move(by)), source_(source) {
    for (const CommitItem& item : plan.items) {
        if (item.kind == CommitItem::Kind::group) member_writers_.emplace_back(item.children, source);
    }
}

// Null and the empty text are different values; what follows a text's length cannot be taken for the next
// part.
std::string CommitGroups::group_key(const dag::Commit& commit) const {
    std::string key;
    auto append = [&](std::string_view text) { key += fmt::format("{}:{}", text.size(), text); };
    for (CommitItem::Kind part : by_) {
        if (part == CommitItem::Kind::height) {
            append(std::to_string(commit.view.priority));
        } else if (part == CommitItem::Kind::cid) {
            append(dag::as_text(commit.digest));
        } else if (commit.view.kind == dag::DeltaKind::collection) {
            key += '-';
        } else {
            append(part == CommitItem::Kind::doc_id ? commit.view.doc_id : *commit_field_name(commit.view));
        }
    }
    return key;
}

Status CommitGroups::add(const dag::Commit& commit) {
    auto [found, is_new] = by_key_.emplace(group_key(commit), groups_.size());
    if (is_new) {
        groups_.emplace_back(commit).members.resize(member_writers_.size());
    } else {
        groups_[found->second].last = commit.digest;
        groups_[found->second].keys = CommitKeys(commit);
    }
    Group& group = groups_[found->second];
    for (std::size_t i = 0; i < member_writers_.size(); ++i) {
        if (!group.members[i].empty()) group.members[i] += ',';
        CAIRN_TRY(member_writers_[i].write(commit, group.members[i]));
    }
    return {};
}

Status CommitGroups::write_group(const Group& group, std::string& out) {
    CAIRN_ASSIGN(std::optional<std::string> bytes, source_.block(group.last));
    if (!bytes) return fail(ErrorCode::not_found, fmt::format("missing block {}", group.keys.cid));
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(*bytes)));
    CommitWriter writer(plan_.items, source_);
    std::size_t next_members = 0;
    char separator = '{';
    for (const CommitItem& item : plan_.items) {
        out += separator;
        separator = ',';
        out += item.prefix;
        if (item.kind == CommitItem::Kind::group) {
            out += '[';
            out += group.members[next_members++];
            out += ']';
        } else {
            CAIRN_TRY(writer.write_item(item, group.last, block, out));
        }
    }
    if (separator == '{') out += '{';
    out += '}';
    return {};
}

Status CommitGroups::write(const std::vector<CommitOrderKey>& order, const CommitWindow& window,
                           std::string& out) {
    std::vector<const Group*> ordered;
    ordered.reserve(groups_.size());
    for (const Group& group : groups_) ordered.push_back(&group);
    if (!order.empty()) {
        std::stable_sort(ordered.begin(), ordered.end(), [&](const Group* a, const Group* b) {
            return comes_before(a->keys, b->keys, order);
        });
    }
    auto [begin, end] = window.of(ordered.size());
    for (std::size_t i = begin; i < end; ++i) {
        if (i != begin) out += ',';
        CAIRN_TRY(write_group(*ordered[i], out));
    }
    return {};
}

}  // namespace cairn::query
