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

using State = DocumentPlace::State;

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
        const auto by_rules = std::span(order_).subspan(given_);
        effects.deleted.assign(by_rules.begin(), by_rules.end());
        return remove(merged_ ? by_rules : std::span(order_));
    }

  private:
    using Place = std::pair<int, DocId>;  // collection and document
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
        const Field& field = type.field(field_index);
        if (field.link) return follow_links(id, from, field_index);
        if (!field.primary) return follow_own_key(collection, id, from, field_index);
        CAIRN_ASSIGN(std::vector<DocId> sources,
                     sources_of(reads_, type.short_id, type.field(field.id_field).short_id, id));
        for (const DocId& source : sources) CAIRN_TRY(refer({from, field_index, source, id}));
        return {};
    }

    // The deleted document holds the key of a relation whose other side has the rule: the reference goes with
    // it, and only what the rule says of the other document is left.
    Status follow_own_key(int collection, const DocId& id, int from, int field_index) {
        const Collection& type = catalog_.collection(collection);
        const Collection& other_type = catalog_.collection(from);
        const Field& field = other_type.field(field_index);
        if (field.partner < 0 || field.on_delete == DeleteRule::set_null) return {};
        const Field& key = type.field(type.field(field.partner).id_field);
        const bool gone = merged_ && next_ < given_;
        rocksdb::PinnableSlice bytes;
        CAIRN_ASSIGN(bool found, reads_.get(Family::rows, row_key(type.short_id, gone, id), bytes));
        if (!found) return {};
        const std::optional<DocId> other = document_in(RowView(view(bytes)), key.slot);
        if (!other) return {};
        CAIRN_ASSIGN(DocumentPlace place, locate_document(reads_, *other));
        return place.is_active_in(other_type.short_id) ? refer({from, field_index, *other, id}) : Status();
    }

    Status follow_links(const DocId& id, int from, int field_index) {
        const Field& field = catalog_.collection(from).field(field_index);
        CAIRN_ASSIGN(std::vector<Link> links, links_of(reads_, catalog_, field.link->reversed(), id));
        for (const Link& link : links) {
            CAIRN_ASSIGN(DocumentPlace place, locate_document(reads_, link.other));
            if (place.state == State::active) CAIRN_TRY(refer({from, field_index, link.other, id}));
            if (field.on_delete != DeleteRule::restrict_ || merged_)
                pairs_.emplace_back(field.link->junction, link.pair);
        }
        return {};
    }

    Status refer(const Reference& reference) {
        const Field& field = catalog_.collection(reference.collection).field(reference.field);
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
                                    type.field(reference.field).name));
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
        std::erase_if(pairs_, [&](const Place& pair) { return doomed_.contains(pair.second); });
        effects.unlinked = pairs_.size();
        return remove(pairs_);
    }

    // Those of one collection in a row are read together.
    Status remove(std::span<const Place> documents) {
        std::vector<DocId> ids;
        for (std::size_t i = 0; i < documents.size(); ++i) {
            ids.push_back(documents[i].second);
            if (i + 1 < documents.size() && documents[i + 1].first == documents[i].first) continue;
            CAIRN_TRY(delete_documents(context_, documents[i].first, ids));
            ids.clear();
        }
        return {};
    }

    WriteContext& context_;
    const Catalog& catalog_;
    const ReadView& reads_;
    const std::size_t at_most_;
    const bool merged_;
    std::unordered_set<DocId, DocIdHash> doomed_;
    std::vector<Place> order_;  // what is deleted: first what was given, then by rules
    std::size_t given_ = 0, next_ = 0;
    std::vector<Reference> restricted_;
    std::unordered_map<DocId, Unset, DocIdHash> unset_;
    std::vector<Place> pairs_;  // junction and pair
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

// The rule of the relation that a key field is of.
DeleteRule rule_of(const Collection& type, const Field& key) {
    return key.relation_object < 0 ? DeleteRule::none : type.field(key.relation_object).on_delete;
}

// Gives the plan the deleted documents that an active one refers to by keys that rules may look at: those of
// relations with a rule, and of junctions.
Status give_targets(const Catalog& catalog, const ReadView& reads, const Collection& type, const DocId& id,
                    DeletePlan& plan) {
    rocksdb::PinnableSlice bytes;
    CAIRN_ASSIGN(bool found, reads.get(Family::rows, row_key(type.short_id, false, id), bytes));
    if (!found) return {};
    const RowView row(view(bytes));
    for (const Field& key : type.fields) {
        if (key.far_key < 0 && rule_of(type, key) == DeleteRule::none) continue;
        const std::optional<DocId> target = document_in(row, key.slot);
        if (!target) continue;
        CAIRN_ASSIGN(DocumentPlace place, locate_document(reads, *target));
        if (place.state != State::deleted) continue;
        const int at = catalog.collection_index_by_short_id(place.collection);
        if (at >= 0) plan.give(at, *target);
    }
    return {};
}

// Applies the rules to what the events from a log position on brought.
Status repair_references(WriteContext& context, std::uint64_t from) {
    const Catalog& catalog = context.transaction.catalog();
    const ReadView& reads = context.transaction.view();
    CAIRN_ASSIGN(std::vector<DocId> ids, documents_since(reads, from));
    DeletePlan plan(context, 0, true);
    for (const DocId& id : ids) {
        CAIRN_ASSIGN(DocumentPlace place, locate_document(reads, id));
        const int at = catalog.collection_index_by_short_id(place.collection);
        if (place.state == State::absent || at < 0) continue;
        if (place.state == State::deleted) {
            plan.give(at, id);
        } else {
            CAIRN_TRY(give_targets(catalog, reads, catalog.collection(at), id, plan));
        }
    }
    CAIRN_TRY(plan.find());
    DeleteEffects effects;
    return plan.run(effects);
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
    if (value.is_null() || rule_of(collection, key) == DeleteRule::none) return {};
    const auto& text = value.as<std::string>();
    const auto id = DocId::from_text(text);
    DocumentPlace place;
    if (id) {
        transaction.depend_on(id->key());
        CAIRN_ASSIGN(place, locate_document(transaction.view(), *id));
    }
    const Field& field = collection.field(key.relation_object);
    const Collection& target = transaction.catalog().collection(field.target);
    if (place.is_active_in(target.short_id)) return {};
    return fail(ErrorCode::not_found,
                fmt::format("{}. Field: {}, Collection: {}, DocID: {}",
                            place.state == State::deleted ? "a reference to a deleted document"
                                                          : "a reference to an unknown document",
                            field.name, target.name, text));
}

Status expect_repairs(Store& store) {
    if (!store.catalog()->has_delete_rules()) return {};
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store.begin_exclusive());
    rocksdb::PinnableSlice noted;
    CAIRN_ASSIGN(bool found, transaction->view().get(Family::meta, kRepairsDueKey, noted));
    if (found) return {};  // from an earlier position
    transaction->sink().put(Family::meta, kRepairsDueKey, log_key(store.position()));
    return transaction->commit();
}

Status make_due_repairs(Store& store) {
    if (!store.catalog()->has_delete_rules()) return {};
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, store.begin_exclusive());
    rocksdb::PinnableSlice noted;
    CAIRN_ASSIGN(bool found, transaction->view().get(Family::meta, kRepairsDueKey, noted));
    if (!found) return {};
    if (noted.size() != 8) return fail(ErrorCode::corruption, "the note of a merge is damaged");
    if (!store.catalog()->has_branchable()) transaction->use_plain_batch();  // all is read before any write
    WriteContext context{*transaction};
    CAIRN_TRY(repair_references(context, dag::read_big_endian64(noted.data())));
    transaction->sink().erase(Family::meta, kRepairsDueKey);
    return transaction->commit();
}

}  // namespace cairn
