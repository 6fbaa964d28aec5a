#include "collections/sorted_files.h"

#include <fmt/format.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

}  // namespace

bool SortedFiles::empty() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.entries.empty(); });
}

void SortedFiles::add(Family family, std::string_view key, std::string_view value, bool erased) {
    Part& part = parts_[static_cast<std::size_t>(family)];
    const std::size_t size = key.size() + value.size();
    if (part.chunk_size - part.chunk_used < size) {
        part.chunk_size = std::max(kChunkBytes, size);
        part.chunk_used = 0;
        part.chunks.push_back(std::make_unique_for_overwrite<char[]>(part.chunk_size));
    }
    char* to = part.chunks.back().get() + part.chunk_used;
    std::copy(value.begin(), value.end(), std::copy(key.begin(), key.end(), to));
    part.chunk_used += size;
    part.entries.push_back(
        {to, static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size()), erased});
}

void SortedFiles::absorb(SortedFiles& other) {
    for (std::size_t f = 0; f < kFamilyCount; ++f) {
        Part& mine = parts_[f];
        Part& its = other.parts_[f];
        // In front, since the last chunk is the one that is being filled.
        mine.chunks.insert(mine.chunks.begin(), std::make_move_iterator(its.chunks.begin()),
                           std::make_move_iterator(its.chunks.end()));
        mine.entries.insert(mine.entries.end(), its.entries.begin(), its.entries.end());
        if (mine.chunk_size == 0)
            std::tie(mine.chunk_size, mine.chunk_used) = std::tie(its.chunk_size, its.chunk_used);
        its = {};
    }
}

Status SortedFiles::write(Part& part, const rocksdb::Options& options, const std::string& path) {
    auto before = [](const Entry& a, const Entry& b) { return a.key() < b.key(); };
    if (!std::is_sorted(part.entries.begin(), part.entries.end(), before))  // the log's keys come in order
        std::stable_sort(part.entries.begin(), part.entries.end(), before);
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    rocksdb::Status status = writer.Open(path);
    for (std::size_t i = 0; i < part.entries.size() && status.ok(); ++i) {
        const Entry& entry = part.entries[i];
        if (i + 1 < part.entries.size() && part.entries[i + 1].key() == entry.key()) continue;  // I2
        status = entry.erased ? writer.Delete(slice(entry.key()))
                              : writer.Put(slice(entry.key()), slice(entry.value()));
    }
    if (status.ok()) status = writer.Finish();
    if (!status.ok()) return rocksdb_error(status, "cannot write a sorted file");
    return {};
}

void SortedFiles::start(Storage& storage, const std::filesystem::path& folder, std::string_view purpose) {
    env_ = storage.db().GetEnv();
    for (std::size_t f = 0; f < kFamilyCount; ++f) {
        Part& part = parts_[f];
        if (part.entries.empty()) continue;
        File& file = files_.emplace_back();
        file.family = static_cast<Family>(f);
        file.path = (folder / fmt::format("{}-{}.sst", purpose, kFamilyNames[f])).string();
        file.written = std::async(std::launch::async,
                                  [&part, options = storage.db().GetOptions(storage.family(file.family)),
                                   path = file.path] { return write(part, options, path); });
    }
}

// What was taken in has moved already.
void SortedFiles::remove_files() {
    for (File& file : files_) {
        if (file.written.valid()) file.written.wait();
        (void)env_->DeleteFile(file.path);
    }
    files_.clear();
}

Status SortedFiles::take_in(Storage& storage) {
    Status result;
    std::vector<rocksdb::IngestExternalFileArg> arguments;
    for (File& file : files_) {
        if (Status one = file.written.get(); !one) result = std::move(one);
        rocksdb::IngestExternalFileArg& argument = arguments.emplace_back();
        argument.column_family = storage.family(file.family);
        argument.external_files = {file.path};
        argument.options.move_files = true;
        argument.options.write_global_seqno = false;
    }
    if (result && !arguments.empty()) {
        rocksdb::Status status = storage.db().IngestExternalFiles(arguments);
        if (!status.ok()) result = rocksdb_error(status, "cannot take in a sorted file");
    }
    remove_files();
    for (Part& part : parts_) part = {};
    return result;
}

}  // namespace cairn
