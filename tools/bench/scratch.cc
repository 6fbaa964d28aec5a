#include "bench/scratch.h"

#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace cairn::bench {

ScratchFolder::ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create a folder like " + name);
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::uintmax_t ScratchFolder::data_bytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file() && !name.starts_with("LOG")) bytes += entry.file_size();
    }
    return bytes;
}

}  // namespace cairn::bench
