// Blocks by digest: an index behind the log. Keys are 8 bytes of the digest and the event's position; the
// full digest is checked in the block. The position up to which the log is indexed lies in the same family,
// so that both are lost or kept together.
#include <fmt/format.h>

#include "collections/store.h"
#include "dag/block.h"

namespace cairn {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
constexpr std::size_t kPrefixBytes = 8;

std::string digest_prefix(const dag::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), kPrefixBytes};
}

// Calls visit(digest, block) for each block of an event. Field blocks' digests are those of the composite's
// links, which were checked when the event was made; only the others are hashed.
template <typename Visit>
Status for_each_digest(std::string_view record, std::vector<dag::EventBlock>& blocks, const Visit& visit) {
    CAIRN_TRY(dag::read_event(record, blocks));
    std::vector<dag::NamedLink> links;
    std::size_t next_link = 0;
    for (const dag::EventBlock& block : blocks) {
        if (block.role == dag::EventBlockRole::composite) {
            CAIRN_ASSIGN(dag::BlockView decoded, dag::decode_block(dag::as_bytes(block.bytes)));
            links = std::move(decoded.links);
        }
        bool linked =
            (block.role == dag::EventBlockRole::field || block.role == dag::EventBlockRole::field_counted) &&
            next_link < links.size();
        visit(linked ? links[next_link++].digest : dag::sha256(dag::as_bytes(block.bytes)), block);
    }
    return {};
}

}  // namespace

Status Store::update_digest_index(const std::function<bool(std::uint64_t, std::uint64_t)>& progress) const {
    std::lock_guard lock(digest_mutex_);
    std::uint64_t end = position();
    if (digest_position_ >= end) return {};
    if (storage_->read_only()) return index_tail(end);
    ReadView reader(*storage_, nullptr, nullptr);
    auto cursor = reader.iterate(Family::log, "", ScanKind::long_range);
    cursor->it->Seek(slice(log_key(digest_position_)));
    std::vector<dag::EventBlock> blocks;
    std::vector<std::string> keys;
    while (digest_position_ < end) {
        keys.clear();
        std::size_t bytes = 0;
        std::uint64_t at = digest_position_;
        for (; at < end && bytes < kChunkBytes && cursor->it->Valid(); cursor->it->Next(), ++at) {
            std::string_view record = view(cursor->it->value());
            bytes += record.size();
            CAIRN_TRY(for_each_digest(record, blocks, [&](const dag::Digest& digest, const dag::EventBlock&) {
                std::string key = digest_prefix(digest);
                dag::append_big_endian64(key, at);
                keys.push_back(std::move(key));
            }));
        }
        if (at == digest_position_) {
            return fail(ErrorCode::corruption, fmt::format("the log has no event {}", digest_position_));
        }
        std::sort(keys.begin(), keys.end());
        rocksdb::WriteBatch batch;
        for (const std::string& key : keys)
            batch.Put(storage_->family(Family::digests), slice(key), slice(""));
        batch.Put(storage_->family(Family::digests), slice(kDigestPositionKey), slice(log_key(at)));
        CAIRN_TRY(const_cast<Storage&>(*storage_).write_projection(batch));
        digest_position_ = at;
        if (progress && !progress(at, end)) return fail(ErrorCode::unsupported, "stopped");
    }
    return {};
}

Status Store::index_tail(std::uint64_t end) const {
    ReadView reader(*storage_, nullptr, nullptr);
    auto cursor = reader.iterate(Family::log, "", ScanKind::long_range);
    std::vector<dag::EventBlock> blocks;
    std::uint64_t at = digest_position_;
    for (cursor->it->Seek(slice(log_key(at))); cursor->it->Valid() && at < end; cursor->it->Next(), ++at) {
        CAIRN_TRY(for_each_digest(view(cursor->it->value()), blocks,
                                  [&](const dag::Digest& digest, const dag::EventBlock&) {
                                      std::string prefix = digest_prefix(digest);
                                      digest_tail_.emplace_back(dag::read_big_endian64(prefix.data()), at);
                                  }));
    }
    std::sort(digest_tail_.begin(), digest_tail_.end());
    digest_position_ = at;
    return {};
}

Result<std::vector<std::uint64_t>> Store::candidate_events(const dag::Digest& digest) const {
    std::vector<std::uint64_t> events;
    std::string prefix = digest_prefix(digest);
    ReadView reader(*storage_, nullptr, nullptr);
    auto cursor = reader.iterate(Family::digests, prefix);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        if (cursor->it->key().size() != 2 * kPrefixBytes) continue;
        events.push_back(dag::read_big_endian64(cursor->it->key().data() + kPrefixBytes));
    }
    if (!cursor->it->status().ok())
        return rocksdb_error(cursor->it->status(), "cannot read the digest index");
    std::pair<std::uint64_t, std::uint64_t> first(dag::read_big_endian64(prefix.data()), 0);
    for (auto at = std::lower_bound(digest_tail_.begin(), digest_tail_.end(), first);
         at != digest_tail_.end() && at->first == first.first; ++at) {
        events.push_back(at->second);
    }
    return events;
}

// Calls found(position, record, block) for the first event that holds the block.
template <typename Found>
Status Store::find_in_log(const dag::Digest& digest, const Found& found) const {
    CAIRN_TRY(update_digest_index());
    CAIRN_ASSIGN(std::vector<std::uint64_t> events, candidate_events(digest));
    std::vector<dag::EventBlock> blocks;
    for (std::uint64_t at : events) {
        CAIRN_ASSIGN(std::string record, event(at));
        std::optional<dag::EventBlock> hit;
        CAIRN_TRY(
            for_each_digest(record, blocks, [&](const dag::Digest& other, const dag::EventBlock& block) {
                if (other == digest && !hit) hit = block;
            }));
        if (!hit) continue;
        found(at, record, *hit);
        return {};
    }
    return {};
}

Result<std::optional<Store::BlockPlace>> Store::find_block(const dag::Digest& digest) const {
    std::optional<BlockPlace> place;
    CAIRN_TRY(find_in_log(digest, [&](std::uint64_t at, std::string&, const dag::EventBlock& block) {
        place = BlockPlace{at, block.role, std::string(block.bytes)};
    }));
    return place;
}

Result<std::optional<Store::EventPlace>> Store::find_event(const dag::Digest& digest) const {
    std::optional<EventPlace> found;
    CAIRN_TRY(find_in_log(digest, [&](std::uint64_t at, std::string& record, const dag::EventBlock&) {
        found = EventPlace{at, std::move(record)};
    }));
    return found;
}

}  // namespace cairn
