#include "collections/links.h"

#include <algorithm>

#include "collections/document_state.h"
#include "collections/relation_index.h"

namespace cairn {
namespace {

Status add_links(const ReadView& view, const Collection& junction, int key, const DocId& id,
                 std::vector<Link>& links) {
    return visit_sources(view, junction.short_id, junction.field(key).short_id, id,
                         [&](const DocId& pair, std::string_view other) {
                             if (other.size() == sizeof(DocId))
                                 links.push_back({pair, DocId::from_key(other)});
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
    using State = DocumentPlace::State;

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
        CAIRN_ASSIGN(DocumentPlace place, locate_document(transaction.view(), id));
        return place.state;
    }

    WriteContext& context_;
    const RelationLink& link_;
    std::string near_, far_;
};

}  // namespace

Result<std::vector<Link>> links_of(const ReadView& view, const Catalog& catalog, const RelationLink& link,
                                   const DocId& id) {
    std::vector<Link> links;
    const Collection& junction = catalog.collection(link.junction);
    CAIRN_TRY(add_links(view, junction, link.near, id, links));
    if (link.symmetric) CAIRN_TRY(add_links(view, junction, link.far, id, links));
    return links;
}

Result<std::vector<DocId>> sources_of(const ReadView& view, std::uint32_t collection, std::uint32_t field,
                                      const DocId& id) {
    std::vector<DocId> sources;
    CAIRN_TRY(visit_sources(view, collection, field, id,
                            [&](const DocId& source, std::string_view) { sources.push_back(source); }));
    return sources;
}

Status link_documents(WriteContext& context, const RelationLink& link, const DocId& near, const DocId& far) {
    return PairDocuments(context, link, near, far).ensure();
}

Status unlink_documents(WriteContext& context, const RelationLink& link, const std::vector<Link>& links) {
    std::vector<DocId> pairs;
    for (const Link& each : links) pairs.push_back(each.pair);
    return delete_documents(context, link.junction, pairs);
}

}  // namespace cairn
