#include "collections/rebuild.h"

#include <fmt/format.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <unordered_map>

#include "collections/materializer.h"
#include "dag/encryption.h"

namespace cairn {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{48}
                                    << 20;  // of log read per chunk: bounds the memory of a rebuild
constexpr Family kProjections[] = {Family::rows, Family::heads, Family::relations, Family::indexes};

// Collects the entries of one chunk and turns them into sorted files.
class FileSink final : public ProjectionSink {
  public:
    void put(Family family, std::string_view key, std::string_view value) override {
        add(family, key, value, false);
    }
    void erase(Family family, std::string_view key) override { add(family, key, {}, true); }
    // Writes one file per family with entries into folder and takes all in atomically. Clears the sink.
    Status ingest(Storage& storage, const std::filesystem::path& folder);

  private:
    struct Entry {
        std::uint32_t begin, key_size, value_size;
        bool erased;
    };
    Status write_part(Storage& storage, std::size_t f, const std::string& path);
    void add(Family family, std::string_view key, std::string_view value, bool erased) {
        Part& part = parts_[static_cast<std::size_t>(family)];
        part.entries.push_back({static_cast<std::uint32_t>(part.bytes.size()),
                                static_cast<std::uint32_t>(key.size()),
                                static_cast<std::uint32_t>(value.size()), erased});
        part.bytes.append(key).append(value);
    }
    struct Part {
        std::string bytes;
        std::vector<Entry> entries;
        std::string_view key(const Entry& e) const {
            return std::string_view(bytes).substr(e.begin, e.key_size);
        }
        std::string_view value(const Entry& e) const {
            return std::string_view(bytes).substr(e.begin + e.key_size, e.value_size);
        }
    };
    Part parts_[kFamilyCount];
};

Status FileSink::write_part(Storage& storage, std::size_t f, const std::string& path) {
    Part& part = parts_[f];
    std::sort(part.entries.begin(), part.entries.end(),
              [&](const Entry& a, const Entry& b) { return part.key(a) < part.key(b); });
    rocksdb::ColumnFamilyHandle* handle = storage.family(static_cast<Family>(f));
    rocksdb::Options options = storage.db().GetOptions(handle);
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options, handle);
    rocksdb::Status status = writer.Open(path);
    std::string_view previous;
    for (const Entry& entry : part.entries) {
        if (!status.ok()) break;
        if (!previous.empty() && previous == part.key(entry)) continue;
        previous = part.key(entry);
        status = entry.erased ? writer.Delete(slice(previous))
                              : writer.Put(slice(previous), slice(part.value(entry)));
    }
    if (status.ok()) status = writer.Finish();
    if (!status.ok()) return rocksdb_error(status, "cannot write a projection file");
    return {};
}

Status FileSink::ingest(Storage& storage, const std::filesystem::path& folder) {
    std::vector<rocksdb::IngestExternalFileArg> arguments;
    std::vector<std::future<Status>> written;
    for (std::size_t f = 0; f < kFamilyCount; ++f) {
        if (parts_[f].entries.empty()) continue;
        std::string path = (folder / fmt::format("rebuild-{}.sst", kFamilyNames[f])).string();
        written.push_back(std::async(std::launch::async,
                                     [this, &storage, f, path] { return write_part(storage, f, path); }));
        rocksdb::IngestExternalFileArg argument;
        argument.column_family = storage.family(static_cast<Family>(f));
        argument.external_files = {path};
        argument.options.move_files = true;
        arguments.push_back(std::move(argument));
    }
    Status result;
    for (std::future<Status>& part : written) {
        if (Status one = part.get(); !one) result = std::move(one);
    }
    if (result && !arguments.empty()) {
        rocksdb::Status status = storage.db().IngestExternalFiles(arguments);
        if (!status.ok()) result = rocksdb_error(status, "cannot take in a projection file");
    }
    std::error_code ignored;
    for (const auto& argument : arguments) std::filesystem::remove(argument.external_files[0], ignored);
    for (Part& part : parts_) part = {};
    return result;
}

// Replays events of the source's log into a target's projections.
class Replayer {
  public:
    Replayer(Store& source, Storage& target, std::filesystem::path folder)
        : source_(source),
          target_(target),
          folder_(std::move(folder)),
          catalog_(source.catalog()),
          reader_(target, nullptr, nullptr),
          source_reader_(source.storage(), nullptr, nullptr) {}
    Status run(std::uint64_t from, const RebuildProgress& progress);
    std::uint64_t documents() const { return documents_; }

  private:
    Status replay(std::string_view record);
    Status replay_composite(const std::vector<dag::EventBlock>& blocks, std::size_t& at);
    Status replay_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
                        const dag::EventBlock& block);
    Status replay_collection(std::string_view bytes);
    Result<DocumentState*> document(std::string_view doc_id);
    Status end_chunk(std::uint64_t next);

    Store& source_;
    Storage& target_;
    std::filesystem::path folder_;
    std::shared_ptr<const Catalog> catalog_;
    ReadView reader_, source_reader_;
    std::vector<dag::EventBlock> blocks_;
    std::unordered_map<DocId, DocumentState, DocIdHash> states_;
    std::unordered_map<std::uint32_t, crdt::HeadSet> collection_heads_;
    FileSink sink_;
    std::uint64_t documents_ = 0;
    bool target_empty_ = false, resumed_ = false;
};

Status Replayer::run(std::uint64_t from, const RebuildProgress& progress) {
    std::uint64_t end = source_.position();
    target_empty_ = from == 0;
    resumed_ = from > 0;
    auto cursor = source_reader_.iterate(Family::log, "", ScanKind::long_range);
    cursor->it->Seek(slice(log_key(from)));
    std::uint64_t at = from;
    std::size_t bytes = 0;
    for (; at < end && cursor->it->Valid(); cursor->it->Next()) {
        if (view(cursor->it->key()) != log_key(at)) break;
        std::string_view record = view(cursor->it->value());
        CAIRN_TRY(replay(record));
        bytes += record.size();
        ++at;
        if (bytes >= kChunkBytes) {
            CAIRN_TRY(end_chunk(at));
            bytes = 0;
            if (progress && !progress(at, end)) return fail(ErrorCode::unsupported, "stopped");
        }
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the log");
    if (at < end) return fail(ErrorCode::corruption, fmt::format("the log has no event {}", at));
    CAIRN_TRY(end_chunk(at));
    if (progress) progress(at, end);
    return {};
}

Result<DocumentState*> Replayer::document(std::string_view doc_id) {
    auto id = DocId::from_text(doc_id);
    if (!id) return fail(ErrorCode::corruption, fmt::format("log names no document id: {}", doc_id));
    auto [at, fresh] = states_.try_emplace(*id);
    if (fresh) {
        at->second.id = *id;
        if (!target_empty_) {
            CAIRN_ASSIGN(at->second, load_document(reader_, *id));
        }
    }
    return &at->second;
}

Status Replayer::replay_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
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

Status Replayer::replay_composite(const std::vector<dag::EventBlock>& blocks, std::size_t& at) {
    std::string_view bytes = blocks[at].bytes;
    CAIRN_ASSIGN(dag::BlockView composite, dag::decode_block(dag::as_bytes(bytes)));
    CAIRN_ASSIGN(DocumentState * state, document(composite.doc_id));
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
    apply_composite(*state, dag::sha256(dag::as_bytes(bytes)), composite);
    for (const dag::NamedLink& link : composite.links) {
        ++at;
        bool fits = at < blocks.size() && (blocks[at].role == dag::EventBlockRole::field ||
                                           blocks[at].role == dag::EventBlockRole::field_counted);
        while (at < blocks.size() && blocks[at].role == dag::EventBlockRole::signature) {
            ++at;
            fits = at < blocks.size() && (blocks[at].role == dag::EventBlockRole::field ||
                                          blocks[at].role == dag::EventBlockRole::field_counted);
        }
        if (!fits) return fail(ErrorCode::corruption, fmt::format("event lacks field block {}", link.name));
        CAIRN_TRY(replay_field(collection, *state, link.digest, blocks[at]));
    }
    return {};
}

Status Replayer::replay_collection(std::string_view bytes) {
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

Status Replayer::replay(std::string_view record) {
    CAIRN_TRY(dag::read_event(record, blocks_));
    for (std::size_t at = 0; at < blocks_.size(); ++at) {
        if (blocks_[at].role == dag::EventBlockRole::composite) {
            CAIRN_TRY(replay_composite(blocks_, at));
        } else if (blocks_[at].role == dag::EventBlockRole::collection) {
            CAIRN_TRY(replay_collection(blocks_[at].bytes));
        }
    }
    return {};
}

Status Replayer::end_chunk(std::uint64_t next) {
    for (auto& [id, state] : states_) {
        if (state.changed) CAIRN_TRY(store_document(*catalog_, state, sink_));
    }
    states_.clear();
    for (const auto& [short_id, heads] : collection_heads_) {
        std::string record;
        append_head_set(heads, record);
        sink_.put(Family::meta, collection_heads_key(short_id), record);
    }
    // The last chunk too: were the store cut off right after it, the rebuild would add the chunk's counters
    // again.
    sink_.put(Family::meta, kRebuildKey, log_key(next));
    CAIRN_TRY(sink_.ingest(target_, folder_));
    target_empty_ = false;
    return {};
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
    Replayer replayer(store, store.storage(), store.storage().path());
    CAIRN_TRY(replayer.run(from, progress));
    rocksdb::WriteBatch batch;
    batch.Delete(store.storage().family(Family::meta), slice(kRebuildKey));
    CAIRN_TRY(store.storage().write(batch));
    CAIRN_TRY(store.storage().sync());
    if (summary != nullptr) {
        summary->events = store.position();
        summary->documents = replayer.documents();
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
    std::unique_lock exclusive(store.projections_mutex());
    auto writers = store.lock_writers();
    CAIRN_TRY(store.storage().sync());
    CAIRN_TRY(mark_rebuild(store.storage(), 0));
    CAIRN_TRY(store.storage().recreate_families(kProjections));
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
    std::uint64_t from = value.size() == 8 ? dag::read_big_endian64(value.data()) : 0;
    if (from == 0) {
        CAIRN_TRY(store.storage().recreate_families(kProjections));
    }
    return run_in_place(store, from, {}, nullptr);
}

Result<RebuildSummary> verify_projections(Store& store, const std::filesystem::path& scratch,
                                          std::size_t max_differences, const RebuildProgress& progress) {
    std::unique_lock exclusive(store.projections_mutex());
    auto writers = store.lock_writers();
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
    StorageOptions options;
    options.sync = SyncMode::process;
    options.block_cache_bytes = std::size_t{16} << 20;
    RebuildSummary summary;
    {
        CAIRN_ASSIGN(std::unique_ptr<Storage> fresh, Storage::open(scratch, options));
        Replayer replayer(store, *fresh, scratch);
        Status replayed = replayer.run(0, progress);
        if (replayed) {
            for (Family family : kProjections) {
                compare_family(store.storage(), *fresh, family, "", max_differences, summary.differences);
            }
            compare_family(store.storage(), *fresh, Family::meta, "heads/", max_differences,
                           summary.differences);
        } else {
            std::filesystem::remove_all(scratch, ignored);
            return std::unexpected(replayed.error());
        }
        summary.events = store.position();
        summary.documents = replayer.documents();
    }
    std::filesystem::remove_all(scratch, ignored);
    return summary;
}

}  // namespace cairn
