#include "crdt/heads.h"

#include <algorithm>

namespace cairn::crdt {
namespace {

template <typename Heads>
auto find_place(Heads& heads, const dag::Digest& digest) {
    return std::lower_bound(heads.begin(), heads.end(), digest,
                            [](const Head& head, const dag::Digest& wanted) {
                                return dag::compare_as_text(head.digest, wanted) < 0;
                            });
}

}  // namespace

bool contains_head(const HeadSet& heads, const dag::Digest& digest) {
    const auto place = find_place(heads, digest);
    return place != heads.end() && place->digest == digest;
}

void add_head(HeadSet& heads, const Head& head) {
    const auto place = find_place(heads, head.digest);
    if (place != heads.end() && place->digest == head.digest) {
        place->height = head.height;
    } else {
        heads.insert(place, head);
    }
}

bool remove_head(HeadSet& heads, const dag::Digest& digest) {
    const auto place = find_place(heads, digest);
    if (place == heads.end() || place->digest != digest) return false;
    heads.erase(place);
    return true;
}

std::uint64_t next_height(const HeadSet& heads) {
    std::uint64_t greatest = 0;
    for (const Head& head : heads) greatest = std::max(greatest, head.height);
    return greatest == UINT64_MAX ? greatest : greatest + 1;
}

std::vector<dag::Digest> head_digests(const HeadSet& heads) {
    std::vector<dag::Digest> digests;
    digests.reserve(heads.size());
    for (const Head& head : heads) digests.push_back(head.digest);
    return digests;
}

}  // namespace cairn::crdt
