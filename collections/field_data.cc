#include "collections/field_data.h"

#include <fmt/format.h>

#include "dag/encryption.h"

namespace cairn {

Result<std::optional<std::string_view>> field_data(const ReadView& reader, const dag::BlockView& block,
                                                   const dag::Digest& digest, std::string& opened) {
    if (!block.encryption) return block.data;
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, reader.get(Family::keys, dag::as_text(*block.encryption), value));
    if (!found) return std::nullopt;
    CAIRN_ASSIGN(dag::EncryptionBlockView key, dag::decode_encryption_block(dag::as_bytes(view(value))));
    auto plain = dag::open_data(dag::as_bytes(key.key), dag::as_bytes(block.data));
    if (!plain) {
        return fail(ErrorCode::corruption,
                    fmt::format("block {} does not decrypt: {}",
                                dag::Cid{dag::Codec::dag_cbor, digest}.text(), plain.error().message));
    }
    opened = std::move(*plain);
    return opened;
}

}  // namespace cairn
