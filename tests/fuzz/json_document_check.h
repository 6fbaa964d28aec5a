// What must hold for any bytes given as a JSON document; shared by the fuzz target and its short form in the
// default suite.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "collections/doc_id.h"
#include "collections/json_document.h"

namespace cairn::test {

// The first letter of a name tells its kind, so that mutations reach every kind.
class LetterResolver : public JsonFieldResolver {
  public:
    Result<FieldKind> kind_of(std::string_view name) const override {
        if (name.empty()) return FieldKind::none;
        auto number = static_cast<int>(name[0] - 'a') + 1;
        if (number == 15) return fail(ErrorCode::invalid_argument, "refused: " + std::string(name));
        return is_valid_kind_number(number) ? static_cast<FieldKind>(number) : FieldKind::none;
    }
};

inline void require(bool holds) {
    if (!holds) std::abort();
}

// True when the document was accepted.
inline bool check_json_document(std::string_view json) {
    LetterResolver resolver;
    auto document = parse_json_document(json, resolver);
    if (!document) {
        require(!document.error().message.empty());
        return false;
    }
    std::vector<DocumentMapEntry> entries;
    for (const NamedValue& field : *document) {
        FieldKind kind = resolver.kind_of(field.name).value();
        entries.push_back({field.name, &field.value, kind});
        // Whatever is accepted can be stored, read back, rendered, and be a key.
        std::string bytes, again, rendered;
        encode_field_bytes(field.value, kind, bytes);
        auto back = decode_field_bytes(bytes, kind);
        require(back.has_value());
        encode_field_bytes(*back, kind, again);
        require(again == bytes);
        append_json(*back, rendered);
        require(is_valid_utf8(rendered));
        append_index_key(*back, kind, true, rendered);
        append_go_print(*back, kind, rendered);
    }
    std::string map;
    encode_document_map(std::move(entries), map);
    require(!map.empty());
    return true;
}

}  // namespace cairn::test
