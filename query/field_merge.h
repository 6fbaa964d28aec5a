// The rule that fields with one response key must be mergeable (spec/query.md section 3.8, conflicting
// merge). One object serves one validation; not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "query/ast.h"
#include "query/type_system.h"

namespace cairn::query {

class FieldMerge {
  public:
    FieldMerge(const Document& document, const TypeSystem& schema) : document_(document), schema_(schema) {}

    // Messages of the conflicts within one selection set, with the fragments it spreads. The document's
    // fragments must not be cyclic.
    std::vector<std::string> conflicts(const GqlType* parent, AstSelectionSet selections);
    // The document needs more comparisons than are allowed; conflicts() then gives nothing more.
    bool is_exhausted() const { return comparisons_left_ == 0; }

  private:
    struct Entry {
        const GqlType* parent = nullptr;
        const AstSelection* node = nullptr;
        const FieldDef* definition = nullptr;
    };
    // Fields of a selection set by response key, in order of first appearance, and the fragments it spreads,
    // each once.
    struct FieldMap {
        std::vector<std::pair<std::string_view, std::vector<Entry>>> groups;
        std::unordered_map<std::string_view, std::size_t> index;
        std::vector<std::string_view> fragments;
        std::unordered_set<std::string_view> known_fragments;
    };
    struct Conflict {
        std::string_view key;
        std::string reason;
    };
    using Conflicts = std::vector<Conflict>;

    bool has_simple_keys(AstSelectionSet selections) const;
    const FieldMap& map_of(const GqlType* parent, AstSelectionSet selections);
    const FieldMap* map_of_fragment(std::string_view name);
    void collect(const GqlType* parent, AstSelectionSet selections, FieldMap& map);
    void within(const FieldMap& map, Conflicts& out);
    void between(const FieldMap& a, const FieldMap& b, bool exclusive, Conflicts& out);
    void with_fragment(const FieldMap& map, std::string_view fragment, bool exclusive, Conflicts& out);
    void between_fragments(std::string_view a, std::string_view b, bool exclusive, Conflicts& out);
    void compare(std::string_view key, const Entry& a, const Entry& b, bool exclusive, Conflicts& out);
    Conflicts compare_selections(const Entry& a, const Entry& b, bool exclusive);
    void add(Conflicts& out, std::string_view key, std::string reason);
    bool spend(std::size_t cost = 1);

    const Document& document_;
    const TypeSystem& schema_;
    std::size_t comparisons_left_ = 2'000'000;
    std::size_t conflicts_left_ = 0;
    std::deque<FieldMap> maps_;  // stable addresses
    std::unordered_map<const void*, const FieldMap*> by_selections_;
    std::set<std::tuple<std::string_view, std::string_view, bool>> compared_fragments_;
};

}  // namespace cairn::query
