#include "query/index_ranges.h"

#include <algorithm>

#include "collections/value.h"

namespace cairn::query {
namespace {

using Intervals = std::vector<ValueInterval>;

std::string key_of(const Value& value, FieldKind kind, bool descending) {
    std::string key;
    append_index_key(value, kind, descending, key);
    return key;
}

ValueInterval starting_with(std::string prefix) {
    std::string end = after_prefix(prefix);
    return {std::move(prefix), std::move(end)};
}

// Nulls are first in ascending order and last in descending.
ValueInterval not_null(bool descending) {
    return descending ? ValueInterval{"", "\xff"} : ValueInterval{"\x01", ""};
}

// The values of a JSON field that comparisons look at: numbers.
ValueInterval json_numbers(bool descending) {
    return starting_with(descending ? "\xfd" : "\x02");
}

ValueInterval intersection(const ValueInterval& a, const ValueInterval& b) {
    ValueInterval both{std::max(a.low, b.low), std::min(a.high, b.high)};
    if (a.high.empty() || b.high.empty()) both.high = std::max(a.high, b.high);
    return both;
}

ValueInterval comparison_interval(Operator op, const std::string& key, bool descending) {
    bool upwards = op == Operator::gt || op == Operator::ge;
    bool inclusive = op == Operator::ge || op == Operator::le;
    if (upwards != descending) return {inclusive ? key : after_prefix(key), ""};
    return {"", inclusive ? after_prefix(key) : key};
}

// What a pattern says about the start of a text (spec/query.md 5.3); nothing when it says nothing.
struct LikeStart {
    std::string text;
    bool is_all = false;  // the text is the whole value
};
std::optional<LikeStart> like_start(const std::string& pattern) {
    if (pattern.size() < 2) return LikeStart{pattern, true};
    if (pattern.front() == '%') return std::nullopt;
    if (pattern.back() == '%') return LikeStart{pattern.substr(0, pattern.size() - 1), false};
    std::size_t first = pattern.find('%');
    if (first == std::string::npos || pattern.find('%', first + 1) != std::string::npos) {
        return LikeStart{pattern, true};
    }
    return LikeStart{pattern.substr(0, first), false};
}

std::optional<Intervals> like_intervals(const Value& operand, FieldKind kind, bool descending) {
    const auto* pattern = operand.get_if<std::string>();
    auto start = pattern == nullptr ? std::nullopt : like_start(*pattern);
    if (!start) return std::nullopt;
    std::string key = key_of(Value(start->text), kind, descending);
    if (!start->is_all) key.resize(key.size() - 2);  // the mark at a text's end
    return Intervals{starting_with(std::move(key))};
}

// The values that a condition on a value can hold for; nothing: any.
std::optional<Intervals> scalar_intervals(const Filter& filter, FieldKind kind, bool descending) {
    const Value& operand = filter.operand;
    bool json = kind == FieldKind::json;
    switch (filter.op) {
        case Operator::eq:
            return Intervals{starting_with(key_of(operand, kind, descending))};
        case Operator::in: {
            const auto* list = operand.get_if<Value::Array>();
            if (list == nullptr) return std::nullopt;
            Intervals all;
            for (const Value& item : *list) {
                ValueInterval one = starting_with(key_of(item, kind, descending));
                bool known = std::any_of(all.begin(), all.end(),
                                         [&](const ValueInterval& other) { return other.low == one.low; });
                if (!known) all.push_back(std::move(one));
            }
            return all;
        }
        case Operator::gt:
        case Operator::ge:
        case Operator::lt:
        case Operator::le: {
            if (operand.is_null()) {
                if (filter.op == Operator::gt) return Intervals{not_null(descending)};
                if (filter.op == Operator::lt) return Intervals{};
                if (filter.op == Operator::ge) return std::nullopt;
                return Intervals{starting_with(key_of(Value(), kind, descending))};
            }
            ValueInterval range =
                comparison_interval(filter.op, key_of(operand, kind, descending), descending);
            return Intervals{intersection(range, json ? json_numbers(descending) : not_null(descending))};
        }
        case Operator::like:
            return like_intervals(operand, kind, descending);
        default:
            return std::nullopt;
    }
}

// Conditions on one value, all required; several operators make one interval (spec/query.md Q29).
FieldRange value_range(const std::vector<const Filter*>& conditions, FieldKind kind, bool descending) {
    FieldRange range;
    ValueInterval bounds{"", ""};
    bool bounded = false;
    for (const Filter* condition : conditions) {
        auto intervals = scalar_intervals(*condition, kind, descending);
        if (!intervals) continue;
        if (condition->op == Operator::eq) {
            range.intervals = std::move(*intervals);
            range.is_exact = true;
            range.listed = false;
            return range;
        }
        if (condition->op == Operator::in || intervals->empty()) {
            if (range.listed) continue;
            range.intervals = std::move(*intervals);
            range.listed = true;
            continue;
        }
        bounds = intersection(bounds, intervals->front());
        bounded = true;
    }
    if (range.listed) return range;
    range.intervals = {bounds};
    range.is_whole = !bounded;
    return range;
}

std::vector<const Filter*> scalars_among(const std::vector<const Filter*>& conditions) {
    std::vector<const Filter*> scalars;
    for (const Filter* condition : conditions) {
        if (condition->kind == Filter::Kind::scalar && !condition->as_json) scalars.push_back(condition);
    }
    return scalars;
}

// An array: matches of _any have an element, and so an entry. An empty array has none, and satisfies _all and
// _none.
std::optional<FieldRange> array_range(const Field& field, bool descending,
                                      const std::vector<const Filter*>& conditions) {
    for (const Filter* condition : conditions) {
        if (condition->kind != Filter::Kind::array_any) continue;
        std::vector<const Filter*> inner = scalars_among(required_conditions(*condition->children.front()));
        FieldRange range = value_range(inner, element_kind(field.kind), descending);
        range.repeats = true;
        return range;
    }
    return std::nullopt;
}

// A path to a leaf and the conditions on it that only a leaf there can satisfy.
struct LeafConditions {
    std::string path;
    std::vector<const Filter*> conditions;
    bool in_array = false;
};

bool wants_leaf(const Filter& condition) {
    if (condition.kind != Filter::Kind::scalar) return false;
    const Value& operand = condition.operand;
    bool composite = operand.get_if<Value::Array>() != nullptr || operand.get_if<Value::Object>() != nullptr;
    switch (condition.op) {
        case Operator::eq:
            return !operand.is_null() && !composite;
        case Operator::in: {
            const auto* list = operand.get_if<Value::Array>();
            return list != nullptr && std::all_of(list->begin(), list->end(), [](const Value& item) {
                       return !item.is_null() && item.get_if<Value::Array>() == nullptr &&
                              item.get_if<Value::Object>() == nullptr;
                   });
        }
        case Operator::gt:
        case Operator::ge:
        case Operator::lt:
        case Operator::le:
            return operand.get_if<double>() != nullptr;
        case Operator::like:
            return operand.get_if<std::string>() != nullptr;
        default:
            return false;
    }
}

// Appends the way into a step or an array while something below is found there.
bool find_leaf(const Filter& filter, LeafConditions& leaf);
bool find_leaf_below(const Filter& filter, std::string_view way, LeafConditions& leaf) {
    std::size_t size = leaf.path.size();
    leaf.path += way;
    if (find_leaf(*filter.children.front(), leaf)) return true;
    leaf.path.resize(size);
    return false;
}

bool find_leaf(const Filter& filter, LeafConditions& leaf) {
    std::vector<const Filter*> required = required_conditions(filter);
    for (const Filter* condition : required) {
        if (leaf.in_array) break;  // what is nested in elements has no entries
        if (condition->kind == Filter::Kind::json_step) {
            std::string way = '\1' + condition->name;
            way += '\0';
            if (find_leaf_below(*condition, way, leaf)) return true;
        } else if (condition->kind == Filter::Kind::array_any) {
            leaf.in_array = true;
            if (find_leaf_below(*condition, "\2", leaf)) return true;
            leaf.in_array = false;
        }
    }
    for (const Filter* condition : required) {
        if (wants_leaf(*condition)) leaf.conditions.push_back(condition);
    }
    return !leaf.conditions.empty();
}

// JSON: only conditions behind a property step; those on the field itself are evaluated by a scan
// (spec/query.md 13.7).
std::optional<FieldRange> json_range(bool descending, const std::vector<const Filter*>& conditions) {
    for (const Filter* condition : conditions) {
        LeafConditions leaf;
        if (!find_leaf(*condition->children.front(), leaf) || leaf.path.empty()) continue;
        leaf.path += '\0';
        if (descending) {
            for (char& c : leaf.path) c = static_cast<char>(~c);
        }
        FieldRange range = value_range(leaf.conditions, FieldKind::json, descending);
        for (ValueInterval& interval : range.intervals) {
            interval.high = interval.high.empty() ? after_prefix(leaf.path) : leaf.path + interval.high;
            interval.low = leaf.path + interval.low;
        }
        range.is_whole = false;
        range.repeats = leaf.in_array;
        return range;
    }
    return std::nullopt;
}

}  // namespace

std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::vector<const Filter*> required_conditions(const Filter& filter) {
    std::vector<const Filter*> required;
    std::vector<const Filter*> pending = {&filter};
    while (!pending.empty()) {
        const Filter* next = pending.back();
        pending.pop_back();
        bool alone = next->kind == Filter::Kind::any_of && next->children.size() == 1;
        if (next->kind != Filter::Kind::all_of && !alone) {
            required.push_back(next);
            continue;
        }
        for (auto child = next->children.rbegin(); child != next->children.rend(); ++child) {
            pending.push_back(child->get());
        }
    }
    return required;
}

std::optional<FieldRange> range_of_field(const Field& field, int field_index, bool descending,
                                         const std::vector<const Filter*>& required) {
    std::vector<const Filter*> conditions;
    for (const Filter* condition : required) {
        bool on_field = condition->kind == Filter::Kind::scalar || condition->kind == Filter::Kind::doc_id ||
                        condition->kind == Filter::Kind::array_any || condition->kind == Filter::Kind::json;
        if (on_field && !condition->as_json && condition->field == field_index)
            conditions.push_back(condition);
    }
    if (conditions.empty()) return std::nullopt;
    if (field.kind == FieldKind::json) return json_range(descending, conditions);
    if (is_array_kind(field.kind)) return array_range(field, descending, conditions);
    return value_range(conditions, field.short_id == 1 ? FieldKind::id : field.kind, descending);
}

}  // namespace cairn::query
