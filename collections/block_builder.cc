#include "collections/block_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/encryption.h"
#include "dag/signature.h"

namespace cairn {
namespace {

constexpr std::uint64_t kNonceLimit = (std::uint64_t{1} << 63) - 1;  // nonces are 0 … 2^63-2

std::uint64_t random_nonce(const RandomSource& random) {
    std::uint64_t value = 0;
    do {
        std::array<std::uint8_t, 8> bytes;
        random(bytes);
        std::memcpy(&value, bytes.data(), bytes.size());
        value >>= 1;
    } while (value >= kNonceLimit);
    return value;
}

}  // namespace

Result<BlockBuilder::BlockKey> BlockBuilder::make_key(std::string_view name, std::string_view doc_id,
                                                      bool own) {
    BlockKey key;
    if (context_.entropy != nullptr) {
        key.key = context_.entropy->encryption_key(doc_text_, name);
    } else {
        context_.transaction.random()(key.key);
    }
    dag::EncryptionBlockView block;
    block.doc_id = doc_id;
    block.key = dag::as_text(key.key);
    if (own) block.field_name = name;
    std::string bytes;
    dag::encode_encryption_block(block, bytes);
    key.digest = dag::sha256(dag::as_bytes(bytes));
    context_.transaction.sink().put(Family::keys, dag::as_text(key.digest), bytes);
    return key;
}

// spec/blocks.md 11.2.
Result<std::optional<BlockBuilder::BlockKey>> BlockBuilder::key_of_request(std::string_view name) {
    bool listed = std::find(request_->fields.begin(), request_->fields.end(), name) != request_->fields.end();
    if (listed) {
        CAIRN_ASSIGN(BlockKey key, make_key(name, doc_text_, true));
        return key;
    }
    if (!request_->whole_document) return std::nullopt;
    if (name.empty()) {
        CAIRN_ASSIGN(BlockKey key, make_key(name, {}, false));
        return key;
    }
    // The reference draws a key per field; one for all says the same, and readers follow the links anyway.
    if (!document_key_ || context_.entropy != nullptr) {
        CAIRN_ASSIGN(document_key_, make_key(name, doc_text_, false));
    }
    return document_key_;
}

Result<std::optional<BlockBuilder::BlockKey>> BlockBuilder::key_of_head(const dag::Digest& head) {
    CAIRN_ASSIGN(std::optional<std::string> bytes, context_.transaction.find_block(head));
    if (!bytes) return std::nullopt;
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(*bytes)));
    if (!block.encryption) return std::nullopt;
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found,
                 context_.transaction.view().get(Family::keys, dag::as_text(*block.encryption), value));
    if (!found) {
        return fail(ErrorCode::not_found,
                    fmt::format("the encryption key of document {} is not known here", doc_text_));
    }
    CAIRN_ASSIGN(dag::EncryptionBlockView decoded, dag::decode_encryption_block(dag::as_bytes(view(value))));
    BlockKey key;
    key.digest = *block.encryption;
    std::memcpy(key.key.data(), decoded.key.data(), key.key.size());
    return key;
}

// A created document's blocks by the request (11.2), later ones by the first head that has a key (11.3).
Result<std::optional<BlockBuilder::BlockKey>> BlockBuilder::key_for(const std::vector<dag::Digest>& heads,
                                                                    std::string_view name) {
    for (const dag::Digest& head : heads) {
        CAIRN_ASSIGN(std::optional<BlockKey> key, key_of_head(head));
        if (key) return key;
    }
    return request_ != nullptr && request_->any() ? key_of_request(name) : std::nullopt;
}

Status BlockBuilder::sign(dag::BlockView& block) {
    if (context_.signer == nullptr) return {};
    CAIRN_ASSIGN(std::string signature, dag::sign_block(block, *context_.signer));
    block.signature = dag::sha256(dag::as_bytes(signature));
    signatures_.push_back(std::move(signature));
    return {};
}

BlockBuilder::Built BlockBuilder::append_block(const dag::BlockView& block, std::string_view name) {
    Built built;
    built.name = name;
    built.begin = bytes_.size();
    dag::encode_block(block, bytes_);
    built.size = bytes_.size() - built.begin;
    built.digest = dag::sha256(dag::as_bytes(std::string_view(bytes_).substr(built.begin)));
    return built;
}

Status BlockBuilder::field(const Field& field, const Value& value) {
    bool counter = field.crdt == CrdtType::pncounter || field.crdt == CrdtType::pcounter;
    bool creating = !state_.exists;
    data_.clear();
    encode_field_bytes(value, field.kind, data_);

    dag::BlockView block;
    block.kind = counter ? dag::DeltaKind::counter : dag::DeltaKind::lww;
    block.doc_id = doc_text_;
    block.field_name = field.name;
    block.schema_version_id = collection_.version_id;
    block.priority = 1;
    if (counter && !creating) {
        block.nonce = context_.entropy != nullptr ? context_.entropy->counter_nonce(doc_text_, field.name)
                                                  : random_nonce(context_.transaction.random());
    }
    if (const crdt::HeadSet* heads = state_.find_field_heads(field.short_id)) {
        block.heads = crdt::head_digests(*heads);
        block.priority = crdt::next_height(*heads);
    }
    std::string sealed;
    std::optional<BlockKey> key;
    // Documents that were never encrypted, nearly all, must not pay for a look at their heads' blocks.
    if ((request_ != nullptr && request_->any()) || (!creating && state_.encrypted)) {
        CAIRN_ASSIGN(key, key_for(block.heads, field.name));
    }
    if (key) {
        std::array<std::uint8_t, dag::kEncryptionNonceBytes> nonce;
        if (context_.entropy != nullptr) {
            nonce = context_.entropy->cipher_nonce(doc_text_, field.name);
        } else {
            context_.transaction.random()(nonce);
        }
        CAIRN_ASSIGN(sealed, dag::seal_data(key->key, nonce, dag::as_bytes(data_)));
        block.encryption = key->digest;
        state_.encrypted = true;
    }
    block.data = key ? std::string_view(sealed) : std::string_view(data_);
    if (block.priority == 1) CAIRN_TRY(sign(block));
    Built built = append_block(block, field.name);
    if (Status applied = apply_field(collection_, state_, built.digest, block, {.plain_data = data_});
        !applied) {
        Error error = applied.error();
        if (error.code == ErrorCode::invalid_argument) {
            error.message = fmt::format("error merging delta: {}. Cid: {}", error.message,
                                        dag::Cid{dag::Codec::dag_cbor, built.digest}.text());
        }
        return std::unexpected(std::move(error));
    }
    fields_.push_back(built);
    return {};
}

Status BlockBuilder::collection_block(const dag::Digest& composite) {
    StoreTransaction& transaction = context_.transaction;
    std::string heads_key = collection_heads_key(collection_.short_id);
    transaction.depend_on(heads_key);
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, transaction.view().get(Family::meta, heads_key, value));
    crdt::HeadSet heads;
    if (found) {
        std::string_view record = view(value);
        if (!read_head_set(record, heads)) return fail(ErrorCode::corruption, "collection heads are damaged");
    }
    dag::BlockView block;
    block.kind = dag::DeltaKind::collection;
    block.schema_version_id = collection_.version_id;
    block.heads = crdt::head_digests(heads);
    block.priority = crdt::next_height(heads);
    block.links.push_back({composite, ""});
    CAIRN_ASSIGN(std::optional<BlockKey> key, key_for(block.heads, ""));
    if (key) block.encryption = key->digest;
    CAIRN_TRY(sign(block));
    collection_block_ = append_block(block, "");
    advance_heads(heads, collection_block_->digest, block);
    std::string record;
    append_head_set(heads, record);
    transaction.sink().put(Family::meta, heads_key, record);
    return {};
}

Status BlockBuilder::finish(std::uint64_t status) {
    bool creating = !state_.exists;
    std::sort(fields_.begin(), fields_.end(),
              [](const Built& a, const Built& b) { return dag::compare_as_text(a.digest, b.digest) < 0; });
    dag::BlockView block;
    block.kind = dag::DeltaKind::composite;
    block.doc_id = doc_text_;
    block.schema_version_id = collection_.version_id;
    block.status = status;
    block.heads = crdt::head_digests(state_.composite_heads);
    block.priority = crdt::next_height(state_.composite_heads);
    block.links.reserve(fields_.size());
    for (const Built& built : fields_) block.links.push_back({built.digest, built.name});
    if ((request_ != nullptr && request_->any()) || (!creating && state_.encrypted)) {
        CAIRN_ASSIGN(std::optional<BlockKey> key, key_for(block.heads, "_C"));
        if (key) block.encryption = key->digest;
    }
    CAIRN_TRY(sign(block));
    composite_ = append_block(block, "");
    apply_composite(state_, composite_->digest, block);
    if (collection_.is_branchable) CAIRN_TRY(collection_block(composite_->digest));

    dag::EventWriter event;
    std::string_view all(bytes_);
    event.reserve(bytes_.size() + 4 * (fields_.size() + 4));
    event.add(dag::EventBlockRole::composite, all.substr(composite_->begin, composite_->size));
    for (const Built& built : fields_)
        event.add(dag::EventBlockRole::field, all.substr(built.begin, built.size));
    if (collection_block_) {
        event.add(dag::EventBlockRole::collection,
                  all.substr(collection_block_->begin, collection_block_->size));
    }
    for (const std::string& signature : signatures_) event.add(dag::EventBlockRole::signature, signature);
    StoreTransaction& transaction = context_.transaction;
    transaction.append_event(event.take());
    return store_document(transaction.catalog(), state_, transaction.sink());
}

}  // namespace cairn
