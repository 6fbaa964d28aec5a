// Syntax tree of a GraphQL document, executable or type system. Nodes live in the Document's arena and are
// trivially destructible; texts are views into the Document's own copy of the source (or into the arena for
// unescaped strings). A Document is immutable after parsing and may be read by any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cairn/error.h"
#include "dag/limits.h"

namespace cairn::query {

struct AstValue;
struct AstObjectField {
    std::string_view name;
    const AstValue* value = nullptr;
};
struct AstValue {
    enum class Kind : std::uint8_t {
        null,
        boolean,
        integer,
        floating,
        string,
        enumeration,
        list,
        object,
        variable
    };
    Kind kind = Kind::null;
    bool boolean = false;
    std::uint32_t offset = 0;  // byte offset in the source
    std::string_view text;     // number as written; string unescaped; enum word; variable name without $
    std::span<const AstValue* const> items;  // list
    std::span<const AstObjectField> fields;  // object, in order written
};
struct AstArgument {
    std::string_view name;
    const AstValue* value = nullptr;
    std::uint32_t offset = 0;
};
struct AstDirective {
    std::string_view name;
    std::span<const AstArgument> arguments;
    std::uint32_t offset = 0;
};
struct AstSelection;
using AstSelectionSet = std::span<const AstSelection* const>;
struct AstSelection {
    enum class Kind : std::uint8_t { field, fragment_spread, inline_fragment };
    Kind kind = Kind::field;
    std::uint32_t offset = 0;
    std::string_view alias;           // field; empty when none
    std::string_view name;            // field name, or fragment name of a spread
    std::string_view type_condition;  // inline fragment; empty when none
    std::span<const AstArgument> arguments;
    std::span<const AstDirective> directives;
    bool has_selection_set = false;
    AstSelectionSet selections;
    std::string_view response_key() const { return alias.empty() ? name : alias; }
};
// A type reference: name, or list of inner; non_null on either.
struct AstType {
    std::string_view name;           // empty for a list
    const AstType* inner = nullptr;  // list
    bool non_null = false;
    std::uint32_t offset = 0;
};
struct AstVariableDefinition {
    std::string_view name;
    const AstType* type = nullptr;
    const AstValue* default_value = nullptr;
    std::uint32_t offset = 0;
};
struct AstOperation {
    enum class Type : std::uint8_t { query, mutation, subscription };
    Type type = Type::query;
    std::string_view name;  // empty when anonymous
    std::span<const AstVariableDefinition> variables;
    std::span<const AstDirective> directives;
    AstSelectionSet selections;
    std::uint32_t offset = 0;
};
struct AstFragment {
    std::string_view name, type_condition;
    std::span<const AstDirective> directives;
    AstSelectionSet selections;
    std::uint32_t offset = 0;
};
// A field of an object or interface. The other kinds of definition use it for what they list: enum values,
// input fields, operation types of a schema definition, arguments of a field or of a directive definition.
struct AstFieldDefinition {
    std::string_view name;
    const AstType* type = nullptr;  // null when the source has none (spec/schema.md section 2)
    std::span<const AstFieldDefinition> arguments;
    std::span<const AstDirective> directives;
    std::uint32_t offset = 0;
};
struct AstTypeDefinition {
    // other: enum, union, scalar, input, extend, directive, schema
    enum class Kind : std::uint8_t { object, interface, other };
    Kind kind = Kind::object;
    std::string_view keyword;  // the word that began the definition: "type", "enum", "extend" …
    std::string_view name;     // empty for schema
    std::span<const AstDirective> directives;
    std::span<const AstFieldDefinition> fields;
    std::uint32_t offset = 0;
};

// Limits of one text; those of dag/limits.h hold as well.
struct SyntaxLimits {
    std::size_t tokens = limits::kMaxSyntaxTokens;
    std::size_t nesting = limits::kMaxSyntaxDepth;
    std::size_t list_items = limits::kMaxSyntaxTokens;  // of one list
};

class Document {
  public:
    // Parses a request or an SDL text. Errors: invalid_argument with the exact syntax error text of
    // spec/query.md section 3.8 (source_name is "request" for requests and "" for SDL: `Syntax Error GraphQL
    // (1:1) …` / `Syntax Error GraphQL request (1:2) …`), or when the text is not UTF-8; limit_exceeded by
    // dag/limits.h and the given limits.
    static Result<std::shared_ptr<const Document>> parse(std::string_view text, std::string_view source_name,
                                                         const SyntaxLimits& limits = {});

    // Parses a text that is one value literal without variables, as value() of the result.
    static Result<std::shared_ptr<const Document>> parse_value(std::string_view text,
                                                               std::string_view source_name);

    std::string_view source() const { return source_; }
    const AstValue* value() const { return value_; }  // null unless made by parse_value
    std::span<const AstOperation> operations() const { return operations_; }
    std::span<const AstFragment> fragments() const { return fragments_; }
    std::span<const AstTypeDefinition> types() const { return types_; }
    // Of several fragments with one name the last.
    const AstFragment* fragment(std::string_view name) const;

  private:
    friend class DocumentParser;
    friend class ConditionalDocument;
    explicit Document(std::string_view text) : source_(text), arena_(first_chunk_bytes(text.size())) {}
    // Trees take about 10 bytes a source byte; a request of usual size then needs one or two chunks.
    static std::size_t first_chunk_bytes(std::size_t source_bytes) {
        return source_bytes < 50 ? 1024 : source_bytes > 6400 ? 65536 : source_bytes * 12;
    }
    std::string source_;
    std::pmr::monotonic_buffer_resource arena_;
    const AstValue* value_ = nullptr;
    std::vector<AstOperation> operations_;
    std::vector<AstFragment> fragments_;
    std::vector<AstTypeDefinition> types_;
    std::unordered_map<std::string_view, std::size_t> fragment_index_;  // filled when there are many
    std::shared_ptr<const Document> original_;                          // whose nodes this one shares
};

// Canonical print of a value literal as messages show it (spec/query.md 3.8): {Age: 3000000000}, [1, 2], "a",
// <nil>.
std::string print_value(const AstValue& value);

}  // namespace cairn::query
