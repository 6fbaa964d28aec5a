#include "collections/check.h"

#include <fmt/format.h>

#include <cstring>
#include <unordered_map>

#include "collections/rebuild.h"
#include "dag/block.h"
#include "dag/signature.h"

namespace cairn {
namespace {

std::string cid_text(const dag::Digest& digest) {
    return dag::Cid{dag::Codec::dag_cbor, digest}.text();
}

std::uint64_t short_digest(const dag::Digest& digest) {
    std::uint64_t value;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

class LogChecker {
  public:
    LogChecker(std::size_t limit, CheckSummary& summary) : limit_(limit), summary_(summary) {}

    void check_event(std::uint64_t position, std::string_view record) {
        if (Status read = dag::read_event(record, blocks_); !read) {
            return report(position, read.error().message);
        }
        links_.clear();
        next_link_ = 0;
        doc_id_.clear();
        for (const dag::EventBlock& block : blocks_) check_block(position, block);
        if (next_link_ < links_.size()) {
            report(position, fmt::format("block {} is linked but missing", cid_text(links_[next_link_])));
        }
        for (const auto& [signed_bytes, signature] : signed_)
            check_signature(position, signed_bytes, signature);
        signed_.clear();
        ++summary_.events;
    }

  private:
    void report(std::uint64_t position, std::string_view what) {
        if (summary_.problems.size() < limit_) {
            summary_.problems.push_back(fmt::format("event {}: {}", position, what));
        }
    }

    void check_block(std::uint64_t position, const dag::EventBlock& block) {
        ++summary_.blocks;
        dag::Digest digest = dag::sha256(dag::as_bytes(block.bytes));
        if (block.role == dag::EventBlockRole::signature) {
            if (auto decoded = dag::decode_signature_block(dag::as_bytes(block.bytes)); !decoded) {
                report(position, fmt::format("{}: {}", cid_text(digest), decoded.error().message));
            }
            return;
        }
        auto decoded = dag::decode_block(dag::as_bytes(block.bytes));
        if (!decoded)
            return report(position, fmt::format("{}: {}", cid_text(digest), decoded.error().message));
        bool is_field =
            block.role == dag::EventBlockRole::field || block.role == dag::EventBlockRole::field_counted;
        if (is_field) {
            if (next_link_ >= links_.size() || links_[next_link_] != digest) {
                report(position,
                       fmt::format("{}: hash is not the one that the composite links", cid_text(digest)));
            }
            if (next_link_ < links_.size()) ++next_link_;
            if (decoded->doc_id != doc_id_) {
                report(position, fmt::format("{}: names document {}, its composite {}", cid_text(digest),
                                             decoded->doc_id, doc_id_));
            }
        } else if (block.role == dag::EventBlockRole::composite) {
            for (const dag::NamedLink& link : decoded->links) links_.push_back(link.digest);
            doc_id_ = decoded->doc_id;
        }
        check_height(position, digest, *decoded);
        heights_[short_digest(digest)] = decoded->priority;
        if (decoded->signature) signed_.emplace_back(block.bytes, *decoded->signature);
    }

    void check_height(std::uint64_t position, const dag::Digest& digest, const dag::BlockView& block) {
        std::uint64_t highest = 0;
        for (const dag::Digest& head : block.heads) {
            auto parent = heights_.find(short_digest(head));
            if (parent == heights_.end()) {
                report(position,
                       fmt::format("{}: parent {} is in no earlier event", cid_text(digest), cid_text(head)));
                return;
            }
            highest = std::max(highest, parent->second);
        }
        if (block.priority != highest + 1) {
            report(position, fmt::format("{}: height is {}, its parents ask for {}", cid_text(digest),
                                         block.priority, highest + 1));
        }
    }

    void check_signature(std::uint64_t position, std::string_view bytes, const dag::Digest& signature) {
        for (const dag::EventBlock& block : blocks_) {
            if (block.role != dag::EventBlockRole::signature ||
                dag::sha256(dag::as_bytes(block.bytes)) != signature) {
                continue;
            }
            auto verified = dag::verify_block(dag::as_bytes(bytes), dag::as_bytes(block.bytes));
            if (!verified) report(position, verified.error().message);
            return;
        }
        report(position, fmt::format("signature block {} is missing", cid_text(signature)));
    }

    std::size_t limit_;
    CheckSummary& summary_;
    std::vector<dag::EventBlock> blocks_;
    std::vector<dag::Digest> links_;
    std::size_t next_link_ = 0;
    std::string doc_id_;
    std::vector<std::pair<std::string_view, dag::Digest>> signed_;
    // Heights by the first eight bytes of digests: enough to notice damage, and small.
    std::unordered_map<std::uint64_t, std::uint64_t> heights_;
};

std::uint64_t count_keys(const ReadView& reader, Family family) {
    std::uint64_t count = 0;
    auto cursor = reader.iterate(family, "", ScanKind::long_range);
    for (cursor->it->SeekToFirst(); cursor->it->Valid(); cursor->it->Next()) ++count;
    return count;
}

}  // namespace

Result<CheckSummary> check_store(Store& store, const std::filesystem::path& scratch, std::size_t max_problems,
                                 const CheckProgress& progress) {
    CheckSummary summary;
    LogChecker checker(max_problems, summary);
    ReadView reader(store.storage(), nullptr, nullptr);
    std::uint64_t end = store.position(), expected = 0;
    auto cursor = reader.iterate(Family::log, "", ScanKind::long_range);
    for (cursor->it->SeekToFirst(); cursor->it->Valid() && expected < end; cursor->it->Next(), ++expected) {
        if (cursor->it->key().size() != 8) {
            summary.problems.push_back(
                fmt::format("the log has a key of {} bytes", cursor->it->key().size()));
            --expected;
            continue;
        }
        std::uint64_t position = dag::read_big_endian64(cursor->it->key().data());
        if (position != expected) {
            summary.problems.push_back(fmt::format("event {} is missing", expected));
            expected = position;
        }
        checker.check_event(position, view(cursor->it->value()));
        if (expected % 4096 == 0 && progress && !progress(expected, 2 * end)) {
            return fail(ErrorCode::unsupported, "stopped");
        }
    }
    if (!cursor->it->status().ok()) {
        summary.problems.push_back(
            fmt::format("the log cannot be read: {}", cursor->it->status().ToString()));
    }
    summary.index_entries = count_keys(reader, Family::indexes) + count_keys(reader, Family::relations);
    RebuildProgress second;
    if (progress)
        second = [&](std::uint64_t done, std::uint64_t total) { return progress(total + done, 2 * total); };
    std::size_t left = max_problems - std::min(max_problems, summary.problems.size());
    auto projections = verify_projections(store, scratch, left, second);
    if (!projections) {
        if (projections.error().code == ErrorCode::unsupported) return std::unexpected(projections.error());
        summary.problems.push_back(
            fmt::format("the projections cannot be checked: {}", projections.error().message));
        return summary;
    }
    summary.documents = projections->documents;
    for (std::string& difference : projections->differences) {
        summary.problems.push_back("projection " + std::move(difference));
    }
    return summary;
}

}  // namespace cairn
