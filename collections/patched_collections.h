// The text side of a collection patch (spec/schema.md section 11): from the collection versions and a JSON
// Patch to the versions as the patched object describes them, before the rules. Used by collection_patch.cc
// only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"

namespace cairn {

// One entry of the patched object. Parts that may not change stay JSON: they are only compared.
struct PatchedCollection {
    std::string name, version_id, collection_id;
    bool is_active = false, is_materialized = false, is_branchable = false, is_embedded_only = false;
    nlohmann::json sources, fields, indexes, policy;
    std::vector<EmbeddingDescription> embeddings;
};

// A version as an entry that nobody patched.
Result<PatchedCollection> describe_for_patch(const CollectionVersionDescription& version);

// All entries after the patch, in the order of their keys. Errors: invalid_argument with the texts of
// sections 10 and 11, limit_exceeded.
Result<std::vector<PatchedCollection>> apply_collection_patch(
    std::string_view patch_json, const std::vector<CollectionVersionDescription>& versions);

}  // namespace cairn
