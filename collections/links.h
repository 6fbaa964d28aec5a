// Pairs of many-to-many relations, written: each is a document of a junction collection
// (collections/README.md "Many-to-many"). Inside a StoreTransaction whose reads see its writes.
#pragma once

#include <vector>

#include "cairn/error.h"
#include "collections/document_writer.h"

namespace cairn {

// A pair as one of its documents sees it.
struct Link {
    DocId pair;   // the document in the junction
    DocId other;  // the document on the other side; may not be there
    friend auto operator<=>(const Link&, const Link&) = default;
};

// The links of a document on the near side of a many-to-many relation. Errors: io, corruption.
Result<std::vector<Link>> links_of(const ReadView& view, const Catalog& catalog, const RelationLink& link,
                                   const DocId& id);

// Documents whose key field names a document. field: number of the key field.
Result<std::vector<DocId>> sources_of(const ReadView& view, std::uint32_t collection, std::uint32_t field,
                                      const DocId& id);

// Links two documents; nothing happens when their document is there. The document of the pair has an id that
// follows from the two ids alone, and, when the pair was unlinked before, from how often: so two stores that
// link one pair write one document. Errors: those of create_document.
Status link_documents(WriteContext& context, const RelationLink& link, const DocId& near, const DocId& far);

// Takes links away that links_of gave. Errors: those of delete_document.
Status unlink_documents(WriteContext& context, const RelationLink& link, const std::vector<Link>& links);

}  // namespace cairn
