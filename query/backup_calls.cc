// Backup calls of a transaction (spec/schema.md section 17).
#include <algorithm>

#include <fmt/format.h>

#include "collections/backup.h"
#include "query/database_impl.h"

namespace cairn {

Status Transaction::export_backup(const BackupOptions& options) const {
    CAIRN_ASSIGN(const StoreTransaction* transaction, open_transaction(impl_));
    const Catalog& catalog = transaction->catalog();
    std::vector<int> collections;
    for (const std::string& name : options.collections) {
        int at = catalog.collection_index(name);
        if (at < 0) {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("failed to get collection: key not found. Name: {}", name));
        }
        collections.push_back(at);
    }
    if (options.collections.empty()) {  // all, by version id
        for (std::size_t i = 0; i < catalog.collections().size(); ++i) {
            if (!catalog.collections()[i].is_view) collections.push_back(static_cast<int>(i));
        }
        std::sort(collections.begin(), collections.end(), [&](int a, int b) {
            return catalog.collection(a).version_id < catalog.collection(b).version_id;
        });
    }
    return export_documents(*transaction, collections, options.file, options.pretty);
}

Status Transaction::import_backup(const std::filesystem::path& file) {
    return write_in(impl_, [&](StoreTransaction& transaction) -> Status {
        CAIRN_ASSIGN(std::string text, read_backup_file(file));
        return import_documents(transaction, text);
    });
}

}  // namespace cairn
