#include "query/fragment_graph.h"

#include <algorithm>
#include <unordered_set>

#include "dag/limits.h"

namespace cairn::query {

FragmentGraph::FragmentGraph(const Document& document) : document_(document) {
    if (document.fragments().empty()) return;
    for (const AstFragment& fragment : document.fragments()) {
        spreads_.emplace(&fragment, spreads(fragment.selections));
        measure_fragment(fragment, 0);
    }
    // All operations together: rules look at the fragments of each.
    std::size_t selections = 0;
    for (const AstOperation& operation : document.operations()) {
        selections += measure(operation.selections, 0).selections;
        if (selections > limits::kMaxSyntaxTokens) too_large_ = true;
        if (too_large_) return;
    }
}

std::vector<const AstSelection*> FragmentGraph::spreads(AstSelectionSet selections) {
    std::vector<const AstSelection*> found;
    std::vector<AstSelectionSet> pending = {selections};
    while (!pending.empty()) {
        AstSelectionSet set = pending.back();
        pending.pop_back();
        for (const AstSelection* selection : set) {
            if (selection->kind == AstSelection::Kind::fragment_spread) found.push_back(selection);
            if (selection->has_selection_set) pending.push_back(selection->selections);
        }
    }
    return found;
}

std::vector<const AstFragment*> FragmentGraph::reachable(AstSelectionSet selections) const {
    std::vector<const AstFragment*> found;
    std::unordered_set<const AstFragment*> seen;
    auto visit = [&](const std::vector<const AstSelection*>& from) {
        for (const AstSelection* spread : from) {
            const AstFragment* fragment = document_.fragment(spread->name);
            if (fragment != nullptr && seen.insert(fragment).second) found.push_back(fragment);
        }
    };
    visit(spreads(selections));
    for (std::size_t next = 0; next < found.size(); ++next) visit(spreads_.at(found[next]));
    return found;
}

// Recursion is bounded: every call is one level deeper, and past the limit nothing is followed.
FragmentGraph::Size FragmentGraph::measure(AstSelectionSet selections, std::size_t level) {
    Size size;
    if (level > limits::kMaxSyntaxDepth) too_large_ = true;
    if (too_large_) return size;
    for (const AstSelection* selection : selections) {
        Size inner;
        if (selection->kind == AstSelection::Kind::fragment_spread) {
            const AstFragment* fragment = document_.fragment(selection->name);
            if (fragment != nullptr) inner = measure_fragment(*fragment, level + 1);
        } else if (selection->has_selection_set) {
            inner = measure(selection->selections, level + 1);
        }
        size.depth = std::max(size.depth, inner.depth + 1);
        size.selections += inner.selections + 1;
        if (size.selections > limits::kMaxSyntaxTokens) too_large_ = true;
        if (too_large_) return size;
    }
    if (level + size.depth > limits::kMaxSyntaxDepth) too_large_ = true;
    return size;
}

FragmentGraph::Size FragmentGraph::measure_fragment(const AstFragment& fragment, std::size_t level) {
    auto [it, fresh] = sizes_.try_emplace(&fragment);
    if (!fresh) {
        // Met again while it is being measured: it spreads itself.
        if (!it->second.done) has_cycle_ = true;
        if (level + it->second.depth > limits::kMaxSyntaxDepth) too_large_ = true;
        return it->second;
    }
    Size size = measure(fragment.selections, level);
    size.done = true;
    sizes_[&fragment] = size;
    return size;
}

}  // namespace cairn::query
