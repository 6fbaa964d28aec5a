// Backups (spec/schema.md section 17): documents as JSON, with the identifiers they will have when they are
// created again. Works inside a StoreTransaction.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "cairn/error.h"
#include "collections/store.h"

namespace cairn {

// Writes the active documents of the collections (indexes into the catalog, in this order) to `<file>.temp`
// and renames it. Errors: io ("failed to create file: …"), corruption.
Status export_documents(const StoreTransaction& transaction, std::span<const int> collections,
                        const std::filesystem::path& file, bool pretty);

// Creates the documents of a backup's text. Errors: invalid_argument and already_exists with the texts of
// section 17.
Status import_documents(StoreTransaction& transaction, std::string_view text);

// Reads a whole file. Errors: not_found ("failed to open file: …"), io.
Result<std::string> read_backup_file(const std::filesystem::path& file);

}  // namespace cairn
