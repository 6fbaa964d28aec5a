#include "query_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace cairn::test {
namespace {

// ---- operators (5.2 to 5.4) ----

bool is_like(const std::string& text, std::string pattern) {
    if (pattern.size() < 2) return text == pattern;
    bool leading = pattern.front() == '%', trailing = false;
    if (leading) pattern.erase(0, 1);
    if (!pattern.empty() && pattern.back() == '%') {
        trailing = true;
        pattern.pop_back();
    }
    if (leading && trailing) return text.find(pattern) != std::string::npos;
    if (leading) return text.ends_with(pattern);
    if (trailing) return text.starts_with(pattern);
    auto at = pattern.find('%');
    if (at != std::string::npos && pattern.find('%', at + 1) == std::string::npos)
        return text.starts_with(pattern.substr(0, at)) && text.ends_with(pattern.substr(at + 1));
    return text == pattern;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

bool contains(const Json& list, const Json& value) {
    return std::any_of(list.begin(), list.end(), [&](const Json& one) { return one == value; });
}

bool matches_like(const Json& value, const std::string& operation, const std::string& pattern) {
    bool negated = operation == "_nlike" || operation == "_nilike";
    if (value.is_null()) return negated;
    bool folded = operation == "_ilike" || operation == "_nilike";
    bool is = folded ? is_like(lower(value), lower(pattern)) : is_like(value, pattern);
    return is != negated;
}

bool matches_comparison(const Json& value, const std::string& operation, const Json& operand) {
    if (operation == "_eq") return value == operand;
    if (operation == "_ne") return value != operand;
    if (operation == "_in") return contains(operand, value);
    if (operation == "_nin") return !contains(operand, value);
    if (operand.is_null()) {
        if (operation == "_gt") return !value.is_null();
        if (operation == "_ge") return true;
        if (operation == "_lt") return false;
        return value.is_null();
    }
    if (value.is_null()) return false;
    if (operation == "_gt") return value > operand;
    if (operation == "_ge") return value >= operand;
    if (operation == "_lt") return value < operand;
    if (operation == "_le") return value <= operand;
    throw std::logic_error("operator " + operation);
}

bool matches_block(const Json& value, const Json& block);

bool matches_array(const Json& value, const std::string& operation, const Json& block) {
    if (value.is_null()) return false;
    auto one = [&](const Json& element) { return matches_block(element, block); };
    if (operation == "_any") return std::any_of(value.begin(), value.end(), one);
    if (operation == "_all") return std::all_of(value.begin(), value.end(), one);
    return std::none_of(value.begin(), value.end(), one);
}

bool matches_block(const Json& value, const Json& block) {
    if (block.is_null()) return value.is_null();
    return std::all_of(block.items().begin(), block.items().end(), [&](const auto& entry) {
        const std::string operation = entry.key();
        if (operation == "_any" || operation == "_all" || operation == "_none")
            return matches_array(value, operation, entry.value());
        if (operation.ends_with("like")) return matches_like(value, operation, entry.value());
        return matches_comparison(value, operation, entry.value());
    });
}

// spec/query.md 4.6: less than, equal to or greater than 0.
int compare_for_order(const Json& a, const Json& b) {
    if (a.is_null() || b.is_null()) return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
    if (a.is_array()) return 0;
    return a < b ? -1 : b < a ? 1 : 0;
}

// A window where offset or limit 0 alone hides everything (7.4, 8.4).
bool hides_all(std::optional<int> limit, std::optional<int> offset) {
    return (limit || offset) && limit.value_or(0) <= 0;
}

template <typename List>
void cut(List& list, std::optional<int> limit, std::optional<int> offset) {
    const auto size = static_cast<std::ptrdiff_t>(list.size());
    const std::ptrdiff_t begin = std::min<std::ptrdiff_t>(offset.value_or(0), size);
    const std::ptrdiff_t end = limit && *limit > 0 ? std::min<std::ptrdiff_t>(begin + *limit, size) : size;
    list = List(list.begin() + begin, list.begin() + end);
}

bool excludes(const std::optional<std::vector<std::string>>& doc_ids, const std::string& id) {
    return doc_ids && std::find(doc_ids->begin(), doc_ids->end(), id) == doc_ids->end();
}

// ---- request text ----

std::string render_literal(const Json& value) {
    if (value.is_object()) {
        std::string text = "{";
        for (const auto& [name, member] : value.items())
            text += fmt::format("{}: {} ", name, render_literal(member));
        return text + "}";
    }
    if (value.is_array()) {
        std::string text = "[";
        for (const Json& member : value) text += render_literal(member) + " ";
        return text + "]";
    }
    return value.dump();
}

std::string render_order(const Json& order) {
    if (order.is_string()) return order.get<std::string>();
    if (order.is_array()) {
        std::string text = "[";
        for (const Json& one : order) text += render_order(one) + " ";
        return text + "]";
    }
    std::string text = "{";
    for (const auto& [name, value] : order.items()) text += fmt::format("{}: {} ", name, render_order(value));
    return text + "}";
}

std::string render_window(const Json& filter, const Json& order, std::optional<int> limit,
                          std::optional<int> offset) {
    std::string text;
    if (!filter.is_null()) text += fmt::format("filter: {} ", render_literal(filter));
    if (!order.is_null()) text += fmt::format("order: {} ", render_order(order));
    if (limit) text += fmt::format("limit: {} ", *limit);
    if (offset) text += fmt::format("offset: {} ", *offset);
    return text;
}

}  // namespace

std::string render_aggregate(const ModelAggregate& aggregate) {
    std::string text = aggregate.operation + "(";
    for (const ModelTarget& target : aggregate.targets) {
        text += fmt::format("{}: {{{}{}}} ", target.name,
                            target.field.empty() ? "" : fmt::format("field: {} ", target.field),
                            render_window(target.filter, target.order, target.limit, target.offset));
    }
    return text + ")";
}

std::string render_arguments(const ModelSelect& select) {
    std::string text = render_window(select.filter, select.order, select.limit, select.offset);
    if (select.doc_ids) text += fmt::format("docID: {} ", Json(*select.doc_ids).dump());
    if (select.group_by) text += fmt::format("groupBy: [{}] ", fmt::join(*select.group_by, " "));
    return text.empty() ? "" : "(" + text + ")";
}

std::string render_items(const std::vector<ModelItem>& items) {
    std::string text = "{ ";
    for (const ModelItem& item : items) {
        if (!item.alias.empty()) text += item.alias + ": ";
        text += item.aggregate ? render_aggregate(*item.aggregate) : item.name;
        for (const ModelSelect& select : item.select)
            text += render_arguments(select) + " " + render_items(select.items);
        text += " ";
    }
    return text + "}";
}

const ModelRelation* ModelType::relation(const std::string& wanted) const {
    auto at =
        std::find_if(relations.begin(), relations.end(), [&](const auto& one) { return one.name == wanted; });
    return at == relations.end() ? nullptr : &*at;
}

const ModelField* ModelType::field(const std::string& wanted) const {
    auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& one) { return one.name == wanted; });
    return at == fields.end() ? nullptr : &*at;
}

void Model::add(const std::string& type, ModelDocument document) {
    auto& list = documents_[type];
    auto at = std::lower_bound(list.begin(), list.end(), document,
                               [](const auto& a, const auto& b) { return a.id < b.id; });
    list.insert(at, std::move(document));
}

void Model::remove(const std::string& type, const std::string& id) {
    std::erase_if(documents_[type], [&](const ModelDocument& document) { return document.id == id; });
}

void Model::link(const std::string& pairs, const std::string& one, const std::string& other) {
    pairs_[pairs].emplace(one, other);
    pairs_[pairs].emplace(other, one);
}

const ModelType& Model::type(const std::string& name) const {
    return *std::find_if(types_.begin(), types_.end(),
                         [&](const ModelType& type) { return type.name == name; });
}

// ---- values and relations (6.2) ----

Model::Document Model::single(const ModelRelation& relation, Document document) const {
    if (document == nullptr) return nullptr;
    for (const ModelDocument& other : documents_.at(relation.target)) {
        if (relation.primary ? document->values.value(relation.key, Json()) == Json(other.id)
                             : other.values.value(relation.key, Json()) == Json(document->id))
            return &other;
    }
    return nullptr;
}

Model::Documents Model::many(const ModelRelation& relation, Document document) const {
    Documents found;
    if (document == nullptr) return found;
    const auto pairs = pairs_.find(relation.pairs);
    for (const ModelDocument& other : documents_.at(relation.target)) {
        const bool related = relation.pairs.empty()
                                 ? other.values.value(relation.key, Json()) == Json(document->id)
                                 : pairs != pairs_.end() && pairs->second.contains({document->id, other.id});
        if (related) found.push_back(&other);
    }
    return found;
}

Json Model::value(const ModelType& of, Document document, const std::string& name) const {
    if (document == nullptr) return nullptr;
    if (name == "_docID") return document->id;
    for (const ModelRelation& relation : of.relations) {
        if (relation.many || relation.primary || name != relation.name + "_id") continue;
        Document linked = single(relation, document);
        return linked == nullptr ? Json() : Json(linked->id);
    }
    return document->values.value(name, Json());
}

// ---- filters (5) ----

bool Model::matches_relation(const ModelRelation& relation, Document document, const Json& filter) const {
    const ModelType& target = type(relation.target);
    if (relation.many) {
        Documents related = many(relation, document);
        if (filter.is_null()) return related.empty();
        return std::any_of(related.begin(), related.end(),
                           [&](Document one) { return matches(target, one, filter, nullptr, nullptr); });
    }
    Document related = single(relation, document);
    if (filter.is_null()) return related == nullptr;
    return matches(target, related, filter, nullptr, nullptr);
}

// Conditions on response names of the select: aggregates, aliased values, relations (5.8).
bool Model::matches_alias(const ModelType& of, const Json& filter, const ModelSelect& select,
                          const Row& row) const {
    return std::all_of(filter.items().begin(), filter.items().end(), [&](const auto& entry) {
        const std::string name = entry.key();
        auto at = std::find_if(select.items.begin(), select.items.end(),
                               [&](const ModelItem& item) { return item.response() == name; });
        if (at == select.items.end()) return matches_block(value(of, row.document, name), entry.value());
        if (at->select.empty()) return matches_block(item_value(of, *at, row), entry.value());
        return matches_relation(*of.relation(at->name), row.document, entry.value());
    });
}

bool Model::matches(const ModelType& of, Document document, const Json& filter, const ModelSelect* select,
                    const Row* row) const {
    if (filter.is_null()) return true;
    return std::all_of(filter.items().begin(), filter.items().end(), [&](const auto& entry) {
        const std::string name = entry.key();
        const Json& condition = entry.value();
        auto one = [&](const Json& inner) { return matches(of, document, inner, select, row); };
        if (name == "_and") return std::all_of(condition.begin(), condition.end(), one);
        if (name == "_or") return std::any_of(condition.begin(), condition.end(), one);
        if (name == "_not") return !one(condition);
        if (name == "_alias") return matches_alias(of, condition, *select, *row);
        if (const ModelRelation* relation = of.relation(name))
            return matches_relation(*relation, document, condition);
        return matches_block(value(of, document, name), condition);
    });
}

// ---- order (4.6) ----

Json Model::order_key(const ModelType& of, const Json& order, const ModelSelect* select, const Row& row,
                      bool& descending) const {
    std::string name = order.begin().key();
    Json rest = order.begin().value();
    const ModelSelect* nested = nullptr;
    if (name == "_alias") {
        name = Json(rest).begin().key();
        rest = Json(rest.begin().value());
        auto at = std::find_if(select->items.begin(), select->items.end(),
                               [&](const ModelItem& item) { return item.response() == name; });
        if (at != select->items.end()) {
            if (at->select.empty()) {
                descending = rest == "DESC";
                return item_value(of, *at, row);
            }
            name = at->name;
            nested = &at->select[0];
        }
    }
    if (const ModelRelation* relation = of.relation(name))
        return order_key(type(relation->target), rest, nested, {single(*relation, row.document), {}},
                         descending);
    descending = rest == "DESC";
    return value(of, row.document, name);
}

void Model::sort(const ModelType& of, const Json& order, const ModelSelect* select,
                 std::vector<Row>& rows) const {
    if (!order.is_array() || order.empty()) return;
    struct Keyed {
        std::vector<std::pair<Json, bool>> keys;
        Row row;
    };
    std::vector<Keyed> keyed;
    for (Row& row : rows) {
        Keyed& one = keyed.emplace_back();
        for (const Json& part : order) {
            bool descending = false;
            Json key = order_key(of, part, select, row, descending);
            one.keys.emplace_back(std::move(key), descending);
        }
        one.row = std::move(row);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
        for (std::size_t i = 0; i < a.keys.size(); ++i) {
            int compared = compare_for_order(a.keys[i].first, b.keys[i].first);
            if (compared != 0) return a.keys[i].second ? compared > 0 : compared < 0;
        }
        return false;
    });
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = std::move(keyed[i].row);
}

Model::Documents Model::ordered(const ModelType& of, const Json& filter, const Json& order,
                                const std::optional<std::vector<std::string>>& doc_ids,
                                Documents documents) const {
    std::vector<Row> rows;
    for (Document document : documents) {
        if (!excludes(doc_ids, document->id) && matches(of, document, filter, nullptr, nullptr))
            rows.push_back({document, {}});
    }
    sort(of, order, nullptr, rows);
    documents.clear();
    for (const Row& row : rows) documents.push_back(row.document);
    return documents;
}

// ---- groups (7) ----

// The ordered or filtered children that the order of groups depends on; empty when there are none of their
// own.
Model::Documents Model::children_of_groups(const ModelSelect& select, const Documents& members) const {
    const ModelType& of = type(select.type);
    for (const ModelItem& item : select.items) {
        if (item.name != "_group" || item.aggregate) continue;
        const ModelSelect& inner = item.select[0];
        if (inner.filter.is_null() && inner.order.is_null() && !inner.doc_ids) return {};
        return ordered(of, inner.filter, inner.order, inner.doc_ids, members);
    }
    for (const ModelItem& item : select.items) {
        if (!item.aggregate || item.aggregate->targets[0].name != "_group") continue;
        ModelTarget target = item.aggregate->targets[0];
        if (item.aggregate->operation == "_avg") {
            Json added = {{target.field, {{"_ne", nullptr}}}};
            target.filter =
                target.filter.is_null() ? added : Json{{"_and", Json::array({target.filter, added})}};
        }
        if (target.filter.is_null() && target.order.is_null()) return {};
        return ordered(of, target.filter, target.order, std::nullopt, members);
    }
    return {};
}

// spec/query.md 7.2: parents and the children of the first `_group` are taken in turn.
std::vector<Model::Row> Model::group(const ModelSelect& select, const Documents& members) const {
    const ModelType& of = type(select.type);
    std::vector<Row> groups;
    std::map<Json, std::size_t> places;
    auto place = [&](Document document) -> Row& {
        Json key = Json::array();
        for (std::string name : *select.group_by) {
            if (of.relation(name) != nullptr) name += "_id";
            key.push_back(value(of, document, name));
        }
        auto [at, fresh] = places.emplace(key, groups.size());
        if (fresh) groups.push_back({});
        return groups[at->second];
    };
    const Documents children = children_of_groups(select, members);
    for (std::size_t i = 0; i < std::max(members.size(), children.size()); ++i) {
        if (i < members.size()) place(members[i]);
        if (i < children.size()) place(children[i]);
    }
    for (Document document : members) {
        Row& row = place(document);
        row.members.push_back(document);
        row.document = document;
    }
    return groups;
}

std::vector<Model::Row> Model::rows_of(const ModelSelect& select, const Documents& candidates) const {
    const ModelType& of = type(select.type);
    Json filter = select.filter, having;
    if (select.group_by && filter.is_object() && filter.contains("_alias")) {
        having = filter["_alias"];
        filter.erase("_alias");
    }
    std::vector<Row> rows;
    Documents kept;
    for (Document document : candidates) {
        Row row{document, {}};
        if (excludes(select.doc_ids, document->id) || !matches(of, document, filter, &select, &row)) continue;
        kept.push_back(document);
        rows.push_back(row);
    }
    if (select.group_by) {
        rows = group(select, kept);
        if (!having.is_null())
            std::erase_if(rows, [&](const Row& row) { return !matches_alias(of, having, select, row); });
    }
    sort(of, select.order, &select, rows);
    return rows;
}

Json Model::select_from(const ModelSelect& select, const Documents& candidates) const {
    std::vector<Row> rows = rows_of(select, candidates);
    if (select.is_group && hides_all(select.limit, select.offset)) rows.clear();
    cut(rows, select.limit, select.offset);
    Json answer = Json::array();
    for (const Row& row : rows) {
        Json object = Json::object();
        for (const ModelItem& item : select.items)
            object[item.response()] = item_value(type(select.type), item, row);
        answer.push_back(std::move(object));
    }
    return answer;
}

Json Model::item_value(const ModelType& of, const ModelItem& item, const Row& row) const {
    if (item.aggregate) return aggregate(of, *item.aggregate, row);
    if (item.select.empty()) return value(of, row.document, item.name);
    const ModelSelect& inner = item.select[0];
    if (item.name == "_group") return select_from(inner, row.members);
    const ModelRelation& relation = *of.relation(item.name);
    if (relation.many) return select_from(inner, many(relation, row.document));
    Document related = single(relation, row.document);
    if (related == nullptr) return nullptr;
    Json answer = select_from(inner, {related});
    return answer.empty() ? Json() : answer[0];
}

// ---- aggregates (8) ----

Json Model::array_values(const ModelTarget& target, const Json& elements) const {
    std::vector<Json> values;
    for (const Json& element : elements) {
        if (target.filter.is_null() || matches_block(element, target.filter)) values.push_back(element);
    }
    if (target.order.is_string()) {
        std::stable_sort(values.begin(), values.end(), [&](const Json& a, const Json& b) {
            const int compared = compare_for_order(a, b);
            return target.order == "DESC" ? compared > 0 : compared < 0;
        });
    }
    if (hides_all(target.limit, target.offset)) return Json::array();
    cut(values, target.limit, target.offset);
    return values;
}

Json Model::document_values(const ModelType& of, const ModelTarget& target, const Row& row,
                            bool& is_float) const {
    const ModelRelation* relation = of.relation(target.name);
    const bool grouped = target.name == "_group";
    const ModelType& inner = grouped ? of : type(relation != nullptr ? relation->target : target.name);
    Documents documents;
    if (grouped) {
        documents = row.members;
    } else if (relation != nullptr) {
        documents = many(*relation, row.document);
    } else {
        for (const ModelDocument& document : documents_.at(target.name)) documents.push_back(&document);
    }
    documents = ordered(inner, target.filter, target.order, std::nullopt, std::move(documents));
    if (grouped && hides_all(target.limit, target.offset)) documents.clear();
    cut(documents, target.limit, target.offset);
    if (const ModelField* field = inner.field(target.field))
        is_float = is_float || field->kind == ModelKind::number;
    Json values = Json::array();
    for (Document document : documents)
        values.push_back(target.field.empty() ? Json(1) : value(inner, document, target.field));
    return values;
}

Json Model::aggregate(const ModelType& of, const ModelAggregate& aggregate, const Row& row) const {
    bool is_float = false;
    Json all = Json::array();
    for (ModelTarget target : aggregate.targets) {
        const bool array = of.field(target.name) != nullptr;
        Json elements = array ? value(of, row.document, target.name) : Json();
        if (aggregate.operation == "_avg") {  // the added condition counts before the window (8.2)
            const Json added = {{target.field, {{"_ne", nullptr}}}};
            if (!array) {
                target.filter =
                    target.filter.is_null() ? added : Json{{"_and", Json::array({target.filter, added})}};
            } else if (elements.is_array()) {
                std::erase_if(elements.get_ref<Json::array_t&>(),
                              [](const Json& one) { return one.is_null(); });
            }
        }
        Json values = array ? array_values(target, elements) : document_values(of, target, row, is_float);
        all.insert(all.end(), values.begin(), values.end());
    }
    if (aggregate.operation == "_count") return all.size();
    double sum = 0;
    Json least, greatest;
    std::size_t count = 0;
    for (const Json& one : all) {
        if (one.is_null()) continue;
        ++count;
        sum += one.get<double>();
        if (least.is_null() || one < least) least = one;
        if (greatest.is_null() || one > greatest) greatest = one;
    }
    if (aggregate.operation == "_sum") return is_float ? Json(sum) : Json(static_cast<std::int64_t>(sum));
    if (aggregate.operation == "_avg") return count == 0 ? 0.0 : sum / static_cast<double>(count);
    return aggregate.operation == "_min" ? least : greatest;
}

Json Model::select(const ModelSelect& select) const {
    Documents all;
    for (const ModelDocument& document : documents_.at(select.type)) all.push_back(&document);
    return select_from(select, all);
}

Json Model::root_aggregate(const ModelAggregate& of) const {
    static const ModelType kRoot{"Query", {}, {}};
    return aggregate(kRoot, of, {});
}

}  // namespace cairn::test
