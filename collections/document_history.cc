#include "collections/document_history.h"

#include <algorithm>
#include <unordered_map>

#include "collections/field_data.h"
#include "collections/materializer.h"
#include "dag/graph.h"

namespace cairn {
namespace {

// Of the events of one document's history that are held at once; the others are read a second time.
constexpr std::size_t kHeldBytes = std::size_t{4} << 20;

std::unexpected<Error> missing_block(const dag::Digest& digest) {
    return fail(ErrorCode::not_found, "missing block " + dag::Cid{dag::Codec::dag_cbor, digest}.text());
}

}  // namespace

DocumentReplay::DocumentReplay(const StoreTransaction& transaction, const Collection& collection,
                               const DocId& id)
    : transaction_(transaction), collection_(collection) {
    state_.id = id;
    state_.collection = collection.short_id;
    state_.slots.resize(collection.slot_count);
}

Status DocumentReplay::apply(const dag::Digest& commit, std::string_view event) {
    CAIRN_TRY(dag::read_event(event, blocks_));
    std::vector<dag::NamedLink> links;
    std::size_t next_link = 0;
    for (const dag::EventBlock& block : blocks_) {  // the composite comes before its fields
        bool is_field =
            block.role == dag::EventBlockRole::field || block.role == dag::EventBlockRole::field_counted;
        if (block.role == dag::EventBlockRole::composite) {
            CAIRN_ASSIGN(dag::BlockView composite, dag::decode_block(dag::as_bytes(block.bytes)));
            apply_composite(state_, commit, composite);
            links = std::move(composite.links);
        } else if (is_field && next_link < links.size()) {
            CAIRN_TRY(apply_field_block(links[next_link++].digest, block.bytes));
        }
    }
    return {};
}

// Whether a counter block was counted before depends on what this state is made of, not on the order of
// arrival that the event's role tells.
Status DocumentReplay::apply_field_block(const dag::Digest& digest, std::string_view bytes) {
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(bytes)));
    std::string opened;
    CAIRN_ASSIGN(std::optional<std::string_view> data,
                 field_data(transaction_.view(), block, digest, opened));
    if (!data) return {};
    FieldApplication how;
    how.plain_data = *data;
    how.count_value = block.kind != dag::DeltaKind::counter || counted_.insert(digest).second;
    return apply_field(collection_, state_, digest, block, how);
}

Status DocumentReplay::apply_history(std::span<const dag::Digest> commits) {
    TransactionBlocks source(transaction_);
    dag::WalkOptions options;
    options.follow = dag::Follow::heads;
    CAIRN_ASSIGN(std::vector<dag::Digest> order, dag::topological_order(source, commits, options));
    for (const dag::Digest& commit : order) {
        if (!transaction_.view().take()) return transaction_.view().budget()->failure();
        CAIRN_ASSIGN(std::optional<std::string> event, transaction_.find_event(commit));
        if (!event) return missing_block(commit);
        CAIRN_TRY(apply(commit, *event));
    }
    return {};
}

Status DocumentReplay::apply_logged(std::span<const dag::Digest> commits) {
    struct Logged {
        dag::Digest commit;
        Store::EventPlace event;  // without a record: it is read again
    };
    std::vector<Logged> history;
    std::size_t held = 0;
    dag::DigestSet seen;
    std::vector<dag::Digest> open(commits.begin(), commits.end());
    while (!open.empty()) {
        const dag::Digest commit = open.back();
        open.pop_back();
        if (!seen.insert(commit).second) continue;
        if (!transaction_.view().take()) return transaction_.view().budget()->failure();
        CAIRN_ASSIGN(std::optional<Store::EventPlace> event, transaction_.store().find_event(commit));
        if (!event) return missing_block(commit);
        CAIRN_ASSIGN(std::vector<dag::Digest> parents, parents_of_composite(event->record));
        open.insert(open.end(), parents.begin(), parents.end());
        held += event->record.size();
        if (held > kHeldBytes) event->record = {};
        history.push_back({commit, std::move(*event)});
    }
    std::sort(history.begin(), history.end(),
              [](const Logged& a, const Logged& b) { return a.event.position < b.event.position; });
    for (Logged& logged : history) {
        if (logged.event.record.empty()) {
            CAIRN_ASSIGN(logged.event.record, transaction_.store().event(logged.event.position));
        }
        CAIRN_TRY(apply(logged.commit, logged.event.record));
        logged.event.record = {};
    }
    return {};
}

Result<std::vector<dag::Digest>> DocumentReplay::parents_of_composite(std::string_view event) {
    CAIRN_TRY(dag::read_event(event, blocks_));
    for (const dag::EventBlock& block : blocks_) {
        if (block.role != dag::EventBlockRole::composite) continue;
        CAIRN_ASSIGN(dag::BlockView composite, dag::decode_block(dag::as_bytes(block.bytes)));
        return std::move(composite.heads);
    }
    return std::vector<dag::Digest>{};
}

Result<std::vector<DocumentCommits>> collection_documents_at(const StoreTransaction& transaction,
                                                             const dag::Digest& commit) {
    TransactionBlocks source(transaction);
    dag::WalkOptions options;
    options.follow = dag::Follow::heads;
    CAIRN_ASSIGN(std::vector<dag::Digest> order, dag::ancestors(source, std::span(&commit, 1), options));
    std::unordered_map<DocId, std::vector<dag::Digest>, DocIdHash> by_document;
    dag::Commit collection_commit, composite;
    for (const dag::Digest& digest : order) {
        CAIRN_TRY(dag::read_commit(source, digest, collection_commit));
        for (const dag::NamedLink& link : collection_commit.view.links) {
            CAIRN_TRY(dag::read_commit(source, link.digest, composite));
            auto id = DocId::from_text(composite.view.doc_id);
            if (!id) {
                return fail(ErrorCode::corruption,
                            "block names no document id: " + std::string(composite.view.doc_id));
            }
            by_document[*id].push_back(link.digest);
        }
    }
    std::vector<DocumentCommits> documents;
    documents.reserve(by_document.size());
    for (auto& [id, commits] : by_document) documents.push_back({id, std::move(commits)});
    std::sort(documents.begin(), documents.end(),
              [](const DocumentCommits& a, const DocumentCommits& b) { return a.id < b.id; });
    return documents;
}

}  // namespace cairn
