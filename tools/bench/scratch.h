// Scratch folders that remove themselves.
#pragma once

#include <filesystem>
#include <utility>

namespace cairn::bench {

// A new empty folder below the system's temporary folder ($TMPDIR), removed with all it holds at the end of
// its life.
class ScratchFolder {
  public:
    ScratchFolder();
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~ScratchFolder();

    const std::filesystem::path& path() const { return path_; }

    // Bytes of the files in it, RocksDB's text logs left out.
    std::uintmax_t data_bytes() const;

  private:
    std::filesystem::path path_;
};

}  // namespace cairn::bench
