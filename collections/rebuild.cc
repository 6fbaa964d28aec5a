#include "collections/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "collections/materializer.h"
#include "collections/parallel.h"
#include "collections/sorted_files.h"
#include "dag/encryption.h"

namespace cairn {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{48}
                                    << 20;  // of log read per chunk: bounds the memory of a rebuild
constexpr Family kProjections[] = {Family::rows, Family::heads, Family::relations, Family::indexes};

// One of several threads that replay events of the source's log into a target's projections; each does the
// documents that are its own, so that every event of a document is replayed in log order by one of them.
class Shard {
  public:
    Shard(Store& source, const Storage& target, std::uint64_t from, std::uint64_t end, std::size_t number,
          std::size_t count)
        : catalog_(source.catalog()),
          reader_(target, nullptr, nullptr),
          source_reader_(source.storage(), nullptr, nullptr),
          cursor_(source_reader_.iterate(Family::log, "", ScanKind::long_range)),
          position_(from),
          end_(end),
          number_(number),
          count_(count),
          target_empty_(from == 0),
          resumed_(from > 0) {
        cursor_->it->Seek(slice(log_key(from)));
    }
    // Replays about kChunkBytes of the log and puts what they give into files(). Every shard stops at the
    // same position.
    Status replay_chunk();
    std::uint64_t position() const { return position_; }  // of the next event
    std::uint64_t documents() const { return documents_; }
    SortedFiles& files() { return files_; }

  private:
    Status replay(std::string_view record);
    Status replay_composite(const dag::BlockView& composite, std::size_t& at);
    Status replay_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
                        const dag::EventBlock& block);
    Status replay_collection(std::string_view bytes);
    Result<DocumentState*> document(const DocId& id);
    Status store_states();

    std::shared_ptr<const Catalog> catalog_;
    ReadView reader_, source_reader_;
    std::unique_ptr<ReadView::PrefixIterator> cursor_;
    std::uint64_t position_, end_;
    std::size_t number_, count_;
    bool target_empty_, resumed_;
    std::vector<dag::EventBlock> blocks_;
    std::unordered_map<DocId, DocumentState, DocIdHash> states_;
    std::unordered_map<std::uint32_t, crdt::HeadSet> collection_heads_;  // kept by the first shard
    SortedFiles files_;
    std::uint64_t documents_ = 0;
};

Status Shard::replay_chunk() {
    std::size_t bytes = 0;
    for (; position_ < end_ && bytes < kChunkBytes && cursor_->it->Valid();
         cursor_->it->Next(), ++position_) {
        if (view(cursor_->it->key()) != log_key(position_)) break;
        std::string_view record = view(cursor_->it->value());
        CAIRN_TRY(replay(record));
        bytes += record.size();
    }
    if (!cursor_->it->status().ok()) return rocksdb_error(cursor_->it->status(), "cannot read the log");
    if (position_ < end_ && bytes < kChunkBytes) {
        return fail(ErrorCode::corruption, fmt::format("the log has no event {}", position_));
    }
    return store_states();
}

Result<DocumentState*> Shard::document(const DocId& id) {
    auto [at, fresh] = states_.try_emplace(id);
    if (fresh) {
        at->second.id = id;
        if (!target_empty_) {
            CAIRN_ASSIGN(at->second, load_document(reader_, id));
        }
    }
    return &at->second;
}

Status Shard::replay_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
                           const dag::EventBlock& block) {
    CAIRN_ASSIGN(dag::BlockView decoded, dag::decode_block(dag::as_bytes(block.bytes)));
    FieldApplication how;
    how.count_value = block.role == dag::EventBlockRole::field;
    how.plain_data = decoded.data;
    std::string opened;
    if (decoded.encryption) {
        rocksdb::PinnableSlice key;
        CAIRN_ASSIGN(bool found, source_reader_.get(Family::keys, dag::as_text(*decoded.encryption), key));
        if (!found) return {};
        CAIRN_ASSIGN(dag::EncryptionBlockView encryption,
                     dag::decode_encryption_block(dag::as_bytes(view(key))));
        CAIRN_ASSIGN(opened, dag::open_data(dag::as_bytes(encryption.key), dag::as_bytes(decoded.data)));
        how.plain_data = opened;
    }
    return apply_field(collection, state, digest, decoded, how);
}

// at: of the composite; moved to its last field block.
Status Shard::replay_composite(const dag::BlockView& composite, std::size_t& at) {
    auto id = DocId::from_text(composite.doc_id);
    if (!id)
        return fail(ErrorCode::corruption, fmt::format("log names no document id: {}", composite.doc_id));
    auto is_field = [&] {
        return at < blocks_.size() && (blocks_[at].role == dag::EventBlockRole::field ||
                                       blocks_[at].role == dag::EventBlockRole::field_counted);
    };
    if (DocIdHash{}(*id) % count_ != number_) return {};
    CAIRN_ASSIGN(DocumentState * state, document(*id));
    int collection_at = state->exists ? catalog_->collection_index_by_short_id(state->collection)
                                      : catalog_->collection_index_by_version_id(composite.schema_version_id);
    if (collection_at < 0) {
        return fail(ErrorCode::corruption,
                    fmt::format("log names unknown schema version {}", composite.schema_version_id));
    }
    const Collection& collection = catalog_->collection(collection_at);
    if (!state->exists) {
        state->collection = collection.short_id;
        state->slots.resize(collection.slot_count);
        ++documents_;
    }
    apply_composite(*state, dag::sha256(dag::as_bytes(blocks_[at].bytes)), composite);
    for (const dag::NamedLink& link : composite.links) {
        ++at;
        while (at < blocks_.size() && blocks_[at].role == dag::EventBlockRole::signature) ++at;
        if (!is_field())
            return fail(ErrorCode::corruption, fmt::format("event lacks field block {}", link.name));
        CAIRN_TRY(replay_field(collection, *state, link.digest, blocks_[at]));
    }
    return {};
}

Status Shard::replay_collection(std::string_view bytes) {
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(bytes)));
    int at = catalog_->collection_index_by_version_id(block.schema_version_id);
    if (at < 0) return {};
    std::uint32_t short_id = catalog_->collection(at).short_id;
    auto [heads, fresh] = collection_heads_.try_emplace(short_id);
    if (fresh && resumed_) {  // what the chunks before the interruption reached
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found, reader_.get(Family::meta, collection_heads_key(short_id), value));
        std::string_view record = view(value);
        if (found && !read_head_set(record, heads->second)) {
            return fail(ErrorCode::corruption, "collection heads are damaged");
        }
    }
    advance_heads(heads->second, dag::sha256(dag::as_bytes(bytes)), block);
    return {};
}

Status Shard::replay(std::string_view record) {
    CAIRN_TRY(dag::read_event(record, blocks_));
    for (std::size_t at = 0; at < blocks_.size(); ++at) {
        std::string_view bytes = blocks_[at].bytes;
        if (blocks_[at].role == dag::EventBlockRole::composite) {
            CAIRN_ASSIGN(dag::BlockView composite, dag::decode_block(dag::as_bytes(bytes)));
            CAIRN_TRY(replay_composite(composite, at));
        } else if (blocks_[at].role == dag::EventBlockRole::collection && number_ == 0) {
            CAIRN_TRY(replay_collection(bytes));
        }
    }
    return {};
}

Status Shard::store_states() {
    for (auto& [id, state] : states_) {
        if (state.changed) CAIRN_TRY(store_document(*catalog_, state, files_));
    }
    states_.clear();
    for (const auto& [short_id, heads] : collection_heads_) {
        std::string record;
        append_head_set(heads, record);
        files_.put(Family::meta, collection_heads_key(short_id), record);
    }
    target_empty_ = false;
    return {};
}

// Nothing may be dropped before the log is known to be readable: what follows the first chunk is read for
// that.
Status check_readable(Store& source, std::uint64_t from, std::uint64_t end) {
    ReadView reader(source.storage(), nullptr, nullptr);
    std::vector<dag::EventBlock> blocks;
    auto cursor = reader.iterate(Family::log, "", ScanKind::long_range);
    cursor->it->Seek(slice(log_key(from)));
    for (; from < end && cursor->it->Valid() && view(cursor->it->key()) == log_key(from);
         cursor->it->Next(), ++from) {
        CAIRN_TRY(dag::read_event(view(cursor->it->value()), blocks));
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the log");
    if (from < end) return fail(ErrorCode::corruption, fmt::format("the log has no event {}", from));
    return {};
}

// Replays the log from a position on into the target. prepare is called once, before anything is written
// there. Returns the number of documents made.
Result<std::uint64_t> replay_log(Store& source, Storage& target, std::uint64_t from,
                                 std::function<Status()> prepare, const RebuildProgress& progress) {
    const std::uint64_t end = source.position();
    const std::size_t threads = shares_of_machine();
    std::vector<std::unique_ptr<Shard>> shards;
    for (std::size_t i = 0; i < threads; ++i)
        shards.push_back(std::make_unique<Shard>(source, target, from, end, i, threads));
    std::uint64_t at = from;
    do {
        CAIRN_TRY(run_shares(threads, [&](std::size_t i) { return shards[i]->replay_chunk(); }));
        at = shards[0]->position();
        if (prepare && at < end) CAIRN_TRY(check_readable(source, at, end));
        SortedFiles files;
        for (const auto& shard : shards) files.absorb(shard->files());
        // The last chunk too: were the store cut off right after it, the rebuild would add the chunk's
        // counters again.
        files.put(Family::meta, kRebuildKey, log_key(at));
        files.start(target, target.path(), "rebuild");
        if (prepare) CAIRN_TRY(std::exchange(prepare, {})());
        CAIRN_TRY(files.take_in(target));
        if (progress && !progress(at, end) && at < end) return fail(ErrorCode::unsupported, "stopped");
    } while (at < end);
    std::uint64_t documents = 0;
    for (const auto& shard : shards) documents += shard->documents();
    return documents;
}

Status mark_rebuild(Storage& storage, std::uint64_t position) {
    rocksdb::WriteBatch batch;
    batch.Put(storage.family(Family::meta), slice(kRebuildKey), slice(log_key(position)));
    CAIRN_TRY(storage.write(batch));
    // Not sync(): the mark must be on disk before families are dropped, whatever durability the store was
    // opened with.
    return storage.harden();
}

Status run_in_place(Store& store, std::uint64_t from, const RebuildProgress& progress,
                    RebuildSummary* summary) {
    Storage& storage = store.storage();
    std::function<Status()> prepare;
    if (from == 0) {
        prepare = [&]() -> Status {
            CAIRN_TRY(storage.sync());
            CAIRN_TRY(mark_rebuild(storage, 0));
            return storage.recreate_families(kProjections);
        };
    }
    CAIRN_ASSIGN(std::uint64_t documents, replay_log(store, storage, from, std::move(prepare), progress));
    rocksdb::WriteBatch batch;
    batch.Delete(storage.family(Family::meta), slice(kRebuildKey));
    CAIRN_TRY(storage.write(batch));
    CAIRN_TRY(storage.sync());
    if (summary != nullptr) {
        summary->events = store.position();
        summary->documents = documents;
    }
    return {};
}

void compare_family(const Storage& live, const Storage& fresh, Family family, std::string_view prefix,
                    std::size_t limit, std::vector<std::string>& differences) {
    ReadView a(live, nullptr, nullptr), b(fresh, nullptr, nullptr);
    auto left = a.iterate(family, prefix, ScanKind::long_range),
         right = b.iterate(family, prefix, ScanKind::long_range);
    left->it->Seek(slice(prefix));
    right->it->Seek(slice(prefix));
    auto report = [&](std::string_view key, std::string_view what) {
        if (differences.size() >= limit) return;
        std::string hex;
        for (unsigned char c : key) hex += fmt::format("{:02x}", c);
        differences.push_back(
            fmt::format("{} {}: {}", kFamilyNames[static_cast<std::size_t>(family)], hex, what));
    };
    while (left->it->Valid() || right->it->Valid()) {
        int order = !left->it->Valid()    ? 1
                    : !right->it->Valid() ? -1
                                          : left->it->key().compare(right->it->key());
        if (order < 0) report(view(left->it->key()), "is there but the log does not give it");
        if (order > 0) report(view(right->it->key()), "is missing");
        if (order == 0 && left->it->value() != right->it->value()) {
            report(view(left->it->key()), "has another value than the log gives");
        }
        if (order <= 0) left->it->Next();
        if (order >= 0) right->it->Next();
    }
}

}  // namespace

Result<RebuildSummary> rebuild_projections(Store& store, const RebuildProgress& progress) {
    CAIRN_TRY(store.storage().check_writable());
    if (const std::size_t open = store.open_snapshots(); open > 0) {
        return fail(ErrorCode::conflict,
                    fmt::format("a rebuild needs all transactions to be over, {} {} open", open,
                                open == 1 ? "is" : "are"));
    }
    Gate::Closed alone(store.projections_gate());
    auto writers = store.lock_writers();
    RebuildSummary summary;
    CAIRN_TRY(run_in_place(store, 0, progress, &summary));
    return summary;
}

Status resume_rebuild(Store& store) {
    ReadView reader(store.storage(), nullptr, nullptr);
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, reader.get(Family::meta, kRebuildKey, value));
    if (!found) return {};
    if (store.storage().read_only()) {
        return fail(ErrorCode::unsupported,
                    "a rebuild of this store was cut off; open it for writing to finish it");
    }
    return run_in_place(store, value.size() == 8 ? dag::read_big_endian64(value.data()) : 0, {}, nullptr);
}

Result<RebuildSummary> verify_projections(Store& store, const std::filesystem::path& scratch,
                                          std::size_t max_differences, const RebuildProgress& progress) {
    auto writers = store.lock_writers();
    StorageOptions options;
    options.in_memory = scratch.empty();
    options.sync = options.in_memory ? SyncMode::memory : SyncMode::process;
    const auto clear = [&] {
        std::error_code ignored;
        if (!options.in_memory) std::filesystem::remove_all(scratch, ignored);
    };
    clear();
    options.block_cache_bytes = std::size_t{16} << 20;
    RebuildSummary summary;
    {
        CAIRN_ASSIGN(std::unique_ptr<Storage> fresh,
                     Storage::open(options.in_memory ? store.storage().path() : scratch, options));
        auto replayed = replay_log(store, *fresh, 0, {}, progress);
        if (replayed) {
            for (Family family : kProjections) {
                compare_family(store.storage(), *fresh, family, "", max_differences, summary.differences);
            }
            compare_family(store.storage(), *fresh, Family::meta, "heads/", max_differences,
                           summary.differences);
        } else {
            clear();
            return std::unexpected(replayed.error());
        }
        summary.events = store.position();
        summary.documents = *replayed;
    }
    clear();
    return summary;
}

}  // namespace cairn
