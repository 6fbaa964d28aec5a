// Keys and column families of the store; collections/README.md lists them with golden bytes. Pure,
// header-only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "collections/doc_id.h"
#include "dag/varint.h"

namespace cairn {

enum class Family : std::uint8_t {
    meta = 0,   // RocksDB's default family: format, catalog, collection heads
    log,        // sequence number -> event record: the only source of truth
    rows,       // collection, document -> row
    heads,      // document -> collection and head sets
    relations,  // relation field, target, source -> nothing; in a junction the id in its other key
    indexes,    // index, values, document -> nothing
    digests,    // digest prefix, sequence number -> nothing
    keys,       // encryption block digest -> encryption block; never handed out
};
inline constexpr std::size_t kFamilyCount = 8;
inline constexpr const char* kFamilyNames[kFamilyCount] = {"default",   "log",     "rows",    "heads",
                                                           "relations", "indexes", "digests", "keys"};

// Deleted documents live under the collection number with this bit set.
inline constexpr std::uint32_t kDeletedBit = 0x80000000u;

inline constexpr std::size_t kRowKeyBytes = 20;

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kCatalogKey = "catalog";
inline constexpr std::string_view kDigestPositionKey = "\xff\xff\xff\xff\xff\xff\xff\xff\xffposition";
// Log position that rows, heads, relations and indexes reflect while a rebuild is under way; absent
// otherwise.
inline constexpr std::string_view kRebuildKey = "rebuild";
// Log position from which delete rules are still to be applied to what a merge brought; absent when none is.
inline constexpr std::string_view kRepairsDueKey = "repairs";

// The first key after all keys with the prefix; empty when there is none.
inline std::string prefix_end(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xff) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
    return end;
}

inline std::string log_key(std::uint64_t sequence) {
    std::string key;
    dag::append_big_endian64(key, sequence);
    return key;
}

// Into exactly kRowKeyBytes.
inline void write_row_key(char* out20, std::uint32_t collection, bool deleted, const DocId& id) {
    const std::uint32_t number = __builtin_bswap32(deleted ? collection | kDeletedBit : collection);
    __builtin_memcpy(out20, &number, 4);
    __builtin_memcpy(out20 + 4, id.uuid.data(), id.uuid.size());
}
inline std::string row_key(std::uint32_t collection, bool deleted, const DocId& id) {
    std::string key(kRowKeyBytes, '\0');
    write_row_key(key.data(), collection, deleted, id);
    return key;
}
inline std::string row_prefix(std::uint32_t collection, bool deleted) {
    std::string key;
    dag::append_big_endian32(key, deleted ? collection | kDeletedBit : collection);
    return key;
}

// Relation entry: collection and field number of the relation's key field on the primary side, target,
// source.
inline std::string relation_prefix(std::uint32_t collection, std::uint32_t field) {
    std::string key;
    dag::append_big_endian32(key, collection);
    dag::append_big_endian32(key, field);
    return key;
}
inline std::string relation_prefix(std::uint32_t collection, std::uint32_t field, const DocId& target) {
    std::string key = relation_prefix(collection, field);
    key.append(target.key());
    return key;
}
inline std::string relation_key(std::uint32_t collection, std::uint32_t field, const DocId& target,
                                const DocId& source) {
    std::string key = relation_prefix(collection, field, target);
    key.append(source.key());
    return key;
}
inline constexpr std::size_t kRelationKeyBytes = 40;

inline std::string index_prefix(std::uint32_t collection, std::uint32_t index) {
    std::string key;
    dag::append_big_endian32(key, collection);
    dag::append_big_endian32(key, index);
    return key;
}

inline std::string collection_heads_key(std::uint32_t collection) {
    std::string key = "heads/";
    dag::append_big_endian32(key, collection);
    return key;
}
// Field blocks that could not be decrypted for want of a key: encryption block, field block -> document id
// text.
inline std::string pending_prefix(const dag::Digest& key_digest) {
    std::string key = "pending/";
    key.append(reinterpret_cast<const char*>(key_digest.data()), key_digest.size());
    return key;
}
inline std::string pending_key(const dag::Digest& key_digest, const dag::Digest& field_block) {
    std::string key = pending_prefix(key_digest);
    key.append(reinterpret_cast<const char*>(field_block.data()), field_block.size());
    return key;
}

}  // namespace cairn
