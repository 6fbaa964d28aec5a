// What an SDL text says, as plain data: made by query/sdl from the syntax tree, consumed by schema_builder.
// Owns its strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collections/value.h"

namespace cairn {

enum class CrdtType : std::uint8_t {
    none = 0,
    lww = 1,
    object = 2,
    composite = 3,
    pncounter = 4,
    pcounter = 5
};
std::string_view crdt_type_name(CrdtType type);  // "lww" ...; "unknown"

struct IndexFieldDescription {
    std::string name;
    bool descending = false;
    friend bool operator==(const IndexFieldDescription&, const IndexFieldDescription&) = default;
};
struct IndexDirective {
    std::string name;  // empty: generated
    bool unique = false;
    std::vector<IndexFieldDescription> fields;
};

struct EmbeddingDescription {
    std::string field_name;
    std::vector<std::string> fields;
    std::string model, provider, template_text, url;
    friend bool operator==(const EmbeddingDescription&, const EmbeddingDescription&) = default;
};

// What becomes of a document when the one that its relation field refers to is deleted.
enum class DeleteRule : std::uint8_t {
    none,       // nothing: the reference dangles, as in the reference implementation
    restrict_,  // the deletion is refused
    set_null,   // the reference is taken away
    cascade,    // the document is deleted too
};
std::string_view delete_rule_name(DeleteRule rule);  // "RESTRICT" ...; empty for none
// The rule of a name; nothing when there is none of it.
std::optional<DeleteRule> delete_rule_named(std::string_view name);

// @join(on:, references:): the field finds the documents of another type whose field `references` equals the
// field `on` of its own document. Nothing is stored for it.
struct JoinDescription {
    std::string on, references;
    friend bool operator==(const JoinDescription&, const JoinDescription&) = default;
};

struct FieldDefinition {
    std::string name;
    FieldKind kind = FieldKind::none;  // scalar or scalar array; none for a relation
    std::string type_name;             // relation: the target type's name as written
    bool relation_many = false;        // relation: [Other]
    CrdtType crdt = CrdtType::lww;
    bool primary = false;                      // @primary
    std::optional<std::string> relation_name;  // @relation(name:)
    DeleteRule on_delete = DeleteRule::none;   // @relation(onDelete:)
    std::optional<Value> default_value;        // @default, converted to the field's kind
    std::int64_t size = 0;                     // @constraints(size:), 0 for none
    std::optional<EmbeddingDescription> embedding;
    std::optional<JoinDescription> join;  // a relation that is found by values, not by a key
    bool is_relation() const { return kind == FieldKind::none; }
};

struct PolicyDescription {
    std::string id, resource_name;
    friend bool operator==(const PolicyDescription&, const PolicyDescription&) = default;
};

struct TypeDefinition {
    std::string name;
    bool is_interface = false;
    std::vector<FieldDefinition> fields;  // SDL order
    std::vector<IndexDirective> indexes;  // those of fields in SDL order, then those of the type
    std::optional<PolicyDescription> policy;
    bool materialized = true;
    bool branchable = false;
};

}  // namespace cairn
