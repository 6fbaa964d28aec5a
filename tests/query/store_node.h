// A store in a temporary folder, driven by requests and merges as a node of the golden scenarios: keeps what
// the vectors list.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "collections/merge.h"
#include "collections/schema_builder.h"
#include "collections/store.h"
#include "dag/signature.h"
#include "query/request.h"
#include "query/sdl.h"

namespace cairn::test {

struct Answer {
    nlohmann::json data;
    std::vector<std::string> errors;
    std::vector<std::string> notices;  // messages beside data that stand
};

// Random parts of recorded blocks, by document and name of the block: field, "_C", "".
class RecordedEntropy final : public BlockEntropy {
  public:
    explicit RecordedEntropy(const nlohmann::json& new_blocks);
    std::array<std::uint8_t, 32> encryption_key(std::string_view doc_id, std::string_view name) override;
    std::array<std::uint8_t, 12> cipher_nonce(std::string_view doc_id, std::string_view field) override;
    std::uint64_t counter_nonce(std::string_view doc_id, std::string_view field) override;

  private:
    std::map<std::string, std::string, std::less<>> key_hex_, nonce_hex_;
    std::map<std::string, std::uint64_t, std::less<>> counters_;
};

class StoreNode {
  public:
    StoreNode() : StoreNode(std::filesystem::path()) {}
    // Begins with a copy of a closed store's folder; opening one is cheaper than making one.
    explicit StoreNode(const std::filesystem::path& copy_of);
    ~StoreNode();
    StoreNode(const StoreNode&) = delete;

    Status add_schema(std::string_view sdl);
    Status patch_schema(std::string_view patch);
    Answer request(std::string_view text, BlockEntropy* entropy = nullptr,
                   const dag::SigningKey* signer = nullptr, std::string_view variables = "");
    // Collection calls of the vectors.
    Result<DocId> create_json(std::string_view collection, std::string_view json, BlockEntropy* entropy);
    Status update_json(std::string_view collection, std::string_view doc_id, std::string_view patch,
                       BlockEntropy* entropy);
    Status remove(std::string_view collection, std::string_view doc_id);

    // CID text -> bytes of all blocks, encryption blocks included, that are in the store.
    std::map<std::string, std::string> blocks() const;
    // Head-store keys as the vectors list them -> height.
    std::map<std::string, std::uint64_t> heads() const;
    // Composite heads (collection heads when collections is true), in head-store key order.
    std::vector<dag::Digest> head_digests(bool collections) const;

    Store& store() { return *store_; }
    std::shared_ptr<const query::TypeSystem> schema();

  private:
    std::filesystem::path folder_;
    std::unique_ptr<Store> store_;
    std::shared_ptr<const query::TypeSystem> schema_;
};

}  // namespace cairn::test
