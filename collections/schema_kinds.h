// Kinds of schema fields: their names in messages, their JSON, and what their object forms point to
// (spec/schema.md section 3, spec/blocks.md 4.1 and 4.5). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "collections/catalog.h"

namespace cairn {

// The object form of a kind; nullptr when it is a number.
inline const ObjectKind* object_kind(const SchemaFieldKind& kind) {
    return std::get_if<ObjectKind>(&kind);
}
inline const ObjectKind* object_kind(const SchemaField& field) {
    return object_kind(field.kind);
}
inline const ObjectKind* object_kind(const CollectionFieldDescription& field) {
    return field.kind ? object_kind(*field.kind) : nullptr;
}

// A schema field of a scalar or scalar array kind.
SchemaField scalar_field(std::string name, FieldKind kind, CrdtType crdt);

// The kind as messages print it: "Int", "[String!]", a schema root, "Self", "Self-1", a type name; a number
// without a type as digits.
std::string kind_text(const SchemaField& field);
std::string kind_text(const ObjectKind& kind);

// Appends the JSON of a kind: a number or one of the three objects.
void append_kind_json(const SchemaField& field, std::string& out);
void append_kind_json(const ObjectKind& kind, std::string& out);

// A root (or version id) is "<cid>" or "<cid>-<number in its set>".
std::string_view root_base(std::string_view root);
std::string_view root_suffix(std::string_view root);  // empty when there is none

// The root that a root or self kind on a host with this root points to. A named kind has none: empty.
std::string target_root(std::string_view host_root, const ObjectKind& kind);

// The name of a relation that was given none: both type names in lower case, sorted, joined by '_'.
std::string generated_relation_name(std::string_view type, std::string_view other_type);

// True for ^[A-Za-z_][A-Za-z0-9_]*$.
bool is_graphql_name(std::string_view name);

}  // namespace cairn
