// Descriptions of secondary indexes: the checks and names of spec/schema.md sections 4 (@index) and 15 that
// concern the definition alone. Shared by schema building and by creating an index on an existing collection.
// Pure; one thread per IndexBuilder.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/type_definition.h"

namespace cairn {

// Adds indexes to one collection version, which it refers to, like the schema, as long as it lives.
class IndexBuilder {
  public:
    IndexBuilder(const SchemaDescription& schema, CollectionVersionDescription& version);

    // Appends one index to the version and returns its place there; takes the next index id, which is never
    // given again. Relation fields become their `<f>_id`, an empty name is generated. Errors
    // (invalid_argument), in this order, and then the version is unchanged: name form, no fields, empty field
    // name, unknown field or secondary side, name taken, kind that cannot be indexed.
    Result<std::size_t> add(const IndexDirective& directive);

  private:
    const SchemaField* find_field(std::string_view name) const;
    Result<std::vector<IndexFieldDescription>> stored_fields(
        const std::vector<IndexFieldDescription>& fields) const;
    Status check_kinds(const std::vector<IndexFieldDescription>& fields) const;
    std::string generated_name(const std::string& first_field);

    CollectionVersionDescription& version_;
    std::unordered_map<std::string_view, const SchemaField*> fields_;
    std::unordered_set<std::string> names_;
    std::unordered_map<std::string, std::size_t> next_numbers_;  // by generated name: no lower number is free
};

}  // namespace cairn
