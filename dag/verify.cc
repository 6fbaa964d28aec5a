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

// What the checks of other blocks need to know of a block.
struct Known {
    bool readable = false;
    DeltaKind kind = DeltaKind::lww;
    std::uint64_t height = 0;
    std::uint64_t identity = 0;  // of docID and field name, for V4
};

std::uint64_t identity_of(std::string_view doc_id, std::string_view field_name) {
    const std::hash<std::string_view> hash;
    return hash(doc_id) * 0x9e3779b97f4a7c15u + hash(field_name);
}

// One printable line, whatever stands in the texts of a block.
std::string one_line(std::string text) {
    constexpr std::size_t kMaxLineBytes = 400;
    if (text.size() > kMaxLineBytes) text.replace(kMaxLineBytes, std::string::npos, "...");
    std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

// Two passes: the first reads all blocks and keeps a small record of each, the second reads them again and
// holds them against the records of what they name. A single one would have to keep every block of a chain
// until its end.
class Verifier {
  public:
    Verifier(BlockSource& source, const VerifyOptions& options) : source_(source), options_(options) {}

    Result<VerifyReport> run(std::span<const Digest> roots) {
        for (const Digest& root : roots) discover(root);
        for (std::size_t i = 0; i < order_.size(); ++i) {
            const Digest digest = order_[i];  // a copy: the list grows
            CAIRN_TRY(check_alone(digest));
        }
        for (const Digest& digest : order_) {
            if (!known_[digest].readable) continue;
            Commit commit;
            CAIRN_TRY(read_commit(source_, digest, commit));
            check_heads(commit);
            check_links(commit);
        }
        if (left_out_ > 0) report_.problems.push_back(fmt::format("and {} more problems", left_out_));
        return std::move(report_);
    }

  private:
    void discover(const Digest& digest) {
        if (known_.try_emplace(digest).second) order_.push_back(digest);
    }

    void problem(const Digest& digest, std::string_view what) {
        if (report_.problems.size() == options_.max_problems) {
            ++left_out_;
        } else {
            report_.problems.push_back(one_line(fmt::format("{} {}", cid_text(digest), what)));
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

    // V1 and V5.
    Status check_alone(const Digest& digest) {
        CAIRN_ASSIGN(const std::optional<std::string> bytes, read(digest));
        if (!bytes) {
            problem(digest, "is missing");
            return {};
        }
        if (const Digest found = sha256(as_bytes(*bytes)); found != digest) {
            problem(digest, fmt::format("is stored with the bytes of {}", cid_text(found)));
            return {};
        }
        const auto block = decode_block(as_bytes(*bytes));
        if (!block) {
            problem(digest, fmt::format("cannot be read: {}", block.error().message));
            return {};
        }
        ++report_.blocks;
        known_[digest] = {true, block->kind, block->priority, identity_of(block->doc_id, block->field_name)};
        for (const Digest& head : block->heads) discover(head);
        for (const NamedLink& link : block->links) discover(link.digest);
        return options_.signatures && block->signature ? check_signature(digest, *bytes, *block->signature)
                                                       : Status{};
    }

    Status check_signature(const Digest& digest, const std::string& bytes, const Digest& signature_digest) {
        CAIRN_ASSIGN(const std::optional<std::string> signature, read(signature_digest));
        if (!signature) {
            problem(digest, fmt::format("its signature block {} is missing", cid_text(signature_digest)));
        } else if (auto signer = verify_block(as_bytes(bytes), as_bytes(*signature)); !signer) {
            problem(digest, signer.error().message);
        } else {
            ++report_.signatures;
        }
        return {};
    }

    // V2 and V3. Heights are not judged when a parent cannot be read.
    void check_heads(const Commit& commit) {
        std::uint64_t greatest = 0;
        bool complete = true;
        for (const Digest& head : commit.view.heads) {
            const Known& parent = known_[head];
            if (!parent.readable) {
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
            if (!target.readable) continue;
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
    std::vector<Digest> order_{};  // of discovery: breadth first
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
    return Verifier(source, options).run(roots);
}

}  // namespace cairn::dag
