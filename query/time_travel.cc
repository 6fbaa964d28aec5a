#include "query/time_travel.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/document_history.h"
#include "dag/block.h"
#include "query/commits.h"

namespace cairn::query {
namespace {

std::unexpected<Error> not_found(const dag::Cid& cid) {
    return fail(
        ErrorCode::not_found,
        fmt::format("seek failed: (version fetcher) failed to get block in blockstore: ipld: could not "
                    "find {0}. Target: {0}",
                    cid.text()));
}

// Whether a commit belongs to the collection; an error when it has a field that the collection lacks.
Result<bool> belongs_to(const ExecutionContext& context, int collection, const dag::Cid& cid,
                        const dag::BlockView& block) {
    if (context.catalog().collection_index_by_version_id(block.schema_version_id) == collection) return true;
    const Collection& type = context.catalog().collection(collection);
    for (const dag::NamedLink& link : block.links) {
        if (link.name.empty() || type.find(link.name) != nullptr) continue;
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("seek failed: failed merging state: the given field does not exist. Name: {}. "
                        "Target: {}",
                        link.name, cid.text()));
    }
    return false;
}

Result<std::vector<DocumentCommits>> documents_of(const ExecutionContext& context, const dag::Cid& cid,
                                                  const dag::BlockView& block) {
    switch (block.kind) {
        case dag::DeltaKind::composite: {
            auto id = DocId::from_text(block.doc_id);
            if (!id) {
                return fail(ErrorCode::corruption,
                            fmt::format("block names no document id: {}", block.doc_id));
            }
            return std::vector<DocumentCommits>{{*id, {cid.digest}}};
        }
        case dag::DeltaKind::collection:
            return collection_documents_at(context.transaction, cid.digest);
        default:
            return fail(ErrorCode::invalid_argument,
                        fmt::format("cid {} is a commit of the field {}, not of a document or a collection",
                                    cid.text(), block.field_name));
    }
}

}  // namespace

DocumentVersion document_version(const DocumentState& state) {
    DocumentVersion version{state.id, state.deleted, {}, crdt::head_digests(state.composite_heads)};
    encode_row(state.slots, version.row);
    return version;
}

Result<std::vector<DocumentVersion>> versions_at(const ExecutionContext& context, int collection,
                                                 const SelectArguments& arguments) {
    CAIRN_ASSIGN(dag::Cid cid, dag::Cid::parse(*arguments.cid));
    StoreBlockSource source(context.transaction);
    std::optional<std::string> bytes;
    if (cid.codec == dag::Codec::dag_cbor) {
        CAIRN_ASSIGN(bytes, source.block(cid.digest));
    }
    if (!bytes || dag::classify_block(dag::as_bytes(*bytes)) != dag::BlockClass::delta) return not_found(cid);
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(*bytes)));
    std::vector<DocumentVersion> versions;
    CAIRN_ASSIGN(bool belongs, belongs_to(context, collection, cid, block));
    if (!belongs) return versions;
    CAIRN_ASSIGN(std::vector<DocumentCommits> documents, documents_of(context, cid, block));
    for (const DocumentCommits& document : documents) {
        if (arguments.ids && !std::binary_search(arguments.ids->begin(), arguments.ids->end(), document.id)) {
            continue;
        }
        DocumentReplay replay(context.transaction, context.catalog().collection(collection), document.id);
        CAIRN_TRY(replay.apply_history(document.commits));
        versions.push_back(document_version(replay.state()));
    }
    return versions;
}

}  // namespace cairn::query
