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

Result<BlockBuilder::BlockKey> BlockBuilder::make_key(std::string_view doc_id,
                                                      std::optional<std::string_view> field_name) {
    BlockKey key;
    context_.transaction.random()(key.key);
    dag::EncryptionBlockView block;
    block.doc_id = doc_id;
    block.key = dag::as_text(key.key);
    block.field_name = field_name;
    std::string bytes;
    dag::encode_encryption_block(block, bytes);
    key.digest = dag::sha256(dag::as_bytes(bytes));
    context_.transaction.batch().Put(context_.transaction.store().storage().family(Family::keys),
                                     slice(dag::as_text(key.digest)), slice(bytes));
    return key;
}

// spec/blocks.md 11.2 (create) and 11.3 (later writes: the key of the first head that has one).
Result<std::optional<BlockBuilder::BlockKey>> BlockBuilder::key_for(const std::vector<dag::Digest>& heads,
                                                                   const std::string* field_name,
                                                                   bool for_collection) {
    if (request_ != nullptr && request_->any() && (!for_collection || heads.empty())) {
        bool listed = field_name != nullptr && std::find(request_->fields.begin(), request_->fields.end(),
                                                         *field_name) != request_->fields.end();
        if (listed) {
            CAIRN_ASSIGN(BlockKey key, make_key(doc_text_, *field_name));
            return key;
        }
        if (!request_->whole_document) return std::nullopt;
        std::optional<BlockKey>& shared = for_collection ? collection_key_ : document_key_;
        if (!shared) {
            CAIRN_ASSIGN(shared, make_key(for_collection ? std::string_view{} : doc_text_, std::nullopt));
        }
        return shared;
    }
    for (const dag::Digest& head : heads) {
        CAIRN_ASSIGN(auto place, context_.transaction.find_block(head));
        if (!place) continue;
        CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(*place)));
        if (!block.encryption) continue;
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found, context_.transaction.view().get(
                                     Family::keys, dag::as_text(*block.encryption), value));
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
    if (for_collection && request_ != nullptr && request_->whole_document) {
        CAIRN_ASSIGN(BlockKey key, make_key({}, std::nullopt));
        return key;
    }
    return std::nullopt;
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
    if (counter && !creating) block.nonce = random_nonce(context_.transaction.random());
    if (const crdt::HeadSet* heads = state_.find_field_heads(field.short_id)) {
        block.heads = crdt::head_digests(*heads);
        block.priority = crdt::next_height(*heads);
    }
    std::string sealed;
    std::optional<BlockKey> key;
    // Documents that were never encrypted, nearly all, must not pay for a look at their heads' blocks.
    if ((request_ != nullptr && request_->any()) || (!creating && state_.encrypted)) {
        CAIRN_ASSIGN(key, key_for(block.heads, &field.name, false));
    }
    if (key) {
        std::array<std::uint8_t, dag::kEncryptionNonceBytes> nonce;
        context_.transaction.random()(nonce);
        CAIRN_ASSIGN(sealed, dag::seal_data(key->key, nonce, dag::as_bytes(data_)));
        block.encryption = key->digest;
        state_.encrypted = true;
    }
    block.data = key ? std::string_view(sealed) : std::string_view(data_);
    if (block.priority == 1) CAIRN_TRY(sign(block));
    Built built = append_block(block, field.name);
    if (Status applied = apply_field(collection_, state_, built.digest, block, {.plain_data = data_}); !applied) {
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
    CAIRN_ASSIGN(std::optional<BlockKey> key, key_for(block.heads, nullptr, true));
    if (key) block.encryption = key->digest;
    CAIRN_TRY(sign(block));
    collection_block_ = append_block(block, "");
    advance_heads(heads, collection_block_->digest, block);
    std::string record;
    append_head_set(heads, record);
    transaction.batch().Put(transaction.store().storage().family(Family::meta), slice(heads_key), slice(record));
    return {};
}

Status BlockBuilder::finish(std::uint64_t status) {
    bool creating = !state_.exists;
    std::sort(fields_.begin(), fields_.end(), [](const Built& a, const Built& b) {
        return dag::compare_as_text(a.digest, b.digest) < 0;
    });
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
        CAIRN_ASSIGN(std::optional<BlockKey> key, key_for(block.heads, nullptr, false));
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
    for (const Built& built : fields_) event.add(dag::EventBlockRole::field, all.substr(built.begin, built.size));
    if (collection_block_) {
        event.add(dag::EventBlockRole::collection, all.substr(collection_block_->begin, collection_block_->size));
    }
    for (const std::string& signature : signatures_) event.add(dag::EventBlockRole::signature, signature);
    StoreTransaction& transaction = context_.transaction;
    transaction.append_event(event.take());
    BatchSink sink(transaction.batch(), transaction.store().storage());
    return store_document(transaction.catalog(), state_, sink);
}

}  // namespace cairn
