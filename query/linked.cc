#include "query/linked.h"

#include "collections/relation_index.h"
#include "query/read_costs.h"

namespace cairn::query {
namespace {

// Of the rows of a junction, which are small and mostly read from memory.
constexpr double kJunctionRow = 0.1;
constexpr std::size_t kSampleParents = 16, kFewParents = 64;

// The relation index of one key of a junction: (document, pair) -> the document in the other key.
class KeyIndex {
  public:
    KeyIndex(const ReadContext& context, int junction, int key)
        : reads_(context.view),
          collection_(context.catalog.collection(junction).short_id),
          number_(context.catalog.collection(junction).field(key).short_id),
          cursor_(reads_.iterate(Family::relations, relation_prefix(collection_, number_),
                                 ScanKind::within_prefix)) {}

    // Calls found(other) for each pair of a document.
    template <typename Found>
    Status of_document(const DocId& id, const Found& found) {
        return visit_sources(reads_, collection_, number_, id, *cursor_,
                             [&](const DocId&, std::string_view other) {
                                 if (other.size() == sizeof(DocId)) found(DocId::from_key(other));
                             });
    }

  private:
    const ReadView& reads_;
    const std::uint32_t collection_, number_;
    const std::unique_ptr<ReadView::PrefixIterator> cursor_;
};

// All pairs of the parents, from the rows of the junction: a pass over these, which are kept in memory, costs
// a tenth of one over the relation index, which is made to be looked up.
Status scan_links(const ReadContext& context, int junction, int near, int far, std::span<const DocId> parents,
                  std::vector<LinkedPair>& pairs) {
    DocIdMap positions(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i)
        positions.insert(parents[i], static_cast<std::uint32_t>(i));
    const Collection& type = context.catalog.collection(junction);
    const std::uint32_t near_slot = type.field(near).slot, far_slot = type.field(far).slot;
    ReadContext active{context.view, context.catalog};  // a deleted pair is none, whatever is shown
    return scan_rows(active, junction, [&](const DocId&, bool, std::string_view bytes) -> Result<bool> {
        const RowView row(bytes);
        const auto id = document_in(row, near_slot), other = document_in(row, far_slot);
        if (!id || !other) return true;
        const std::uint32_t parent = positions.find(*id);
        if (parent != DocIdMap::kEmpty) pairs.push_back({parent, *other});
        return true;
    });
}

// The pairs of one key. Few parents are looked up one by one, many by one pass.
Status add_links(const ReadContext& context, int junction, int near, int far, std::span<const DocId> parents,
                 std::vector<LinkedPair>& pairs) {
    KeyIndex index(context, junction, near);
    const std::size_t before = pairs.size();
    std::size_t next = 0;
    auto look_up = [&](std::size_t end) -> Status {
        for (; next < end; ++next) {
            CAIRN_TRY(index.of_document(parents[next], [&](const DocId& other) {
                pairs.push_back({static_cast<std::uint32_t>(next), other});
            }));
        }
        return {};
    };
    if (parents.size() <= kFewParents) return look_up(parents.size());
    CAIRN_TRY(look_up(kSampleParents));
    CAIRN_ASSIGN(double all_pairs, estimate_rows(context, junction));
    const double documents = static_cast<double>(parents.size());
    const double wanted = static_cast<double>(pairs.size() - before) / kSampleParents * documents;
    if (all_pairs * kJunctionRow >= documents * kSeek + wanted * kIndexStep) return look_up(parents.size());
    pairs.resize(before);
    return scan_links(context, junction, near, far, parents, pairs);
}

}  // namespace

Result<std::vector<LinkedPair>> list_links(const ReadContext& context, const Field& field,
                                           std::span<const DocId> parents) {
    std::vector<LinkedPair> pairs;
    const RelationLink& link = *field.link;
    CAIRN_TRY(add_links(context, link.junction, link.near, link.far, parents, pairs));
    if (link.symmetric) CAIRN_TRY(add_links(context, link.junction, link.far, link.near, parents, pairs));
    return pairs;
}

Result<std::vector<DocId>> linked_parents(const ReadContext& context, const Field& field,
                                          std::span<const DocId> others) {
    std::vector<DocId> parents;
    auto add = [&](const DocId& id) { parents.push_back(id); };
    KeyIndex far(context, field.link->junction, field.link->far);
    KeyIndex near(context, field.link->junction, field.link->near);
    for (const DocId& other : others) {
        CAIRN_TRY(far.of_document(other, add));
        if (field.link->symmetric) CAIRN_TRY(near.of_document(other, add));
    }
    return parents;
}

}  // namespace cairn::query
