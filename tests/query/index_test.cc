// Secondary indexes in queries (spec/query.md section 13): the same documents as by a scan, in the order that
// an index in use gives.
#include <random>
#include <set>

#include "database_fixture.h"

namespace cairn::test {
namespace {

class IndexTest : public DatabaseTest {
  protected:
    explicit IndexTest(std::string_view sdl =
                           "type User { name: String @index  age: Int  city: String  email: String"
                           " info: JSON @index  tags: [String!] @index  boss: User @relation(name: \"chain\")"
                           " staff: [User] @relation(name: \"chain\") }")
        : DatabaseTest(sdl) {}

    // What a select shows, one text a document.
    std::string names(const std::string& arguments, const std::string& field = "name",
                      const std::string& type = "User") {
        std::string all;
        json answer = data("{ " + type + arguments + " { " + field + " } }");
        for (const json& row : answer[type]) {
            all += (all.empty() ? "" : " ") +
                   (row[field].is_string() ? row[field].get<std::string>() : row[field].dump());
        }
        return all;
    }
};

class ScalarIndexTest : public IndexTest {
  protected:
    ScalarIndexTest()
        : IndexTest("type User { name: String  age: Int @index  city: String @index(direction: DESC) }") {
        for (const auto& [name, age] :
             {std::pair("a", 30), {"b", 10}, {"c", 20}, {"d", 30}, {"e", 40}, {"f", 50}}) {
            create("User", fmt::format("name: \"{}\", age: {}, city: \"{}\"", name, age, name));
        }
        create("User", "name: \"n\"");
    }
    // a 30, b 10, c 20, d 30, e 40, f 50, n null
};

TEST_F(ScalarIndexTest, FilterOnIndex_GivesItsOrder) {
    EXPECT_EQ(names("(filter: {age: {_gt: 15}})", "age"), "20 30 30 40 50");
    EXPECT_EQ(names("(filter: {age: {_ge: 20, _lt: 40}})", "age"), "20 30 30");
    EXPECT_EQ(names("(filter: {age: {_le: 20}})", "age"), "10 20");
    EXPECT_EQ(names("(filter: {age: {_ne: 30}})", "age"), "null 10 20 40 50");
    EXPECT_EQ(names("(filter: {age: {_ne: null}})", "age"), "10 20 30 30 40 50");
    EXPECT_EQ(names("(filter: {age: {_eq: null}})"), "n");
    EXPECT_EQ(names("(filter: {age: {_nin: [10, 20]}})", "age"), "null 30 30 40 50");
    EXPECT_EQ(names("(filter: {age: {_gt: null}})", "age"), "10 20 30 30 40 50");
    EXPECT_EQ(names("(filter: {age: {_lt: null}})", "age"), "");
    EXPECT_EQ(names("(filter: {age: {_ge: null}})", "age"), "null 10 20 30 30 40 50");
    EXPECT_EQ(names("(filter: {age: {_le: null}})", "age"), "null");
}

TEST_F(ScalarIndexTest, In_GivesTheOrderOfItsList) {
    EXPECT_EQ(names("(filter: {age: {_in: [40, 10, 99, 10, null]}})", "age"), "40 10 null");
}

TEST_F(ScalarIndexTest, DescendingIndex_GivesDescendingOrder) {
    EXPECT_EQ(names("(filter: {city: {_ne: \"c\"}})", "city"), "f e d b a null");
    EXPECT_EQ(names("(filter: {city: {_like: \"%\"}})", "city"), "");
    EXPECT_EQ(names("(filter: {city: {_in: [\"a\", \"e\"]}})", "city"), "a e");
    EXPECT_EQ(names("(filter: {city: {_ilike: \"%\"}})", "city"), "");
    EXPECT_EQ(names("(filter: {city: {_ilike: \"%%\"}})", "city"), "f e d c b a");
}

TEST_F(ScalarIndexTest, Limit_KeepsTheOrder) {
    EXPECT_EQ(names("(filter: {age: {_gt: 15}}, limit: 2, offset: 1)", "age"), "30 30");
    EXPECT_EQ(names("(order: {age: DESC}, limit: 3)", "age"), "50 40 30");
    EXPECT_EQ(names("(order: {age: ASC}, limit: 3, offset: 1)", "age"), "10 20 30");
}

TEST_F(ScalarIndexTest, OrderByIndex_ReversesTiesWithIt) {
    std::string up = names("(order: {age: ASC}, filter: {age: {_eq: 30}})");
    std::string down = names("(order: {age: DESC}, filter: {age: {_eq: 30}})");
    EXPECT_EQ(down, std::string(up.rbegin(), up.rend()));
    EXPECT_EQ(names("(order: {age: DESC})", "age"), "50 40 30 30 20 10 null");
    // The same with a limit, which reads the index, and without, which scans.
    std::string all = names("(order: {age: DESC})");
    EXPECT_EQ(names("(order: {age: DESC}, limit: 4)"), all.substr(0, 7));
}

TEST_F(ScalarIndexTest, OtherOrder_SortsWhatTheIndexGives) {
    EXPECT_EQ(names("(filter: {age: {_gt: 15}}, order: {name: DESC})"), "f e d c a");
}

TEST_F(ScalarIndexTest, Q20_Or_IsTheUnion) {
    EXPECT_EQ(names("(filter: {_or: [{age: {_eq: 40}}, {age: {_eq: 10}}]})", "age"), "10 40");
    EXPECT_EQ(names("(filter: {_or: [{age: {_gt: 35}}, {age: {_gt: 45}}]})", "age"), "40 50");
    EXPECT_EQ(names("(filter: {_or: [{age: {_eq: 40}}, {name: {_eq: \"a\"}}]}, order: {name: ASC})"), "a e");
    EXPECT_EQ(names("(filter: {_and: [{age: {_gt: 15}}, {_not: {age: {_eq: 30}}}]})", "age"), "20 40 50");
    EXPECT_EQ(names("(filter: {_not: {age: {_eq: 30}}}, order: {name: ASC})", "age"), "10 20 40 50 null");
}

TEST_F(ScalarIndexTest, DocIdAndFilter_AreBothApplied) {
    std::string b = data("{ User(filter: {name: {_eq: \"b\"}}) { _docID } }")["User"][0]["_docID"];
    std::string e = data("{ User(filter: {name: {_eq: \"e\"}}) { _docID } }")["User"][0]["_docID"];
    std::string ids = fmt::format("docID: [\"{}\", \"{}\"]", e, b);
    EXPECT_EQ(names("(" + ids + ", filter: {age: {_gt: 5}})", "age"), "10 40");
    EXPECT_EQ(names("(" + ids + ", filter: {age: {_in: [40, 30, 10]}})", "age"), "40 10");
}

TEST_F(ScalarIndexTest, Mutations_AggregatesAndDeletedDocuments) {
    EXPECT_EQ(data("{ _count(User: {filter: {age: {_gt: 15}}}) _sum(User: {field: age, filter: {age: {_ge: "
                   "40}}}) }"),
              json::parse(R"({"_count": 5, "_sum": 90})"));
    data("mutation { update_User(filter: {age: {_eq: 40}}, input: {age: 41}) { name } }");
    data("mutation { delete_User(filter: {age: {_gt: 45}}) { name } }");
    EXPECT_EQ(names("(filter: {age: {_gt: 35}})", "age"), "41");
    EXPECT_EQ(names("(showDeleted: true, filter: {age: {_gt: 35}}, order: {age: ASC})", "age"), "41 50");
}

TEST_F(ScalarIndexTest, OwnWritesOfATransaction_AreInTheIndex) {
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    transaction->execute({"mutation { create_User(input: {name: \"z\", age: 35}) { name } }", {}, {}});
    transaction->execute(
        {"mutation { update_User(filter: {age: {_eq: 10}}, input: {age: 60}) { name } }", {}, {}});
    json answer = json::parse(transaction->execute({"{ User(filter: {age: {_gt: 32}}) { age } }", {}, {}}));
    EXPECT_EQ(answer["data"]["User"], json::parse(R"([{"age": 35}, {"age": 40}, {"age": 50}, {"age": 60}])"));
    answer = json::parse(transaction->execute({"{ User(order: {age: DESC}, limit: 2) { age } }", {}, {}}));
    EXPECT_EQ(answer["data"]["User"], json::parse(R"([{"age": 60}, {"age": 50}])"));
    EXPECT_EQ(names("(filter: {age: {_gt: 32}})", "age"), "40 50");
}

class CompositeIndexTest : public IndexTest {
  protected:
    CompositeIndexTest()
        : IndexTest(
              "type User @index(unique: true, includes: [{field: \"name\"}, {field: \"age\", direction: "
              "DESC}])"
              " { name: String  age: Int  note: String }") {
        create("User", "name: \"b\", age: 1, note: \"1\"");
        create("User", "name: \"b\", age: 3, note: \"2\"");
        create("User", "name: \"a\", age: 2, note: \"3\"");
        create("User", "name: \"b\", note: \"4\"");
        create("User", "name: \"c\", age: 9, note: \"5\"");
        create("User", "age: 7, note: \"6\"");
    }
};

TEST_F(CompositeIndexTest, Prefixes_NarrowAndOrder) {
    EXPECT_EQ(names("(filter: {name: {_eq: \"b\"}})", "note"), "2 1 4");
    EXPECT_EQ(names("(filter: {name: {_eq: \"b\"}, age: {_gt: 1}})", "note"), "2");
    EXPECT_EQ(names("(filter: {name: {_eq: \"b\"}, age: {_le: 3}})", "note"), "2 1");
    EXPECT_EQ(names("(filter: {name: {_eq: \"b\"}, age: {_eq: null}})", "note"), "4");
    EXPECT_EQ(names("(filter: {name: {_in: [\"c\", \"b\"]}, age: {_in: [1, 3, 9]}})", "note"), "5 2 1");
    EXPECT_EQ(names("(filter: {name: {_eq: null}})", "note"), "6");
    EXPECT_EQ(names("(filter: {name: {_ne: \"c\"}})", "note"), "6 3 2 1 4");
    EXPECT_EQ(names("(filter: {age: {_gt: 1}}, order: {note: ASC})", "note"), "2 3 5 6");
}

TEST_F(CompositeIndexTest, OrderOfSeveralKeys_IsServedBothWays) {
    EXPECT_EQ(names("(order: [{name: ASC}, {age: DESC}], limit: 4)", "note"), "6 3 2 1");
    EXPECT_EQ(names("(order: [{name: DESC}, {age: ASC}], limit: 4)", "note"), "5 4 1 2");
    EXPECT_EQ(names("(order: [{name: ASC}, {age: ASC}])", "note"), "6 3 4 1 2 5");
    EXPECT_EQ(names("(order: {name: DESC})", "note"), "5 4 1 2 3 6");
}

class ElementIndexTest : public IndexTest {
  protected:
    ElementIndexTest()
        : IndexTest(
              "type User { name: String  numbers: [Int] @index  custom: JSON @index }"
              " type Pair @index(includes: [{field: \"name\"}, {field: \"tags\"}])"
              " { name: String tags: [String!] }") {}
};

TEST_F(ElementIndexTest, Any_GivesEachDocumentOnceInElementOrder) {
    create("User", "name: \"a\", numbers: [5, 1, 5]");
    create("User", "name: \"b\", numbers: [3]");
    create("User", "name: \"c\", numbers: [null, 4]");
    create("User", "name: \"d\", numbers: []");
    create("User", "name: \"e\"");
    EXPECT_EQ(names("(filter: {numbers: {_any: {_gt: 0}}})"), "a b c");
    EXPECT_EQ(names("(filter: {numbers: {_any: {_gt: 2}}})"), "b c a");
    EXPECT_EQ(names("(filter: {numbers: {_any: {_in: [5, 3]}}})"), "a b");
    EXPECT_EQ(names("(filter: {numbers: {_any: {_eq: null}}})"), "c");
    EXPECT_EQ(names("(filter: {numbers: {_all: {_gt: 0}}}, order: {name: ASC})"), "a b d");
    EXPECT_EQ(names("(filter: {numbers: {_none: {_eq: 3}}}, order: {name: ASC})"), "a c d");
}

TEST_F(ElementIndexTest, EmptyArrayInACompositeIndex_IsStillFound) {
    create("Pair", "name: \"x\", tags: []");
    create("Pair", "name: \"x\", tags: [\"t\"]");
    EXPECT_EQ(data("{ Pair(filter: {name: {_eq: \"x\"}}) { name } }")["Pair"].size(), 2u);
    EXPECT_EQ(
        data("{ Pair(filter: {name: {_eq: \"x\"}, tags: {_any: {_eq: \"t\"}}}) { name } }")["Pair"].size(),
        1u);
}

TEST_F(ElementIndexTest, JsonPaths_GiveTheDocumentsOfAScan) {
    create("User", "name: \"a\", custom: {age: 30, list: [1, 2]}");
    create("User", "name: \"b\", custom: {age: 10, list: [2]}");
    create("User", "name: \"c\", custom: {age: \"x\", list: [[2], {k: 2}]}");
    create("User", "name: \"d\", custom: {age: null}");
    create("User", "name: \"e\", custom: {}");
    create("User", "name: \"f\"");
    create("User", "name: \"g\", custom: {age: {deep: 1}}");
    EXPECT_EQ(names("(filter: {custom: {age: {_gt: 5}}})"), "b a");
    EXPECT_EQ(names("(filter: {custom: {age: {_eq: 30}}})"), "a");
    EXPECT_EQ(names("(filter: {custom: {age: 30}})"), "a");
    EXPECT_EQ(names("(filter: {custom: {age: {_in: [30, \"x\"]}}})"), "a c");
    EXPECT_EQ(names("(filter: {custom: {age: {_like: \"x%\"}}})"), "c");
    EXPECT_EQ(names("(filter: {custom: {age: {_eq: null}}}, order: {name: ASC})"), "d e f");
    EXPECT_EQ(names("(filter: {custom: {age: {_ne: 30}}}, order: {name: ASC})"), "b c d f g");
    EXPECT_EQ(names("(filter: {custom: {list: {_any: {_eq: 2}}}}, order: {name: ASC})"), "a b");
    EXPECT_EQ(names("(filter: {custom: {list: {_any: {_gt: 1}}}}, order: {name: ASC})"), "a b");
}

TEST_F(ElementIndexTest, Q39_ConditionsAwayFromAPath_AreEvaluatedByAScan) {
    create("User", "name: \"a\", custom: 5");
    create("User", "name: \"b\", custom: [{a: 1}]");
    EXPECT_EQ(names("(filter: {custom: {_eq: 5}})"), "a");
    EXPECT_EQ(names("(filter: {custom: 5})"), "a");
    EXPECT_EQ(names("(filter: {custom: {_ne: 5}})"), "b");
    EXPECT_EQ(names("(filter: {custom: {_any: {a: {_eq: 1}}}})"), "b");
}

TEST_F(ElementIndexTest, Q19_MissingJson_IsIndexedAsNull) {
    create("User", "name: \"a\"");
    create("User", "name: \"b\", custom: null");
    EXPECT_EQ(names("(filter: {custom: {_eq: null}}, order: {name: ASC})"), "a b");
}

class JoinIndexTest : public IndexTest {
  protected:
    JoinIndexTest()
        : IndexTest(
              "type User { name: String @index  age: Int @index  devices: [Device] }"
              " type Device @index(includes: [{field: \"owner_id\"}, {field: \"year\"}])"
              " { model: String @index  year: Int  owner: User }") {
        std::string a = create("User", "name: \"a\", age: 3"), b = create("User", "name: \"b\", age: 1");
        create("User", "name: \"c\", age: 2");
        device("z", 2, a);
        device("y", 1, b);
        device("x", 3, a);
        device("w", 4, b);
        create("Device", "model: \"lone\", year: 9");
    }
    void device(const std::string& model, int year, const std::string& owner) {
        create("Device", fmt::format("model: \"{}\", year: {}, owner: \"{}\"", model, year, owner));
    }
};

TEST_F(JoinIndexTest, ManySide_ComesInTheOrderOfTheChildren) {
    EXPECT_EQ(names("(filter: {devices: {model: {_in: [\"y\", \"z\"]}}})"), "b a");
    EXPECT_EQ(names("(filter: {devices: {model: {_in: [\"z\", \"y\", \"x\"]}}})"), "a b");
    EXPECT_EQ(names("(filter: {devices: {model: {_like: \"x%\"}}})"), "a");
    EXPECT_EQ(names("(filter: {name: {_eq: \"b\"}, devices: {model: {_ne: \"q\"}}})"), "b");
}

TEST_F(JoinIndexTest, Q21_SingleSide_GoesOnBehindWhatHasNoParent) {
    EXPECT_EQ(names("(filter: {owner: {age: {_gt: 0}}})", "model", "Device").size(), 7u);
    EXPECT_EQ(names("(filter: {owner: {name: {_eq: \"a\"}}}, order: {model: ASC})", "model", "Device"),
              "x z");
    EXPECT_EQ(names("(filter: {owner: {name: {_eq: null}}})", "model", "Device"), "lone");
    EXPECT_EQ(names("(filter: {owner: {name: {_ne: \"a\"}}}, order: {model: ASC})", "model", "Device"),
              "lone w y");
    std::string by_age = names("(order: {owner: {age: DESC}})", "model", "Device");
    EXPECT_TRUE(by_age.ends_with("lone")) << by_age;
    EXPECT_EQ(by_age.size(), 12u);
}

TEST_F(JoinIndexTest, Lists_ComeInTheOrderOfTheForeignKeysIndex) {
    EXPECT_EQ(data("{ User(order: {name: ASC}) { devices { model } } }")["User"],
              json::parse(R"([{"devices": [{"model": "z"}, {"model": "x"}]},
                              {"devices": [{"model": "y"}, {"model": "w"}]}, {"devices": []}])"));
    EXPECT_EQ(data("{ User(filter: {name: {_eq: \"a\"}}) { devices(limit: 1) { model } "
                   "_sum(devices: {field: year, limit: 1}) } }")["User"],
              json::parse(R"([{"devices": [{"model": "z"}], "_sum": 2}])"));
    EXPECT_EQ(
        data("{ User(filter: {name: {_eq: \"a\"}}) { devices(order: {model: ASC}) { model } } }")["User"],
        json::parse(R"([{"devices": [{"model": "x"}, {"model": "z"}]}])"));
}

// ---- the same documents with and without indexes

class SameAnswersTest : public testing::Test {
  protected:
    static constexpr std::string_view kFields[] = {
        "name: String",  "age: Int",  "score: Float",    "small: Float32", "born: DateTime",
        "flag: Boolean", "hex: Blob", "tags: [String!]", "nums: [Int]",    "info: JSON"};

    SameAnswersTest()
        : plain_(open(plain_folder_, schema(false))), indexed_(open(indexed_folder_, schema(true))) {}

    static std::string schema(bool indexed) {
        std::string sdl = "type Box { label: String";
        if (indexed) sdl += " @index";
        sdl += " items: [Item] } type Item ";
        if (indexed) {
            sdl +=
                "@index(includes: [{field: \"name\"}, {field: \"age\", direction: DESC}]) "
                "@index(includes: [{field: \"flag\"}, {field: \"nums\"}, {field: \"score\"}]) ";
        }
        sdl += "{ box: Box";
        if (indexed) sdl += " @index";
        int place = 0;
        for (std::string_view field : kFields) {
            sdl += fmt::format(" {}{}", field,
                               !indexed           ? ""
                               : ++place % 3 == 0 ? " @index(direction: DESC)"
                                                  : " @index");
        }
        return sdl + " }";
    }
    static Database open(const TemporaryFolder& folder, const std::string& sdl) {
        Options options;
        options.durability = Durability::memory;
        Database database = *Database::open(folder / "store", options);
        auto added = database.add_schema(sdl);
        EXPECT_TRUE(added) << (added ? "" : added.error().message);
        return database;
    }

    std::string pick(std::initializer_list<const char*> choices) {
        return choices.begin()[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(random_)];
    }
    bool coin(int one_in) { return std::uniform_int_distribution<int>(0, one_in - 1)(random_) == 0; }

    std::string value(std::size_t field) {
        switch (field) {
            case 0:
                return pick({"\"a\"", "\"ab\"", "\"abc\"", "\"b\"", "\"\"", "null", "\"a%\""});
            case 1:
                return pick({"-3", "0", "1", "2", "2147483647", "null"});
            case 2:
                return pick({"-1.5", "0", "-0.0", "2.25", "1e30", "null"});
            case 3:
                return pick({"1.1", "-2", "0", "null"});
            case 4:
                return pick({"\"2020-01-01T00:00:00Z\"", "\"2020-01-01T01:00:00+01:00\"",
                             "\"1999-12-31T23:59:59.5Z\"", "null"});
            case 5:
                return pick({"true", "false", "null"});
            default:
                return pick({"\"ff\"", "\"FF\"", "\"00\"", "null"});
        }
    }
    std::string list(std::size_t field) {
        std::string text = "[";
        for (int i = std::uniform_int_distribution<int>(0, 3)(random_); i > 0; --i) {
            text += (field == 7 ? pick({"\"x\"", "\"y\"", "\"z\""}) : pick({"1", "2", "3", "null"})) + " ";
        }
        return coin(6) ? "null" : text + "]";
    }
    std::string json_value() {
        return pick({"null", "{}", "{a: 1}", "{a: 2.5}", "{a: \"s\"}", "{a: true}", "{a: null}",
                     "{a: [1, 2]}", "{a: [2, \"s\", null]}", "{a: {b: 1}}", "{a: []}", "{b: 1}",
                     "{a: [[1]]}"});
    }
    std::string document(const std::string& box) {
        std::string text = box.empty() || coin(4) ? "" : fmt::format("box: \"{}\" ", box);
        for (std::size_t field = 0; field < std::size(kFields); ++field) {
            if (coin(5)) continue;
            std::string_view name = kFields[field].substr(0, kFields[field].find(':'));
            text += fmt::format("{}: {} ", name,
                                field < 7   ? value(field)
                                : field < 9 ? list(field)
                                            : json_value());
        }
        return text;
    }

    std::string comparison(std::size_t field) {
        std::string op = field == 1 || field == 2 || field == 3 || field == 4
                             ? pick({"_eq", "_ne", "_gt", "_ge", "_lt", "_le", "_in", "_nin"})
                         : field == 0 || field == 6
                             ? pick({"_eq", "_ne", "_in", "_nin", "_like", "_nlike", "_ilike"})
                             : pick({"_eq", "_ne", "_in", "_nin"});
        if (op == "_in" || op == "_nin")
            return fmt::format("{}: [{} {} {}]", op, value(field), value(field), value(field));
        if (op.ends_with("like")) {
            return fmt::format("{}: {}", op,
                               pick({"\"a%\"", "\"%b\"", "\"a%c\"", "\"ab\"", "\"%\"", "\"%b%\"", "\"f%\""}));
        }
        return fmt::format("{}: {}", op, value(field));
    }
    std::string condition() {
        std::size_t field = std::uniform_int_distribution<std::size_t>(0, 9)(random_);
        std::string name(kFields[field].substr(0, kFields[field].find(':')));
        if (field < 7) {
            return fmt::format("{}: {{{} {}}}", name, comparison(field), coin(3) ? comparison(field) : "");
        }
        if (field < 9) {
            std::string element =
                field == 7 ? pick({"_eq: \"x\"", "_ne: \"y\"", "_in: [\"z\", \"x\"]", "_like: \"x%\""})
                           : pick({"_eq: 1", "_eq: null", "_gt: 1", "_le: 2", "_in: [3, 1]", ""});
            return fmt::format("{}: {{{}: {{{}}}}}", name, pick({"_any", "_all", "_none"}), element);
        }
        return "info: " +
               pick({"{a: {_eq: 1}}", "{a: {_gt: 1}}", "{a: {_ne: 1}}", "{a: {_in: [1, \"s\"]}}", "{a: null}",
                     "{a: {_like: \"s%\"}}", "{a: {_any: {_eq: 2}}}", "{a: {_any: {_gt: 0, _lt: 2}}}",
                     "{a: {_lt: 2}}", "{a: {_nin: [1]}}", "{_eq: null}", "{a: {_eq: [1, 2]}}"});
    }
    std::string filter(int depth) {
        if (depth == 0 || coin(2)) return "{" + condition() + "}";
        switch (std::uniform_int_distribution<int>(0, 4)(random_)) {
            case 0:
                return "{_and: [" + filter(depth - 1) + " " + filter(depth - 1) + "]}";
            case 1:
                return "{_or: [" + filter(depth - 1) + " " + filter(depth - 1) + "]}";
            case 2:
                return "{_not: " + filter(depth - 1) + "}";
            case 3:
                return "{box: " +
                       pick({"{label: {_eq: \"b1\"}}", "{label: {_ne: \"b1\"}}", "{label: {_eq: null}}",
                             "{label: {_like: \"b%\"}}", "{label: {_in: [\"b2\", \"b0\"]}}"}) +
                       "}";
            default:
                return "{_and: [{" + condition() + "} {" + condition() + "}]}";
        }
    }

    static json ask(Database& database, const std::string& text) {
        return json::parse(database.execute({text, {}, {}}));
    }
    // The ids, sorted; or the error.
    static json ids(Database& database, const std::string& type, const std::string& filter) {
        json answer = ask(database, fmt::format("{{ {}(filter: {}) {{ _docID }} }}", type, filter));
        if (answer.contains("errors")) return answer["errors"];
        std::multiset<std::string> all;
        for (const json& row : answer["data"][type]) all.insert(row["_docID"]);
        return all;
    }

    TemporaryFolder plain_folder_, indexed_folder_;
    Database plain_, indexed_;
    std::mt19937 random_{20240917};
};

TEST_F(SameAnswersTest, RandomFilters_ChooseTheSameDocuments) {
    std::vector<std::string> boxes;
    for (const char* label : {"b0", "b1", "b2", "b3"}) {
        std::string create =
            fmt::format("mutation {{ create_Box(input: {{label: \"{}\"}}) {{ _docID }} }}", label);
        boxes.push_back(ask(plain_, create)["data"]["create_Box"][0]["_docID"]);
        ask(indexed_, create);
    }
    int created = 0;
    for (int i = 0; i < 400; ++i) {
        std::string create = "mutation { create_Item(input: {" +
                             document(boxes[static_cast<std::size_t>(i) % boxes.size()]) + "}) { _docID } }";
        json answer = ask(plain_, create);
        EXPECT_EQ(answer, ask(indexed_, create)) << create;
        created += answer.contains("errors") ? 0 : 1;
    }
    EXPECT_GT(created, 300);
    int found = 0, failed = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string text = filter(2);
        json expected = ids(plain_, "Item", text), actual = ids(indexed_, "Item", text);
        ASSERT_EQ(expected, actual) << text;
        failed += expected.is_array() && !expected.empty() && expected[0].is_object() ? 1 : 0;
        found += expected.empty() ? 0 : 1;
        std::string of_box = "{items: " + filter(1) + "}";
        ASSERT_EQ(ids(plain_, "Box", of_box), ids(indexed_, "Box", of_box)) << of_box;
    }
    std::cout << "  seed 20240917: " << created << " documents, " << found
              << " filters of 1500 found something, " << failed << " failed\n";
    EXPECT_GT(found, 500);
}

TEST_F(SameAnswersTest, OrderWithAndWithoutLimit_AreTheSame) {
    for (int i = 0; i < 300; ++i)
        ask(indexed_, "mutation { create_Item(input: {" + document("") + "}) { _docID } }");
    for (const char* order : {"{age: ASC}", "{age: DESC}", "[{name: ASC}, {age: DESC}]",
                              "[{name: DESC}, {age: ASC}]", "[{name: ASC}, {age: ASC}]", "{born: ASC}",
                              "{flag: DESC}", "{hex: ASC}", "{small: DESC}", "{score: ASC}"}) {
        json all = ask(indexed_, fmt::format("{{ Item(order: {}) {{ _docID }} }}", order))["data"]["Item"];
        for (std::size_t limit : {std::size_t{1}, std::size_t{17}, std::size_t{100}}) {
            json some = ask(indexed_, fmt::format("{{ Item(order: {}, limit: {}, offset: 3) {{ _docID }} }}",
                                                  order, limit))["data"]["Item"];
            EXPECT_EQ(some, json(json::array_t(all.begin() + 3,
                                               all.begin() + 3 + static_cast<std::ptrdiff_t>(limit))))
                << order;
        }
    }
}

}  // namespace
}  // namespace cairn::test
