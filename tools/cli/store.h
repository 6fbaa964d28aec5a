// Opens the embedded store that a command works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "cairn/database.h"

namespace cairn::cli {

// The global options as given on the command line.
struct StoreOptions {
    std::string rootdir;  // empty: the environment's, else $HOME/.cairn
    std::string durability = "full";
    std::size_t cache_mib = 128;
    bool json = false;
    std::string url;                // of a server to work on; empty: the store
    std::uint64_t transaction = 0;  // explicit transaction on that server; 0: none
    bool client =
        false;  // under `cairn client`: answers and statuses as spec/http-and-cli.md section 16 says
};

enum class Access {
    create,  // read and write; makes the store when there is none
    write,   // read and write an existing store
    read,    // an existing store, nothing is written
};

// Folder that holds config and data. Errors: not_found when neither a flag nor the environment names one.
Result<std::filesystem::path> root_folder(const StoreOptions& options);

// `<rootdir>/data`, and how a store there is opened. Errors: as root_folder.
Result<std::filesystem::path> store_folder(const StoreOptions& options);
Options database_options(const StoreOptions& options, Access access);
// Makes the folder that will hold the store where the access allows it. Errors: not_found, io.
Status prepare_folder(const std::filesystem::path& data, Access access);

// Opens `<rootdir>/data`. Errors: not_found (no store there), io (open elsewhere, not writable), and those of
// Database::open.
Result<Database> open_store(const StoreOptions& options, Access access);

}  // namespace cairn::cli
