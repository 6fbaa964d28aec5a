#include "query_generator.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::test {
namespace {

constexpr const char* kOperations[] = {"_count", "_sum", "_avg", "_min", "_max"};

const char* kind_name(ModelKind kind) {
    switch (kind) {
        case ModelKind::integer:
            return "Int";
        case ModelKind::number:
            return "Float";
        case ModelKind::text:
            return "String";
        case ModelKind::boolean:
            return "Boolean";
        case ModelKind::time:
            return "DateTime";
        case ModelKind::integers:
            return "[Int]";
        case ModelKind::texts:
            return "[String!]";
    }
    return "";
}

bool is_array(ModelKind kind) {
    return kind == ModelKind::integers || kind == ModelKind::texts;
}
bool is_numeric(ModelKind kind) {
    return kind == ModelKind::integer || kind == ModelKind::number;
}

}  // namespace

std::string model_sdl(bool indexed) {
    const char* index = indexed ? "@index" : "";
    return fmt::format(
        "type Author {0} {{ name: String {1}  age: Int {1}  rating: Float  active: Boolean  born: DateTime "
        "{1}"
        "  scores: [Int]  tags: [String!] {1}  books: [Book]  agent: Agent @primary"
        "  liked: [Book] @relation(name: \"likes\")  friends: [Author] @relation(name: \"friends\") }}"
        "type Book {{ title: String {1}  pages: Int {1}  price: Float {1}  marks: [Int]  author: Author  "
        "publisher: Publisher {1}  fans: [Author] @relation(name: \"likes\") }}"
        "type Agent {{ name: String {1}  fee: Int  author: Author }}"
        "type Publisher {{ name: String  founded: Int {1}  books: [Book] }}",
        indexed ? "@index(includes: [{field: \"active\"}, {field: \"rating\", direction: DESC}])" : "",
        index);
}

std::vector<ModelType> model_types() {
    return {
        {"Author",
         {{"name", ModelKind::text},
          {"age", ModelKind::integer},
          {"rating", ModelKind::number},
          {"active", ModelKind::boolean},
          {"born", ModelKind::time},
          {"scores", ModelKind::integers},
          {"tags", ModelKind::texts}},
         {{"books", "Book", "author_id", true, false},
          {"agent", "Agent", "agent_id", false, true},
          {"liked", "Book", "", true, false, "likes"},
          {"friends", "Author", "", true, false, "friends"}}},
        {"Book",
         {{"title", ModelKind::text},
          {"pages", ModelKind::integer},
          {"price", ModelKind::number},
          {"marks", ModelKind::integers}},
         {{"author", "Author", "author_id", false, true},
          {"publisher", "Publisher", "publisher_id", false, true},
          {"fans", "Author", "", true, false, "likes"}}},
        {"Agent",
         {{"name", ModelKind::text}, {"fee", ModelKind::integer}},
         {{"author", "Author", "agent_id", false, false}}},
        {"Publisher",
         {{"name", ModelKind::text}, {"founded", ModelKind::integer}},
         {{"books", "Book", "publisher_id", true, false}}},
    };
}

// Few different values, so that conditions hold often and keys tie. Floats are exact in binary: sums do not
// depend on their order.
Json QueryGenerator::scalar(ModelKind kind) {
    switch (kind) {
        case ModelKind::integer:
            return number(8) - 2;
        case ModelKind::number:
            return (number(12) - 4) * 0.25;
        case ModelKind::boolean:
            return chance(50);
        case ModelKind::time:
            return fmt::format("20{:02}-0{}-01T00:00:00Z", number(3), number(3) + 1);
        case ModelKind::text:
        case ModelKind::texts: {
            constexpr const char* kTexts[] = {"", "a", "Ann", "ann", "Anna", "Bob", "bo%b", "Carol", "é"};
            return any(std::vector<std::string>(std::begin(kTexts), std::end(kTexts)));
        }
        case ModelKind::integers:
            return number(5);
    }
    return nullptr;
}

Json QueryGenerator::document(const std::string& name) {
    const ModelType& type = model_.type(name);
    Json values = Json::object();
    for (const ModelField& field : type.fields) {
        if (chance(20)) continue;
        if (!is_array(field.kind)) {
            values[field.name] = scalar(field.kind);
            continue;
        }
        Json list = Json::array();
        for (int i = number(4); i > 0; --i)
            list.push_back(field.kind == ModelKind::integers && chance(15) ? Json() : scalar(field.kind));
        values[field.name] = list;
    }
    // What makes a document another one than all before it, where conditions seldom look.
    const std::string mark = type.field("name") != nullptr ? "name" : "title";
    if (values.contains(mark))
        values[mark] = values[mark].get<std::string>() + (chance(50) ? fmt::format("{}", made_ % 10) : "");
    for (const ModelRelation& relation : type.relations) {
        if (!relation.primary || chance(15)) continue;
        const auto& targets = model_.documents(relation.target);
        if (!targets.empty()) values[relation.key] = any(targets).id;
    }
    ++made_;
    return values;
}

// ---- filters ----

Json QueryGenerator::operand_block(ModelKind kind) {
    std::vector<std::string> operators{"_eq", "_ne", "_in", "_nin"};
    if (kind == ModelKind::text) {
        for (const char* one : {"_like", "_nlike", "_ilike", "_nilike"}) operators.emplace_back(one);
    } else if (kind != ModelKind::boolean) {
        for (const char* one : {"_gt", "_ge", "_lt", "_le"}) operators.emplace_back(one);
    }
    Json block = Json::object();
    for (int i = chance(20) ? 2 : 1; i > 0; --i) {
        const std::string operation = any(operators);
        use(fmt::format("{} {}", kind_name(kind), operation));
        if (operation == "_in" || operation == "_nin") {
            Json list = Json::array();
            for (int n = number(4); n > 0; --n) list.push_back(chance(10) ? Json() : scalar(kind));
            block[operation] = list;
        } else if (operation.ends_with("like")) {
            constexpr const char* kPatterns[] = {"%",   "a%", "%n",  "%nn%", "A%n",
                                                 "ann", "%%", "Ann", "%1",   "b%b"};
            block[operation] = any(std::vector<std::string>(std::begin(kPatterns), std::end(kPatterns)));
        } else {
            block[operation] = chance(12) ? Json() : scalar(kind);
        }
    }
    return block;
}

Json QueryGenerator::array_block(ModelKind kind) {
    const std::string operation = any(std::vector<std::string>{"_any", "_all", "_none"});
    use(fmt::format("{} {}", kind_name(kind), operation));
    Json inner = operand_block(kind == ModelKind::integers ? ModelKind::integer : ModelKind::text);
    if (kind == ModelKind::texts) {  // elements are never null, and so are operands
        for (auto& [name, operand] : inner.items()) {
            if (operand.is_null()) operand = "a";
            if (operand.is_array()) {
                for (Json& one : operand) {
                    if (one.is_null()) one = "a";
                }
            }
        }
    }
    return {{operation, inner}};
}

Json QueryGenerator::field_condition(const ModelType& type) {
    const ModelField& field = any(type.fields);
    if (chance(5)) return {{field.name, nullptr}};
    return {{field.name, is_array(field.kind) ? array_block(field.kind) : operand_block(field.kind)}};
}

Json QueryGenerator::filter(const ModelType& type, int depth) {
    const int which = number(100);
    if (depth > 0 && which < 30) {
        const ModelRelation& relation = any(type.relations);
        use(fmt::format("filter through {}.{}", type.name, relation.name));
        if (chance(8)) return {{relation.name, nullptr}};
        return {{relation.name, filter(model_.type(relation.target), depth - 1)}};
    }
    if (depth > 0 && which < 50) {
        const std::string name = any(std::vector<std::string>{"_and", "_or"});
        use(name);
        Json list = Json::array();
        for (int i = number(3) + (chance(90) ? 1 : 0); i > 0; --i) list.push_back(filter(type, depth - 1));
        return {{name, list}};
    }
    if (depth > 0 && which < 58) {
        use("_not");
        return {{"_not", filter(type, depth - 1)}};
    }
    if (which < 64) {
        use("_docID");
        const auto& documents = model_.documents(type.name);
        if (chance(50)) return {{"_docID", {{chance(50) ? "_eq" : "_ne", any(documents).id}}}};
        return {{"_docID", {{chance(50) ? "_in" : "_nin", some_ids(type.name)}}}};
    }
    for (const ModelRelation& relation : type.relations) {
        if (relation.many || which >= 70) continue;
        use(fmt::format("filter by {}.{}_id", type.name, relation.name));
        const auto& targets = model_.documents(relation.target);
        return {{relation.name + "_id",
                 {{chance(50) ? "_eq" : "_ne", chance(30) ? Json() : Json(any(targets).id)}}}};
    }
    Json condition = field_condition(type);
    if (chance(30)) condition.update(field_condition(type));
    return condition;
}

Json QueryGenerator::alias_condition(const ModelSelect& select) {
    std::vector<const ModelItem*> computed;
    for (const ModelItem& item : select.items) {
        if (item.aggregate) computed.push_back(&item);
    }
    if (computed.empty()) return nullptr;
    use("_alias filter");
    return {{any(computed)->response(), operand_block(ModelKind::number)}};
}

// ---- order and windows ----

Json QueryGenerator::order_through(const ModelType& type, int depth) {
    const char* direction = chance(50) ? "ASC" : "DESC";
    for (const ModelRelation& relation : type.relations) {
        if (relation.many || depth == 0 || !chance(30)) continue;
        use(fmt::format("order through {}.{}", type.name, relation.name));
        return {{relation.name, order_through(model_.type(relation.target), depth - 1)}};
    }
    if (chance(8)) return {{"_docID", direction}};
    const ModelField& field = any(type.fields);
    use(fmt::format("order by {}", kind_name(field.kind)));
    return {{field.name, direction}};
}

Json QueryGenerator::order(const ModelType& type, const ModelSelect* select) {
    Json list = Json::array();
    for (int i = number(2) + 1; i > 0; --i) {
        std::vector<const ModelItem*> computed;
        if (select != nullptr) {
            for (const ModelItem& item : select->items) {
                if (item.aggregate) computed.push_back(&item);
            }
        }
        if (!computed.empty() && chance(40)) {
            use("_alias order");
            list.push_back({{"_alias", {{any(computed)->response(), chance(50) ? "ASC" : "DESC"}}}});
        } else {
            list.push_back(order_through(type, 2));
        }
    }
    return list;
}

void QueryGenerator::window(std::optional<int>& limit, std::optional<int>& offset) {
    if (chance(30)) limit = number(5);
    if (chance(20)) offset = number(4);
    if (limit || offset) use("limit or offset");
}

std::vector<std::string> QueryGenerator::some_ids(const std::string& type) {
    std::vector<std::string> ids;
    const auto& documents = model_.documents(type);
    for (int i = number(5); i > 0 && !documents.empty(); --i) ids.push_back(any(documents).id);
    return ids;
}

// ---- aggregates ----

ModelTarget QueryGenerator::array_target(const ModelField& field) {
    ModelTarget target;
    target.name = field.name;
    if (chance(40)) {
        target.filter =
            operand_block(field.kind == ModelKind::integers ? ModelKind::integer : ModelKind::text);
        for (auto& [name, operand] : target.filter.items()) {
            if (operand.is_null()) operand = scalar(field.kind);
            if (operand.is_array())
                std::erase_if(operand.get_ref<Json::array_t&>(),
                              [](const Json& one) { return one.is_null(); });
        }
    }
    window(target.limit, target.offset);
    return target;
}

ModelTarget QueryGenerator::document_target(const std::string& name, const ModelType& type,
                                            const std::string& operation) {
    ModelTarget target;
    target.name = name;
    if (operation != "_count") {
        std::vector<std::string> numeric;
        for (const ModelField& field : type.fields) {
            if (is_numeric(field.kind)) numeric.push_back(field.name);
        }
        target.field = any(numeric);
        if (chance(25)) target.order = order(type, nullptr);
    }
    if (chance(40)) target.filter = filter(type, 1);
    window(target.limit, target.offset);
    return target;
}

ModelItem QueryGenerator::aggregate_item(const ModelType& type, bool grouped, std::size_t place) {
    ModelItem item;
    item.alias = fmt::format("g{}", place);
    item.aggregate.emplace();
    item.aggregate->operation = kOperations[number(5)];
    const std::string& operation = item.aggregate->operation;
    if (grouped) {
        use(operation + " of a group");
        item.aggregate->targets.push_back(document_target("_group", type, operation));
        return item;
    }
    std::vector<const ModelRelation*> lists;
    for (const ModelRelation& relation : type.relations) {
        if (relation.many) lists.push_back(&relation);
    }
    std::vector<const ModelField*> arrays;
    for (const ModelField& field : type.fields) {
        if (field.kind == ModelKind::integers || (field.kind == ModelKind::texts && operation == "_count"))
            arrays.push_back(&field);
    }
    if (!lists.empty() && (arrays.empty() || chance(60))) {
        const ModelRelation& relation = *any(lists);
        use(fmt::format("{} of {}.{}", operation, type.name, relation.name));
        item.aggregate->targets.push_back(
            document_target(relation.name, model_.type(relation.target), operation));
    } else if (!arrays.empty()) {
        const ModelField& field = *any(arrays);
        use(fmt::format("{} of {}", operation, kind_name(field.kind)));
        ModelTarget target = array_target(field);
        if (operation != "_count" && chance(30)) target.order = chance(50) ? "ASC" : "DESC";
        item.aggregate->targets.push_back(target);
    } else {
        item = {"", "_docID", std::nullopt, {}};
    }
    return item;
}

ModelAggregate QueryGenerator::root_aggregate() {
    ModelAggregate aggregate;
    aggregate.operation = kOperations[number(5)];
    use("root " + aggregate.operation);
    const ModelType& first = any(model_.types());
    aggregate.targets.push_back(document_target(first.name, first, aggregate.operation));
    const ModelType& second = any(model_.types());
    if (chance(25) && second.name != first.name)
        aggregate.targets.push_back(document_target(second.name, second, aggregate.operation));
    return aggregate;
}

// ---- selections ----

void QueryGenerator::add_rows(ModelSelect& select, int depth) {
    const ModelType& type = model_.type(select.type);
    if (chance(50)) select.items.push_back({"", "_docID", std::nullopt, {}});
    for (const ModelField& field : type.fields) {
        if (chance(30)) select.items.push_back({"", field.name, std::nullopt, {}});
    }
    for (const ModelRelation& relation : type.relations) {
        if (!relation.many && chance(15))
            select.items.push_back({"", relation.name + "_id", std::nullopt, {}});
        if (depth == 0 || !chance(35)) continue;
        use(fmt::format("join {}.{}", type.name, relation.name));
        ModelSelect inner;
        if (relation.many) {
            inner = select_of(relation.target, depth - 1, true);
        } else {
            inner.type = relation.target;
            add_rows(inner, depth - 1);
            if (chance(25)) inner.filter = filter(model_.type(relation.target), 1);
        }
        select.items.push_back({chance(40) ? fmt::format("r{}", select.items.size()) : "",
                                relation.name,
                                std::nullopt,
                                {std::move(inner)}});
    }
    for (int i = chance(35) ? number(2) + 1 : 0; i > 0; --i)
        select.items.push_back(aggregate_item(type, false, select.items.size()));
    if (select.items.empty()) select.items.push_back({"", "_docID", std::nullopt, {}});
}

void QueryGenerator::add_groups(ModelSelect& select, int depth) {
    const ModelType& type = model_.type(select.type);
    use("groupBy");
    std::vector<std::string> keys;
    for (int i = number(2) + 1; i > 0; --i) {
        std::vector<std::string> names;
        for (const ModelField& field : type.fields) names.push_back(field.name);
        for (const ModelRelation& relation : type.relations) {
            if (!relation.many) names.push_back(relation.name + "_id");
        }
        const std::string key = any(names);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    for (const std::string& key : keys) {
        if (chance(85)) select.items.push_back({"", key, std::nullopt, {}});
    }
    select.group_by = std::move(keys);
    for (int i = chance(40) ? number(2) + 1 : 0; i > 0; --i) {
        ModelSelect inner;
        inner.type = select.type;
        inner.is_group = true;
        if (chance(30)) inner.filter = filter(type, 1);
        if (chance(30)) inner.order = order(type, nullptr);
        window(inner.limit, inner.offset);
        add_rows(inner, depth > 0 ? 1 : 0);
        use("_group");
        select.items.push_back(
            {fmt::format("m{}", select.items.size()), "_group", std::nullopt, {std::move(inner)}});
    }
    for (int i = number(3); i > 0; --i)
        select.items.push_back(aggregate_item(type, true, select.items.size()));
    if (select.items.empty()) select.items.push_back(aggregate_item(type, true, 0));
}

ModelSelect QueryGenerator::select_of(const std::string& name, int depth, bool grouping_allowed) {
    const ModelType& type = model_.type(name);
    ModelSelect select;
    select.type = name;
    const bool grouped = grouping_allowed && chance(25);
    grouped ? add_groups(select, depth) : add_rows(select, depth);
    if (chance(55)) select.filter = filter(type, 3);
    if (chance(20)) {
        Json condition = alias_condition(select);
        if (!condition.is_null() && (select.filter.is_null() || !select.filter.contains("_alias"))) {
            if (select.filter.is_null()) select.filter = Json::object();
            if (!grouped && chance(40) && !select.filter.empty()) {
                select.filter = Json{{"_or", Json::array({select.filter, Json{{"_alias", condition}}})}};
            } else {
                select.filter["_alias"] = condition;
            }
        }
    }
    if (chance(15)) select.doc_ids = some_ids(name);
    if (chance(45)) {
        if (!grouped) {
            select.order = order(type, &select);
        } else {  // by a key, or by what is computed of the group
            std::vector<std::string> keys;
            for (const std::string& key : *select.group_by) {
                if (type.field(key) != nullptr) keys.push_back(key);
            }
            if (!keys.empty()) select.order = Json::array({{{any(keys), chance(50) ? "ASC" : "DESC"}}});
        }
    }
    window(select.limit, select.offset);
    return select;
}

ModelSelect QueryGenerator::select() {
    return select_of(any(model_.types()).name, number(3), true);
}

}  // namespace cairn::test
