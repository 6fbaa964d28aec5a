// Descriptions of secondary indexes: the checks and names of spec/schema.md sections 4 (@index) and 15 that
// concern the definition alone. Shared by schema building and by creating an index on an existing collection.
// Pure; thread-safe.
#pragma once

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/type_definition.h"

namespace cairn {

// Appends one index to the version and returns its place there; takes the next index id, which is never given
// again. Relation fields become their `<f>_id`, an empty name is generated. Errors (invalid_argument), in
// this order, and then the version is unchanged: name form, no fields, empty field name, unknown field or
// secondary side, name taken, kind that cannot be indexed.
Result<std::size_t> add_index(const IndexDirective& directive, const SchemaDescription& schema,
                              CollectionVersionDescription& version);

}  // namespace cairn
