#include "collections/document_state.h"

#include <algorithm>

#include <fmt/format.h>

namespace cairn {
namespace {
constexpr int kDeletedFlag = 1, kEncryptedFlag = 2;
}

crdt::HeadSet& DocumentState::heads_of_field(std::uint32_t short_id) {
    auto at = std::lower_bound(field_heads.begin(), field_heads.end(), short_id,
                               [](const auto& entry, std::uint32_t wanted) { return entry.first < wanted; });
    if (at == field_heads.end() || at->first != short_id) {
        at = field_heads.emplace(at, short_id, crdt::HeadSet{});
    }
    return at->second;
}

const crdt::HeadSet* DocumentState::find_field_heads(std::uint32_t short_id) const {
    auto at = std::lower_bound(field_heads.begin(), field_heads.end(), short_id,
                               [](const auto& entry, std::uint32_t wanted) { return entry.first < wanted; });
    return at != field_heads.end() && at->first == short_id ? &at->second : nullptr;
}

Slot& DocumentState::slot(const Field& field) {
    if (slots.size() <= field.slot) slots.resize(field.slot + 1);
    return slots[field.slot];
}

void append_head_set(const crdt::HeadSet& heads, std::string& out) {
    dag::append_varint(out, heads.size());
    for (const crdt::Head& head : heads) {
        out.append(reinterpret_cast<const char*>(head.digest.data()), head.digest.size());
        dag::append_varint(out, head.height);
    }
}

bool read_head_set(std::string_view& in, crdt::HeadSet& heads) {
    std::uint64_t count = 0;
    if (!dag::read_varint(in, count) || count > in.size() / 33 + 1) return false;
    heads.clear();
    heads.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        crdt::Head head;
        if (in.size() < head.digest.size()) return false;
        std::memcpy(head.digest.data(), in.data(), head.digest.size());
        in.remove_prefix(head.digest.size());
        if (!dag::read_varint(in, head.height)) return false;
        heads.push_back(head);
    }
    return true;
}

void encode_heads(const DocumentState& state, std::string& out) {
    dag::append_varint(out, state.collection);
    out.push_back(
        static_cast<char>((state.deleted ? kDeletedFlag : 0) | (state.encrypted ? kEncryptedFlag : 0)));
    append_head_set(state.composite_heads, out);
    std::size_t fields = 0;
    for (const auto& [id, heads] : state.field_heads) fields += heads.empty() ? 0 : 1;
    dag::append_varint(out, fields);
    for (const auto& [id, heads] : state.field_heads) {
        if (heads.empty()) continue;
        dag::append_varint(out, id);
        append_head_set(heads, out);
    }
}

namespace {

// The collection number and the deleted mark, from the front of a record; false when damaged.
bool peek_heads(std::string_view record, std::uint32_t& collection, bool& deleted) {
    std::uint64_t number = 0;
    if (!dag::read_varint(record, number) || record.empty()) return false;
    collection = static_cast<std::uint32_t>(number);
    deleted = (record[0] & kDeletedFlag) != 0;
    return true;
}

}  // namespace

Status decode_heads(std::string_view record, DocumentState& state) {
    auto damaged = [&] {
        return fail(ErrorCode::corruption, fmt::format("heads of document {} are damaged", state.id.text()));
    };
    if (!peek_heads(record, state.collection, state.deleted)) return damaged();
    std::uint64_t number = 0;
    dag::read_varint(record, number);
    state.encrypted = (record[0] & kEncryptedFlag) != 0;
    record.remove_prefix(1);
    if (!read_head_set(record, state.composite_heads) || !dag::read_varint(record, number)) return damaged();
    if (number > record.size()) return damaged();
    state.field_heads.clear();
    state.field_heads.reserve(number);
    for (std::uint64_t i = 0; i < number; ++i) {
        std::uint64_t field = 0;
        crdt::HeadSet heads;
        if (!dag::read_varint(record, field) || !read_head_set(record, heads)) return damaged();
        state.field_heads.emplace_back(static_cast<std::uint32_t>(field), std::move(heads));
    }
    return record.empty() ? Status{} : damaged();
}

Result<DocumentPlace> locate_document(const ReadView& reader, const DocId& id) {
    rocksdb::PinnableSlice heads;
    CAIRN_ASSIGN(bool found, reader.get(Family::heads, id.key(), heads));
    DocumentPlace place;
    if (!found) return place;
    bool deleted = false;
    if (!peek_heads(view(heads), place.collection, deleted))
        return fail(ErrorCode::corruption, fmt::format("heads of {} are damaged", id.text()));
    place.state = deleted ? DocumentPlace::State::deleted : DocumentPlace::State::active;
    return place;
}

namespace {

Status take_heads(std::string_view record, DocumentState& state) {
    CAIRN_TRY(decode_heads(record, state));
    state.exists = true;
    state.stored = true;
    state.stored_deleted = state.deleted;
    return {};
}

Status take_row(bool found, std::string_view row, DocumentState& state) {
    if (!found) {
        return fail(ErrorCode::corruption, fmt::format("document {} has heads but no row", state.id.text()));
    }
    state.stored_row = row;
    CAIRN_ASSIGN(state.slots, decode_row(state.stored_row));
    return {};
}

}  // namespace

Result<DocumentState> load_document(const ReadView& reader, const DocId& id) {
    DocumentState state;
    state.id = id;
    rocksdb::PinnableSlice value;
    CAIRN_ASSIGN(bool found, reader.get(Family::heads, id.key(), value));
    if (!found) return state;
    CAIRN_TRY(take_heads(view(value), state));
    CAIRN_ASSIGN(found, reader.get(Family::rows, row_key(state.collection, state.deleted, id), value));
    CAIRN_TRY(take_row(found, view(value), state));
    return state;
}

Result<std::vector<DocumentState>> load_documents(const ReadView& reader, std::span<const DocId> ids) {
    std::vector<DocumentState> states(ids.size());
    std::vector<rocksdb::Slice> keys;
    std::vector<rocksdb::PinnableSlice> values;
    std::vector<char> found;
    for (const DocId& id : ids) keys.push_back(slice(id.key()));
    CAIRN_TRY(reader.multi_get(Family::heads, keys, values, found));
    std::string row_keys(ids.size() * kRowKeyBytes, '\0');
    std::vector<std::size_t> present;
    keys.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        states[i].id = ids[i];
        if (found[i] == 0) continue;
        CAIRN_TRY(take_heads(view(values[i]), states[i]));
        char* key = row_keys.data() + i * kRowKeyBytes;
        write_row_key(key, states[i].collection, states[i].deleted, ids[i]);
        keys.emplace_back(key, kRowKeyBytes);
        present.push_back(i);
    }
    CAIRN_TRY(reader.multi_get(Family::rows, keys, values, found));
    for (std::size_t i = 0; i < present.size(); ++i) {
        CAIRN_TRY(take_row(found[i] != 0, view(values[i]), states[present[i]]));
    }
    return states;
}

}  // namespace cairn
