// Local mutations of documents: from field values to blocks, one event each (spec/blocks.md section 8). All
// functions work inside a StoreTransaction; nothing is visible before it commits. Errors leave the
// transaction unusable for a commit by rule of the caller (all or nothing per request).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"
#include "collections/value.h"

namespace cairn::dag {
class SigningKey;
}

namespace cairn {

// A value for a stored field, already of the field's kind. Counter fields: the increment.
struct FieldInput {
    int field = -1;  // index into Collection::fields
    Value value;
};

struct EncryptionRequest {
    bool whole_document = false;
    std::vector<std::string> fields;
    bool any() const { return whole_document || !fields.empty(); }
};

// Where the random parts of blocks come from when the caller wants to say (replay of recorded histories).
// Names are field names, "_C" for the composite, "" for the collection block.
class BlockEntropy {
  public:
    virtual ~BlockEntropy() = default;
    virtual std::array<std::uint8_t, 32> encryption_key(std::string_view doc_id, std::string_view name) = 0;
    virtual std::array<std::uint8_t, 12> cipher_nonce(std::string_view doc_id, std::string_view field) = 0;
    virtual std::uint64_t counter_nonce(std::string_view doc_id, std::string_view field) = 0;
};

struct WriteContext {
    StoreTransaction& transaction;
    const dag::SigningKey* signer = nullptr;  // not owned; blocks stay unsigned without
    BlockEntropy* entropy = nullptr;          // not owned; the store's random source without
};

// Creates one document. Defaults are filled in here. Errors: already_exists, invalid_argument (docID text,
// array size, unique index, one-to-one link), with the texts of spec/query.md 10.1 to 10.3.
Result<DocId> create_document(WriteContext& context, int collection, std::vector<FieldInput> inputs,
                              const EncryptionRequest& encryption = {});

// Updates an active document of the collection: exactly the given fields get blocks (8.2). Errors: not_found,
// and as above.
Status update_document(WriteContext& context, int collection, const DocId& id,
                       const std::vector<FieldInput>& inputs);

// The same, but false when the collection has no active document of that id.
Result<bool> update_if_active(WriteContext& context, int collection, const DocId& id,
                              const std::vector<FieldInput>& inputs);

// Deletes an active document (8.3). Errors: not_found ("a document with the given ID has been deleted. DocID:
// …").
Status delete_document(WriteContext& context, int collection, const DocId& id);
// The same for many distinct documents, which are read together.
Status delete_documents(WriteContext& context, int collection, std::span<const DocId> ids);

// The document id that create_document would give (defaults included). Pure.
DocId compute_document_id(const Collection& collection, const std::vector<FieldInput>& inputs);

// The error for a document whose values (row slots) another one has in a unique index.
std::unexpected<Error> unique_violation(const Collection& collection, const IndexDescription& index,
                                        const std::vector<Slot>& slots, const DocId& id);

// A JSON document (lenient reader, 2.2) as inputs of a collection. Errors: unknown field, secondary side,
// value of another kind.
Result<std::vector<FieldInput>> read_json_inputs(const Collection& collection, std::string_view json);

// A document of a backup: as above, without its ids of then. Keys that name the document itself hold new_id.
struct BackupDocument {
    std::vector<FieldInput> inputs;
    std::string new_id;  // its "_docIDNew"; empty when there is none
};
Result<BackupDocument> read_backup_document(const Collection& collection, std::string_view json);

}  // namespace cairn
