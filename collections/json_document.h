// Reader of JSON documents as given to the collection calls (spec/blocks.md sections 2.2 to 2.5): lenient
// like the reference's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/value.h"

namespace cairn {

struct JsonFieldType {
    std::string_view name;  // name as the caller may write it
    FieldKind kind = FieldKind::none;
};

struct NamedValue {
    std::string name;
    Value value;
};

// Tells which kind a key of the document has; none for an unknown field. Called once per key.
class JsonFieldResolver {
  public:
    virtual ~JsonFieldResolver() = default;
    // Errors when the key may not be given (unknown field, secondary side): the error is passed on.
    virtual Result<FieldKind> kind_of(std::string_view name) const = 0;
};

// Parses one JSON object into typed values in document order; a repeated key keeps only its last value.
// Numbers follow the quirk of 2.5, DateTimes are normalized, nulls in [T!] become zero values. Size
// constraints are the caller's. Errors: invalid_argument naming the field and the value.
Result<std::vector<NamedValue>> parse_json_document(std::string_view json, const JsonFieldResolver& fields);

// The texts of the documents in a body that is one document or an array of them; views into it. Errors:
// invalid_argument when an array is malformed.
Result<std::vector<std::string_view>> split_json_documents(std::string_view json);

// Converts any JSON text to a value of the kind by the same rules (used for single values). Whole text must
// be one value.
Result<Value> parse_json_value(std::string_view json, FieldKind kind);

// Number text to double by the quirk of 2.5. The token must be a number token of the lenient reader.
double number_from_document_text(std::string_view token);

}  // namespace cairn
