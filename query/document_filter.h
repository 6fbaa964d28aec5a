// Filters of the collection calls (spec/http-and-cli.md section 6): JSON in filter form, or GraphQL text.
#pragma once

#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/store.h"
#include "query/type_system.h"

namespace cairn::query {

// The active documents that a filter matches, in order. filter_json is an object in filter form, or a string
// that holds a filter in GraphQL syntax. Errors: invalid_argument ("invalid filter" for anything else, syntax
// errors, "key not found" for what names no field or operator, values that do not fit).
Result<std::vector<DocId>> find_documents(const StoreTransaction& transaction, const TypeSystem& types,
                                          int collection, std::string_view filter_json);

}  // namespace cairn::query
