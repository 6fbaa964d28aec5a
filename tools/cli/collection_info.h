// Collections of a store as commands show them, read from the JSON descriptions (spec/schema.md
// section 8).
#pragma once

#include <string>
#include <vector>

#include "cli/backend.h"

namespace cairn::cli {

struct FieldInfo {
    std::string name;
    std::string kind;                      // for people: "Int", "[String!]", "Address", "[Book]"
    std::string crdt;                      // "lww", "pncounter", ...; empty when the field stores nothing
    std::string relation;                  // relation name, or empty
    std::string on_delete;                 // delete rule of a relation, or empty
    std::string join_on, join_references;  // fields that a join compares, or empty
    bool stored = false;  // is on the schema and holds a value of its own (relations are stored as <name>_id)
};

struct CollectionInfo {
    std::string name;
    std::string version_id;
    std::vector<FieldInfo> fields;

    // Names of the stored fields without _docID, the ones that a request may select as plain values.
    std::vector<std::string> value_fields() const;
};

// The active collections in order of their description. Errors: those of the backend, internal (unreadable
// description).
Result<std::vector<CollectionInfo>> read_collections(Backend& backend);

// One of them. Errors: not_found (`collection not found. CollectionName: X`).
Result<CollectionInfo> find_collection(Backend& backend, const std::string& name);

}  // namespace cairn::cli
