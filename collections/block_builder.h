// Builds the blocks of one mutation of one document, applies them to its state, and packs them into an event.
// Internal to document_writer.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collections/document_writer.h"
#include "collections/materializer.h"
#include "dag/block.h"

namespace cairn {

class BlockBuilder {
  public:
    BlockBuilder(WriteContext& context, const Collection& collection, DocumentState& state)
        : context_(context), collection_(collection), state_(state), doc_text_(state.id.text()) {}

    // Which key, if any, new blocks of a created document get.
    void encrypt(const EncryptionRequest& request) { request_ = &request; }
    // One field block over the field's heads.
    Status field(const Field& field, const Value& value);
    // The composite over the fields, the collection block of a branchable collection; then the event is
    // handed to the transaction and the document's projections to its batch.
    Status finish(std::uint64_t status);

  private:
    struct Built {
        dag::Digest digest;
        std::string_view name;
        std::size_t begin = 0, size = 0;  // in bytes_
    };
    struct BlockKey {
        dag::Digest digest{};  // of the encryption block
        std::array<std::uint8_t, 32> key{};
    };
    // name: the field's, "_C" or "" as in BlockEntropy.
    Result<std::optional<BlockKey>> key_for(const std::vector<dag::Digest>& heads, std::string_view name);
    Result<std::optional<BlockKey>> key_of_request(std::string_view name);
    Result<std::optional<BlockKey>> key_of_head(const dag::Digest& head);
    Result<BlockKey> make_key(std::string_view name, std::string_view doc_id, bool own);
    Status sign(dag::BlockView& block);
    Built append_block(const dag::BlockView& block, std::string_view name);
    Status collection_block(const dag::Digest& composite);

    WriteContext& context_;
    const Collection& collection_;
    DocumentState& state_;
    std::string doc_text_;
    const EncryptionRequest* request_ = nullptr;
    std::optional<BlockKey> document_key_;  // shared by the blocks of a wholly encrypted document
    std::string bytes_;                     // all blocks of the event, one after another
    std::vector<Built> fields_;
    std::vector<std::string> signatures_;
    std::optional<Built> composite_, collection_block_;
    std::string data_;
};

}  // namespace cairn
