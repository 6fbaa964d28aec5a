// Peak resident memory of work done in a process of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace cairn::bench {

enum class MemoryTask {
    load,  // create documents, 100 a mutation, in a new store
    read,  // open an existing store, scan it, join it both ways
};

// Runs a task in a child process. Returns its VmHWM in MiB. Throws std::runtime_error with the child's
// message.
double run_memory_child(MemoryTask task, const std::filesystem::path& store, std::size_t documents);

// The child's side: does the task and prints VmHWM in KiB. Returns the exit status.
int memory_child_main(const std::string& task, const std::string& store, std::size_t documents);

}  // namespace cairn::bench
