#include "dag/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "dag/block.h"
#include "dag/signature.h"

namespace cairn::dag {
namespace {

std::string cid_text(const Digest& digest) {
    return Cid{Codec::dag_cbor, digest}.text();
}

// Fields of both kinds count as one: a field may have been a counter in an older version of its collection.
std::string_view kind_name(DeltaKind kind) {
    switch (kind) {
        case DeltaKind::lww:
        case DeltaKind::counter:
            return "field";
        case DeltaKind::composite:
            return "composite";
        case DeltaKind::collection:
            return "collection";
    }
    return "unknown";
}

// What the check of a child needs to know of a block.
struct Known {
    enum class State : std::uint8_t { open, good, bad };  // open: on the way down to it; bad: unreadable
    State state = State::open;
    DeltaKind kind = DeltaKind::lww;
    std::uint64_t height = 0;
    std::uint64_t identity = 0;  // of docID and field name, for V4
};

std::uint64_t identity_of(std::string_view doc_id, std::string_view field_name) {
    const std::hash<std::string_view> hash;
    return hash(doc_id) * 0x9e3779b97f4a7c15u + hash(field_name);
}

// A block on the way down whose parents are not all checked yet.
struct Frame {
    Commit commit;
    std::size_t next = 0;  // of heads, then links

    std::size_t edges() const { return commit.view.heads.size() + commit.view.links.size(); }
    const Digest& edge(std::size_t i) const {
        const std::size_t heads = commit.view.heads.size();
        return i < heads ? commit.view.heads[i] : commit.view.links[i - heads].digest;
    }
};

class Verifier {
  public:
    Verifier(BlockSource& source, const VerifyOptions& options) : source_(source), options_(options) {}

    Status walk(const Digest& root) {
        CAIRN_TRY(enter(root));
        while (!stack_.empty()) {
            Frame& top = *stack_.back();
            if (top.next == top.edges()) {
                leave(top);
                stack_.pop_back();
                continue;
            }
            const Digest next = top.edge(top.next++);
            const auto found = known_.find(next);
            if (found == known_.end()) {
                CAIRN_TRY(enter(next));
            } else if (found->second.state == Known::State::open) {
                problem(top.commit.digest, fmt::format("is its own ancestor through {}", cid_text(next)));
            }
        }
        return {};
    }

    VerifyReport take_report() {
        if (left_out_ > 0) report_.problems.push_back(fmt::format("and {} more problems", left_out_));
        return std::move(report_);
    }

  private:
    void problem(const Digest& digest, std::string_view what) {
        if (report_.problems.size() == options_.max_problems) {
            ++left_out_;
        } else {
            report_.problems.push_back(fmt::format("{} {}", cid_text(digest), what));
        }
    }

    Result<std::optional<std::string>> read(const Digest& digest) {
        if (++read_ > options_.budget) {
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("verification stopped before block {}: more than {} blocks",
                                    cid_text(digest), options_.budget));
        }
        return source_.block(digest);
    }

    // V1 and V6; puts the block on the stack when it can be read.
    Status enter(const Digest& digest) {
        if (!known_.try_emplace(digest).second) return {};
        CAIRN_ASSIGN(std::optional<std::string> bytes, read(digest));
        Known& known = known_[digest];
        known.state = Known::State::bad;
        if (!bytes) {
            problem(digest, "is missing");
            return {};
        }
        if (sha256(as_bytes(*bytes)) != digest) {
            problem(digest, fmt::format("is stored with the bytes of {}",
                                        Cid::of(Codec::dag_cbor, as_bytes(*bytes)).text()));
            return {};
        }
        auto frame = std::make_unique<Frame>();
        frame->commit.digest = digest;
        frame->commit.bytes = std::move(*bytes);
        auto view = decode_block(as_bytes(frame->commit.bytes));
        if (!view) {
            problem(digest, fmt::format("cannot be read: {}", view.error().message));
            return {};
        }
        ++report_.blocks;
        frame->commit.view = std::move(*view);
        const BlockView& block = frame->commit.view;
        known = {Known::State::open, block.kind, block.priority, identity_of(block.doc_id, block.field_name)};
        if (options_.signatures && block.signature) CAIRN_TRY(check_signature(frame->commit));
        stack_.push_back(std::move(frame));
        return {};
    }

    Status check_signature(const Commit& commit) {
        CAIRN_ASSIGN(const std::optional<std::string> signature, read(*commit.view.signature));
        if (!signature) {
            problem(commit.digest,
                    fmt::format("its signature block {} is missing", cid_text(*commit.view.signature)));
        } else if (auto signer = verify_block(as_bytes(commit.bytes), as_bytes(*signature)); !signer) {
            problem(commit.digest, signer.error().message);
        } else {
            ++report_.signatures;
        }
        return {};
    }

    // What can be said once all parents are known.
    void leave(const Frame& frame) {
        check_heads(frame.commit);
        check_links(frame.commit);
        known_[frame.commit.digest].state = Known::State::good;
    }

    // V2 and V3. Heights are not judged when a parent cannot be read.
    void check_heads(const Commit& commit) {
        std::uint64_t greatest = 0;
        bool complete = true;
        for (const Digest& head : commit.view.heads) {
            const Known& parent = known_[head];
            if (parent.state != Known::State::good) {
                complete = false;
            } else if (kind_name(parent.kind) != kind_name(commit.view.kind)) {
                problem(commit.digest, fmt::format("is a {} block with a head of another kind: {}",
                                                   kind_name(commit.view.kind), cid_text(head)));
            } else {
                greatest = std::max(greatest, parent.height);
            }
        }
        if (complete && (greatest == UINT64_MAX || commit.view.priority != greatest + 1)) {
            problem(commit.digest,
                    fmt::format("has height {} above heads of height {}", commit.view.priority, greatest));
        }
    }

    // V4.
    void check_links(const Commit& commit) {
        const BlockView& block = commit.view;
        const bool is_composite = block.kind == DeltaKind::composite;
        if (!block.links.empty() && !is_composite && block.kind != DeltaKind::collection) {
            problem(commit.digest, "is a field block with links");
            return;
        }
        if (block.kind == DeltaKind::collection && block.links.size() != 1) {
            problem(commit.digest,
                    fmt::format("is a collection block with {} links, not 1", block.links.size()));
        }
        for (const NamedLink& link : block.links) {
            const Known& target = known_[link.digest];
            if (target.state != Known::State::good) continue;
            const bool fits = is_composite ? kind_name(target.kind) == "field" &&
                                                 target.identity == identity_of(block.doc_id, link.name)
                                           : target.kind == DeltaKind::composite && link.name.empty();
            if (fits) continue;
            problem(commit.digest, fmt::format("links as '{}' to {}, a {} block that does not fit", link.name,
                                               cid_text(link.digest), kind_name(target.kind)));
        }
    }

    BlockSource& source_;
    const VerifyOptions& options_;
    VerifyReport report_{};
    std::uint64_t read_ = 0;
    std::size_t left_out_ = 0;
    std::unordered_map<Digest, Known, DigestHash> known_{};
    std::vector<std::unique_ptr<Frame>> stack_{};
};

}  // namespace

Status verify_block_bytes(const Digest& digest, Bytes bytes) {
    if (sha256(bytes) != digest) {
        return fail(ErrorCode::corruption, fmt::format("{} is stored with the bytes of {}", cid_text(digest),
                                                       Cid::of(Codec::dag_cbor, bytes).text()));
    }
    if (auto block = decode_block(bytes); !block) {
        return fail(block.error().code,
                    fmt::format("{} cannot be read: {}", cid_text(digest), block.error().message));
    }
    return {};
}

Result<VerifyReport> verify_dag(BlockSource& source, std::span<const Digest> roots,
                                const VerifyOptions& options) {
    Verifier verifier(source, options);
    for (const Digest& root : roots) CAIRN_TRY(verifier.walk(root));
    return verifier.take_report();
}

}  // namespace cairn::dag
