// Document identifiers (spec/blocks.md sections 1.3 and 3). Values, thread-safe.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/error.h"
#include "collections/value.h"

namespace cairn {

inline constexpr std::size_t kDocIdTextBytes = 40;

// The 16 bytes of a document id's UUID. Byte order is the order of the texts.
struct DocId {
    std::array<std::uint8_t, 16> uuid{};

    std::string text() const;  // "bae-" and the lower-case UUID
    void append_text(std::string& out) const;
    void write_text(char* out40) const;  // writes exactly 40 characters
    std::string_view key() const { return {reinterpret_cast<const char*>(uuid.data()), uuid.size()}; }
    static DocId from_key(std::string_view key16);

    // The id when the text is in exactly the form that text() gives; nothing for every other spelling, which
    // by 1.3 is kept as given and names no stored document.
    static std::optional<DocId> from_text(std::string_view text);

    friend auto operator<=>(const DocId&, const DocId&) = default;
};

struct DocIdHash {
    std::size_t operator()(const DocId& id) const {
        std::size_t value;
        __builtin_memcpy(&value, id.uuid.data() + 8, sizeof value);
        return value;
    }
};

// Checks a docID given as a value (relation, ID field; 1.3 and spec/query.md 10.3): multibase version prefix
// and a UUID in any form that the reference takes. Errors: invalid_argument with the reference's texts of
// query.md 10.3.
Status validate_doc_id_text(std::string_view text);
// The same for an id that names a document in a call: in any spelling it is that document's.
Result<DocId> read_doc_id(std::string_view text);

// One field for the document map of 3.1, already converted. Nulls are allowed (and dropped).
struct DocumentMapEntry {
    std::string_view name;
    const Value* value = nullptr;
    FieldKind kind = FieldKind::none;
};
// Appends the canonical CBOR of the document map. Entries in any order; quirks of 3.1 (nillable array
// elements as a0; year-1 DateTime stays with f6 is signalled by a string value whose instant is year 1).
void encode_document_map(std::vector<DocumentMapEntry> entries, std::string& out);
// The identifier of 3.2 from the document CBOR and the schema root text.
DocId compute_doc_id(std::string_view document_cbor, std::string_view schema_root);

}  // namespace cairn
