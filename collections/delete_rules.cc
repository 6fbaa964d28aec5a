#include "collections/delete_rules.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "collections/links.h"
#include "collections/row.h"
#include "dag/block.h"
#include "dag/event.h"

namespace cairn {
namespace {

enum class State : std::uint8_t { absent, active, deleted };

struct Located {
    State state = State::absent;
    std::uint32_t collection = 0;  // number
};

Result<Located> locate(const ReadView& reads, const DocId& id) {
    rocksdb::PinnableSlice heads;
    CAIRN_ASSIGN(bool found, reads.get(Family::heads, id.key(), heads));
    Located located;
    if (!found) return located;
    bool deleted = false;
    if (!peek_heads(view(heads), located.collection, deleted))
        return fail(ErrorCode::corruption, fmt::format("heads of {} are damaged", id.text()));
    located.state = deleted ? State::deleted : State::active;
    return located;
}

const Field& field_at(const Collection& collection, int index) {
    return collection.fields[static_cast<std::size_t>(index)];
}

// Everything that a deletion entails, found before anything is written.
class DeletePlan {
  public:
    // merged: the documents given are deleted already, by another store, and cannot be kept any more.
    DeletePlan(WriteContext& context, std::size_t at_most, bool merged)
        : context_(context),
          catalog_(context.transaction.catalog()),
          reads_(context.transaction.view()),
          at_most_(at_most),
          merged_(merged) {}

    // A document that the caller names; all of them before find().
    void give(int collection, const DocId& id) {
        if (doomed_.insert(id).second) order_.emplace_back(collection, id);
        given_ = order_.size();
    }

    // Errors: limit_exceeded, io; of a deletion here: a RESTRICT that forbids it.
    Status find() {
        for (; next_ < order_.size(); ++next_) {
            const auto [collection, id] = order_[next_];
            for (const auto& [from, field] : catalog_.collection(collection).delete_rules)
                CAIRN_TRY(follow(collection, id, from, field));
        }
        return check_restrictions();
    }

    // In an order that follows from the documents alone, so that stores with the same blocks write the same
    // events.
    Status run(DeleteEffects& effects) {
        CAIRN_TRY(unset_references(effects));
        CAIRN_TRY(remove_pairs(effects));
        std::vector<DocId> ids;  // of one collection in a row
        for (std::size_t i = merged_ ? given_ : 0; i < order_.size(); ++i) {
            const auto& [collection, id] = order_[i];
            ids.push_back(id);
            if (i >= given_) effects.deleted.emplace_back(collection, id);
            if (i + 1 < order_.size() && order_[i + 1].first == collection) continue;
            CAIRN_TRY(delete_documents(context_, collection, ids));
            ids.clear();
        }
        return {};
    }

  private:
    struct Reference {
        int collection = -1, field = -1;
        DocId from, to;
    };
    struct Unset {
        int collection = -1;
        std::vector<int> keys;
    };

    // References by one field to a document that is deleted.
    Status follow(int collection, const DocId& id, int from, int field_index) {
        const Collection& type = catalog_.collection(from);
        const Field& field = field_at(type, field_index);
        if (field.link) return follow_links(id, from, field_index);
        if (!field.primary) return follow_own_key(collection, id, from, field_index);
        CAIRN_ASSIGN(std::vector<DocId> sources,
                     sources_of(reads_, type.short_id, field_at(type, field.id_field).short_id, id));
        for (const DocId& source : sources) CAIRN_TRY(refer({from, field_index, source, id}));
        return {};
    }

    // The deleted document holds the key of a relation whose other side has the rule: the reference goes with
    // it, and only what the rule says of the other document is left.
    Status follow_own_key(int collection, const DocId& id, int from, int field_index) {
        const Collection& type = catalog_.collection(collection);
        const Collection& other_type = catalog_.collection(from);
        const Field& field = field_at(other_type, field_index);
        if (field.partner < 0 || field.on_delete == DeleteRule::set_null) return {};
        const Field& key = field_at(type, field_at(type, field.partner).id_field);
        const bool gone = merged_ && next_ < given_;
        rocksdb::PinnableSlice bytes;
        CAIRN_ASSIGN(bool found, reads_.get(Family::rows, row_key(type.short_id, gone, id), bytes));
        if (!found) return {};
        RowView row(view(bytes));
        if (!row.has(key.slot) || row.raw(key.slot).size() != sizeof(DocId)) return {};
        const DocId other = DocId::from_key(row.raw(key.slot));
        CAIRN_ASSIGN(Located located, locate(reads_, other));
        if (located.state != State::active || located.collection != other_type.short_id) return {};
        return refer({from, field_index, other, id});
    }

    Status follow_links(const DocId& id, int from, int field_index) {
        const Field& field = field_at(catalog_.collection(from), field_index);
        // Seen from the deleted document, near and far are the other way round.
        Field turned = field;
        std::swap(turned.link->near, turned.link->far);
        CAIRN_ASSIGN(std::vector<Link> links, links_of(reads_, catalog_, turned, id));
        for (const Link& link : links) {
            CAIRN_ASSIGN(Located located, locate(reads_, link.other));
            if (located.state == State::active) CAIRN_TRY(refer({from, field_index, link.other, id}));
            if (field.on_delete != DeleteRule::restrict_ || merged_)
                pairs_.emplace_back(field.link->junction, link.pair);
        }
        return {};
    }

    Status refer(const Reference& reference) {
        const Field& field = field_at(catalog_.collection(reference.collection), reference.field);
        if (field.on_delete == DeleteRule::cascade) {
            if (doomed_.insert(reference.from).second)
                order_.emplace_back(reference.collection, reference.from);
            if (at_most_ == 0 || order_.size() - given_ <= at_most_) return {};
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("delete rules would delete too many documents. Limit: {}", at_most_));
        }
        if (field.on_delete == DeleteRule::restrict_ && !merged_) {
            restricted_.push_back(reference);
        } else if (field.primary) {
            Unset& unset = unset_[reference.from];
            unset.collection = reference.collection;
            unset.keys.push_back(field.id_field);
        }
        return {};
    }

    Status check_restrictions() const {
        for (const Reference& reference : restricted_) {
            if (doomed_.contains(reference.from)) continue;
            const Collection& type = catalog_.collection(reference.collection);
            return fail(ErrorCode::invalid_argument,
                        fmt::format("cannot delete a document that another one refers to. DocID: {}, "
                                    "Referring: {} {}, Field: {}, Rule: RESTRICT",
                                    reference.to.text(), type.name, reference.from.text(),
                                    field_at(type, reference.field).name));
        }
        return {};
    }

    Status unset_references(DeleteEffects& effects) {
        std::vector<std::pair<DocId, const Unset*>> documents;
        for (const auto& [id, unset] : unset_) {
            if (!doomed_.contains(id)) documents.emplace_back(id, &unset);
        }
        std::sort(documents.begin(), documents.end());
        for (const auto& [id, unset] : documents) {
            std::vector<FieldInput> inputs;
            for (int key : unset->keys) inputs.push_back({key, Value()});
            CAIRN_TRY(update_document(context_, unset->collection, id, inputs));
            effects.unset.emplace_back(unset->collection, id);
        }
        return {};
    }

    Status remove_pairs(DeleteEffects& effects) {
        std::sort(pairs_.begin(), pairs_.end());
        pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
        for (const auto& [junction, pair] : pairs_) {
            if (doomed_.contains(pair)) continue;
            CAIRN_TRY(delete_document(context_, junction, pair));
            ++effects.unlinked;
        }
        return {};
    }

    WriteContext& context_;
    const Catalog& catalog_;
    const ReadView& reads_;
    const std::size_t at_most_;
    const bool merged_;
    std::unordered_set<DocId, DocIdHash> doomed_;
    std::vector<std::pair<int, DocId>> order_;  // what is deleted: first what was given, then by rules
    std::size_t given_ = 0, next_ = 0;
    std::vector<Reference> restricted_;
    std::unordered_map<DocId, Unset, DocIdHash> unset_;
    std::vector<std::pair<int, DocId>> pairs_;  // junction and pair
};

// Documents that events wrote, by id.
Result<std::vector<DocId>> documents_since(const ReadView& reads, std::uint64_t from) {
    std::vector<DocId> ids;
    std::vector<dag::EventBlock> blocks;
    auto cursor = reads.iterate(Family::log, "", ScanKind::long_range);
    for (cursor->it->Seek(slice(log_key(from))); cursor->it->Valid(); cursor->it->Next()) {
        CAIRN_TRY(dag::read_event(view(cursor->it->value()), blocks));
        for (const dag::EventBlock& block : blocks) {
            if (block.role != dag::EventBlockRole::composite) continue;
            CAIRN_ASSIGN(dag::BlockView decoded, dag::decode_block(dag::as_bytes(block.bytes)));
            if (auto id = DocId::from_text(decoded.doc_id)) ids.push_back(*id);
        }
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the log");
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

// Whether a key's target may be the business of a rule.
bool is_ruled(const Collection& type, const Field& key) {
    if (key.far_key >= 0) return true;
    return key.relation_object >= 0 && field_at(type, key.relation_object).on_delete != DeleteRule::none;
}

// Gives the plan the deleted documents that an active one refers to.
Status give_targets(const Catalog& catalog, const ReadView& reads, const Collection& type, const DocId& id,
                    DeletePlan& plan) {
    rocksdb::PinnableSlice bytes;
    CAIRN_ASSIGN(bool found, reads.get(Family::rows, row_key(type.short_id, false, id), bytes));
    if (!found) return {};
    RowView row(view(bytes));
    for (const Field& key : type.fields) {
        if (!is_ruled(type, key) || !row.has(key.slot) || row.raw(key.slot).size() != sizeof(DocId)) continue;
        const DocId target = DocId::from_key(row.raw(key.slot));
        CAIRN_ASSIGN(Located located, locate(reads, target));
        if (located.state != State::deleted) continue;
        const int at = catalog.collection_index_by_short_id(located.collection);
        if (at >= 0) plan.give(at, target);
    }
    return {};
}

}  // namespace

Status delete_with_rules(WriteContext& context, int collection, std::span<const DocId> ids,
                         std::size_t at_most, DeleteEffects& effects) {
    if (context.transaction.catalog().collection(collection).delete_rules.empty())
        return delete_documents(context, collection, ids);
    DeletePlan plan(context, at_most, false);
    for (const DocId& id : ids) {
        context.transaction.depend_on(id.key());
        plan.give(collection, id);
    }
    CAIRN_TRY(plan.find());
    return plan.run(effects);
}

Status check_reference(StoreTransaction& transaction, const Collection& collection, const Field& key,
                       const Value& value) {
    if (value.is_null() || !is_ruled(collection, key) || key.relation_object < 0) return {};
    const Field& field = field_at(collection, key.relation_object);
    if (field.on_delete == DeleteRule::none) return {};
    const auto& text = value.as<std::string>();
    const auto id = DocId::from_text(text);
    Located located;
    if (id) {
        transaction.depend_on(id->key());
        CAIRN_ASSIGN(located, locate(transaction.view(), *id));
    }
    const Collection& target = transaction.catalog().collection(field.target);
    if (located.state == State::active && located.collection == target.short_id) return {};
    return fail(ErrorCode::not_found,
                fmt::format("{}. Field: {}, Collection: {}, DocID: {}",
                            located.state == State::deleted ? "a reference to a deleted document"
                                                            : "a reference to an unknown document",
                            field.name, target.name, text));
}

Status repair_references(WriteContext& context, std::uint64_t from) {
    StoreTransaction& transaction = context.transaction;
    const Catalog& catalog = transaction.catalog();
    const ReadView& reads = transaction.view();
    CAIRN_ASSIGN(std::vector<DocId> ids, documents_since(reads, from));
    DeletePlan plan(context, 0, true);
    for (const DocId& id : ids) {
        CAIRN_ASSIGN(Located located, locate(reads, id));
        const int at = catalog.collection_index_by_short_id(located.collection);
        if (located.state == State::absent || at < 0) continue;
        if (located.state == State::deleted) {
            plan.give(at, id);
        } else {
            CAIRN_TRY(give_targets(catalog, reads, catalog.collection(at), id, plan));
        }
    }
    CAIRN_TRY(plan.find());
    DeleteEffects effects;
    return plan.run(effects);
}

Status expect_repairs(Store& store) {
    if (!store.catalog()->has_delete_rules()) return {};
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store.begin_exclusive());
    rocksdb::PinnableSlice noted;
    CAIRN_ASSIGN(bool found, transaction->view().get(Family::meta, kRepairsDueKey, noted));
    if (found) return {};  // from an earlier position
    std::string position;
    dag::append_big_endian64(position, store.position());
    auto* meta = store.storage().family(Family::meta);
    if (auto status = transaction->batch().Put(meta, slice(kRepairsDueKey), slice(position)); !status.ok())
        return rocksdb_error(status, "cannot note a merge");
    return transaction->commit();
}

Status make_due_repairs(Store& store) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store.begin_exclusive());
    rocksdb::PinnableSlice noted;
    CAIRN_ASSIGN(bool found, transaction->view().get(Family::meta, kRepairsDueKey, noted));
    if (!found) return {};
    if (noted.size() != 8) return fail(ErrorCode::corruption, "the note of a merge is damaged");
    WriteContext context{*transaction};
    CAIRN_TRY(repair_references(context, dag::read_big_endian64(noted.data())));
    auto* meta = store.storage().family(Family::meta);
    if (auto status = transaction->batch().Delete(meta, slice(kRepairsDueKey)); !status.ok())
        return rocksdb_error(status, "cannot note a merge");
    return transaction->commit();
}

}  // namespace cairn
