// Secondary indexes of collections that have documents (spec/schema.md section 15): an index comes and goes
// together with its entries. All functions work inside a StoreTransaction.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/store.h"

namespace cairn {

struct IndexCreation {
    std::shared_ptr<const Catalog> catalog;  // with the new index; the caller puts it in place
    IndexDescription index;
};

// Writes the entries of a new index of the active version for all active documents. Errors: those of
// IndexBuilder; invalid_argument when documents violate a unique index (the first in docID order that
// collides with an earlier one). Nothing is written then.
Result<IndexCreation> create_index(StoreTransaction& transaction, int collection,
                                   const IndexDirective& directive);

// Removes an index and its entries; returns the catalog without it. Errors: invalid_argument ("index with
// name doesn't exists. Name: x").
Result<std::shared_ptr<const Catalog>> drop_index(StoreTransaction& transaction, int collection,
                                                  std::string_view name);

}  // namespace cairn
