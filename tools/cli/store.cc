#include "cli/store.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

#include "cli/output.h"

namespace cairn::cli {

namespace {

Durability durability_of(const std::string& name) {
    if (name == "memory") return Durability::memory;
    if (name == "process") return Durability::process;
    return Durability::full;
}

}  // namespace

Result<std::filesystem::path> root_folder(const StoreOptions& options) {
    if (!options.rootdir.empty()) return std::filesystem::path(options.rootdir);
    if (const char* root = std::getenv("CAIRN_ROOTDIR"); root != nullptr && *root != '\0') return root;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return std::filesystem::path(home) / ".cairn";
    }
    return fail(ErrorCode::not_found,
                "no folder for the store: give --rootdir, or set CAIRN_ROOTDIR or HOME");
}

Status prepare_folder(const std::filesystem::path& data, Access access) {
    std::error_code error;
    const bool exists = std::filesystem::is_directory(data, error);
    if (exists) return {};
    if (access != Access::create) {
        return fail(ErrorCode::not_found,
                    fmt::format("no store at {} (`cairn schema add` makes one)", data.string()));
    }
    std::filesystem::create_directories(data.parent_path(), error);
    if (error) {
        return fail(ErrorCode::io,
                    fmt::format("cannot create folder {}: {}", data.parent_path().string(), error.message()));
    }
    return {};
}

Result<std::filesystem::path> store_folder(const StoreOptions& options) {
    CAIRN_ASSIGN(const auto root, root_folder(options));
    return root / "data";
}

Options database_options(const StoreOptions& options, Access access) {
    Options store;
    store.durability = durability_of(options.durability);
    store.create_if_missing = access == Access::create;
    store.read_only = access == Access::read;
    store.block_cache_bytes = options.cache_mib << 20;
    store.log = [](std::string_view line) { print_note(line); };
    return store;
}

Result<Database> open_store(const StoreOptions& options, Access access) {
    CAIRN_ASSIGN(const auto data, store_folder(options));
    CAIRN_TRY(prepare_folder(data, access));
    return Database::open(data, database_options(options, access));
}

}  // namespace cairn::cli
