// A store of blocks in memory, with helpers to grow a DAG in it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dag/graph.h"
#include "test_data.h"

namespace cairn::dag::test {

class MemoryBlocks : public BlockSource {
  public:
    Result<std::optional<std::string>> block(const Digest& digest) override {
        ++reads;
        if (failing && digest == *failing) return fail(ErrorCode::io, "disk is gone");
        const auto found = blocks.find(digest);
        if (found == blocks.end()) return std::nullopt;
        return found->second;
    }

    Digest put(const std::string& bytes) {
        const Digest digest = sha256(as_bytes(bytes));
        blocks[digest] = bytes;
        return digest;
    }
    Digest put(BlockView view) {
        std::sort(view.heads.begin(), view.heads.end(), TextOrder());
        std::sort(view.links.begin(), view.links.end(),
                  [](const NamedLink& a, const NamedLink& b) { return TextOrder()(a.digest, b.digest); });
        return put(encoded(view));
    }

    BlockView view(const Digest& digest) const { return decode_block(as_bytes(blocks.at(digest))).value(); }

    // A composite with these parents, one higher than the highest.
    Digest composite(std::vector<Digest> heads, std::vector<NamedLink> links = {}) {
        BlockView block = make(DeltaKind::composite, std::move(heads));
        block.links = std::move(links);
        return put(block);
    }
    // A field block; data tells blocks of one height apart.
    Digest field(std::vector<Digest> heads, std::string_view name, std::string_view data) {
        BlockView block = make(DeltaKind::lww, std::move(heads));
        block.field_name = name;
        block.data = data;
        return put(block);
    }

    BlockView make(DeltaKind kind, std::vector<Digest> heads) const {
        BlockView block;
        block.kind = kind;
        if (kind != DeltaKind::collection) block.doc_id = "bae-a5b2ecbf-4c5e-58ca-9ebb-ce82334660ca";
        block.schema_version_id = "bafkreiac7i6vqgk4vk62rbq75iyorqqmbtb66yqbjetoe5irwhb47eqdzi";
        for (const Digest& head : heads) block.priority = std::max(block.priority, view(head).priority);
        ++block.priority;
        block.heads = std::move(heads);
        return block;
    }

    std::unordered_map<Digest, std::string, DigestHash> blocks;
    std::optional<Digest> failing;
    int reads = 0;
};

// All delta blocks of a vector file.
inline MemoryBlocks load_blocks(const Json& json) {
    MemoryBlocks store;
    for_each_block(json, [&](const Json& block) { store.put(unhex(block["hex"].get<std::string>())); });
    return store;
}

}  // namespace cairn::dag::test
