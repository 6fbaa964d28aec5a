#include "collections/materializer.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "crdt/composite.h"
#include "crdt/counter.h"
#include "crdt/lww.h"

namespace cairn {

void advance_heads(crdt::HeadSet& heads, const dag::Digest& digest, const dag::BlockView& block) {
    // With every parent known the rule cannot fail.
    heads = *crdt::apply_heads(std::move(heads), digest, block,
                               [](const dag::Digest&) -> Result<bool> { return true; });
}

namespace {

Status apply_counter(const Field& field, Slot& slot, const dag::BlockView& block,
                     const FieldApplication& how) {
    crdt::CounterValue total;
    total.kind = field.kind == FieldKind::integer   ? crdt::CounterKind::int64
                 : field.kind == FieldKind::float32 ? crdt::CounterKind::float32
                                                    : crdt::CounterKind::float64;
    CAIRN_ASSIGN(crdt::CounterValue increment,
                 crdt::read_increment(total.kind, field.crdt == CrdtType::pcounter, how.plain_data));
    if (slot.present) {
        CAIRN_ASSIGN(Value current, read_stored(slot.value, field.kind));
        if (const auto* integer = current.get_if<std::int64_t>()) total.integer = *integer;
        if (const auto* number = current.get_if<double>()) total.number = *number;
        if (const auto* number = current.get_if<float>()) total.number = *number;
    }
    total = crdt::add_increment(total, increment);
    Value value = total.kind == crdt::CounterKind::int64     ? Value(total.integer)
                  : total.kind == crdt::CounterKind::float32 ? Value(static_cast<float>(total.number))
                                                             : Value(total.number);
    slot.present = true;
    slot.value.clear();
    append_stored(value, field.kind, slot.value);
    slot.priority = std::max(slot.priority, block.priority);
    return {};
}

Status apply_lww(const Field& field, Slot& slot, const dag::BlockView& block, const FieldApplication& how) {
    if (block.priority < slot.priority) return {};
    if (block.priority == slot.priority) {  // only a tie needs the stored bytes
        std::string stored;
        if (slot.present) append_field_bytes_of_stored(slot.value, field.kind, stored);
        std::optional<std::string_view> mine;
        if (slot.present) mine = stored;
        if (!crdt::lww_wins(mine, slot.priority, how.plain_data, block.priority)) return {};
    }
    CAIRN_ASSIGN(Value value, decode_field_bytes(how.plain_data, field.kind));
    slot.priority = block.priority;
    slot.present = !value.is_null();
    slot.value.clear();
    if (slot.present) append_stored(value, field.kind, slot.value);
    return {};
}

// One value of a field in an index.
struct ValueKey {
    std::string key;
    bool is_null = false;
    bool repeats = false;
};

// Cross product of the fields' value keys.
void extend_entries(std::vector<IndexEntry>& entries, const std::vector<ValueKey>& keys) {
    if (keys.size() == 1) {
        for (IndexEntry& entry : entries) {
            entry.values += keys[0].key;
            entry.has_null = entry.has_null || keys[0].is_null;
            entry.repeats = entry.repeats || keys[0].repeats;
        }
        return;
    }
    std::vector<IndexEntry> product;
    product.reserve(entries.size() * keys.size());
    for (const IndexEntry& entry : entries) {
        for (const auto& [key, is_null, repeats] : keys) {
            product.push_back({entry.values + key, entry.has_null || is_null, entry.repeats || repeats});
        }
    }
    entries = std::move(product);
}

// Scalar leaves of a JSON value with their paths (spec/schema.md section 15 "Entries").
void collect_json_leaves(const Value& value, std::string& path, bool in_array, bool descending,
                         std::vector<ValueKey>& keys, std::size_t depth) {
    if (const auto* object = value.get_if<Value::Object>()) {
        if (in_array) return;
        for (const auto& [name, member] : *object) {
            std::size_t size = path.size();
            path += '\1';
            path += name;
            path += '\0';
            collect_json_leaves(member, path, false, descending, keys, depth + 1);
            path.resize(size);
        }
        return;
    }
    if (const auto* array = value.get_if<Value::Array>()) {
        if (in_array) return;
        std::size_t size = path.size();
        path += '\2';
        for (const Value& element : *array)
            collect_json_leaves(element, path, true, descending, keys, depth + 1);
        path.resize(size);
        return;
    }
    std::string key = path;
    key += '\0';
    if (descending) {
        for (char& c : key) c = static_cast<char>(~c);
    }
    append_index_key(value, FieldKind::json, descending, key);
    keys.push_back({std::move(key)});
}

// Sorts the keys and leaves one of each.
void merge_keys(bool json, std::vector<ValueKey>& keys) {
    std::sort(keys.begin(), keys.end(), [](const ValueKey& a, const ValueKey& b) { return a.key < b.key; });
    std::size_t out = 0;
    for (std::size_t i = 1; i < keys.size(); ++i) {
        if (keys[i].key == keys[out].key) {
            keys[out].repeats = json;
        } else if (++out != i) {
            keys[out] = std::move(keys[i]);
        }
    }
    if (!keys.empty()) keys.resize(out + 1);
}

Result<std::vector<ValueKey>> field_keys(const Field& field, const Slot* slot, bool descending) {
    std::vector<ValueKey> keys;
    Value value;
    if (slot != nullptr && slot->present) {
        CAIRN_ASSIGN(value, read_stored(slot->value, field.kind));
    }
    if (value.is_null() || !(is_array_kind(field.kind) || field.kind == FieldKind::json)) {
        FieldKind kind = is_array_kind(field.kind) ? element_kind(field.kind) : field.kind;
        std::string key;
        append_index_key(value, kind, descending, key);
        keys.push_back({std::move(key), value.is_null()});
        return keys;
    }
    if (field.kind == FieldKind::json) {
        std::string path;
        collect_json_leaves(value, path, false, descending, keys, 0);
    } else {
        for (const Value& element : value.as<Value::Array>()) {
            std::string key;
            append_index_key(element, element_kind(field.kind), descending, key);
            keys.push_back({std::move(key), element.is_null()});
        }
    }
    merge_keys(field.kind == FieldKind::json, keys);
    return keys;
}

Status write_index_changes(const Collection& collection, const DocumentState& state,
                           const std::vector<Slot>& old_slots, bool had, bool has, ProjectionSink& sink) {
    for (const IndexDescription& index : collection.indexes) {
        std::vector<IndexEntry> before, after;
        if (had) {
            CAIRN_ASSIGN(before, index_entries(collection, index, old_slots, state.id));
        }
        if (has) {
            CAIRN_ASSIGN(after, index_entries(collection, index, state.slots, state.id));
        }
        std::string prefix = index_prefix(collection.short_id, index.id);
        auto contains = [](const std::vector<IndexEntry>& list, const IndexEntry& entry) {
            return std::any_of(list.begin(), list.end(),
                               [&](const IndexEntry& other) { return other.values == entry.values; });
        };
        for (const IndexEntry& entry : before) {
            if (contains(after, entry)) continue;
            sink.erase(Family::indexes, prefix + entry.values + std::string(state.id.key()));
        }
        for (const IndexEntry& entry : after) {
            if (contains(before, entry)) continue;
            sink.put(Family::indexes, prefix + entry.values + std::string(state.id.key()), "");
        }
    }
    return {};
}

void write_relation_changes(const Collection& collection, const DocumentState& state,
                            const std::vector<Slot>& old_slots, bool had, bool has, ProjectionSink& sink) {
    std::vector<RelationEntry> before, after;
    if (had) before = relation_entries(collection, old_slots);
    if (has) after = relation_entries(collection, state.slots);
    auto key = [&](const RelationEntry& entry) {
        return relation_key(collection.short_id, entry.field, entry.target, state.id);
    };
    for (const RelationEntry& entry : before) {
        auto same_key = [&](const RelationEntry& other) {
            return other.field == entry.field && other.target == entry.target;
        };
        if (std::none_of(after.begin(), after.end(), same_key)) sink.erase(Family::relations, key(entry));
    }
    for (const RelationEntry& entry : after) {
        if (std::find(before.begin(), before.end(), entry) == before.end())
            sink.put(Family::relations, key(entry), entry.far);
    }
}

}  // namespace

void apply_composite(DocumentState& state, const dag::Digest& digest, const dag::BlockView& block) {
    state.exists = true;
    state.changed = true;
    auto before = state.deleted ? crdt::DocumentState::deleted : crdt::DocumentState::active;
    state.deleted = crdt::apply_composite(before, block.status) == crdt::DocumentState::deleted;
    state.encrypted = state.encrypted || block.encryption.has_value();
    advance_heads(state.composite_heads, digest, block);
}

Status apply_field(const Collection& collection, DocumentState& state, const dag::Digest& digest,
                   const dag::BlockView& block, const FieldApplication& how) {
    const Field* field = collection.find(block.field_name);
    if (field == nullptr || !field->stored) return {};
    state.changed = true;
    bool counter = field->crdt == CrdtType::pncounter || field->crdt == CrdtType::pcounter;
    if (counter != (block.kind == dag::DeltaKind::counter)) {
        return fail(ErrorCode::corruption,
                    fmt::format("block of field {} has another CRDT type than the collection {}", field->name,
                                collection.name));
    }
    if (!counter) {
        CAIRN_TRY(apply_lww(*field, state.slot(*field), block, how));
    } else if (how.count_value) {
        CAIRN_TRY(apply_counter(*field, state.slot(*field), block, how));
    }
    state.encrypted = state.encrypted || block.encryption.has_value();
    advance_heads(state.heads_of_field(field->short_id), digest, block);
    return {};
}

std::vector<RelationEntry> relation_entries(const Collection& collection, const std::vector<Slot>& slots) {
    auto id_in = [&](int field) -> std::string_view {
        if (field < 0) return {};
        const Field& key = collection.fields[static_cast<std::size_t>(field)];
        const bool names_document =
            key.slot < slots.size() && slots[key.slot].present && slots[key.slot].value.size() == 16;
        return names_document ? std::string_view(slots[key.slot].value) : std::string_view();
    };
    std::vector<RelationEntry> entries;
    for (const Field& field : collection.fields) {
        if (!field.is_relation || !field.primary || field.id_field < 0) continue;
        const std::string_view id = id_in(field.id_field);
        if (id.empty()) continue;
        const Field& key = collection.fields[static_cast<std::size_t>(field.id_field)];
        entries.push_back({key.short_id, DocId::from_key(id), id_in(key.far_key)});
    }
    return entries;
}

Result<std::vector<IndexEntry>> index_entries(const Collection& collection, const IndexDescription& index,
                                              const std::vector<Slot>& slots, const DocId& id) {
    std::vector<IndexEntry> entries(1);
    for (const IndexFieldDescription& part : index.fields) {
        const Field* field = collection.find(part.name);
        if (field == nullptr) {
            return fail(ErrorCode::corruption,
                        fmt::format("index {} names unknown field {}", index.name, part.name));
        }
        std::vector<ValueKey> keys;
        if (field->short_id == 1) {
            std::string key;
            append_index_key(Value(id.text()), FieldKind::id, part.descending, key);
            keys.push_back({std::move(key)});
        } else {
            const Slot* slot = field->stored && field->slot < slots.size() ? &slots[field->slot] : nullptr;
            CAIRN_ASSIGN(keys, field_keys(*field, slot, part.descending));
        }
        extend_entries(entries, keys);
    }
    return entries;
}

namespace {

Result<const Collection*> collection_of(const Catalog& catalog, const DocumentState& state) {
    int at = catalog.collection_index_by_short_id(state.collection);
    if (at < 0) {
        return fail(ErrorCode::internal, fmt::format("collection number {} is not active", state.collection));
    }
    return &catalog.collection(at);
}

// Writes the entries that change when a document has or has not entries any more. same_row: its slots are
// those of its stored row. had: it has the entries of that.
Status write_entry_changes(const Collection& collection, const DocumentState& state, bool same_row, bool had,
                           bool has, ProjectionSink& sink) {
    std::vector<Slot> decoded;
    if (had && !same_row) {
        CAIRN_ASSIGN(decoded, decode_row(state.stored_row));
    }
    const std::vector<Slot>& old_slots = same_row ? state.slots : decoded;
    write_relation_changes(collection, state, old_slots, had, has, sink);
    if (collection.indexes.empty()) return {};
    return write_index_changes(collection, state, old_slots, had, has, sink);
}

}  // namespace

Status store_document(const Catalog& catalog, DocumentState& state, ProjectionSink& sink) {
    CAIRN_ASSIGN(const Collection* collection, collection_of(catalog, state));
    std::string row;
    encode_row(state.slots, row);
    bool moved = state.stored && state.stored_deleted != state.deleted;
    if (moved) {
        sink.erase(Family::rows, row_key(state.collection, state.stored_deleted, state.id));
    }
    const bool same_row = state.stored && row == state.stored_row;
    if (moved || !same_row) {
        sink.put(Family::rows, row_key(state.collection, state.deleted, state.id), row);
    }
    std::string heads;
    encode_heads(state, heads);
    sink.put(Family::heads, state.id.key(), heads);

    CAIRN_TRY(write_entry_changes(*collection, state, same_row, state.stored && !state.stored_deleted,
                                  !state.deleted, sink));
    state.stored = true;
    state.changed = false;
    state.stored_deleted = state.deleted;
    state.stored_row = std::move(row);
    return {};
}

Status remove_document(const Catalog& catalog, const DocumentState& state, ProjectionSink& sink) {
    CAIRN_ASSIGN(const Collection* collection, collection_of(catalog, state));
    sink.erase(Family::rows, row_key(state.collection, state.stored_deleted, state.id));
    sink.erase(Family::heads, state.id.key());
    return write_entry_changes(*collection, state, true, !state.stored_deleted, false, sink);
}

}  // namespace cairn
