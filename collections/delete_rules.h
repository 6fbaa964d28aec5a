// Deleting documents with the delete rules of the relations to them (collections/README.md "Delete rules"):
// the rule of a relation field says what becomes of a document that refers by it to one that is deleted.
// Inside a StoreTransaction whose reads see its writes.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cairn/error.h"
#include "collections/document_writer.h"

namespace cairn {

// What a deletion did beside deleting the documents named.
struct DeleteEffects {
    std::vector<std::pair<int, DocId>> deleted;  // by CASCADE: collection index and document, in order
    std::vector<std::pair<int, DocId>> unset;    // by SET_NULL: documents that lost a reference
    std::uint64_t unlinked = 0;                  // pairs of many-to-many relations that were taken away
    bool any() const { return !deleted.empty() || !unset.empty() || unlinked > 0; }
};

// Deletes active documents of a collection and applies the rules, all or nothing; each document is deleted
// once, also in a circle of rules. at_most: how many documents rules may delete, 0 for any number. Errors:
// those of delete_document; invalid_argument when a RESTRICT forbids it, naming both documents;
// limit_exceeded.
Status delete_with_rules(WriteContext& context, int collection, std::span<const DocId> ids,
                         std::size_t at_most, DeleteEffects& effects);

// A reference to a document that is not there, or not any more, is refused where its field has a rule. value:
// of a key field. Errors: not_found, invalid_argument, naming field and document.
Status check_reference(StoreTransaction& transaction, const Collection& collection, const Field& key,
                       const Value& value);

// Rules after a merge: references of what it brought to deleted documents are taken away, or the documents
// that hold them deleted; a RESTRICT that came too late takes the reference away. The same blocks give the
// same repairs in every store. A crash between a merge and its repairs loses none: before the merge the store
// notes that repairs are due, from the present end of the log, and what is due is made up for after the
// merge, or when the store is opened next. Nothing happens where no relation has a rule. Errors: io,
// corruption.
Status expect_repairs(Store& store);
Status make_due_repairs(Store& store);

}  // namespace cairn
