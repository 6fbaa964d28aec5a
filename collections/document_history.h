// Documents as they were: the state that exactly the commits reachable from given ones make, each applied
// once (spec/query.md 12, Q18). Nothing is written, whatever is read. Belongs to one thread.
#pragma once

#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cairn/error.h"
#include "collections/document_state.h"
#include "collections/store.h"
#include "dag/graph.h"

namespace cairn {

// Blocks of a store as a transaction sees them; each one read counts as a row that the request looks at.
class TransactionBlocks final : public dag::BlockSource {
  public:
    explicit TransactionBlocks(const StoreTransaction& transaction) : transaction_(transaction) {}
    Result<std::optional<std::string>> block(const dag::Digest& digest) override {
        if (!transaction_.view().take()) return transaction_.view().budget()->failure();
        return transaction_.find_block(digest);
    }

  private:
    const StoreTransaction& transaction_;
};

// One document made anew from its events, in a state that lives nowhere else. The transaction and the
// collection must outlive it. Fields that the collection's active version does not have are left out, as are
// encrypted ones whose key is not known here.
class DocumentReplay {
  public:
    DocumentReplay(const StoreTransaction& transaction, const Collection& collection, const DocId& id);

    // Applies the event of a composite; its parents must have been applied. Errors: corruption, io.
    Status apply(const dag::Digest& commit, std::string_view event);
    // Applies composites with all their ancestors, parents before children, to a state that has none of them.
    // Errors: not_found "missing block <cid>", corruption, io, limit_exceeded.
    Status apply_history(std::span<const dag::Digest> commits);
    // Applies composites that are in the log, with all their ancestors, to a state that has none of them, in
    // the order of the log: what the log up to them gives, to the last bit of a float counter. Errors: as
    // apply_history.
    Status apply_logged(std::span<const dag::Digest> commits);
    // deleted is set when one of the commits deleted the document; the heads are those of this state.
    const DocumentState& state() const { return state_; }
    DocumentState take_state() { return std::move(state_); }

  private:
    Result<std::vector<dag::Digest>> parents_of_composite(std::string_view event);
    Status apply_field_block(const dag::Digest& digest, std::string_view bytes);

    const StoreTransaction& transaction_;
    const Collection& collection_;
    DocumentState state_;
    std::vector<dag::EventBlock> blocks_;
    std::unordered_set<dag::Digest, dag::DigestHash> counted_;  // counter blocks in the state
};

// A document and composites of it.
struct DocumentCommits {
    DocId id;
    std::vector<dag::Digest> commits;
};
// What a collection commit and its ancestors record: per document its composites, documents in id order.
// Errors: as DocumentReplay::apply_history.
Result<std::vector<DocumentCommits>> collection_documents_at(const StoreTransaction& transaction,
                                                             const dag::Digest& commit);

}  // namespace cairn
