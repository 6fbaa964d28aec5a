#include "collections/document_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/block_builder.h"
#include "collections/delete_rules.h"
#include "collections/json_document.h"
#include "collections/materializer.h"

namespace cairn {
namespace {

Status check_value(const Field& field, const Value& value) {
    if (value.is_null()) return {};
    if (field.kind == FieldKind::id) {
        const auto& text = value.as<std::string>();
        if (Status valid = validate_doc_id_text(text); !valid) {
            Error error = valid.error();
            if (error.message.find("\"") == std::string::npos) {  // the message does not show the value
                error.message += fmt::format(". Field: {}, DocID: {}", field.name, text);
            }
            return std::unexpected(std::move(error));
        }
    }
    if (field.size != 0) {
        if (const auto* array = value.get_if<Value::Array>();
            array != nullptr && static_cast<std::int64_t>(array->size()) != field.size) {
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("array size mismatch. Actual: {}, Expected: {}", array->size(), field.size));
        }
    }
    return {};
}

// A target of a one-to-one relation may be linked from one document only (spec/query.md 10.3).
Status check_one_to_one(StoreTransaction& transaction, const Collection& collection, const Field& key,
                        const Value& value, const DocId& self) {
    if (value.is_null() || key.relation_object < 0) return {};
    const Field& object = collection.fields[static_cast<std::size_t>(key.relation_object)];
    if (!object.primary || !object.one_to_one) return {};
    auto target = DocId::from_text(value.as<std::string>());
    if (!target) return {};
    std::string prefix = relation_prefix(collection.short_id, key.short_id, *target);
    transaction.depend_on(prefix);
    auto cursor = transaction.view().iterate(Family::relations, prefix, ScanKind::within_prefix);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        DocId other = DocId::from_key(view(cursor->it->key()).substr(kRelationKeyBytes - 16));
        if (other == self) continue;
        return fail(ErrorCode::invalid_argument,
                    fmt::format("target document is already linked to another document. DocumentID: {}, "
                                "TargetID: {}, RelationName: {}",
                                self.text(), other.text(), object.relation_name));
    }
    return {};
}

// Unique indexes, checked on the new state before its entries are written (spec/schema.md section 15).
Status check_unique(StoreTransaction& transaction, const Collection& collection, const DocumentState& state) {
    for (const IndexDescription& index : collection.indexes) {
        if (!index.unique) continue;
        CAIRN_ASSIGN(std::vector<IndexEntry> entries,
                     index_entries(collection, index, state.slots, state.id));
        std::string prefix = index_prefix(collection.short_id, index.id);
        for (const IndexEntry& entry : entries) {
            if (entry.has_null) continue;
            if (entry.repeats) return unique_violation(collection, index, state.slots, state.id);
            std::string key = prefix + entry.values;
            transaction.depend_on(key);
            auto cursor = transaction.view().iterate(Family::indexes, key);
            for (cursor->it->Seek(slice(key)); cursor->it->Valid(); cursor->it->Next()) {
                std::string_view found = view(cursor->it->key());
                if (found.size() == key.size() + 16 && found.substr(key.size()) != state.id.key()) {
                    return unique_violation(collection, index, state.slots, state.id);
                }
            }
        }
    }
    return {};
}

void add_defaults(const Collection& collection, std::vector<FieldInput>& inputs) {
    for (std::size_t i = 0; i < collection.fields.size(); ++i) {
        const Field& field = collection.fields[i];
        if (!field.default_value || !field.stored) continue;
        bool given = std::any_of(inputs.begin(), inputs.end(),
                                 [&](const FieldInput& input) { return input.field == static_cast<int>(i); });
        if (!given) inputs.push_back({static_cast<int>(i), *field.default_value});
    }
}

DocId id_of_inputs(const Collection& collection, const std::vector<FieldInput>& inputs) {
    std::vector<DocumentMapEntry> entries;
    entries.reserve(inputs.size());
    for (const FieldInput& input : inputs) {
        const Field& field = collection.fields[static_cast<std::size_t>(input.field)];
        entries.push_back({field.name, &input.value, field.kind});
    }
    std::string cbor;
    encode_document_map(std::move(entries), cbor);
    return compute_doc_id(cbor, collection.root);
}

Status check_active(const Collection& collection, const DocumentState& state) {
    if (!state.exists || state.collection != collection.short_id) {
        return fail(ErrorCode::not_found,
                    fmt::format("no document for the given ID exists. DocID: {}", state.id.text()));
    }
    if (state.deleted) {
        return fail(ErrorCode::not_found,
                    fmt::format("a document with the given ID has been deleted. DocID: {}", state.id.text()));
    }
    return {};
}

Result<DocumentState> load_active(StoreTransaction& transaction, const Collection& collection,
                                  const DocId& id) {
    transaction.depend_on(id.key());
    CAIRN_ASSIGN(DocumentState state, load_document(transaction.view(), id));
    CAIRN_TRY(check_active(collection, state));
    return state;
}

Status update_loaded(WriteContext& context, const Collection& collection, DocumentState& state,
                     const std::vector<FieldInput>& inputs) {
    StoreTransaction& transaction = context.transaction;
    for (const FieldInput& input : inputs) {
        const Field& field = collection.fields[static_cast<std::size_t>(input.field)];
        CAIRN_TRY(check_value(field, input.value));
        CAIRN_TRY(check_reference(transaction, collection, field, input.value));
        CAIRN_TRY(check_one_to_one(transaction, collection, field, input.value, state.id));
    }
    BlockBuilder builder(context, collection, state);
    for (const FieldInput& input : inputs) {
        CAIRN_TRY(builder.field(collection.fields[static_cast<std::size_t>(input.field)], input.value));
    }
    CAIRN_TRY(check_unique(transaction, collection, state));
    return builder.finish(dag::kStatusActive);
}

class CollectionResolver final : public JsonFieldResolver {
  public:
    explicit CollectionResolver(const Collection& collection) : collection_(collection) {}
    Result<FieldKind> kind_of(std::string_view name) const override {
        int index = collection_.field_index(name);
        if (index < 0 || name == "_docID") return unknown(name);
        const Field& field = collection_.fields[static_cast<std::size_t>(index)];
        if (field.is_relation && (field.many || field.is_join)) return unknown(name);
        bool primary = field.is_relation ? field.primary : field.stored;
        if (!primary) {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("cannot set relation from secondary side. Name: {}", name));
        }
        return field.is_relation ? FieldKind::id : field.kind;
    }

  private:
    static std::unexpected<Error> unknown(std::string_view name) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the given field does not exist. Name: {}", name));
    }
    const Collection& collection_;
};

constexpr std::string_view kOldId = "_docID", kNewId = "_docIDNew";

bool is_backup_id(std::string_view name) {
    return name == kOldId || name == kNewId;
}

class BackupResolver final : public JsonFieldResolver {
  public:
    explicit BackupResolver(const Collection& collection) : fields_(collection) {}
    Result<FieldKind> kind_of(std::string_view name) const override {
        if (is_backup_id(name)) return FieldKind::string;
        return fields_.kind_of(name);
    }

  private:
    CollectionResolver fields_;
};

std::vector<FieldInput> inputs_of(const Collection& collection, std::vector<NamedValue> values) {
    std::vector<FieldInput> inputs;
    for (NamedValue& named : values) {
        int index = collection.field_index(named.name);
        const Field& field = collection.fields[static_cast<std::size_t>(index)];
        if (field.is_relation) index = field.id_field;
        auto same = std::find_if(inputs.begin(), inputs.end(),
                                 [&](const FieldInput& input) { return input.field == index; });
        if (same == inputs.end()) {
            inputs.push_back({index, std::move(named.value)});
        } else if (!field.is_relation) {  // the <f>_id form wins over the object's name (spec/query.md 10.3)
            same->value = std::move(named.value);
        }
    }
    return inputs;
}

}  // namespace

std::unexpected<Error> unique_violation(const Collection& collection, const IndexDescription& index,
                                        const std::vector<Slot>& slots, const DocId& id) {
    std::string text =
        fmt::format("can not index a doc's field(s) that violates unique index. DocID: {}", id.text());
    for (const IndexFieldDescription& part : index.fields) {
        const Field* field = collection.find(part.name);
        Value value;
        if (field != nullptr && field->slot < slots.size() && slots[field->slot].present) {
            if (auto read = read_stored(slots[field->slot].value, field->kind)) value = std::move(*read);
        }
        text += fmt::format(", {}: ", part.name);
        append_go_print(value, field != nullptr ? field->kind : FieldKind::none, text);
    }
    return fail(ErrorCode::invalid_argument, text);
}

DocId compute_document_id(const Collection& collection, const std::vector<FieldInput>& inputs) {
    std::vector<FieldInput> all = inputs;
    add_defaults(collection, all);
    return id_of_inputs(collection, all);
}

Result<std::vector<FieldInput>> read_json_inputs(const Collection& collection, std::string_view json) {
    CAIRN_ASSIGN(std::vector<NamedValue> values, parse_json_document(json, CollectionResolver(collection)));
    return inputs_of(collection, std::move(values));
}

Result<BackupDocument> read_backup_document(const Collection& collection, std::string_view json) {
    CAIRN_ASSIGN(std::vector<NamedValue> values, parse_json_document(json, BackupResolver(collection)));
    BackupDocument document;
    std::erase_if(values, [&](NamedValue& named) {
        if (const auto* text = named.value.get_if<std::string>(); named.name == kNewId && text != nullptr)
            document.new_id = *text;
        return is_backup_id(named.name);
    });
    document.inputs = inputs_of(collection, std::move(values));
    return document;
}

Result<DocId> create_document(WriteContext& context, int collection_at, std::vector<FieldInput> inputs,
                              const EncryptionRequest& encryption) {
    StoreTransaction& transaction = context.transaction;
    const Collection& collection = transaction.catalog().collection(collection_at);
    add_defaults(collection, inputs);
    for (const FieldInput& input : inputs) {
        CAIRN_TRY(check_value(collection.fields[static_cast<std::size_t>(input.field)], input.value));
    }
    DocumentState state;
    state.id = id_of_inputs(collection, inputs);
    state.collection = collection.short_id;
    transaction.depend_on(state.id.key());
    rocksdb::PinnableSlice existing;
    CAIRN_ASSIGN(bool found, transaction.view().get(Family::heads, state.id.key(), existing));
    if (found || !transaction.note_created(state.id)) {
        return fail(ErrorCode::already_exists,
                    fmt::format("a document with the given ID already exists. DocID: {}", state.id.text()));
    }
    for (const FieldInput& input : inputs) {
        const Field& field = collection.fields[static_cast<std::size_t>(input.field)];
        CAIRN_TRY(check_reference(transaction, collection, field, input.value));
        CAIRN_TRY(check_one_to_one(transaction, collection, field, input.value, state.id));
    }
    state.slots.resize(collection.slot_count);
    BlockBuilder builder(context, collection, state);
    builder.encrypt(encryption);
    for (const FieldInput& input : inputs) {
        CAIRN_TRY(builder.field(collection.fields[static_cast<std::size_t>(input.field)], input.value));
    }
    CAIRN_TRY(check_unique(transaction, collection, state));
    CAIRN_TRY(builder.finish(dag::kStatusActive));
    return state.id;
}

Result<bool> update_if_active(WriteContext& context, int collection_at, const DocId& id,
                              const std::vector<FieldInput>& inputs) {
    context.transaction.depend_on(id.key());
    CAIRN_ASSIGN(DocumentState state, load_document(context.transaction.view(), id));
    const Collection& collection = context.transaction.catalog().collection(collection_at);
    if (!state.exists || state.deleted || state.collection != collection.short_id) return false;
    CAIRN_TRY(update_loaded(context, collection, state, inputs));
    return true;
}

Status update_document(WriteContext& context, int collection_at, const DocId& id,
                       const std::vector<FieldInput>& inputs) {
    const Collection& collection = context.transaction.catalog().collection(collection_at);
    CAIRN_ASSIGN(DocumentState state, load_active(context.transaction, collection, id));
    return update_loaded(context, collection, state, inputs);
}

Status delete_document(WriteContext& context, int collection_at, const DocId& id) {
    StoreTransaction& transaction = context.transaction;
    const Collection& collection = transaction.catalog().collection(collection_at);
    CAIRN_ASSIGN(DocumentState state, load_active(transaction, collection, id));
    return BlockBuilder(context, collection, state).finish(dag::kStatusDeleted);
}

Status delete_documents(WriteContext& context, int collection_at, std::span<const DocId> ids) {
    constexpr std::size_t kAtOnce = 512;
    StoreTransaction& transaction = context.transaction;
    const Collection& collection = transaction.catalog().collection(collection_at);
    for (; !ids.empty(); ids = ids.subspan(std::min(kAtOnce, ids.size()))) {
        const auto batch = ids.first(std::min(kAtOnce, ids.size()));
        for (const DocId& id : batch) transaction.depend_on(id.key());
        CAIRN_ASSIGN(std::vector<DocumentState> states, load_documents(transaction.view(), batch));
        for (DocumentState& state : states) {
            const ReadView& view = transaction.view();
            if (!view.take()) return view.budget()->failure();
            CAIRN_TRY(check_active(collection, state));
            CAIRN_TRY(BlockBuilder(context, collection, state).finish(dag::kStatusDeleted));
        }
    }
    return {};
}

}  // namespace cairn
