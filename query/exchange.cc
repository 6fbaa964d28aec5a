// Database: exchange of blocks with other stores, and work on the whole store.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "collections/check.h"
#include "collections/delete_rules.h"
#include "collections/merge.h"
#include "collections/rebuild.h"
#include "query/database_impl.h"

namespace cairn {
namespace {

constexpr std::size_t kMaxProblems = 1000;

// A folder for the projections that a check makes: beside the live ones where that can be written, else in
// the system's place; none for a store in memory.
std::filesystem::path scratch_folder(const std::filesystem::path& store, const Options& options) {
    if (options.in_memory) return {};
    if (!options.read_only) return store / "scratch";
    static std::atomic<unsigned> checks{0};  // several stores may be checked at once
    return std::filesystem::temp_directory_path() / fmt::format("cairn-check-{}-{}", ::getpid(), ++checks);
}

}  // namespace

std::uint64_t Database::position() const {
    return impl_->store->position();
}

Result<BlockBatch> Database::blocks_since(std::uint64_t position, std::size_t max_bytes) const {
    BlockBatch batch;
    batch.next_position = position;
    std::uint64_t end = impl_->store->position();
    ReadView reader(impl_->store->storage(), nullptr, nullptr);
    auto cursor = reader.iterate(Family::log, "", ScanKind::long_range);
    std::vector<dag::EventBlock> blocks;
    std::size_t bytes = 0;
    for (cursor->it->Seek(slice(log_key(position))); cursor->it->Valid() && batch.next_position < end;
         cursor->it->Next()) {
        if (bytes >= max_bytes) {
            batch.more = true;
            break;
        }
        CAIRN_TRY(dag::read_event(view(cursor->it->value()), blocks));
        bytes += cursor->it->value().size();
        // Field blocks and signatures before the composite that needs them, so that a receiver can work in
        // one pass.
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
            batch.blocks.push_back({std::string(block->bytes)});
        }
        ++batch.next_position;
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the log");
    return batch;
}

Result<std::vector<Block>> Database::blocks(std::span<const std::string> cids) const {
    std::vector<Block> found;
    for (const std::string& text : cids) {
        CAIRN_ASSIGN(dag::Cid cid, dag::Cid::parse(text));
        CAIRN_ASSIGN(auto place, impl_->store->find_block(cid.digest));
        if (place && cid.codec == dag::Codec::dag_cbor) found.push_back({std::move(place->bytes)});
    }
    return found;
}

Result<MergeReport> Database::merge(std::span<const Block> blocks) {
    std::vector<std::string_view> views;
    views.reserve(blocks.size());
    for (const Block& block : blocks) views.emplace_back(block.bytes);
    CAIRN_TRY(expect_repairs(*impl_->store));
    CAIRN_ASSIGN(MergeSummary summary, merge_blocks(*impl_->store, views));
    CAIRN_TRY(make_due_repairs(*impl_->store));
    MergeReport report;
    report.blocks_received = summary.blocks_received;
    report.blocks_applied = summary.blocks_applied;
    report.commits_applied = summary.commits_applied;
    for (const dag::Digest& digest : summary.missing) {
        report.missing.push_back(dag::Cid{dag::Codec::dag_cbor, digest}.text());
    }
    return report;
}

Result<CheckReport> Database::check(const Progress& progress) const {
    std::filesystem::path scratch = scratch_folder(impl_->path, impl_->options);
    CAIRN_ASSIGN(CheckSummary summary, check_store(*impl_->store, scratch, kMaxProblems, progress));
    return CheckReport{summary.events, summary.blocks, summary.documents, summary.index_entries,
                       std::move(summary.problems)};
}

Result<RebuildReport> Database::rebuild(bool verify_only, const Progress& progress) {
    auto begin = std::chrono::steady_clock::now();
    RebuildSummary summary;
    if (verify_only) {
        std::filesystem::path scratch = scratch_folder(impl_->path, impl_->options);
        CAIRN_ASSIGN(summary, verify_projections(*impl_->store, scratch, kMaxProblems, progress));
    } else {
        CAIRN_ASSIGN(summary, rebuild_projections(*impl_->store, progress));
    }
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    return RebuildReport{summary.events, summary.documents, elapsed.count(), std::move(summary.differences)};
}

Result<StoreStats> Database::stats() const {
    if (!impl_) return fail(ErrorCode::invalid_argument, std::string(kClosed));
    StoreStats stats;
    Store& store = *impl_->store;
    stats.events = store.position();
    ReadView reader(store.storage(), nullptr, nullptr);
    auto log = reader.iterate(Family::log, "", ScanKind::long_range);
    std::vector<dag::EventBlock> blocks;
    for (log->it->SeekToFirst(); log->it->Valid(); log->it->Next()) {
        CAIRN_TRY(dag::read_event(view(log->it->value()), blocks));
        for (const dag::EventBlock& block : blocks) stats.block_bytes += block.bytes.size();
    }
    for (const Collection& collection : store.catalog()->collections()) {
        std::string prefix = row_prefix(collection.short_id, false);
        auto rows = reader.iterate(Family::rows, prefix, ScanKind::long_range);
        for (rows->it->Seek(slice(prefix)); rows->it->Valid(); rows->it->Next()) ++stats.documents;
    }
    for (std::size_t f = 0; f < kFamilyCount; ++f) {
        std::uint64_t size = 0;
        auto family = static_cast<Family>(f);
        store.storage().db().GetIntProperty(store.storage().family(family),
                                            rocksdb::DB::Properties::kLiveSstFilesSize, &size);
        (family == Family::log ? stats.log_bytes : stats.projection_bytes) += size;
    }
    return stats;
}

Status Database::compact() {
    CAIRN_TRY(impl_->store->storage().flush());
    return impl_->store->storage().compact();
}

}  // namespace cairn
