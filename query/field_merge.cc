#include "query/field_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace cairn::query {

namespace {

bool same_value(const AstValue& a, const AstValue& b) {
    if (a.kind != b.kind || a.items.size() != b.items.size() || a.fields.size() != b.fields.size())
        return false;
    if (a.kind == AstValue::Kind::list) {
        return std::equal(a.items.begin(), a.items.end(), b.items.begin(),
                          [](const AstValue* x, const AstValue* y) { return same_value(*x, *y); });
    }
    if (a.kind == AstValue::Kind::object) {
        return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(),
                          [](const AstObjectField& x, const AstObjectField& y) {
                              return x.name == y.name && same_value(*x.value, *y.value);
                          });
    }
    return a.text == b.text;
}

bool same_arguments(std::span<const AstArgument> a, std::span<const AstArgument> b) {
    if (a.size() != b.size()) return false;
    return std::all_of(a.begin(), a.end(), [&](const AstArgument& argument) {
        auto other =
            std::find_if(b.begin(), b.end(), [&](const AstArgument& x) { return x.name == argument.name; });
        return other != b.end() && same_value(*argument.value, *other->value);
    });
}

// Whether values of two types cannot stand under one key. Objects are compared through their selections.
bool types_conflict(const TypeRef& a, const TypeRef& b) {
    if (a.non_null != b.non_null || a.is_list != b.is_list || a.element_non_null != b.element_non_null)
        return true;
    return (a.named->is_leaf() || b.named->is_leaf()) && a.named != b.named;
}

}  // namespace

bool FieldMerge::spend(std::size_t cost) {
    comparisons_left_ -= std::min(cost, comparisons_left_);
    return comparisons_left_ > 0;
}

// The usual case: only fields, no key twice. Nothing can conflict then.
bool FieldMerge::has_simple_keys(AstSelectionSet selections) const {
    constexpr std::size_t kScan = 16;
    for (const AstSelection* selection : selections) {
        if (selection->kind != AstSelection::Kind::field) return false;
    }
    if (selections.size() <= kScan) {
        for (std::size_t i = 1; i < selections.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                if (selections[i]->response_key() == selections[k]->response_key()) return false;
            }
        }
        return true;
    }
    std::unordered_set<std::string_view> keys;
    return std::all_of(selections.begin(), selections.end(), [&](const AstSelection* selection) {
        return keys.insert(selection->response_key()).second;
    });
}

std::vector<std::string> FieldMerge::conflicts(const GqlType* parent, AstSelectionSet selections) {
    std::vector<std::string> messages;
    conflicts_left_ = kMaxViolations;
    if (is_exhausted() || has_simple_keys(selections)) return messages;
    Conflicts found;
    const FieldMap& map = map_of(parent, selections);
    within(map, found);
    for (std::size_t i = 0; i < map.fragments.size() && !is_exhausted(); ++i) {
        with_fragment(map, map.fragments[i], false, found);
        for (std::size_t k = i + 1; k < map.fragments.size() && !is_exhausted(); ++k) {
            between_fragments(map.fragments[i], map.fragments[k], false, found);
        }
    }
    for (const Conflict& conflict : found) {
        messages.push_back(
            fmt::format("Fields \"{}\" conflict because {}. Use different aliases on the fields to fetch "
                        "both if this was intentional.",
                        conflict.key, conflict.reason));
    }
    return messages;
}

const FieldMerge::FieldMap& FieldMerge::map_of(const GqlType* parent, AstSelectionSet selections) {
    const FieldMap*& known = by_selections_[selections.data()];
    if (known == nullptr) {
        FieldMap& map = maps_.emplace_back();
        known = &map;
        collect(parent, selections, map);
    }
    return *known;
}

const FieldMerge::FieldMap* FieldMerge::map_of_fragment(std::string_view name) {
    const AstFragment* fragment = document_.fragment(name);
    if (fragment == nullptr) return nullptr;
    return &map_of(schema_.type(fragment->type_condition), fragment->selections);
}

void FieldMerge::collect(const GqlType* parent, AstSelectionSet selections, FieldMap& map) {
    for (const AstSelection* selection : selections) {
        switch (selection->kind) {
            case AstSelection::Kind::field: {
                bool is_object = parent != nullptr && parent->kind == GqlType::Kind::object;
                const FieldDef* definition =
                    is_object ? schema_.find_field(*parent, selection->name) : nullptr;
                auto [it, fresh] = map.index.try_emplace(selection->response_key(), map.groups.size());
                if (fresh) map.groups.emplace_back(selection->response_key(), std::vector<Entry>());
                map.groups[it->second].second.push_back({parent, selection, definition});
                break;
            }
            case AstSelection::Kind::fragment_spread:
                if (map.known_fragments.insert(selection->name).second) {
                    map.fragments.push_back(selection->name);
                }
                break;
            case AstSelection::Kind::inline_fragment: {
                const GqlType* condition = schema_.type(selection->type_condition);
                collect(condition == nullptr ? parent : condition, selection->selections, map);
                break;
            }
        }
    }
}

void FieldMerge::within(const FieldMap& map, Conflicts& out) {
    for (const auto& [key, entries] : map.groups) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            for (std::size_t k = i + 1; k < entries.size() && spend(); ++k) {
                compare(key, entries[i], entries[k], false, out);
            }
        }
    }
}

void FieldMerge::between(const FieldMap& a, const FieldMap& b, bool exclusive, Conflicts& out) {
    for (const auto& [key, entries] : a.groups) {
        auto other = b.index.find(key);
        if (other == b.index.end()) continue;
        for (const Entry& x : entries) {
            for (const Entry& y : b.groups[other->second].second) {
                if (!spend()) return;
                compare(key, x, y, exclusive, out);
            }
        }
    }
}

void FieldMerge::with_fragment(const FieldMap& map, std::string_view fragment, bool exclusive,
                               Conflicts& out) {
    const FieldMap* other = map_of_fragment(fragment);
    if (other == nullptr || other == &map || !spend()) return;
    between(map, *other, exclusive, out);
    for (std::string_view nested : other->fragments) with_fragment(map, nested, exclusive, out);
}

void FieldMerge::between_fragments(std::string_view a, std::string_view b, bool exclusive, Conflicts& out) {
    // A pair of fragments is remembered, which costs more than comparing two fields.
    constexpr std::size_t kPairCost = 4;
    if (a == b || !spend(kPairCost)) return;
    auto pair = std::minmax(a, b);
    if (!compared_fragments_.emplace(pair.first, pair.second, exclusive).second) return;
    const FieldMap *first = map_of_fragment(a), *second = map_of_fragment(b);
    if (first == nullptr || second == nullptr) return;
    between(*first, *second, exclusive, out);
    for (std::string_view nested : second->fragments) between_fragments(a, nested, exclusive, out);
    for (std::string_view nested : first->fragments) between_fragments(nested, b, exclusive, out);
}

void FieldMerge::add(Conflicts& out, std::string_view key, std::string reason) {
    if (conflicts_left_ == 0) comparisons_left_ = 0;
    if (is_exhausted()) return;
    --conflicts_left_;
    out.push_back({key, std::move(reason)});
}

void FieldMerge::compare(std::string_view key, const Entry& a, const Entry& b, bool exclusive,
                         Conflicts& out) {
    exclusive = exclusive || (a.parent != b.parent && a.parent != nullptr && b.parent != nullptr);
    if (!exclusive && a.node->name != b.node->name) {
        return add(out, key, fmt::format("{} and {} are different fields", a.node->name, b.node->name));
    }
    if (!exclusive && !same_arguments(a.node->arguments, b.node->arguments)) {
        return add(out, key, "they have differing arguments");
    }
    bool typed = a.definition != nullptr && b.definition != nullptr;
    if (typed && types_conflict(a.definition->type, b.definition->type)) {
        return add(out, key,
                   fmt::format("they return conflicting types {} and {}", a.definition->type.text(),
                               b.definition->type.text()));
    }
    if (!a.node->has_selection_set || !b.node->has_selection_set) return;
    std::string reason;
    for (const Conflict& conflict : compare_selections(a, b, exclusive)) {
        if (!reason.empty()) reason += " and ";
        reason += fmt::format("subfields \"{}\" conflict because {}", conflict.key, conflict.reason);
    }
    if (!reason.empty()) add(out, key, std::move(reason));
}

FieldMerge::Conflicts FieldMerge::compare_selections(const Entry& a, const Entry& b, bool exclusive) {
    Conflicts found;
    auto selected_type = [](const Entry& entry) {
        return entry.definition == nullptr ? nullptr : entry.definition->type.named;
    };
    const FieldMap& first = map_of(selected_type(a), a.node->selections);
    const FieldMap& second = map_of(selected_type(b), b.node->selections);
    between(first, second, exclusive, found);
    for (std::string_view name : second.fragments) with_fragment(first, name, exclusive, found);
    for (std::string_view name : first.fragments) with_fragment(second, name, exclusive, found);
    for (std::string_view x : first.fragments) {
        if (is_exhausted()) break;
        for (std::string_view y : second.fragments) between_fragments(x, y, exclusive, found);
    }
    return found;
}

}  // namespace cairn::query
