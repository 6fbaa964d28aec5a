// Reading the golden vectors and small helpers that the tests of dag/ share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dag/block.h"
#include "dag/cid.h"
#include "dag/text_encoding.h"

namespace cairn::dag::test {

using Json = nlohmann::json;

inline const std::vector<std::string>& vector_files() {
    static const std::vector<std::string> files = {
        "block_reading.json",  "branchable.json",      "commits_view.json",     "counters.json",
        "doc_ids.json",        "document_ops.json",    "encrypted_blocks.json", "field_blocks.json",
        "graphql_create.json", "merges_lww.json",      "merges_counters.json",  "merges_deletes.json",
        "merges_nulls.json",   "merges_other.json",    "merges_random.json",    "schema_graphs.json",
        "schema_patches.json", "schema_versions.json", "signed_blocks.json"};
    return files;
}

inline Json load_vectors(const std::string& file) {
    std::ifstream stream(std::string(CAIRN_TEST_DATA) + "/vectors/" + file);
    if (!stream) throw std::runtime_error("no such file: " + file);
    return Json::parse(stream);
}

inline std::string unhex(std::string_view text) {
    auto bytes = hex_decode(text);
    if (!bytes) throw std::runtime_error(bytes.error().message);
    return *bytes;
}

inline std::string hex(std::string_view bytes) {
    return hex_encode(as_bytes(bytes));
}

inline std::string cid_text(const Digest& digest) {
    return Cid{Codec::dag_cbor, digest}.text();
}

inline Digest digest_of(std::string_view cid) {
    auto parsed = Cid::parse(cid);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return parsed->digest;
}

inline std::string encoded(const BlockView& block) {
    std::string out;
    encode_block(block, out);
    return out;
}

// Calls visit with every {cid, hex, decoded} within a file.
inline void for_each_block(const Json& json, const std::function<void(const Json&)>& visit) {
    if (json.is_object() && json.contains("hex") && json.contains("cid")) return visit(json);
    if (!json.is_structured()) return;
    for (const Json& part : json) for_each_block(part, visit);
}

// The bytes of all blocks of all files, of every class, each once, in a fixed order.
inline const std::vector<std::string>& all_vector_blocks() {
    static const std::vector<std::string> blocks = [] {
        std::vector<std::string> found;
        for (const std::string& file : vector_files()) {
            const Json json = load_vectors(file);
            for_each_block(
                json, [&](const Json& block) { found.push_back(unhex(block["hex"].get<std::string>())); });
        }
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }();
    return blocks;
}

}  // namespace cairn::dag::test
