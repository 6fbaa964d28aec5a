// What must hold for any bytes that are offered as a block or as the text of a CID. Shared by the fuzz
// targets and the short random runs of the default suite. A broken property ends the program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "dag/block.h"
#include "dag/cbor.h"
#include "dag/cid.h"
#include "dag/limits.h"

namespace cairn::dag::fuzz {

inline void require(bool condition, const char* property) {
    if (condition) return;
    std::fprintf(stderr, "property broken: %s\n", property);
    std::abort();
}

template <typename View>
bool check_reading(Bytes bytes, Result<View> (*decode)(Bytes), void (*encode)(const View&, std::string&)) {
    const Result<View> view = decode(bytes);
    if (!view) {
        require(!view.error().message.empty(), "an error says what was wrong");
        require(view.error().code == ErrorCode::corruption || view.error().code == ErrorCode::limit_exceeded,
                "bytes are refused as corruption or for a limit");
        return false;
    }
    std::string again;
    encode(*view, again);
    require(again == as_text(bytes), "what is accepted encodes to the same bytes");
    const Result<View> twice = decode(as_bytes(again));
    require(twice.has_value(), "what was encoded is accepted");
    return true;
}

// Returns whether any of the readers accepted the bytes.
inline bool check_block_bytes(Bytes bytes) {
    const bool delta = check_reading<BlockView>(bytes, decode_block, encode_block);
    const bool signature =
        check_reading<SignatureBlockView>(bytes, decode_signature_block, encode_signature_block);
    const bool encryption =
        check_reading<EncryptionBlockView>(bytes, decode_encryption_block, encode_encryption_block);
    require(delta + signature + encryption <= 1, "bytes are of one class");
    const BlockClass block_class = classify_block(bytes);
    require(!delta || block_class == BlockClass::delta, "blocks are classified as they are read");
    require(!signature || block_class == BlockClass::signature,
            "signature blocks are classified as they are read");
    require(!encryption || block_class == BlockClass::encryption,
            "encryption blocks are classified as they are read");
    return delta || signature || encryption;
}

// Reads items until the end or an error; every step moves on.
inline void check_cbor_items(Bytes bytes) {
    CborReader reader(bytes);
    while (!reader.at_end()) {
        const std::size_t before = reader.offset();
        if (!reader.next()) {
            require(reader.offset() == before, "an error leaves the reader where it was");
            return;
        }
        require(reader.offset() > before && reader.offset() <= bytes.size(), "an item moves the reader on");
    }
}

// Returns whether the text was accepted.
inline bool check_cid_text(std::string_view text) {
    const Result<Cid> cid = Cid::parse(text);
    const Result<Cid> binary = Cid::from_binary(as_bytes(text));
    if (binary) require(as_text(binary->binary()) == text, "an accepted binary form is the only one");
    if (!cid) {
        require(cid.error().message.starts_with("invalid cid: "), "an error says that it is about a cid");
        return binary.has_value();
    }
    const std::string again = cid->text();
    require(again.size() == kCidTextBytes, "texts have one length");
    const Result<Cid> twice = Cid::parse(again);
    require(twice && *twice == *cid, "a written text reads as the same cid");
    return true;
}

}  // namespace cairn::dag::fuzz
