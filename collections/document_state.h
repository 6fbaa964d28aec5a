// One document as writers see it: row slots with priorities, and all head sets. Loaded from projections,
// changed by the materializer, stored back as row, heads, relation and index entries. Belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/doc_id.h"
#include "collections/row.h"
#include "collections/storage.h"
#include "crdt/heads.h"

namespace cairn {

struct DocumentState {
    DocId id;
    std::uint32_t collection = 0;  // short id
    bool exists = false;           // some composite was applied
    bool deleted = false;
    bool encrypted = false;   // some block of it carries an encryption link
    std::vector<Slot> slots;  // by Field::slot
    crdt::HeadSet composite_heads;
    std::vector<std::pair<std::uint32_t, crdt::HeadSet>> field_heads;  // by field short id, ascending

    // What is stored now: compared with the new state to find the index entries that change.
    bool changed = false;  // something was applied since it was loaded or stored
    bool stored = false;
    bool stored_deleted = false;
    std::string stored_row;

    crdt::HeadSet& heads_of_field(std::uint32_t short_id);                // made empty when absent
    const crdt::HeadSet* find_field_heads(std::uint32_t short_id) const;  // nullptr when absent
    Slot& slot(const Field& field);                                       // grows the row when needed
};

// Heads record (collections/README.md "Heads"): varint collection, byte of flags
// (1 deleted, 2 encrypted), composite head set, varint number of fields, per
// field varint number and head set; a head set is a varint count and per head 32 bytes and a varint height.
void encode_heads(const DocumentState& state, std::string& out);
// Reads everything but the row. Errors: corruption.
Status decode_heads(std::string_view record, DocumentState& state);
void append_head_set(const crdt::HeadSet& heads, std::string& out);
bool read_head_set(std::string_view& in, crdt::HeadSet& heads);
// Where a document stands, without its row.
struct DocumentPlace {
    enum class State : std::uint8_t { absent, active, deleted };
    State state = State::absent;
    std::uint32_t collection = 0;  // number; of one that is there
    bool is_active_in(std::uint32_t number) const { return state == State::active && collection == number; }
};
// Errors: io, corruption.
Result<DocumentPlace> locate_document(const ReadView& view, const DocId& id);

// Loads a document; exists is false when there is none. Errors: io, corruption.
Result<DocumentState> load_document(const ReadView& view, const DocId& id);
// The same for many documents at once, in the order of the ids.
Result<std::vector<DocumentState>> load_documents(const ReadView& view, std::span<const DocId> ids);

}  // namespace cairn
