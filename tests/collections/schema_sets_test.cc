// Grouping of schemas into sets (spec/blocks.md 4.3) and identifiers (4.4, 4.5).
#include "collections/schema_sets.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "schema_test_support.h"

namespace cairn {
namespace {

using namespace testing;
using Table = std::map<std::string, std::vector<std::string>>;
using Sets = std::set<std::set<std::string>>;

Sets grouped(const Table& table) {
    std::vector<NamedRelations> relations;
    for (const auto& [schema, targets] : table) {
        relations.push_back({schema, std::vector<std::string_view>(targets.begin(), targets.end())});
    }
    Sets sets;
    for (const std::vector<std::size_t>& members : group_schemas(relations)) {
        std::set<std::string> set;
        for (std::size_t index : members) set.emplace(relations[index].schema);
        sets.insert(set);
    }
    return sets;
}

// The specification's steps word for word, however slow: what group_schemas must agree with.
class LiteralGrouping {
  public:
    explicit LiteralGrouping(const Table& table) : table_(table) {
        for (const auto& [schema, targets] : table) {
            if (!targets.empty()) relations_[schema] = targets;
        }
    }

    Sets run() {
        while (prune_once()) {
        }
        std::vector<std::string> order;
        for (const auto& [schema, targets] : relations_) order.push_back(schema);
        for (const std::string& schema : order) visit(schema);
        std::map<int, std::set<std::string>> by_number;
        Sets sets;
        for (const auto& [schema, targets] : table_) {
            if (set_.contains(schema)) {
                by_number[set_[schema]].insert(schema);
            } else {
                sets.insert({schema});
            }
        }
        for (const auto& [number, members] : by_number) sets.insert(members);
        return sets;
    }

  private:
    bool prune_once() {
        for (auto& [schema, list] : relations_) {
            auto missing = std::find_if(list.begin(), list.end(),
                                        [&](const auto& x) { return !relations_.contains(x); });
            if (missing == list.end()) continue;
            auto place = static_cast<std::size_t>(missing - list.begin());
            std::vector<std::string> shorter;
            if (place == 0) {
                shorter.assign(list.begin() + 1, list.end());
            } else {
                shorter.assign(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(place) - 1);
                shorter.emplace_back();
                shorter.insert(shorter.end(), list.begin() + static_cast<std::ptrdiff_t>(place) + 1,
                               list.end());
            }
            list = shorter;
            if (list.empty()) relations_.erase(schema);
            return true;
        }
        return false;
    }

    bool leads_back(const std::string& schema, const std::string& origin, std::set<std::string>& seen) {
        if (!seen.insert(schema).second) return false;
        if (schema == origin) return true;
        for (const std::string& next : relations_[schema]) {
            if (leads_back(next, origin, seen)) return true;
        }
        return false;
    }

    void visit(const std::string& schema) {
        if (!done_.insert(schema).second) return;
        for (const std::string& target : relations_[schema]) {
            std::set<std::string> seen;
            int number = 0;
            if (!leads_back(target, schema, seen)) {
                number = ++next_;
            } else if (set_.contains(target)) {
                number = set_[target];
            } else {
                if (!set_.contains(schema)) set_[schema] = ++next_;
                number = set_[schema];
            }
            set_[target] = number;
            visit(target);
        }
    }

    Table table_, relations_;
    std::map<std::string, int> set_;
    std::set<std::string> done_;
    int next_ = 0;
};

TEST(SchemaSets, TwoThatReferToEachOther_AreOneSet) {
    EXPECT_EQ(grouped({{"Dog", {"User"}}, {"User", {"Dog"}}}), (Sets{{"Dog", "User"}}));
}

TEST(SchemaSets, RelationToItselfOnly_IsSetOfOne) {
    EXPECT_EQ(grouped({{"User", {"User"}}, {"Dog", {}}}), (Sets{{"User"}, {"Dog"}}));
}

TEST(SchemaSets, Chain_IsSetsOfOne) {
    EXPECT_EQ(grouped({{"A", {"B"}}, {"B", {"C"}}, {"C", {}}}), (Sets{{"A"}, {"B"}, {"C"}}));
}

TEST(SchemaSets, OutsiderNamedAfterCircle_BreaksCircle) {
    EXPECT_EQ(grouped({{"A", {"B"}}, {"B", {"A"}}, {"Outsider", {"A"}}}), (Sets{{"A"}, {"B"}, {"Outsider"}}));
}

TEST(SchemaSets, OutsiderNamedBeforeCircle_KeepsCircle) {
    EXPECT_EQ(grouped({{"B1", {"C1"}}, {"C1", {"B1"}}, {"Aout", {"B1"}}}), (Sets{{"B1", "C1"}, {"Aout"}}));
}

TEST(SchemaSets, LaterRelationOutOfCircle_LosesCircle) {
    EXPECT_EQ(grouped({{"A", {"B", "Z"}}, {"B", {"A"}}, {"Z", {}}}), (Sets{{"A"}, {"B"}, {"Z"}}));
}

TEST(SchemaSets, EarlierRelationOutOfCircle_KeepsCircle) {
    EXPECT_EQ(grouped({{"A", {"Z", "B"}}, {"B", {"A"}}, {"Z", {}}}), (Sets{{"A", "B"}, {"Z"}}));
}

TEST(SchemaSets, CirclesJoinedOneWay_FirstKeptWhenItPointsOut) {
    EXPECT_EQ(grouped({{"A", {"B"}}, {"B", {"C", "A"}}, {"C", {"D"}}, {"D", {"C"}}}),
              (Sets{{"A", "B"}, {"C", "D"}}));
}

TEST(SchemaSets, UnknownTarget_IsMissing) {
    EXPECT_EQ(grouped({{"A", {"Nowhere"}}, {"B", {"A"}}}), (Sets{{"A"}, {"B"}}));
    EXPECT_EQ(grouped({{"A", {""}}}), (Sets{{"A"}}));
    EXPECT_EQ(grouped({}), Sets{});
}

RC_GTEST_PROP(SchemaSets, AnyRelations_GroupedAsSpecified, ()) {
    int count = *rc::gen::inRange(1, 7);
    Table table;
    for (int i = 0; i < count; ++i) {
        // One name more than there are schemas: it is missing.
        auto targets = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, count + 1));
        targets.resize(std::min<std::size_t>(targets.size(), 5));
        std::vector<std::string>& names_of_targets = table[std::string(1, static_cast<char>('A' + i))];
        for (int target : targets) names_of_targets.emplace_back(1, static_cast<char>('A' + target));
    }
    RC_ASSERT(grouped(table) == LiteralGrouping(table).run());
}

TEST(SchemaSets, LongChainOfTypes_IsGroupedWithoutRecursion) {
    constexpr int kTypes = 50'000;
    std::vector<std::string> type_names;
    for (int i = 0; i < kTypes; ++i) type_names.push_back("T" + std::to_string(i));
    std::vector<NamedRelations> circle;
    for (int i = 0; i < kTypes; ++i) {
        circle.push_back({type_names[static_cast<std::size_t>(i)],
                          {type_names[static_cast<std::size_t>((i + 1) % kTypes)]}});
    }
    EXPECT_EQ(group_schemas(circle).size(), 1u);
    circle.back().targets = {"Missing"};
    EXPECT_EQ(group_schemas(circle).size(), static_cast<std::size_t>(kTypes));
}

TEST(SchemaIdentifiers, SetOfTwo_IsArraySortedByName) {
    auto change =
        add_types(*Catalog::empty(), {type("User", {primary(related(one("hosts", "Dog"), "hosts")),
                                                    related(one("walks", "Dog"), "walkies")}),
                                      type("Dog", {related(one("host", "User"), "hosts"),
                                                   primary(related(one("walker", "User"), "walkies"))})});
    ASSERT_TRUE(change.has_value()) << change.error().message;
    ASSERT_EQ(change->hashed_json.size(), 1u);
    EXPECT_TRUE(change->hashed_json[0].starts_with(R"([{"Root":"","VersionID":"","Name":"Dog","Fields":[)"));
    EXPECT_EQ(active(change->catalog, "Dog").version_id,
              "bafkreichlth4ajgalengyv3hnmqnxa4vhnv5f34a3gzwh2jaajqb2yxd4i-0");
    EXPECT_EQ(active(change->catalog, "User").version_id,
              "bafkreichlth4ajgalengyv3hnmqnxa4vhnv5f34a3gzwh2jaajqb2yxd4i-1");
    // Order of definition, not of the set.
    EXPECT_EQ(change->version_ids.front(), active(change->catalog, "User").version_id);
    EXPECT_EQ(std::get<ObjectKind>(schema(change->catalog, "User").fields[1].kind),
              (ObjectKind{ObjectKind::Form::self, "0", false}));
}

TEST(SchemaIdentifiers, EmptyType_HasKnownId) {
    EXPECT_EQ(active(with_types({type("Users")}), "Users").version_id,
              "bafkreia2jn5ecrhtvy4fravk6pm3wqiny46m7mqymvjkgat7xiqupgqoai");
}

}  // namespace
}  // namespace cairn
