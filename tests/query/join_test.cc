// Answers through join fields (@join), compared with nested loops over the documents.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "cairn/database.h"
#include "database_fixture.h"

namespace cairn::test {
namespace {

// A value as a document's JSON has it, and what it joins by: values with one key are equal; those without
// join with nothing.
struct Literal {
    std::string json, key;
};
using Pool = std::vector<Literal>;

const std::map<std::string, Pool>& pools() {
    static const std::string kId = "bae-0c1a2b3c-4d5e-5f60-8172-8394a5b6c7d8",
                             kOther = "bae-1c1a2b3c-4d5e-5f60-8172-8394a5b6c7d9",
                             kSpelled = "bae-0C1A2B3C-4D5E-5F60-8172-8394A5B6C7D8";
    auto text = [](const std::string& value) { return Literal{"\"" + value + "\"", "t" + value}; };
    static const std::map<std::string, Pool> kPools = {
        {"Int",
         {{"0", "0"}, {"1", "1"}, {"2", "2"}, {"-1", "-1"}, {"9007199254740993", "2^53+1"}, {"null", ""}}},
        {"Float",
         {{"0", "0"},
          {"-0.0", "0"},
          {"1", "1"},
          {"2.5", "2.5"},
          {"0.1", "0.1"},
          {"1e300", "1e300"},
          {"9007199254740992", "2^53"},
          {"NaN", ""},
          {"null", ""}}},
        {"Float32",
         {{"0", "0"}, {"-0.0", "0"}, {"1", "1"}, {"2.5", "2.5"}, {"0.1", "0.1f"}, {"NaN", ""}, {"null", ""}}},
        {"String",
         {text("a"), text(""), text("Ä"), text("0123456789abcdef"), text(kId), text(kSpelled), {"null", ""}}},
        {"ID", {text(kId), text(kOther), text(kSpelled), {"null", ""}}},
        {"Blob", {text("00ff"), text("ab"), {"null", ""}}},
        {"Boolean", {{"true", "true"}, {"false", "false"}, {"null", ""}}},
        {"DateTime",
         {{"\"2020-01-01T00:00:00Z\"", "2020"},
          {"\"2020-01-01T01:00:00+01:00\"", "2020"},
          {"\"2021-06-01T00:00:00.5Z\"", "2021"},
          {"null", ""}}},
    };
    return kPools;
}

struct Document {
    std::string id, key;
    std::optional<int> n;
};

// The documents of one type in the order of their ids.
using Documents = std::vector<Document>;

void sort_by_id(Documents& documents) {
    std::sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

std::vector<const Document*> joined(const Document& parent, const Documents& others) {
    std::vector<const Document*> found;
    for (const Document& other : others) {
        if (!parent.key.empty() && parent.key == other.key) found.push_back(&other);
    }
    return found;
}

json ids_of(const std::vector<const Document*>& documents) {
    json ids = json::array();
    for (const Document* document : documents) ids.push_back({{"_docID", document->id}});
    return ids;
}

// Two types with a join in both directions, and their documents.
class JoinPair {
  public:
    // on and references name the compared fields of Left and Right; index: the directive of Right's key.
    JoinPair(const std::string& left_kind, const std::string& right_kind, const std::string& index,
             const std::string& on = "k", const std::string& references = "k")
        : random_(1) {
        Options options;
        options.in_memory = true;
        database_.emplace(*Database::open("nowhere", options));
        const std::string there = fmt::format("@join(on: \"{}\", references: \"{}\")", on, references),
                          back = fmt::format("@join(on: \"{}\", references: \"{}\")", references, on);
        auto added =
            database_->add_schema(fmt::format("type Left {{ u: Int  k: {0}  n: Int  owned: [Right] "
                                              "@relation(name: \"owner\")  many: [Right] {2}  "
                                              "one: Right {2} }} "
                                              "type Right {{ u: Int  k: {1} {4}  n: Int  owner: Left "
                                              "@relation(name: \"owner\")  back: [Left] {3} }}",
                                              left_kind, right_kind, there, back, index));
        EXPECT_TRUE(added) << added.error().message;
    }

    Document create(const std::string& type, const std::string& name, const Literal& value) {
        Document document{.id = {}, .key = value.key, .n = std::nullopt};
        if (random_() % 5 != 0) document.n = static_cast<int>(random_() % 6);
        auto id = database_->create_document(
            type, fmt::format("{{\"u\": {}, \"{}\": {}, \"n\": {}}}", next_++, name, value.json,
                              document.n ? std::to_string(*document.n) : "null"));
        EXPECT_TRUE(id) << value.json << ": " << id.error().message;
        if (id) document.id = *id;
        return document;
    }
    void fill(const Pool& left, const Pool& right, const std::string& on, const std::string& references) {
        for (int i = 0; i < 30; ++i) lefts_.push_back(create("Left", on, left[random_() % left.size()]));
        for (int i = 0; i < 40; ++i)
            rights_.push_back(create("Right", references, right[random_() % right.size()]));
        sort_by_id(lefts_);
        sort_by_id(rights_);
    }

    Documents& lefts() { return lefts_; }
    Documents& rights() { return rights_; }
    std::mt19937& random() { return random_; }

    json ask(const std::string& text) {
        json answer = json::parse(database_->execute({text, {}, {}}));
        EXPECT_FALSE(answer.contains("errors")) << text << "\n" << answer;
        return answer["data"].is_null() ? json() : answer["data"].begin().value();
    }

    // Everything that reads through the fields, for all documents at once and for each.
    void check() {
        check_lists("Left", "");
        check_back();
        for (const Document& left : lefts_) check_lists("Left", left.id);
        check_arguments();
        check_filters();
        check_order();
    }

  private:
    static json one_of(const std::vector<const Document*>& found) {
        return found.empty() ? json() : json{{"_docID", found[0]->id}};
    }

    void check_lists(const std::string& type, const std::string& only) {
        json expected = json::array();
        for (const Document& left : lefts_) {
            if (!only.empty() && left.id != only) continue;
            auto found = joined(left, rights_);
            double sum = 0;
            for (const Document* right : found) sum += right->n.value_or(0);
            expected.push_back({{"_docID", left.id},
                                {"many", ids_of(found)},
                                {"one", one_of(found)},
                                {"_count", found.size()},
                                {"_sum", sum}});
        }
        const std::string where = only.empty() ? "" : fmt::format("(docID: \"{}\")", only);
        EXPECT_EQ(ask(fmt::format("{{ {}{} {{ _docID many {{ _docID }} one {{ _docID }} _count(many: {{}}) "
                                  "_sum(many: {{field: n}}) }} }}",
                                  type, where)),
                  expected);
        json counts = json::array();
        for (const json& item : expected) counts.push_back({{"_count", item["_count"]}});
        EXPECT_EQ(ask(fmt::format("{{ {}{} {{ _count(many: {{}}) }} }}", type, where)), counts);
    }

    void check_back() {
        json expected = json::array();
        for (const Document& right : rights_) {
            auto found = joined(right, lefts_);
            json back = json::array();
            for (const Document* left : found) {
                back.push_back({{"_docID", left->id}, {"many", ids_of(joined(*left, rights_))}});
            }
            expected.push_back({{"_docID", right.id}, {"back", std::move(back)}});
        }
        EXPECT_EQ(ask("{ Right { _docID back { _docID many { _docID } } } }"), expected);
    }

    void check_arguments() {
        json expected = json::array();
        for (const Document& left : lefts_) {
            auto found = joined(left, rights_);
            json first = one_of(found);
            if (!found.empty() && found[0]->n.value_or(-1) < 2) first = nullptr;
            std::erase_if(found, [](const Document* right) { return right->n.value_or(-1) < 2; });
            const std::size_t admitted = found.size();
            std::stable_sort(found.begin(), found.end(),
                             [](const Document* a, const Document* b) { return *a->n > *b->n; });
            if (!found.empty()) found.erase(found.begin());
            if (found.size() > 2) found.resize(2);
            expected.push_back({{"many", ids_of(found)}, {"one", first}, {"_count", admitted}});
        }
        EXPECT_EQ(
            ask("{ Left { many(filter: {n: {_ge: 2}}, order: {n: DESC}, limit: 2, offset: 1) { _docID } "
                "one(filter: {n: {_ge: 2}}) { _docID } _count(many: {filter: {n: {_ge: 2}}}) } }"),
            expected);
    }

    template <typename Holds>
    void check_filter(const std::string& filter, const Holds& holds) {
        json expected = json::array();
        for (const Document& left : lefts_) {
            if (holds(joined(left, rights_))) expected.push_back({{"_docID", left.id}});
        }
        EXPECT_EQ(ask(fmt::format("{{ Left(filter: {}) {{ _docID }} }}", filter)), expected) << filter;
    }

    void check_filters() {
        using Found = std::vector<const Document*>;
        auto any = [](const Found& found, auto test) {
            return std::any_of(found.begin(), found.end(), test);
        };
        auto large = [](const Document* right) { return right->n.value_or(-1) > 3; };
        check_filter("{many: {n: {_gt: 3}}}", [&](const Found& found) { return any(found, large); });
        check_filter("{_not: {many: {n: {_gt: 3}}}}", [&](const Found& found) { return !any(found, large); });
        check_filter("{many: null}", [](const Found& found) { return found.empty(); });
        check_filter("{one: null}", [](const Found& found) { return found.empty(); });
        check_filter("{one: {n: {_gt: 3}}}",
                     [&](const Found& found) { return !found.empty() && large(found[0]); });
        check_filter("{one: {n: {_eq: null}}}",
                     [](const Found& found) { return found.empty() || !found[0]->n; });
        check_filter("{many: {back: {n: {_eq: 1}}}}", [&](const Found& found) {
            return any(found, [&](const Document* right) {
                return any(joined(*right, lefts_), [](const Document* left) { return left->n == 1; });
            });
        });
        check_filter("{_or: [{many: null}, {one: {back: {n: {_gt: 4}}}}]}", [&](const Found& found) {
            if (found.empty()) return true;
            return any(joined(*found[0], lefts_),
                       [](const Document* left) { return left->n.value_or(0) > 4; });
        });
    }

    void check_order() {
        Documents ordered = lefts_;
        auto key = [&](const Document& left) {
            auto found = joined(left, rights_);
            return found.empty() || !found[0]->n ? -1 : *found[0]->n;
        };
        std::stable_sort(ordered.begin(), ordered.end(),
                         [&](const Document& a, const Document& b) { return key(a) > key(b); });
        json expected = json::array();
        for (const Document& left : ordered) expected.push_back({{"_docID", left.id}});
        EXPECT_EQ(ask("{ Left(order: {one: {n: DESC}}) { _docID } }"), expected);
    }

    std::optional<Database> database_;
    std::mt19937 random_;
    int next_ = 0;
    Documents lefts_, rights_;
};

const char* const kIndexes[] = {"", "@index", "@index(direction: DESC, includes: [{field: \"n\"}])"};

TEST(Join, EveryPairOfKinds_AnswersAsNestedLoops) {
    const std::pair<const char*, const char*> pairs[] = {
        {"Int", "Int"},       {"Int", "Float"},       {"Int", "Float32"},
        {"Float", "Int"},     {"Float", "Float"},     {"Float", "Float32"},
        {"Float32", "Int"},   {"Float32", "Float"},   {"Float32", "Float32"},
        {"String", "String"}, {"ID", "ID"},           {"ID", "String"},
        {"String", "ID"},     {"Boolean", "Boolean"}, {"DateTime", "DateTime"},
        {"Blob", "Blob"}};
    for (const auto& [left, right] : pairs) {
        for (const char* index : kIndexes) {
            SCOPED_TRACE(fmt::format("{} {} {}", left, right, index));
            JoinPair pair(left, right, index);
            pair.fill(pools().at(left), pools().at(right), "k", "k");
            pair.check();
        }
    }
}

// Values of the other side that name documents of this side.
Pool pool_of_ids(const Documents& documents) {
    Pool pool = {{"null", ""}};
    for (std::size_t i = 0; i < documents.size(); i += 3) {
        pool.push_back({"\"" + documents[i].id + "\"", documents[i].id});
    }
    pool.push_back({"\"bae-0c1a2b3c-4d5e-5f60-8172-8394a5b6c7d8\"", "nobody"});
    return pool;
}

TEST(Join, DocumentIds_AnswerAsNestedLoops) {
    for (const auto& [kind, references] : {std::pair{"String", "k"}, {"ID", "k"}, {"Int", "owner_id"}}) {
        for (const char* index : kIndexes) {
            SCOPED_TRACE(fmt::format("{} {} {}", kind, references, index));
            JoinPair pair("Int", kind, index, "_docID", references);
            for (int i = 0; i < 30; ++i) pair.lefts().push_back(pair.create("Left", "k", {"1", ""}));
            for (Document& left : pair.lefts()) left.key = left.id;
            sort_by_id(pair.lefts());
            const Pool pool = pool_of_ids(pair.lefts());
            for (int i = 0; i < 40; ++i) {
                pair.rights().push_back(
                    pair.create("Right", references, pool[pair.random()() % pool.size()]));
            }
            sort_by_id(pair.rights());
            pair.check();
        }
    }
}

constexpr std::string_view kShop =
    "type Customer { number: Int @index  name: String  vip: Boolean  orders: [Order] @join(on: \"number\", "
    "references: \"customerNumber\")  latest: Order @join(on: \"number\", references: \"customerNumber\")  "
    "twins: "
    "[Customer] @join(on: \"name\", references: \"name\") } "
    "type Order { customerNumber: Int  amount: Int  customer: Customer @join(on: \"customerNumber\", "
    "references: "
    "\"number\") }";

class Shop : public DatabaseTest {
  protected:
    Shop() : DatabaseTest(kShop) {
        create("Customer", "number: 1, name: \"Ann\", vip: true");
        create("Customer", "number: 2, name: \"Bob\"");
        create("Customer", "number: 3, name: \"Ann\"");
        for (const char* order :
             {"customerNumber: 1, amount: 10", "customerNumber: 1, amount: 20",
              "customerNumber: 2, amount: 5", "customerNumber: 9, amount: 7", "amount: 1"}) {
            create("Order", order);
        }
    }
};

TEST_F(Shop, Aggregates_OfJoinedDocuments) {
    EXPECT_EQ(
        data("{ Customer(order: {number: ASC}) { number _count(orders: {}) _sum(orders: {field: amount}) "
             "_avg(orders: {field: amount}) _min(orders: {field: amount}) _max(orders: {field: amount}) } }"),
        json::parse(R"({"Customer": [
                  {"number": 1, "_count": 2, "_sum": 30, "_avg": 15, "_min": 10, "_max": 20},
                  {"number": 2, "_count": 1, "_sum": 5, "_avg": 5, "_min": 5, "_max": 5},
                  {"number": 3, "_count": 0, "_sum": 0, "_avg": 0, "_min": null, "_max": null}]})"));
    EXPECT_EQ(data("{ Customer(order: {_alias: {n: DESC}}, limit: 1) { name n: _count(orders: {}) } }"),
              json::parse(R"({"Customer": [{"name": "Ann", "n": 2}]})"));
    EXPECT_EQ(data("{ Customer(filter: {_alias: {s: {_gt: 6}}}) { s: _sum(orders: {field: amount}) } }"),
              json::parse(R"({"Customer": [{"s": 30}]})"));
}

TEST_F(Shop, Groups_OfAndByJoinedDocuments) {
    EXPECT_EQ(
        data("{ Customer(filter: {number: {_eq: 1}}) { orders(groupBy: [customerNumber]) { customerNumber "
             "_count(_group: {}) _group(order: {amount: ASC}) { amount } } } }"),
        json::parse(R"({"Customer": [{"orders": [{"customerNumber": 1, "_count": 2,
                  "_group": [{"amount": 10}, {"amount": 20}]}]}]})"));
    json groups = data("{ Order(groupBy: [customer]) { _sum(_group: {field: amount}) } }")["Order"];
    std::vector<int> sums;
    for (const json& group : groups) sums.push_back(group["_sum"]);
    std::sort(sums.begin(), sums.end());
    EXPECT_EQ(sums, (std::vector<int>{5, 8, 30}));  // Bob's, nobody's, Ann's
}

TEST_F(Shop, JoinWithTheTypeItself_GivesTheDocumentToo) {
    EXPECT_EQ(data("{ Customer(filter: {number: {_eq: 3}}) { twins(order: {number: ASC}) { number } } }"),
              json::parse(R"({"Customer": [{"twins": [{"number": 1}, {"number": 3}]}]})"));
}

TEST_F(Shop, ChainsOfJoins_AndFiltersThroughThem) {
    EXPECT_EQ(
        data("{ Order(filter: {customer: {name: {_eq: \"Bob\"}}}) { customer { orders { amount } } } }"),
        json::parse(R"({"Order": [{"customer": {"orders": [{"amount": 5}]}}]})"));
    EXPECT_EQ(
        data("{ Order(filter: {customer: {twins: {number: {_eq: 3}}}}, order: {amount: ASC}) { amount } }"),
        json::parse(R"({"Order": [{"amount": 10}, {"amount": 20}]})"));
    EXPECT_EQ(data("{ Order(filter: {customer: null}, order: {amount: ASC}) { amount } }"),
              json::parse(R"({"Order": [{"amount": 1}, {"amount": 7}]})"));
    EXPECT_EQ(data("{ Order(order: [{customer: {name: DESC}}, {amount: ASC}]) { amount } }"),
              json::parse(R"({"Order": [{"amount": 5}, {"amount": 10}, {"amount": 20}, {"amount": 1},
                  {"amount": 7}]})"));
}

TEST_F(Shop, Joins_AreOfThePresentValues) {
    const std::string id = data("{ Order(filter: {amount: {_eq: 7}}) { _docID } }")["Order"][0]["_docID"];
    const std::string asked = "{ Customer(filter: {number: {_eq: 3}}) { orders { amount } } }";
    update("Order", id, "customerNumber: 3");
    EXPECT_EQ(data(asked), json::parse(R"({"Customer": [{"orders": [{"amount": 7}]}]})"));
    remove("Order", id);
    EXPECT_EQ(data(asked), json::parse(R"({"Customer": [{"orders": []}]})"));
    EXPECT_EQ(data("{ Customer(filter: {number: {_eq: 3}}, showDeleted: true) { orders { amount _deleted } "
                   "_count(orders: {}) } }"),
              json::parse(R"({"Customer": [{"orders": [{"amount": 7, "_deleted": true}], "_count": 1}]})"));
}

TEST_F(Shop, MutationsAnswerJoinsAndFilterByThem) {
    EXPECT_EQ(data("mutation { create_Order(input: {customerNumber: 2, amount: 50}) { customer { name } } }"),
              json::parse(R"({"create_Order": [{"customer": {"name": "Bob"}}]})"));
    EXPECT_EQ(data("mutation { update_Order(filter: {customer: {vip: {_eq: true}}}, input: {amount: 0}) "
                   "{ customer { number } } }"),
              json::parse(R"({"update_Order": [{"customer": {"number": 1}}, {"customer": {"number": 1}}]})"));
}

TEST_F(Shop, EarlierVersionOfADocument_JoinsByItsValuesThen) {
    const std::string id =
        data("{ Customer(filter: {number: {_eq: 2}}) { _docID } }")["Customer"][0]["_docID"];
    update("Customer", id, "number: 1");
    EXPECT_EQ(
        data(fmt::format("{{ Customer(cid: \"{}\") {{ number orders {{ amount }} }} }}", versions(id)[0])),
        json::parse(R"({"Customer": [{"number": 2, "orders": [{"amount": 5}]}]})"));
    EXPECT_EQ(data(fmt::format("{{ Customer(docID: \"{}\") {{ _count(orders: {{}}) }} }}", id)),
              json::parse(R"({"Customer": [{"_count": 2}]})"));
}

TEST_F(Shop, EarlierPosition_JoinsTheDocumentsOfThen) {
    const std::uint64_t before = database_.position();
    create("Order", "customerNumber: 2, amount: 100");
    const std::string id = data("{ Order(filter: {amount: {_eq: 5}}) { _docID } }")["Order"][0]["_docID"];
    update("Order", id, "customerNumber: 3");
    const std::string asked =
        "{{ Customer({}order: {{number: ASC}}) {{ number orders(order: {{amount: ASC}}) {{ amount }} }} }}";
    EXPECT_EQ(data(fmt::format(fmt::runtime(asked), fmt::format("asOf: {}, ", before))),
              json::parse(R"({"Customer": [
                  {"number": 1, "orders": [{"amount": 10}, {"amount": 20}]}, {"number": 2, "orders": [{"amount": 5}]},
                  {"number": 3, "orders": []}]})"));
    EXPECT_EQ(data(fmt::format(fmt::runtime(asked), "")), json::parse(R"({"Customer": [
                  {"number": 1, "orders": [{"amount": 10}, {"amount": 20}]}, {"number": 2, "orders": [{"amount": 100}]},
                  {"number": 3, "orders": [{"amount": 5}]}]})"));
}

TEST_F(Shop, Connections_PageThroughJoinedDocuments) {
    EXPECT_EQ(data("{ Customer(order: {number: ASC}) { orders_connection(first: 1, order: {amount: DESC}) { "
                   "totalCount "
                   "nodes { amount customer { number } } pageInfo { hasNextPage } } } }"),
              json::parse(R"({"Customer": [
                  {"orders_connection": {"totalCount": 2, "nodes": [{"amount": 20, "customer": {"number": 1}}],
                                         "pageInfo": {"hasNextPage": true}}},
                  {"orders_connection": {"totalCount": 1, "nodes": [{"amount": 5, "customer": {"number": 2}}],
                                         "pageInfo": {"hasNextPage": false}}},
                  {"orders_connection": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": false}}}]})"));
    EXPECT_EQ(data("{ Customer(order: {number: ASC}) { orders_connection { totalCount } } }"),
              json::parse(R"({"Customer": [{"orders_connection": {"totalCount": 2}},
                  {"orders_connection": {"totalCount": 1}}, {"orders_connection": {"totalCount": 0}}]})"));
}

TEST_F(Shop, Transaction_SeesItsOwnDocumentsThroughJoins) {
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    auto ask_in = [&](const std::string& text) {
        return json::parse(transaction->execute({text, {}, {}}))["data"];
    };
    ask_in("mutation { create_Customer(input: {number: 9, name: \"Zoe\"}) { _docID } }");
    ask_in("mutation { create_Order(input: {customerNumber: 9, amount: 8}) { _docID } }");
    EXPECT_EQ(ask_in("{ Order(filter: {customer: {name: {_eq: \"Zoe\"}}}, order: {amount: ASC}) "
                     "{ amount customer { name orders(order: {amount: DESC}) { amount } } } }"),
              json::parse(R"({"Order": [
                  {"amount": 7, "customer": {"name": "Zoe", "orders": [{"amount": 8}, {"amount": 7}]}},
                  {"amount": 8, "customer": {"name": "Zoe", "orders": [{"amount": 8}, {"amount": 7}]}}]})"));
    transaction->discard();
    EXPECT_EQ(data("{ Order(filter: {customer: {name: {_eq: \"Zoe\"}}}) { amount } }"),
              json::parse(R"({"Order": []})"));
}

// Few parents with an index: the rest of the values is looked up too, as long as that costs less than a scan.
TEST(JoinAccess, ManyDocuments_SameAnswerByIndexAndByScan) {
    json answers[2];
    for (bool indexed : {false, true}) {
        Options options;
        options.in_memory = true;
        Database database = *Database::open("nowhere", options);
        ASSERT_TRUE(
            database.add_schema(fmt::format("type A {{ k: Int  few: Boolean  bs: [B] @join(on: \"k\", "
                                            "references: \"k\") }} type B {{ k: Int {} x: "
                                            "Int }}",
                                            indexed ? "@index" : "")));
        Status written = database.write([&](Transaction& transaction) -> Status {
            for (int i = 0; i < 200; ++i) {
                CAIRN_TRY(
                    transaction.create_document("A", fmt::format("{{\"k\": {}, \"few\": {}}}", i, i < 40)));
            }
            for (int i = 0; i < 6000; ++i) {  // one value in five has 3000 of them
                CAIRN_TRY(transaction.create_document(
                    "B", fmt::format("{{\"k\": {}, \"x\": {}}}", i % 2 == 0 ? i % 5000 : 41, i)));
            }
            return {};
        });
        ASSERT_TRUE(written) << written.error().message;
        for (const char* text :
             {"{ A(filter: {few: {_eq: true}}) { k bs { k x } } }",
              "{ A(filter: {few: {_eq: true}}) { k _count(bs: {}) } }", "{ A { k bs { x } } }",
              "{ A(filter: {k: {_eq: 41}}) { bs { x } } }", "{ A(filter: {bs: {x: {_lt: 30}}}) { k } }"}) {
            json answer = json::parse(database.execute({text, {}, {}}));
            ASSERT_FALSE(answer.contains("errors")) << answer;
            answers[indexed ? 1 : 0].push_back(answer["data"]["A"]);
        }
    }
    EXPECT_EQ(answers[0], answers[1]);
    EXPECT_EQ(answers[0][0].size(), 40u);
    EXPECT_EQ(answers[0][3][0]["bs"].size(), 3000u);
}

// 8192 times 8192 pairs are listed, one document more on each side is refused. Counts need no list.
TEST(JoinLimits, PairsOfOneValue_AtTheLimitAndPastIt) {
    Options options;
    options.in_memory = true;
    Database database = *Database::open("nowhere", options);
    ASSERT_TRUE(
        database.add_schema("type A { k: Boolean  x: Int  all: [A] @join(on: \"k\", references: \"k\") }"));
    auto add = [&](int from, int to) {
        Status written = database.write([&](Transaction& transaction) -> Status {
            for (int i = from; i < to; ++i) {
                CAIRN_TRY(transaction.create_document("A", fmt::format("{{\"k\": true, \"x\": {}}}", i)));
            }
            return {};
        });
        ASSERT_TRUE(written) << written.error().message;
    };
    auto ask = [&](const std::string& text) { return json::parse(database.execute({text, {}, {}})); };
    add(0, 8192);
    json sums = ask("{ A(limit: 8192) { _max(all: {field: x}) } }");
    ASSERT_FALSE(sums.contains("errors")) << sums["errors"];
    EXPECT_EQ(sums["data"]["A"].size(), 8192u);
    EXPECT_EQ(sums["data"]["A"][0]["_max"], 8191);
    add(8192, 8193);
    EXPECT_EQ(ask("{ A { _max(all: {field: x}) } }")["errors"][0]["message"],
              "a join gives more than 67108864 pairs of documents. Type: A, Field: all");
    EXPECT_EQ(ask("{ A(limit: 1) { _count(all: {}) } }")["data"]["A"][0]["_count"], 8193);
    EXPECT_EQ(ask("{ A(filter: {all: {x: {_eq: 8192}}}) { _docID } }")["data"]["A"].size(), 8193u);
}

}  // namespace
}  // namespace cairn::test
