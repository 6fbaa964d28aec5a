// The fragments of a document as a graph: which reach which, cycles, and how large the document is once they
// are put in place. Views into the document, which must outlive it. Immutable after it is built; thread-safe.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/ast.h"

namespace cairn::query {

class FragmentGraph {
  public:
    explicit FragmentGraph(const Document& document);

    // Spreads of a selection set that stand in it or in what is nested in it: those of the set itself first,
    // in order, then those of nested sets, the last nested set first (the order in which the rules look at
    // them).
    static std::vector<const AstSelection*> spreads(AstSelectionSet selections);

    // Fragments that a selection set reaches through spreads, each once; unknown names are left out.
    std::vector<const AstFragment*> reachable(AstSelectionSet selections) const;

    bool has_cycle() const { return has_cycle_; }
    // Nesting deeper than limits::kMaxSyntaxDepth, or more selections than limits::kMaxSyntaxTokens, once
    // every spread is replaced by its fragment.
    bool is_too_large() const { return too_large_; }

  private:
    struct Size {
        std::size_t depth = 0, selections = 0;
        bool done = false;
    };
    Size measure(AstSelectionSet selections, std::size_t level);
    Size measure_fragment(const AstFragment& fragment, std::size_t level);

    const Document& document_;
    std::unordered_map<const AstFragment*, Size> sizes_;
    std::unordered_map<const AstFragment*, std::vector<const AstSelection*>> spreads_;
    bool has_cycle_ = false, too_large_ = false;
};

}  // namespace cairn::query
