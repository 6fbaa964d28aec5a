#include "collections/links.h"

#include <algorithm>

#include <fmt/format.h>

namespace cairn {
namespace {

// Calls visit(source, value of the entry) for the entries of a document.
template <typename Visit>
Status visit_entries(const ReadView& view, std::uint32_t collection, std::uint32_t field, const DocId& id,
                     const Visit& visit) {
    const std::string prefix = relation_prefix(collection, field, id);
    auto cursor = view.iterate(Family::relations, prefix, ScanKind::within_prefix);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        const std::string_view entry = cairn::view(cursor->it->key());
        if (!entry.starts_with(prefix)) break;
        if (!view.take()) return view.budget()->failure();
        visit(DocId::from_key(entry.substr(prefix.size())), cairn::view(cursor->it->value()));
    }
    if (!cursor->it->status().ok())
        return rocksdb_error(cursor->it->status(), "cannot read the relation index");
    return {};
}

Status add_links(const ReadView& view, const Collection& junction, int key, const DocId& id,
                 std::vector<Link>& links) {
    const std::uint32_t number = junction.fields[static_cast<std::size_t>(key)].short_id;
    return visit_entries(view, junction.short_id, number, id, [&](const DocId& pair, std::string_view other) {
        if (other.size() == sizeof(DocId)) links.push_back({pair, DocId::from_key(other)});
    });
}

// Documents that may stand for one pair: the first, then one for each time that it was unlinked.
class PairDocuments {
  public:
    PairDocuments(WriteContext& context, const RelationLink& link, const DocId& near, const DocId& far)
        : context_(context), link_(link) {
        const bool swapped = link.symmetric && far < near;
        near_ = (swapped ? far : near).text();
        far_ = (swapped ? near : far).text();
    }

    // Creates the pair's document, or finds it there.
    Status ensure() {
        // Once deleted, a document stays so; the first that is not deleted is looked for by doubled steps,
        // then by halving.
        std::int64_t low = 0, step = 1;
        CAIRN_ASSIGN(State state, state_of(0));
        while (state == State::deleted) {
            low += step;
            step *= 2;
            CAIRN_ASSIGN(state, state_of(low));
        }
        std::int64_t below = low - step / 2;  // deleted, unless low is 0
        while (low > 0 && low - below > 1) {
            const std::int64_t middle = below + (low - below) / 2;
            CAIRN_ASSIGN(State there, state_of(middle));
            (there == State::deleted ? below : low) = middle;
            if (there != State::deleted) state = there;
        }
        if (state == State::active) return {};
        CAIRN_TRY(create_document(context_, link_.junction, inputs(low)));
        return {};
    }

  private:
    enum class State : std::uint8_t { absent, active, deleted };

    std::vector<FieldInput> inputs(std::int64_t relinked) const {
        std::vector<FieldInput> values{{link_.near, Value(near_)}, {link_.far, Value(far_)}};
        if (relinked > 0) values.push_back({link_.relinked, Value(relinked)});
        return values;
    }

    Result<State> state_of(std::int64_t relinked) {
        StoreTransaction& transaction = context_.transaction;
        const Collection& junction = transaction.catalog().collection(link_.junction);
        const DocId id = compute_document_id(junction, inputs(relinked));
        transaction.depend_on(id.key());
        rocksdb::PinnableSlice heads;
        CAIRN_ASSIGN(bool found, transaction.view().get(Family::heads, id.key(), heads));
        if (!found) return State::absent;
        std::uint32_t collection = 0;
        bool deleted = false;
        if (!peek_heads(view(heads), collection, deleted))
            return fail(ErrorCode::corruption, fmt::format("heads of {} are damaged", id.text()));
        return deleted ? State::deleted : State::active;
    }

    WriteContext& context_;
    const RelationLink& link_;
    std::string near_, far_;
};

}  // namespace

Result<std::vector<Link>> links_of(const ReadView& view, const Catalog& catalog, const Field& field,
                                   const DocId& id) {
    std::vector<Link> links;
    const Collection& junction = catalog.collection(field.link->junction);
    CAIRN_TRY(add_links(view, junction, field.link->near, id, links));
    if (field.link->symmetric) CAIRN_TRY(add_links(view, junction, field.link->far, id, links));
    return links;
}

Result<std::vector<DocId>> sources_of(const ReadView& view, std::uint32_t collection, std::uint32_t field,
                                      const DocId& id) {
    std::vector<DocId> sources;
    CAIRN_TRY(visit_entries(view, collection, field, id,
                            [&](const DocId& source, std::string_view) { sources.push_back(source); }));
    return sources;
}

Status link_documents(WriteContext& context, const Field& field, const DocId& near, const DocId& far) {
    return PairDocuments(context, *field.link, near, far).ensure();
}

Status unlink_documents(WriteContext& context, const Field& field, const std::vector<Link>& links) {
    for (const Link& link : links) CAIRN_TRY(delete_document(context, field.link->junction, link.pair));
    return {};
}

}  // namespace cairn
