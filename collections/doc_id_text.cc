#include <fmt/format.h>

#include "collections/doc_id.h"
#include "collections/multibase.h"
#include "collections/number_text.h"
#include "collections/varint.h"

namespace cairn {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kBareUuidBytes = 32;
constexpr std::size_t kUuidBytes = 36;
constexpr std::string_view kUrn = "urn:uuid:";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

bool is_hyphen_place(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

// Takes the braces or the URN prefix off. The allowed lengths decide which of them there must be.
Status unwrap_uuid(std::string_view& text) {
    std::string_view given = text;
    bool fits = true;
    switch (text.size()) {
        case kBareUuidBytes:
        case kUuidBytes:
            break;
        case kBareUuidBytes + 2:
        case kUuidBytes + 2:
            fits = text.starts_with('{') && text.ends_with('}');
            text = text.substr(1, text.size() - 2);
            break;
        case kBareUuidBytes + kUrn.size():
        case kUuidBytes + kUrn.size():
            fits = text.starts_with(kUrn);
            text.remove_prefix(kUrn.size());
            break;
        default:
            return invalid(
                fmt::format("uuid: incorrect UUID length {} in string {}", text.size(), go_quoted(text)));
    }
    if (!fits) return invalid(fmt::format("uuid: incorrect UUID format in string {}", go_quoted(given)));
    return {};
}

int hex_value(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

Result<DocId> read_uuid(std::string_view text) {
    std::string_view given = text;
    CAIRN_TRY(unwrap_uuid(text));
    bool hyphenated = text.size() == kUuidBytes;
    for (std::size_t i = 0; hyphenated && i < text.size(); ++i) {
        if (is_hyphen_place(i) && text[i] != '-') {
            return invalid(fmt::format("uuid: incorrect UUID format in string {}", go_quoted(given)));
        }
    }
    DocId id;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (hyphenated && is_hyphen_place(i)) continue;
        if (!is_hex(text[i])) return invalid("uuid: invalid UUID format");
        std::uint8_t& byte = id.uuid[digits++ / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | hex_value(text[i]));
    }
    return id;
}

}  // namespace

Result<DocId> read_doc_id(std::string_view text) {
    if (auto usual = DocId::from_text(text)) return *usual;
    std::size_t hyphen = text.find('-');
    if (hyphen == std::string_view::npos)
        return invalid("malformed document ID, missing either version or cid");
    CAIRN_ASSIGN(std::string bytes, multibase_decode(text.substr(0, hyphen)));
    std::string_view rest = bytes;
    if (auto version = take_varint(rest); !version || *version != kVersion) {
        return invalid("invalid document ID version");
    }
    return read_uuid(text.substr(hyphen + 1));
}

Status validate_doc_id_text(std::string_view text) {
    CAIRN_TRY(read_doc_id(text));
    return {};
}

}  // namespace cairn
