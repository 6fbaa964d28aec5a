#include "collections/merge.h"

#include <algorithm>
#include <deque>
#include <future>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "collections/field_data.h"
#include "collections/incoming_blocks.h"
#include "collections/materializer.h"
#include "dag/block.h"
#include "dag/limits.h"
#include "dag/signature.h"

namespace cairn {
namespace {

// From this many bytes of blocks on a merge goes into sorted files (collections/README.md "Decisions").
constexpr std::size_t kSortedFilesBytes = std::size_t{1} << 20;

constexpr std::size_t kParallelBlocks = 4096;  // fewer are not worth a thread
constexpr std::size_t kMaxThreads = 4;
constexpr std::size_t kEventOverhead = 4;  // bytes of an event record beside those of a block
constexpr std::size_t kDecodeAhead =
    1 << 16;  // bounds the memory of decoded blocks that are not yet in their place

std::string cid_text(const dag::Digest& digest) {
    return dag::Cid{dag::Codec::dag_cbor, digest}.text();
}

struct DecodedBlock {
    dag::Digest digest;
    Result<dag::BlockView> block;
};

class Merger {
  public:
    Merger(Store& store, StoreTransaction& transaction, const MergeOptions& options)
        : store_(store), transaction_(transaction), options_(options) {}

    Status read(std::span<const std::string_view> blocks);
    Status run();
    Result<MergeSummary> finish();
    bool has_keys() const { return !new_keys_.empty(); }

  private:
    using Progress = IncomingBlock::Progress;
    using Entry = IncomingBlocks::Entry;
    Status merge_head(Entry& root);
    Result<bool> known(const dag::Digest& digest, const dag::BlockView& block);
    Result<bool> known_composite(const dag::Digest& digest, const dag::BlockView& block);
    Result<bool> in_store(const dag::Digest& digest);
    Result<bool> ready(Entry& entry, std::vector<Entry*>& wanted);
    Result<bool> need(const Entry& entry, const dag::Digest& digest, dag::DeltaKind kind,
                      std::vector<Entry*>& wanted);
    Result<bool> need_field(const dag::NamedLink& link);
    void decode(std::span<const std::string_view> blocks, std::span<DecodedBlock> decoded) const;
    Status add_other(const dag::Digest& digest, std::string_view bytes, const Error& not_delta);
    Status check_parent(const Entry& entry, const dag::Digest& digest, const dag::BlockView& parent,
                        dag::DeltaKind kind);
    Status apply(Entry& entry);
    Status apply_composite_block(Entry& entry);
    Status apply_linked_field(const Collection& collection, DocumentState& state, const dag::NamedLink& link,
                              const Entry* incoming, dag::EventWriter& event);
    Result<bool> counter_known(const Collection& collection, const DocumentState& state,
                               const dag::Digest& digest, const dag::BlockView& block);
    Status apply_collection_block(Entry& entry);
    Status finish_event(const dag::BlockView& block, dag::EventWriter& event);
    Result<bool> check_signature(const dag::BlockView& block, std::string_view bytes);
    Result<std::string_view> bytes_of(const dag::Digest& digest);
    Status add_keys();
    Result<DocumentState*> document(std::string_view doc_id);
    Result<int> collection_of(const dag::BlockView& block, const DocumentState* state);
    Result<crdt::HeadSet*> collection_heads(std::uint32_t short_id);
    void report_missing(const dag::Digest& digest) {
        if (missing_set_.insert(digest).second) summary_.missing.push_back(digest);
    }

    Store& store_;
    StoreTransaction& transaction_;
    const MergeOptions& options_;
    IncomingBlocks incoming_;
    std::vector<Entry*> order_;
    std::vector<Entry*>
        fields_;  // of the links of the composite that ready() saw last; nullptr for a stored one
    std::vector<std::pair<dag::Digest, std::string_view>> new_keys_;
    std::unordered_map<DocId, DocumentState, DocIdHash> documents_;
    std::unordered_map<std::uint32_t, crdt::HeadSet> collection_heads_;
    std::unordered_set<dag::Digest, dag::DigestHash> applied_, counted_, missing_set_;
    std::deque<std::string> fetched_;  // bytes of stored blocks that views point into
    std::unordered_map<dag::Digest, std::string_view, dag::DigestHash> fetched_by_digest_;
    MergeSummary summary_;
};

// Hashing and decoding need nothing else, so that many blocks are shared out to threads.
void Merger::decode(std::span<const std::string_view> blocks, std::span<DecodedBlock> decoded) const {
    auto decode_range = [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            decoded[i].digest = dag::sha256(dag::as_bytes(blocks[i]));
            decoded[i].block = dag::decode_block(dag::as_bytes(blocks[i]));
        }
    };
    if (blocks.size() < kParallelBlocks) return decode_range(0, blocks.size());
    const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
    const std::size_t share = (blocks.size() + threads - 1) / threads;
    std::vector<std::future<void>> others;
    for (std::size_t begin = share; begin < blocks.size(); begin += share) {
        others.push_back(
            std::async(std::launch::async, decode_range, begin, std::min(begin + share, blocks.size())));
    }
    decode_range(0, share);
    for (std::future<void>& other : others) other.get();
}

// A block that is no delta: a signature or an encryption block, else it is refused.
Status Merger::add_other(const dag::Digest& digest, std::string_view bytes, const Error& not_delta) {
    Status other = fail(not_delta.code, not_delta.message);
    if (dag::classify_block(dag::as_bytes(bytes)) == dag::BlockClass::signature) {
        auto signature = dag::decode_signature_block(dag::as_bytes(bytes));
        other = signature ? Status{} : fail(signature.error().code, signature.error().message);
    } else if (dag::classify_block(dag::as_bytes(bytes)) == dag::BlockClass::encryption) {
        auto key = dag::decode_encryption_block(dag::as_bytes(bytes));
        other = key ? Status{} : fail(key.error().code, key.error().message);
        if (key) new_keys_.emplace_back(digest, bytes);
    }
    if (other) return {};
    return fail(other.error().code,
                fmt::format("block {} is refused: {}", cid_text(digest), other.error().message));
}

Status Merger::read(std::span<const std::string_view> blocks) {
    if (blocks.size() > limits::kMaxMergeBlocks) {
        return fail(ErrorCode::limit_exceeded, fmt::format("{} blocks in one merge, at most {} are allowed",
                                                           blocks.size(), limits::kMaxMergeBlocks));
    }
    for (std::string_view bytes : blocks) {
        if (bytes.size() > limits::kMaxBlockBytes) {
            return fail(ErrorCode::limit_exceeded, fmt::format("block of {} bytes, at most {} are allowed",
                                                               bytes.size(), limits::kMaxBlockBytes));
        }
    }
    incoming_.reserve(blocks.size());
    order_.reserve(blocks.size());
    std::vector<DecodedBlock> decoded(std::min(blocks.size(), kDecodeAhead));
    for (std::size_t begin = 0; begin < blocks.size(); begin += kDecodeAhead) {
        auto some = blocks.subspan(begin, std::min(kDecodeAhead, blocks.size() - begin));
        decode(some, decoded);
        for (std::size_t i = 0; i < some.size(); ++i) {
            auto [at, inserted] = incoming_.try_emplace(decoded[i].digest);
            if (!inserted) continue;
            at->second.bytes = some[i];
            if (decoded[i].block) {
                at->second.block = std::move(*decoded[i].block);
                at->second.is_delta = true;
                order_.push_back(at);
            } else {
                CAIRN_TRY(add_other(decoded[i].digest, some[i], decoded[i].block.error()));
            }
        }
    }
    summary_.blocks_received = incoming_.size();
    return {};
}

Status Merger::run() {
    CAIRN_TRY(add_keys());
    if (options_.heads) {
        for (const dag::Digest& head : *options_.heads) {
            auto at = incoming_.find(head);
            if (at == incoming_.end()) {
                CAIRN_ASSIGN(bool here, in_store(head));
                if (!here) report_missing(head);
            } else if (at->second.is_delta) {
                CAIRN_TRY(merge_head(*at));
            }
        }
        return {};
    }
    for (Entry* entry : order_) {
        dag::DeltaKind kind = entry->second.block.kind;
        if (kind == dag::DeltaKind::composite || kind == dag::DeltaKind::collection)
            CAIRN_TRY(merge_head(*entry));
    }
    return {};
}

// Depth first with an explicit stack: a block is applied when everything it needs is.
Status Merger::merge_head(Entry& root) {
    std::vector<Entry*> stack{&root};
    std::vector<Entry*> wanted;
    while (!stack.empty()) {
        Entry& entry = *stack.back();
        IncomingBlock& incoming = entry.second;
        if (incoming.progress == Progress::done || incoming.progress == Progress::blocked) {
            stack.pop_back();
            continue;
        }
        if (incoming.progress == Progress::fresh) {
            CAIRN_ASSIGN(bool skip, known(entry.first, incoming.block));
            if (skip) {
                incoming.progress = Progress::done;
                stack.pop_back();
                continue;
            }
        }
        wanted.clear();
        bool again = incoming.progress == Progress::open;
        incoming.progress = Progress::open;
        CAIRN_ASSIGN(bool can_apply, ready(entry, wanted));
        if (!wanted.empty()) {
            for (Entry* other : wanted) {
                if (other->second.progress == Progress::open) {
                    return fail(ErrorCode::corruption,
                                fmt::format("blocks {} and {} lead to each other", cid_text(entry.first),
                                            cid_text(other->first)));
                }
            }
            if (again) return fail(ErrorCode::internal, "merge makes no progress");
            stack.insert(stack.end(), wanted.rbegin(), wanted.rend());
            continue;
        }
        stack.pop_back();
        incoming.progress = can_apply ? Progress::done : Progress::blocked;
        if (can_apply) CAIRN_TRY(apply(entry));
    }
    return {};
}

Result<bool> Merger::in_store(const dag::Digest& digest) {
    if (fetched_by_digest_.contains(digest)) return true;
    CAIRN_ASSIGN(auto place, store_.find_block(digest));
    if (!place) return false;
    fetched_.push_back(std::move(place->bytes));
    fetched_by_digest_.emplace(digest, fetched_.back());
    return true;
}

Result<std::string_view> Merger::bytes_of(const dag::Digest& digest) {
    if (auto at = incoming_.find(digest); at != incoming_.end()) return at->second.bytes;
    CAIRN_ASSIGN(bool found, in_store(digest));
    if (!found) return std::string_view{};
    return fetched_by_digest_.at(digest);
}

Result<DocumentState*> Merger::document(std::string_view doc_id) {
    auto id = DocId::from_text(doc_id);
    if (!id) return fail(ErrorCode::corruption, fmt::format("block names no document id: {}", doc_id));
    auto at = documents_.find(*id);
    if (at == documents_.end()) {
        CAIRN_ASSIGN(DocumentState state, load_document(transaction_.view(), *id));
        at = documents_.emplace(*id, std::move(state)).first;
    }
    return &at->second;
}

Result<crdt::HeadSet*> Merger::collection_heads(std::uint32_t short_id) {
    auto at = collection_heads_.find(short_id);
    if (at == collection_heads_.end()) {
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found,
                     transaction_.view().get(Family::meta, collection_heads_key(short_id), value));
        crdt::HeadSet heads;
        std::string_view record = view(value);
        if (found && !read_head_set(record, heads)) {
            return fail(ErrorCode::corruption, "collection heads are damaged");
        }
        at = collection_heads_.emplace(short_id, std::move(heads)).first;
    }
    return &at->second;
}

Result<int> Merger::collection_of(const dag::BlockView& block, const DocumentState* state) {
    const Catalog& catalog = transaction_.catalog();
    int at = catalog.collection_index_by_version_id(block.schema_version_id);
    if (at < 0 && state != nullptr && state->exists)
        at = catalog.collection_index_by_short_id(state->collection);
    if (at < 0 && !options_.collection_root.empty())
        at = catalog.collection_index_by_root(options_.collection_root);
    if (at < 0) {
        return fail(ErrorCode::not_found,
                    fmt::format("schema version is not known here: {}", block.schema_version_id));
    }
    return at;
}

namespace {
// A block whose parents all are heads cannot have been applied: it would have taken their place.
bool extends_heads(const crdt::HeadSet& heads, const std::vector<dag::Digest>& parents) {
    return !parents.empty() && std::all_of(parents.begin(), parents.end(), [&](const dag::Digest& parent) {
        return crdt::contains_head(heads, parent);
    });
}
}  // namespace

Result<bool> Merger::known_composite(const dag::Digest& digest, const dag::BlockView& block) {
    CAIRN_ASSIGN(DocumentState * state, document(block.doc_id));
    if (!state->exists) return false;
    if (crdt::contains_head(state->composite_heads, digest)) return true;
    if (extends_heads(state->composite_heads, block.heads)) return false;
    return in_store(digest);
}

Result<bool> Merger::known(const dag::Digest& digest, const dag::BlockView& block) {
    if (applied_.contains(digest)) return true;
    if (block.kind == dag::DeltaKind::composite) return known_composite(digest, block);
    if (block.kind != dag::DeltaKind::collection) return true;  // field blocks come through their composites
    CAIRN_ASSIGN(int at, collection_of(block, nullptr));
    CAIRN_ASSIGN(crdt::HeadSet * heads, collection_heads(transaction_.catalog().collection(at).short_id));
    if (crdt::contains_head(*heads, digest)) return true;
    if (heads->empty() || extends_heads(*heads, block.heads)) return false;
    return in_store(digest);
}

// A parent has the kind of its child and belongs to the same document or collection; what a collection block
// links is a composite.
Status Merger::check_parent(const Entry& entry, const dag::Digest& digest, const dag::BlockView& parent,
                            dag::DeltaKind kind) {
    const dag::BlockView& block = entry.second.block;
    if (parent.kind != kind) {
        return fail(ErrorCode::corruption, fmt::format("block {} has {}, a block of another kind, as parent",
                                                       cid_text(entry.first), cid_text(digest)));
    }
    if (block.kind == dag::DeltaKind::composite && parent.doc_id != block.doc_id) {
        return fail(ErrorCode::corruption,
                    fmt::format("block {} of document {} has {}, a block of document {}, as parent",
                                cid_text(entry.first), block.doc_id, cid_text(digest), parent.doc_id));
    }
    if (kind == dag::DeltaKind::collection) {
        CAIRN_ASSIGN(int mine, collection_of(block, nullptr));
        CAIRN_ASSIGN(int its, collection_of(parent, nullptr));
        if (mine != its) {
            return fail(ErrorCode::corruption,
                        fmt::format("block {} has {}, a block of another collection, as parent",
                                    cid_text(entry.first), cid_text(digest)));
        }
    }
    return {};
}

// A commit that must come before another; false when it is missing for good in this merge.
Result<bool> Merger::need(const Entry& entry, const dag::Digest& digest, dag::DeltaKind kind,
                          std::vector<Entry*>& wanted) {
    auto at = incoming_.find(digest);
    if (at != incoming_.end() && at->second.is_delta) {
        CAIRN_TRY(check_parent(entry, digest, at->second.block, kind));
        if (applied_.contains(digest)) return true;
        if (at->second.progress == Progress::fresh || at->second.progress == Progress::open)
            wanted.push_back(&*at);
        return at->second.progress != Progress::blocked;
    }
    if (entry.second.block.kind ==
        dag::DeltaKind::composite) {  // a head of the document: no need to look it up
        CAIRN_ASSIGN(DocumentState * state, document(entry.second.block.doc_id));
        if (crdt::contains_head(state->composite_heads, digest)) return true;
    }
    CAIRN_ASSIGN(bool here, in_store(digest));
    if (!here) {
        report_missing(digest);
        return false;
    }
    auto parent = dag::decode_block(dag::as_bytes(fetched_by_digest_.at(digest)));
    if (!parent) {
        return fail(ErrorCode::corruption, fmt::format("block {} has {}, which is no commit, as parent",
                                                       cid_text(entry.first), cid_text(digest)));
    }
    CAIRN_TRY(check_parent(entry, digest, *parent, kind));
    return true;
}

// A field block with its signature and its own parents; false when something is missing. A stored one has all
// of them.
Result<bool> Merger::need_field(const dag::NamedLink& link) {
    auto at = incoming_.find(link.digest);
    fields_.push_back(at);
    if (at == incoming_.end()) {
        CAIRN_ASSIGN(bool here, in_store(link.digest));
        if (!here) report_missing(link.digest);
        return here;
    }
    bool complete = true;
    const dag::BlockView& block = at->second.block;
    auto need_block = [&](const dag::Digest& digest) -> Status {
        if (incoming_.contains(digest)) return {};
        CAIRN_ASSIGN(bool here, in_store(digest));
        if (!here) report_missing(digest);
        complete = complete && here;
        return {};
    };
    if (block.signature) CAIRN_TRY(need_block(*block.signature));
    for (const dag::Digest& parent : block.heads) CAIRN_TRY(need_block(parent));
    return complete;
}

// What must come before; false when something is missing for good in this merge.
Result<bool> Merger::ready(Entry& entry, std::vector<Entry*>& wanted) {
    const dag::BlockView& block = entry.second.block;
    bool complete = true;
    fields_.clear();
    for (const dag::Digest& parent : block.heads) {
        CAIRN_ASSIGN(bool here, need(entry, parent, block.kind, wanted));
        complete = complete && here;
    }
    for (const dag::NamedLink& link : block.links) {
        CAIRN_ASSIGN(bool here, block.kind == dag::DeltaKind::collection
                                    ? need(entry, link.digest, dag::DeltaKind::composite, wanted)
                                    : need_field(link));
        complete = complete && here;
    }
    if (!wanted.empty()) return complete;
    CAIRN_ASSIGN(bool signature_here, check_signature(block, entry.second.bytes));
    complete = complete && signature_here;
    if (block.encryption && block.kind == dag::DeltaKind::composite) {
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found,
                     transaction_.view().get(Family::keys, dag::as_text(*block.encryption), value));
        if (!found) {
            report_missing(*block.encryption);
            complete = false;
        }
    }
    return complete;
}

// False when the signature block is missing (reported). Errors: the signature is wrong.
Result<bool> Merger::check_signature(const dag::BlockView& block, std::string_view bytes) {
    if (!block.signature) return true;
    CAIRN_ASSIGN(std::string_view signature, bytes_of(*block.signature));
    if (signature.empty()) {
        report_missing(*block.signature);
        return false;
    }
    CAIRN_TRY(dag::verify_block(dag::as_bytes(bytes), dag::as_bytes(signature)));
    return true;
}

Status Merger::apply(Entry& entry) {
    applied_.insert(entry.first);
    return entry.second.block.kind == dag::DeltaKind::composite ? apply_composite_block(entry)
                                                                : apply_collection_block(entry);
}

Result<bool> Merger::counter_known(const Collection& collection, const DocumentState& state,
                                   const dag::Digest& digest, const dag::BlockView& block) {
    if (counted_.contains(digest)) return true;
    const Field* field = collection.find(block.field_name);
    const crdt::HeadSet* heads = field == nullptr ? nullptr : state.find_field_heads(field->short_id);
    if (heads == nullptr || heads->empty()) return false;
    if (crdt::contains_head(*heads, digest)) return true;
    if (extends_heads(*heads, block.heads) && block.priority > 1) return false;
    CAIRN_ASSIGN(auto place, store_.find_block(digest));
    return place.has_value();
}

Status Merger::apply_linked_field(const Collection& collection, DocumentState& state,
                                  const dag::NamedLink& link, const Entry* incoming,
                                  dag::EventWriter& event) {
    std::string_view bytes;
    dag::BlockView decoded;
    if (incoming == nullptr) {
        CAIRN_ASSIGN(bytes, bytes_of(link.digest));
        CAIRN_ASSIGN(decoded, dag::decode_block(dag::as_bytes(bytes)));
    } else {
        bytes = incoming->second.bytes;
    }
    const dag::BlockView& block = incoming == nullptr ? decoded : incoming->second.block;
    bool is_field = block.kind == dag::DeltaKind::lww || block.kind == dag::DeltaKind::counter;
    if (!is_field || block.doc_id != state.id.text() || block.field_name != link.name ||
        (incoming != nullptr && !incoming->second.is_delta)) {
        return fail(ErrorCode::corruption,
                    fmt::format("block {} is linked as field {} of document {} but is not one",
                                cid_text(link.digest), link.name, state.id.text()));
    }
    CAIRN_TRY(check_signature(block, bytes));
    if (block.signature) {
        CAIRN_ASSIGN(std::string_view signature, bytes_of(*block.signature));
        event.add(dag::EventBlockRole::signature, signature);
    }
    FieldApplication how;
    if (block.kind == dag::DeltaKind::counter) {
        CAIRN_ASSIGN(bool counted, counter_known(collection, state, link.digest, block));
        how.count_value = !counted;
        counted_.insert(link.digest);
    }
    event.add(how.count_value ? dag::EventBlockRole::field : dag::EventBlockRole::field_counted, bytes);
    ++summary_.blocks_applied;
    std::string opened;
    CAIRN_ASSIGN(std::optional<std::string_view> data,
                 field_data(transaction_.view(), block, link.digest, opened));
    if (!data) {
        report_missing(*block.encryption);
        transaction_.sink().put(Family::meta, pending_key(*block.encryption, link.digest), block.doc_id);
        return {};
    }
    how.plain_data = *data;
    return apply_field(collection, state, link.digest, block, how);
}

// The end of a commit's event: the signature of its block, which was checked before.
Status Merger::finish_event(const dag::BlockView& block, dag::EventWriter& event) {
    if (block.signature) {
        CAIRN_ASSIGN(std::string_view signature, bytes_of(*block.signature));
        event.add(dag::EventBlockRole::signature, signature);
    }
    transaction_.append_event(event.take());
    ++summary_.commits_applied;
    ++summary_.blocks_applied;
    return {};
}

Status Merger::apply_composite_block(Entry& entry) {
    const dag::BlockView& block = entry.second.block;
    CAIRN_ASSIGN(DocumentState * state, document(block.doc_id));
    CAIRN_ASSIGN(int at, collection_of(block, state));
    const Collection& collection = transaction_.catalog().collection(at);
    if (!state->exists) {
        state->collection = collection.short_id;
        state->slots.resize(collection.slot_count);
    } else if (state->collection != collection.short_id) {
        return fail(ErrorCode::corruption, fmt::format("block {} gives document {} another collection",
                                                       cid_text(entry.first), block.doc_id));
    }
    apply_composite(*state, entry.first, block);
    dag::EventWriter event;
    std::size_t bytes = entry.second.bytes.size() + kEventOverhead;
    for (const Entry* field : fields_)
        bytes += field == nullptr ? 0 : field->second.bytes.size() + kEventOverhead;
    event.reserve(bytes);
    event.add(dag::EventBlockRole::composite, entry.second.bytes);
    for (std::size_t i = 0; i < block.links.size(); ++i) {
        CAIRN_TRY(apply_linked_field(collection, *state, block.links[i], fields_[i], event));
    }
    return finish_event(block, event);
}

Status Merger::apply_collection_block(Entry& entry) {
    const dag::BlockView& block = entry.second.block;
    CAIRN_ASSIGN(int at, collection_of(block, nullptr));
    CAIRN_ASSIGN(crdt::HeadSet * heads, collection_heads(transaction_.catalog().collection(at).short_id));
    advance_heads(*heads, entry.first, block);
    dag::EventWriter event;
    event.add(dag::EventBlockRole::collection, entry.second.bytes);
    return finish_event(block, event);
}

// Keys that came with the merge, and the field blocks that waited for them (spec/blocks.md 11.4: what was
// skipped, and only that).
Status Merger::add_keys() {
    std::vector<std::pair<dag::Digest, std::string>> waiting;  // field block, document
    for (const auto& [digest, bytes] : new_keys_) {
        transaction_.sink().put(Family::keys, dag::as_text(digest), bytes);
        std::string prefix = pending_prefix(digest);
        auto cursor = transaction_.view().iterate(Family::meta, prefix);
        for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
            dag::Digest field;
            std::memcpy(field.data(), cursor->it->key().data() + prefix.size(), field.size());
            waiting.emplace_back(field, cursor->it->value().ToString());
            transaction_.sink().erase(Family::meta, view(cursor->it->key()));
        }
    }
    std::vector<std::tuple<std::uint64_t, dag::Digest, dag::BlockView, DocumentState*>> blocks;
    for (const auto& [digest, doc_id] : waiting) {
        CAIRN_ASSIGN(std::string_view bytes, bytes_of(digest));
        CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(bytes)));
        CAIRN_ASSIGN(DocumentState * state, document(doc_id));
        blocks.emplace_back(block.priority, digest, std::move(block), state);
    }
    std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
        return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
    });
    for (auto& [priority, digest, block, state] : blocks) {
        std::string opened;
        CAIRN_ASSIGN(std::optional<std::string_view> data,
                     field_data(transaction_.view(), block, digest, opened));
        if (!data) return fail(ErrorCode::internal, "a key that was just added is not there");
        int at = transaction_.catalog().collection_index_by_short_id(state->collection);
        if (at < 0) continue;
        counted_.insert(digest);
        FieldApplication how;
        how.plain_data = *data;
        CAIRN_TRY(apply_field(transaction_.catalog().collection(at), *state, digest, block, how));
    }
    return {};
}

Result<MergeSummary> Merger::finish() {
    std::vector<DocumentState*> changed;
    for (auto& [id, state] : documents_) {
        if (state.changed) changed.push_back(&state);
    }
    std::sort(changed.begin(), changed.end(),
              [](const DocumentState* a, const DocumentState* b) { return a->id < b->id; });
    for (DocumentState* state : changed) {
        transaction_.depend_on(state->id.key());
        CAIRN_TRY(store_document(transaction_.catalog(), *state, transaction_.sink()));
    }
    for (const auto& [short_id, heads] : collection_heads_) {
        if (heads.empty()) continue;
        std::string record;
        append_head_set(heads, record);
        transaction_.depend_on(collection_heads_key(short_id));
        transaction_.sink().put(Family::meta, collection_heads_key(short_id), record);
    }
    CAIRN_TRY(transaction_.commit());
    return std::move(summary_);
}

}  // namespace

Result<MergeSummary> merge_blocks(Store& store, std::span<const std::string_view> blocks,
                                  const MergeOptions& options) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store.begin_exclusive());
    Merger merger(store, *transaction, options);
    CAIRN_TRY(merger.read(blocks));
    // Without keys nothing that the merge writes is read again before the commit.
    if (!merger.has_keys()) {
        std::size_t bytes = 0;
        for (std::string_view block : blocks) bytes += block.size();
        if (bytes >= kSortedFilesBytes) {
            transaction->use_sorted_files();
        } else {
            transaction->use_plain_batch();
        }
    }
    CAIRN_TRY(merger.run());
    return merger.finish();
}

}  // namespace cairn
