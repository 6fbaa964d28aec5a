// Documents as of a commit (spec/query.md section 12). Read-only; belongs to one request and one thread.
#pragma once

#include <vector>

#include "collections/document_state.h"
#include "query/select.h"

namespace cairn::query {

// A replayed document as a version that a select can take.
DocumentVersion document_version(const DocumentState& state);

// The documents of a collection as of arguments.cid, in document id order: of a document commit its document,
// of a collection commit all that it and its ancestors record; arguments.ids narrows them. Deleted ones are
// among them. Errors: "invalid cid: …"; not_found "seek failed: …" for an unknown commit; invalid_argument
// for a commit of another collection ("seek failed: failed merging state: the given field does not exist. …"
// when it has a field that this one lacks) or of a field.
Result<std::vector<DocumentVersion>> versions_at(const ExecutionContext& context, int collection,
                                                 const SelectArguments& arguments);

}  // namespace cairn::query
