#include "collections/as_of.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collections/document_history.h"
#include "collections/materializer.h"
#include "dag/event.h"

namespace cairn {
namespace {

constexpr std::size_t kDocumentsAtOnce = 1024;
constexpr std::size_t kChangeOverhead = 96;  // bytes of a change in the batch's index, and of its row key

// What was committed since, and what it was built on.
template <typename Owner>
struct Commits {
    using Entry = std::pair<Owner, dag::Digest>;
    std::vector<Entry> commits, parents;

    void add(const Owner& owner, const dag::Digest& digest, const dag::BlockView& block) {
        commits.emplace_back(owner, digest);
        for (const dag::Digest& parent : block.heads) parents.emplace_back(owner, parent);
    }
    void sort() {
        std::sort(commits.begin(), commits.end());
        std::sort(parents.begin(), parents.end());
    }
    static std::span<const Entry> of(const std::vector<Entry>& entries, const Owner& owner) {
        auto [begin, end] =
            std::equal_range(entries.begin(), entries.end(), Entry(owner, {}),
                             [](const Entry& a, const Entry& b) { return a.first < b.first; });
        return {begin, end};
    }
    // The commits of before that were heads then, and perhaps some of their ancestors: what was built on
    // since, and what still is a head. Distinct.
    std::vector<dag::Digest> heads_then(const Owner& owner, const crdt::HeadSet& heads_now) const {
        const auto since = of(commits, owner);
        std::vector<dag::Digest> digests = crdt::head_digests(heads_now);
        for (const Entry& parent : of(parents, owner)) digests.push_back(parent.second);
        std::erase_if(digests, [&](const dag::Digest& digest) {
            return std::binary_search(since.begin(), since.end(), Entry(owner, digest));
        });
        std::sort(digests.begin(), digests.end());
        digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
        return digests;
    }
};

class Rewind {
  public:
    Rewind(StoreTransaction& past, std::uint64_t position, std::uint64_t end, std::size_t max_bytes)
        : past_(past), position_(position), end_(end), max_bytes_(max_bytes) {}

    Status run() {
        CAIRN_TRY(read_log());
        documents_.sort();
        collections_.sort();
        CAIRN_TRY(rewind_documents());
        return rewind_collections();
    }

  private:
    Status read_log();
    Status note(std::string_view event);
    Status rewind_documents();
    Status rewind_document(DocumentState& present);
    Status rewind_collections();
    Result<crdt::HeadSet> without_ancestors(std::vector<dag::Digest> commits);
    Status take() const { return past_.view().take() ? Status() : Status(past_.view().budget()->failure()); }
    Status check_memory();

    StoreTransaction& past_;
    const std::uint64_t position_, end_;
    const std::size_t max_bytes_;
    Commits<DocId> documents_;
    Commits<std::uint32_t> collections_;  // branchable ones, by number
    std::vector<dag::EventBlock> blocks_;
    bool indexed_ = false;  // the blocks of the log: only histories need that
};

Status Rewind::check_memory() {
    const std::size_t noted = documents_.commits.size() + documents_.parents.size();
    std::size_t bytes = noted * sizeof(Commits<DocId>::Entry);
    if (past_.view().has_changes()) {
        rocksdb::WriteBatch& batch = *past_.batch().GetWriteBatch();
        bytes += batch.GetDataSize() + batch.Count() * kChangeOverhead;
    }
    if (bytes <= max_bytes_) return {};
    return fail(ErrorCode::limit_exceeded,
                fmt::format("too much has changed since log position {}: {} events. Limit: {} bytes of what "
                            "differs",
                            position_, end_ - position_, max_bytes_));
}

Status Rewind::note(std::string_view event) {
    CAIRN_TRY(dag::read_event(event, blocks_));
    for (const dag::EventBlock& each : blocks_) {
        const bool composite = each.role == dag::EventBlockRole::composite;
        if (!composite && each.role != dag::EventBlockRole::collection) continue;
        CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(each.bytes)));
        const dag::Digest digest = dag::sha256(dag::as_bytes(each.bytes));
        if (composite) {
            auto id = DocId::from_text(block.doc_id);
            if (!id) {
                return fail(ErrorCode::corruption, fmt::format("log names no document id: {}", block.doc_id));
            }
            documents_.add(*id, digest, block);
        } else if (int at = past_.catalog().collection_index_by_version_id(block.schema_version_id);
                   at >= 0) {
            collections_.add(past_.catalog().collection(at).short_id, digest, block);
        }
    }
    return {};
}

Status Rewind::read_log() {
    auto cursor = past_.view().iterate(Family::log, "", ScanKind::long_range);
    std::uint64_t at = position_;
    for (cursor->it->Seek(slice(log_key(at))); cursor->it->Valid(); cursor->it->Next(), ++at) {
        CAIRN_TRY(take());
        CAIRN_TRY(note(view(cursor->it->value())));
        if (at % kDocumentsAtOnce == 0) CAIRN_TRY(check_memory());
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the log");
    if (at != end_) return fail(ErrorCode::corruption, fmt::format("the log has no event {}", at));
    return {};
}

Status Rewind::rewind_documents() {
    std::vector<DocId> ids;
    const auto& commits = documents_.commits;
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const bool last_of_document = i + 1 == commits.size() || commits[i + 1].first != commits[i].first;
        if (last_of_document) ids.push_back(commits[i].first);
        if (ids.size() < kDocumentsAtOnce && i + 1 < commits.size()) continue;
        CAIRN_ASSIGN(std::vector<DocumentState> states, load_documents(past_.view(), ids));
        for (DocumentState& state : states) CAIRN_TRY(rewind_document(state));
        CAIRN_TRY(check_memory());
        ids.clear();
    }
    return {};
}

Status Rewind::rewind_document(DocumentState& present) {
    CAIRN_TRY(take());
    if (!present.exists) {
        return fail(ErrorCode::corruption,
                    fmt::format("document {} is in the log and has no heads", present.id.text()));
    }
    const Catalog& catalog = past_.catalog();
    const int at = catalog.collection_index_by_short_id(present.collection);
    if (at < 0) return {};  // no query reads it
    const std::vector<dag::Digest> heads = documents_.heads_then(present.id, present.composite_heads);
    if (heads.empty()) return remove_document(catalog, present, past_.sink());
    if (!std::exchange(indexed_, true)) CAIRN_TRY(past_.index_blocks());
    DocumentReplay replay(past_, catalog.collection(at), present.id);
    CAIRN_TRY(replay.apply_logged(heads));
    DocumentState then = replay.take_state();
    then.stored = true;
    then.stored_deleted = present.stored_deleted;
    then.stored_row = std::move(present.stored_row);
    return store_document(catalog, then, past_.sink());
}

// Of commits of one collection those that are no ancestors of others.
Result<crdt::HeadSet> Rewind::without_ancestors(std::vector<dag::Digest> commits) {
    TransactionBlocks source(past_);
    crdt::HeadSet heads;
    dag::Commit commit;
    std::vector<dag::Digest> open;
    std::uint64_t lowest = UINT64_MAX;
    for (const dag::Digest& digest : commits) {
        CAIRN_TRY(dag::read_commit(source, digest, commit));
        crdt::add_head(heads, {digest, commit.view.priority});
        lowest = std::min(lowest, commit.view.priority);
        open.insert(open.end(), commit.view.heads.begin(), commit.view.heads.end());
    }
    if (commits.size() == 1) return heads;
    dag::DigestSet seen;
    while (!open.empty()) {
        const dag::Digest digest = open.back();
        open.pop_back();
        if (!seen.insert(digest).second) continue;
        crdt::remove_head(heads, digest);
        CAIRN_TRY(dag::read_commit(source, digest, commit));
        if (commit.view.priority <= lowest) continue;  // what lies below is lower still
        open.insert(open.end(), commit.view.heads.begin(), commit.view.heads.end());
    }
    return heads;
}

Status Rewind::rewind_collections() {
    const auto& commits = collections_.commits;
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const std::uint32_t number = commits[i].first;
        if (i + 1 < commits.size() && commits[i + 1].first == number) continue;
        const std::string key = collection_heads_key(number);
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found, past_.view().get(Family::meta, key, value));
        crdt::HeadSet heads;
        std::string_view record = view(value);
        if (!found || !read_head_set(record, heads))
            return fail(ErrorCode::corruption, "collection heads are damaged");
        std::vector<dag::Digest> then = collections_.heads_then(number, heads);
        if (then.empty()) {
            past_.sink().erase(Family::meta, key);
            continue;
        }
        CAIRN_ASSIGN(heads, without_ancestors(std::move(then)));
        std::string text;
        append_head_set(heads, text);
        past_.sink().put(Family::meta, key, text);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<const StoreTransaction>> open_as_of(const StoreTransaction& now,
                                                           std::uint64_t position, std::size_t max_bytes) {
    if (now.catalog_changed()) {
        return fail(ErrorCode::invalid_argument,
                    "the past cannot be read in a transaction that has changed the schema");
    }
    std::unique_ptr<StoreTransaction> past = now.store().begin_committed(now);
    CAIRN_ASSIGN(const std::uint64_t end, past->log_end());
    if (position > end) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("log position {} is beyond the log, which ends at {}", position, end));
    }
    past->hide_log_from(position);
    if (position < end) CAIRN_TRY(Rewind(*past, position, end, max_bytes).run());
    past->finish_projections();
    return past;
}

}  // namespace cairn
