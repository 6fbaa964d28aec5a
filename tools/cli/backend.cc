#include "cli/backend.h"

#include <fmt/format.h>

#include "cli/json_text.h"

namespace cairn::cli {

Result<std::unique_ptr<Backend>> open_backend(const StoreOptions& options, Access access) {
    if (!options.url.empty()) return open_remote(options);
    if (options.transaction != 0) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("--tx {} needs a server: give --url", options.transaction));
    }
    return open_embedded(options, access);
}

std::string change_json(const std::vector<std::string>& ids) {
    return fmt::format("{{\"Count\":{},\"DocIDs\":{}}}", ids.size(), quote_json_list(ids));
}

std::string doc_id_json(std::string_view id) {
    return fmt::format("{{\"docID\":{},\"error\":\"\"}}", quote_json(id));
}

Error unknown_collection(std::string_view name) {
    return {ErrorCode::not_found, fmt::format("collection not found. CollectionName: {}", name)};
}

}  // namespace cairn::cli
