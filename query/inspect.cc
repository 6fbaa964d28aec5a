// Database: looking into the DAG.
#include <fmt/format.h>

#include "collections/document_state.h"
#include "dag/graph.h"
#include "dag/signature.h"
#include "dag/verify.h"
#include "query/commits.h"
#include "query/database_impl.h"

namespace cairn {
namespace {

std::string cid_text(const dag::Digest& digest) {
    return dag::Cid{dag::Codec::dag_cbor, digest}.text();
}

void member(std::string& json, std::string_view name, std::string_view text) {
    if (json.back() != '{') json += ',';
    append_json_string(name, json);
    json += ':';
    append_json_string(text, json);
}
void member(std::string& json, std::string_view name, std::uint64_t number) {
    if (json.back() != '{') json += ',';
    append_json_string(name, json);
    json += ':';
    json += std::to_string(number);
}
void raw_member(std::string& json, std::string_view name, std::string_view raw) {
    if (json.back() != '{') json += ',';
    append_json_string(name, json);
    json += ':';
    json += raw;
}

std::string_view kind_text(dag::DeltaKind kind) {
    switch (kind) {
        case dag::DeltaKind::lww:
            return "lww";
        case dag::DeltaKind::counter:
            return "counter";
        case dag::DeltaKind::composite:
            return "composite";
        case dag::DeltaKind::collection:
            return "collection";
    }
    return "unknown";
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (unsigned char c : bytes) text += fmt::format("{:02x}", c);
    return text;
}

// The value of a field block as JSON, when its collection and field are known and it is not encrypted.
std::optional<std::string> value_json(const Catalog& catalog, const dag::BlockView& block) {
    int at = catalog.collection_index_by_version_id(block.schema_version_id);
    if (at < 0 || block.encryption) return std::nullopt;
    const Field* field = catalog.collection(at).find(block.field_name);
    if (field == nullptr) return std::nullopt;
    auto value = decode_field_bytes(block.data, field->kind);
    if (!value) return std::nullopt;
    std::string json;
    append_json(*value, json);
    return json;
}

std::string decoded_json(const Catalog& catalog, const dag::BlockView& block) {
    std::string json = "{";
    bool is_field = block.kind == dag::DeltaKind::lww || block.kind == dag::DeltaKind::counter;
    if (block.kind != dag::DeltaKind::collection) member(json, "docID", block.doc_id);
    if (is_field) {
        member(json, "fieldName", block.field_name);
        member(json, "data", hex(block.data));
        if (auto value = value_json(catalog, block)) raw_member(json, "value", *value);
    }
    if (block.kind == dag::DeltaKind::counter) member(json, "nonce", block.nonce);
    if (block.kind == dag::DeltaKind::composite) {
        member(json, "status", block.status == dag::kStatusDeleted ? "deleted" : "active");
    }
    member(json, "priority", block.priority);
    member(json, "schemaVersionID", block.schema_version_id);
    std::string heads = "[";
    for (const dag::Digest& head : block.heads) {
        if (heads.size() > 1) heads += ',';
        append_json_string(cid_text(head), heads);
    }
    raw_member(json, "heads", heads + "]");
    std::string links = "[";
    for (const dag::NamedLink& link : block.links) {
        if (links.size() > 1) links += ',';
        links += '{';
        member(links, "name", link.name);
        member(links, "cid", cid_text(link.digest));
        links += '}';
    }
    raw_member(json, "links", links + "]");
    if (block.signature) member(json, "signature", cid_text(*block.signature));
    if (block.encryption) member(json, "encryption", cid_text(*block.encryption));
    return json + "}";
}

Result<DocumentState> find_document(const StoreTransaction& transaction, std::string_view doc_id) {
    auto id = DocId::from_text(doc_id);
    if (!id) return fail(ErrorCode::invalid_argument, fmt::format("not a document id: {}", doc_id));
    CAIRN_ASSIGN(DocumentState state, load_document(transaction.view(), *id));
    if (!state.exists) return fail(ErrorCode::not_found, fmt::format("no document has the id {}", doc_id));
    return state;
}

std::string commit_json(const Catalog& catalog, const dag::Commit& commit, query::StoreBlockSource* fields) {
    std::string json = "{";
    member(json, "cid", cid_text(commit.digest));
    member(json, "kind", kind_text(commit.view.kind));
    std::string block = decoded_json(catalog, commit.view);
    json += ',';
    json.append(block, 1, block.size() - 2);
    if (fields != nullptr) {
        std::string list = "[";
        for (const dag::NamedLink& link : commit.view.links) {
            dag::Commit field;
            if (!dag::read_commit(*fields, link.digest, field)) continue;
            if (list.size() > 1) list += ',';
            list += commit_json(catalog, field, nullptr);
        }
        raw_member(json, "fields", list + "]");
    }
    return json + "}";
}

Result<dag::Cid> parse_cid(std::string_view text) {
    auto cid = dag::Cid::parse(text);
    if (!cid) return fail(cid.error().code, fmt::format("{}: {}", cid.error().message, text));
    return cid;
}

}  // namespace

Result<std::string> Database::show_block(std::string_view text) const {
    CAIRN_ASSIGN(dag::Cid cid, parse_cid(text));
    auto transaction = impl_->store->begin_read();
    CAIRN_ASSIGN(auto place, impl_->store->find_block(cid.digest));
    if (!place || cid.codec != dag::Codec::dag_cbor) {
        return fail(ErrorCode::not_found, fmt::format("no block has the CID {}", text));
    }
    std::string json = "{";
    member(json, "cid", cid.text());
    if (place->role == dag::EventBlockRole::signature) {
        CAIRN_ASSIGN(dag::SignatureBlockView signature,
                     dag::decode_signature_block(dag::as_bytes(place->bytes)));
        member(json, "kind", "signature");
        member(json, "bytes", hex(place->bytes));
        std::string block = "{";
        member(block, "type", signature.type);
        member(block, "identity", signature.identity);
        member(block, "value", hex(signature.value));
        raw_member(json, "block", block + "}");
    } else {
        CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(place->bytes)));
        member(json, "kind", kind_text(block.kind));
        member(json, "bytes", hex(place->bytes));
        raw_member(json, "block", decoded_json(transaction->catalog(), block));
    }
    member(json, "event", place->position);
    return json + "}";
}

Result<std::string> Database::document_log(std::string_view doc_id, bool fields, std::size_t limit) const {
    auto transaction = impl_->store->begin_read();
    CAIRN_ASSIGN(DocumentState state, find_document(*transaction, doc_id));
    query::StoreBlockSource source(*transaction);
    std::string json = "{";
    member(json, "docID", doc_id);
    std::string heads = "[";
    for (const crdt::Head& head : state.composite_heads) {
        if (heads.size() > 1) heads += ',';
        append_json_string(cid_text(head.digest), heads);
    }
    raw_member(json, "heads", heads + "]");
    std::string commits = "[";
    dag::CommitWalk walk(source, crdt::head_digests(state.composite_heads));
    for (std::size_t count = 0; limit == 0 || count < limit; ++count) {
        CAIRN_ASSIGN(const dag::Commit* commit, walk.next());
        if (commit == nullptr) break;
        if (commits.size() > 1) commits += ',';
        commits += commit_json(transaction->catalog(), *commit, fields ? &source : nullptr);
    }
    raw_member(json, "commits", commits + "]");
    return json + "}";
}

Result<std::string> Database::document_graph(std::string_view doc_id) const {
    auto transaction = impl_->store->begin_read();
    CAIRN_ASSIGN(DocumentState state, find_document(*transaction, doc_id));
    query::StoreBlockSource source(*transaction);
    std::vector<dag::Digest> heads = crdt::head_digests(state.composite_heads);
    return dag::write_dot(source, heads);
}

Result<CheckReport> Database::verify(std::string_view cid_or_doc_id) const {
    auto transaction = impl_->store->begin_read();
    query::StoreBlockSource source(*transaction);
    std::vector<dag::Digest> roots;
    if (cid_or_doc_id.starts_with("bae-")) {
        CAIRN_ASSIGN(DocumentState state, find_document(*transaction, cid_or_doc_id));
        roots = crdt::head_digests(state.composite_heads);
        for (const auto& [field, heads] : state.field_heads) {
            for (const crdt::Head& head : heads) roots.push_back(head.digest);
        }
    } else {
        CAIRN_ASSIGN(dag::Cid cid, parse_cid(cid_or_doc_id));
        CAIRN_ASSIGN(auto place, impl_->store->find_block(cid.digest));
        if (!place) return fail(ErrorCode::not_found, fmt::format("no block has the CID {}", cid_or_doc_id));
        roots.push_back(cid.digest);
    }
    CAIRN_ASSIGN(dag::VerifyReport verified, dag::verify_dag(source, roots));
    CheckReport report;
    report.blocks = verified.blocks;
    report.problems = std::move(verified.problems);
    return report;
}

}  // namespace cairn
