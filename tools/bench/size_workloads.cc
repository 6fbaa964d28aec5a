// disk: bytes per book; memory: peak resident memory of child processes.
#include <fmt/format.h>

#include <stdexcept>

#include "bench/memory.h"
#include "bench/workloads.h"

namespace cairn::bench {

namespace {

using Numbers = std::vector<std::pair<std::string, double>>;

Numbers measure_disk(Bench& bench) {
    CairnStore store;
    store.load_authors(bench.data());
    const std::uint64_t before = must(store.database().stats()).block_bytes;
    store.load_books(bench.data());
    must(store.database().compact());
    const StoreStats stats = must(store.database().stats());
    store.close();
    const auto books = static_cast<double>(bench.data().books.size());
    // The authors' share of the disk is left in: they are one in twenty.
    const double disk = static_cast<double>(store.folder().data_bytes()) / books;
    const double blocks = static_cast<double>(stats.block_bytes - before) / books;
    return {{"bytes_per_book", disk},
            {"block_bytes_per_book", blocks},
            {"log_bytes_per_book", static_cast<double>(stats.log_bytes) / books},
            {"projection_bytes_per_book", static_cast<double>(stats.projection_bytes) / books},
            {"ratio", disk / blocks}};
}

Numbers measure_memory(Bench& bench) {
    const auto times = [&bench](double base) { return static_cast<std::size_t>(base * bench.scale()); };
    ScratchFolder folder;
    run_memory_child(MemoryTask::load, folder.path() / "read", times(200'000));
    const double read = run_memory_child(MemoryTask::read, folder.path() / "read", times(200'000));
    const double load = run_memory_child(MemoryTask::load, folder.path() / "load", times(1'000'000));
    return {{"read_mib", read}, {"read_limit_mib", 256}, {"load_mib", load}, {"load_limit_mib", 512}};
}

}  // namespace

std::vector<Workload> size_workloads() {
    return {
        {"disk", "book", "the bytes of its blocks", {}, measure_disk},
        {"memory", "process", "", {}, measure_memory},
    };
}

}  // namespace cairn::bench
