#include "store_node.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "dag/block.h"

namespace cairn::test {
namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

template <std::size_t N>
std::array<std::uint8_t, N> bytes_of(const std::map<std::string, std::string, std::less<>>& table,
                                     std::string_view name) {
    std::array<std::uint8_t, N> bytes{};
    auto found = table.find(name);
    EXPECT_NE(found, table.end()) << "nothing recorded for block " << name;
    if (found == table.end()) return bytes;
    std::string raw = from_hex(found->second);
    std::copy_n(raw.begin(), std::min(raw.size(), N), bytes.begin());
    return bytes;
}

}  // namespace

RecordedEntropy::RecordedEntropy(const nlohmann::json& new_blocks) {
    std::map<std::string, std::string> keys;  // CID of encryption block -> key
    for (const auto& block : new_blocks) {
        const auto& decoded = block["decoded"];
        if (decoded["kind"] == "encryption") keys[block["cid"]] = decoded["key"];
    }
    for (const auto& block : new_blocks) {
        const auto& decoded = block["decoded"];
        std::string kind = decoded["kind"];
        std::string name =
            decoded.value("docID", "") + decoded.value("fieldName", kind == "composite" ? "_C" : "");
        if (decoded.contains("encryption")) {
            if (auto key = keys.find(decoded["encryption"]); key != keys.end()) key_hex_[name] = key->second;
            if (decoded.contains("data")) nonce_hex_[name] = decoded["data"].get<std::string>().substr(0, 24);
        }
        if (decoded.contains("nonce")) counters_[name] = decoded["nonce"].get<std::uint64_t>();
    }
}

std::array<std::uint8_t, 32> RecordedEntropy::encryption_key(std::string_view doc_id, std::string_view name) {
    // A collection block names no document.
    return bytes_of<32>(key_hex_, name.empty() ? std::string() : std::string(doc_id) + std::string(name));
}
std::array<std::uint8_t, 12> RecordedEntropy::cipher_nonce(std::string_view doc_id, std::string_view field) {
    return bytes_of<12>(nonce_hex_, std::string(doc_id) + std::string(field));
}
std::uint64_t RecordedEntropy::counter_nonce(std::string_view doc_id, std::string_view field) {
    auto found = counters_.find(std::string(doc_id) + std::string(field));
    return found == counters_.end() ? 0 : found->second;
}

StoreNode::StoreNode(const std::filesystem::path& copy_of) {
    std::filesystem::path base = "/dev/shm";
    std::error_code absent;
    if (!std::filesystem::is_directory(base, absent)) base = std::filesystem::temp_directory_path();
    std::string pattern = (base / "cairn-node-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    if (!copy_of.empty()) std::filesystem::copy(copy_of, folder_ / "store");
    StorageOptions options;
    options.sync = SyncMode::memory;
    options.block_cache_bytes = 1 << 20;
    auto generator = std::make_shared<std::mt19937_64>(7);
    auto opened = Store::open(folder_ / "store", options, [generator](std::span<std::uint8_t> bytes) {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>((*generator)());
    });
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) store_ = std::move(*opened);
}

StoreNode::~StoreNode() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Status StoreNode::add_schema(std::string_view sdl) {
    CAIRN_ASSIGN(std::vector<TypeDefinition> types, query::parse_sdl(sdl));
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store_->begin_exclusive());
    CAIRN_ASSIGN(SchemaChange change, add_types(transaction->catalog(), types));
    transaction->set_catalog(change.catalog);
    return transaction->commit();
}

Status StoreNode::patch_schema(std::string_view patch) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store_->begin_exclusive());
    CAIRN_ASSIGN(SchemaChange change, patch_schemas(transaction->catalog(), patch, true));
    transaction->set_catalog(change.catalog);
    return transaction->commit();
}

std::shared_ptr<const query::TypeSystem> StoreNode::schema() {
    auto catalog = store_->catalog();
    if (!schema_ || &schema_->catalog() != catalog.get()) {
        auto built = query::TypeSystem::build(catalog);
        EXPECT_TRUE(built) << built.error().message;
        schema_ = *built;
    }
    return schema_;
}

Answer StoreNode::request(std::string_view text, BlockEntropy* entropy, const dag::SigningKey* signer,
                          std::string_view variables) {
    Answer answer;
    auto prepared = query::prepare_request(schema(), text, "");
    if (!prepared.request) {
        answer.errors = prepared.errors;
        return answer;
    }
    auto transaction = store_->begin_exclusive();
    auto data = query::run_request(*prepared.request, **transaction, variables,
                                   {.signer = signer, .entropy = entropy, .notices = &answer.notices});
    if (!data) {
        answer.errors.push_back(data.error().message);
        return answer;
    }
    if (prepared.request->is_mutation) {
        if (Status committed = (*transaction)->commit(); !committed)
            answer.errors.push_back(committed.error().message);
    }
    answer.data = nlohmann::json::parse(*data);
    return answer;
}

Result<DocId> StoreNode::create_json(std::string_view collection, std::string_view json,
                                     BlockEntropy* entropy) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store_->begin_exclusive());
    int at = transaction->catalog().collection_index(collection);
    CAIRN_ASSIGN(std::vector<FieldInput> inputs,
                 read_json_inputs(transaction->catalog().collection(at), json));
    WriteContext write{*transaction, nullptr, entropy};
    CAIRN_ASSIGN(DocId id, create_document(write, at, std::move(inputs)));
    CAIRN_TRY(transaction->commit());
    return id;
}

Status StoreNode::update_json(std::string_view collection, std::string_view doc_id, std::string_view patch,
                              BlockEntropy* entropy) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store_->begin_exclusive());
    int at = transaction->catalog().collection_index(collection);
    CAIRN_ASSIGN(std::vector<FieldInput> inputs,
                 read_json_inputs(transaction->catalog().collection(at), patch));
    WriteContext write{*transaction, nullptr, entropy};
    CAIRN_TRY(update_document(write, at, *DocId::from_text(doc_id), inputs));
    return transaction->commit();
}

Status StoreNode::remove(std::string_view collection, std::string_view doc_id) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store_->begin_exclusive());
    WriteContext write{*transaction};
    CAIRN_TRY(delete_document(write, transaction->catalog().collection_index(collection),
                              *DocId::from_text(doc_id)));
    return transaction->commit();
}

std::map<std::string, std::string> StoreNode::blocks() const {
    std::map<std::string, std::string> blocks;
    auto add = [&](std::string_view bytes) {
        blocks[dag::Cid::of(dag::Codec::dag_cbor, dag::as_bytes(bytes)).text()] = bytes;
    };
    for (std::uint64_t at = 0; at < store_->position(); ++at) {
        auto record = store_->event(at);
        auto event = dag::read_event(*record);
        for (const dag::EventBlock& block : *event) add(block.bytes);
    }
    ReadView reader(store_->storage(), nullptr, nullptr);
    auto keys = reader.iterate(Family::keys, "");
    for (keys->it->SeekToFirst(); keys->it->Valid(); keys->it->Next()) add(view(keys->it->value()));
    return blocks;
}

std::map<std::string, std::uint64_t> StoreNode::heads() const {
    std::map<std::string, std::uint64_t> heads;
    auto add = [&](const std::string& prefix, const crdt::HeadSet& set) {
        for (const crdt::Head& head : set) {
            heads[prefix + dag::Cid{dag::Codec::dag_cbor, head.digest}.text()] = head.height;
        }
    };
    ReadView reader(store_->storage(), nullptr, nullptr);
    auto documents = reader.iterate(Family::heads, "");
    for (documents->it->SeekToFirst(); documents->it->Valid(); documents->it->Next()) {
        DocumentState state;
        state.id = DocId::from_key(view(documents->it->key()));
        EXPECT_TRUE(decode_heads(view(documents->it->value()), state));
        std::string prefix = "/d/" + state.id.text() + "/";
        add(prefix + "C/", state.composite_heads);
        for (const auto& [field, set] : state.field_heads) add(prefix + std::to_string(field) + "/", set);
    }
    auto catalog = store_->catalog();
    for (const Collection& collection : catalog->collections()) {
        rocksdb::PinnableSlice value;
        if (!*reader.get(Family::meta, collection_heads_key(collection.short_id), value)) continue;
        crdt::HeadSet set;
        std::string_view record = view(value);
        EXPECT_TRUE(read_head_set(record, set));
        add("/c/" + std::to_string(collection.short_id) + "/", set);
    }
    return heads;
}

std::vector<dag::Digest> StoreNode::head_digests(bool collections) const {
    std::vector<dag::Digest> digests;
    for (const auto& [key, height] : heads()) {
        bool collection = key.starts_with("/c/");
        bool composite = key.find("/C/") != std::string::npos;
        if (collection != collections || (!collection && !composite)) continue;
        digests.push_back(dag::Cid::parse(key.substr(key.rfind('/') + 1))->digest);
    }
    return digests;
}

}  // namespace cairn::test
