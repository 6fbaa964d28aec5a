// From syntax tree values to field values and plain arguments (spec/query.md sections 2.1 and 10.2;
// spec/blocks.md 2.2: GraphQL literals are rounded correctly, a Float32 literal once, straight to single).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/document_writer.h"
#include "query/ast.h"
#include "query/variables.h"

namespace cairn::query {

// Absent or null; of a value whose variables are resolved.
inline bool is_null(const AstValue* value) {
    return value == nullptr || value->kind == AstValue::Kind::null;
}

// A value for a field of the kind, variables inside resolved. An absent variable counts as null. Errors:
// invalid_argument.
Result<Value> input_value(const AstValue* value, FieldKind kind, const VariableValues& variables);
// A JSON value: the tree as it stands.
Result<Value> json_value(const AstValue* value, const VariableValues& variables, std::size_t depth = 0);

// A relation whose value is more than the id for this document's key field (query/relation_input.h): a
// nested object, or a relation whose key is elsewhere.
struct RelationInput {
    int field = -1;  // the relation object field
    const AstValue* value = nullptr;
};
struct DocumentInput {
    std::vector<FieldInput> values;
    std::vector<RelationInput> relations;  // in the order written
};

// One mutation input object: a relation by its object name or its id, as text or as {_docID: …}, is a value.
// The _docID of a nested object is passed over. Errors: invalid_argument.
Result<DocumentInput> read_document_input(const Collection& collection, const AstValue* object,
                                          const VariableValues& variables);
// Whether the relations of the object, or of the objects in the list, that are more than values name no
// document: all that is nested, at any depth, is new, and of collections that pass the test.
bool nests_new_documents(const Catalog& catalog, const Collection& collection, const AstValue* value,
                         const VariableValues& variables, bool (*passes)(const Collection&));
// Whether the object, or an object in the list, has relations that are more than values.
bool has_relation_inputs(const Collection& collection, const AstValue* value,
                         const VariableValues& variables);

std::optional<std::int64_t> integer_argument(const AstValue* value, const VariableValues& variables);
bool boolean_argument(const AstValue* value, const VariableValues& variables);
// A list of texts; a single text counts as a list of one; nothing when absent or null.
std::optional<std::vector<std::string>> text_list_argument(const AstValue* value,
                                                           const VariableValues& variables);
const AstValue* find_argument(std::span<const AstArgument> arguments, std::string_view name,
                              const VariableValues& variables);
// A member of an object value, variables resolved; nullptr when absent.
const AstValue* find_member(const AstValue* object, std::string_view name, const VariableValues& variables);

}  // namespace cairn::query
