// Delete rules of relations: on deletions here, and on what merges bring (collections/README.md "Delete
// rules").
#include <algorithm>

#include "collections/delete_rules.h"
#include "collections/merge.h"
#include "database_fixture.h"

namespace cairn::test {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kSchema =
    "type Author { name: String  books: [Book]  awards: [Award]  fans: [Fan] @relation(name: \"fans\")"
    "  card: Card }"
    " type Book { name: String  author: Author @relation(onDelete: CASCADE)  pages: [Page]"
    "  shelves: [Shelf] @relation(onDelete: RESTRICT) }"
    " type Page { number: Int  book: Book @relation(onDelete: CASCADE)  next: Page @relation(name: \"n\", "
    "onDelete: CASCADE) }"
    " type Award { name: String  winner: Author @relation(onDelete: SET_NULL) }"
    " type Fan { name: String  authors: [Author] @relation(name: \"fans\", onDelete: SET_NULL) }"
    " type Shelf { name: String  books: [Book] }"
    " type Card { number: Int  owner: Author @primary @relation(onDelete: RESTRICT) }";

class DeleteRules : public DatabaseTest {
  protected:
    explicit DeleteRules(Options options = {}) : DatabaseTest(kSchema, options) {}

    json delete_of(const std::string& type, const std::string& id) {
        return ask(fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", type, id));
    }
    std::string delete_error(const std::string& type, const std::string& id) {
        return error(fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", type, id));
    }
    std::size_t count(const std::string& type) {
        return data("{ _count(" + type + ": {}) }")["_count"].get<std::size_t>();
    }
    void expect_sound() {
        auto report = database_.check();
        ASSERT_TRUE(report);
        EXPECT_EQ(report->problems, Lines{});
    }
};

TEST_F(DeleteRules, Cascade_ReachesEveryLevelAndReportsWhatItDeleted) {
    const std::string ann = create("Author", "name: \"Ann\"");
    const std::string book = create(
        "Book", fmt::format("name: \"One\", author: \"{}\", pages: [{{number: 1}}, {{number: 2}}]", ann));
    create("Book", "name: \"Other\"");
    json answer = delete_of("Author", ann);
    EXPECT_EQ(answer["data"]["delete_Author"], json::parse(fmt::format(R"([{{"_docID": "{}"}}])", ann)));
    json rules = answer["extensions"]["deleteRules"];
    EXPECT_EQ(rules["deleted"]["Book"], json::array({book}));
    EXPECT_EQ(rules["deleted"]["Page"].size(), 2u);
    EXPECT_EQ(rules["unset"], json::object());
    EXPECT_EQ(rules["unlinked"], 0);
    EXPECT_EQ(data("{ Book { name } }")["Book"], json::parse(R"([{"name": "Other"}])"));
    EXPECT_EQ(count("Page"), 0u);
    // Ordinary delete commits.
    EXPECT_EQ(versions(book).size(), 2u);
    EXPECT_EQ(data(fmt::format("{{ Book(docID: \"{}\", showDeleted: true) {{ _deleted }} }}", book))["Book"],
              json::parse(R"([{"_deleted": true}])"));
    expect_sound();
}

TEST_F(DeleteRules, WithoutARule_NothingHappensAndNothingIsReported) {
    const std::string page = create("Page", "number: 1"), fan = create("Fan", "name: \"F\"");
    create("Author", fmt::format("name: \"Ann\", fans: [\"{}\"]", fan));
    json answer = delete_of("Fan", fan);
    EXPECT_FALSE(answer.contains("extensions")) << answer;
    EXPECT_EQ(count("Author_fans_Fan_authors"), 1u);
    EXPECT_FALSE(delete_of("Page", page).contains("extensions"));
}

TEST_F(DeleteRules, SetNull_TakesReferencesAndPairsAway) {
    const std::string fan = create("Fan", "name: \"F\"");
    const std::string ann = create("Author", fmt::format("name: \"Ann\", fans: [\"{}\"]", fan));
    const std::string award = create("Award", fmt::format("name: \"A\", winner: \"{}\"", ann));
    json rules = delete_of("Author", ann)["extensions"]["deleteRules"];
    EXPECT_EQ(rules, json::parse(fmt::format(
                         R"({{"deleted": {{}}, "unset": {{"Award": ["{}"]}}, "unlinked": 1}})", award)));
    EXPECT_EQ(data("{ Award { name winner_id } }")["Award"],
              json::parse(R"([{"name": "A", "winner_id": null}])"));
    EXPECT_EQ(count("Author_fans_Fan_authors"), 0u);
    EXPECT_EQ(count("Fan"), 1u);
    expect_sound();
}

TEST_F(DeleteRules, Restrict_NamesBothDocuments_UnlessBothGo) {
    const std::string ann = create("Author", "name: \"Ann\"");
    const std::string card = create("Card", fmt::format("number: 7, owner: \"{}\"", ann));
    const std::uint64_t position = database_.position();
    EXPECT_EQ(
        delete_error("Author", ann),
        fmt::format("cannot delete a document that another one refers to. DocID: {}, Referring: Card {}, "
                    "Field: owner, Rule: RESTRICT",
                    ann, card));
    EXPECT_EQ(database_.position(), position);
    remove("Card", card);
    remove("Author", ann);

    const std::string shelf = create("Shelf", "name: \"S\"");
    const std::string book = create("Book", fmt::format("name: \"One\", shelves: [\"{}\"]", shelf));
    EXPECT_NE(delete_error("Shelf", shelf).find("Referring: Book " + book + ", Field: shelves"),
              std::string::npos);
    update("Book", book, "shelves: []");
    remove("Shelf", shelf);
    EXPECT_EQ(count("Shelf"), 0u);
}

TEST_F(DeleteRules, CircleOfCascades_EndsAndDeletesEachOnce) {
    std::vector<std::string> pages;
    for (int i = 0; i < 5; ++i)
        pages.push_back(
            create("Page", i == 0 ? "number: 0" : fmt::format("number: {}, next: \"{}\"", i, pages.back())));
    update("Page", pages[0], fmt::format("next: \"{}\"", pages[4]));
    json rules = delete_of("Page", pages[2])["extensions"]["deleteRules"];
    EXPECT_EQ(rules["deleted"]["Page"].size(), 4u);
    EXPECT_EQ(count("Page"), 0u);
    expect_sound();
}

TEST_F(DeleteRules, DocumentGivenTwiceAndByItsRule_IsDeletedOnce) {
    const std::string first = create("Page", "number: 1");
    const std::string second = create("Page", fmt::format("number: 2, next: \"{}\"", first));
    json answer = ask(fmt::format("mutation {{ delete_Page(docID: [\"{}\", \"{}\", \"{}\"]) {{ number }} }}",
                                  first, second, first));
    EXPECT_EQ(answer["data"]["delete_Page"].size(), 2u) << answer;
    EXPECT_EQ(versions(first).size(), 2u);
    EXPECT_EQ(versions(second).size(), 2u);
    expect_sound();
}

TEST_F(DeleteRules, ReferenceToADeletedOrUnknownDocument_IsRefused) {
    const std::string ann = create("Author", "name: \"Ann\"");
    remove("Author", ann);
    EXPECT_EQ(error(fmt::format(
                  "mutation {{ create_Book(input: {{name: \"X\", author: \"{}\"}}) {{ _docID }} }}", ann)),
              "a reference to a deleted document. Field: author, Collection: Author, DocID: " + ann);
    const std::string unknown = "bae-00000000-0000-5000-8000-000000000000";
    EXPECT_EQ(
        error(fmt::format("mutation {{ create_Book(input: {{name: \"X\", author: \"{}\"}}) {{ _docID }} }}",
                          unknown)),
        "a reference to an unknown document. Field: author, Collection: Author, DocID: " + unknown);
}

TEST_F(DeleteRules, CollectionCalls_ApplyThemToo) {
    const std::string ann = create("Author", "name: \"Ann\"");
    create("Book", fmt::format("name: \"One\", author: \"{}\"", ann));
    ASSERT_TRUE(database_.write([&](Transaction& t) { return t.delete_document("Author", ann); }));
    EXPECT_EQ(count("Book"), 0u);
    const std::string bob = create("Author", "name: \"Bob\"");
    create("Book", fmt::format("name: \"Two\", author: \"{}\"", bob));
    ASSERT_TRUE(database_.write([&](Transaction& t) -> Status {
        auto done = t.delete_documents("Author", "{\"name\": {\"_eq\": \"Bob\"}}");
        if (!done) return std::unexpected(done.error());
        return {};
    }));
    EXPECT_EQ(count("Book"), 0u);
}

TEST_F(DeleteRules, DeletionByAnotherTransaction_IsAConflict) {
    const std::string ann = create("Author", "name: \"Ann\"");
    auto first = database_.begin(), second = database_.begin();
    first->execute({fmt::format("mutation {{ delete_Author(docID: \"{}\") {{ _docID }} }}", ann), {}, {}});
    second->execute(
        {fmt::format("mutation {{ create_Book(input: {{name: \"X\", author: \"{}\"}}) {{ _docID }} }}", ann),
         {},
         {}});
    EXPECT_TRUE(first->commit());
    EXPECT_FALSE(second->commit());
    EXPECT_EQ(count("Book"), 0u);
}

class FewCascades : public DeleteRules {
  protected:
    FewCascades()
        : DeleteRules([] {
              Options options;
              options.limits.cascade_documents = 3;
              return options;
          }()) {}
};

TEST_F(FewCascades, Documents_AtTheLimitAreDeleted_OnePastIsRefused) {
    for (int books : {3, 4}) {
        const std::string ann = create("Author", fmt::format("name: \"Ann{}\"", books));
        for (int i = 0; i < books; ++i) create("Book", fmt::format("name: \"{}\", author: \"{}\"", i, ann));
        if (books == 3) {
            remove("Author", ann);
            EXPECT_EQ(count("Book"), 0u);
        } else {
            EXPECT_EQ(delete_error("Author", ann), "delete rules would delete too many documents. Limit: 3");
            EXPECT_EQ(count("Book"), 4u);
        }
    }
}

class DeleteRulesOfBranchable : public DatabaseTest {
  protected:
    DeleteRulesOfBranchable()
        : DatabaseTest(
              "type Parent { name: String  children: [Child] }"
              " type Child @branchable { name: String  parent: Parent @relation(onDelete: CASCADE) }") {}
};

// The collection's own history is a chain, in which each deletion follows the one before.
TEST_F(DeleteRulesOfBranchable, EachDeletionIsInTheHistoryOfTheCollection) {
    const std::string parent = create("Parent", "name: \"P\"");
    for (int i = 0; i < 3; ++i) create("Child", fmt::format("name: \"{}\", parent: \"{}\"", i, parent));
    remove("Parent", parent);
    std::vector<std::uint64_t> heights;
    const json commits = data("{ commits(order: {height: ASC}) { height docID } }")["commits"];
    for (const json& commit : commits)
        if (commit["docID"].is_null()) heights.push_back(commit["height"].get<std::uint64_t>());
    EXPECT_EQ(heights, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
}

class DeleteRulesOfUnique : public DatabaseTest {
  protected:
    DeleteRulesOfUnique()
        : DatabaseTest(
              "type Parent { name: String  children: [Child] }"
              " type Child @index(unique: true, includes: [{field: \"parent_id\"}, {field: \"name\"}])"
              " { name: String @index(unique: true)  parent: Parent @relation(onDelete: SET_NULL) }") {}
};

TEST_F(DeleteRulesOfUnique, SetNull_LeavesUniqueIndexesRight) {
    const std::string parent = create("Parent", "name: \"P\"");
    for (int i = 0; i < 3; ++i) create("Child", fmt::format("name: \"{}\", parent: \"{}\"", i, parent));
    remove("Parent", parent);
    EXPECT_EQ(data("{ Child(filter: {parent_id: {_eq: null}}, order: {name: ASC}) { name } }")["Child"],
              json::parse(R"([{"name": "0"}, {"name": "1"}, {"name": "2"}])"));
    EXPECT_NE(
        error("mutation { create_Child(input: {name: \"1\"}) { _docID } }").find("violates unique index"),
        std::string::npos);
    auto report = database_.check();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, Lines{});
}

TEST(DeleteRulesSchema, Rules_AreOutsideVersionIdsAndShownInDescriptions) {
    TemporaryFolder folder;
    auto version = [&](std::string_view name, std::string_view rule) {
        auto added = open_unsynced(folder / std::string(name))
                         .add_schema(fmt::format("type A {{ b: B {} }} type B {{ a: [A] }}", rule));
        EXPECT_TRUE(added) << (added ? "" : added.error().message);
        return json::parse(*added)[0];
    };
    json plain = version("plain", ""), ruled = version("ruled", "@relation(onDelete: CASCADE)");
    EXPECT_EQ(plain["VersionID"], ruled["VersionID"]);
    EXPECT_FALSE(plain["Fields"][1].contains("OnDelete"));
    EXPECT_EQ(ruled["Fields"][1]["OnDelete"], "CASCADE");
    auto wrong = open_unsynced(folder / "wrong")
                     .add_schema("type A { b: B @relation(onDelete: EXPLODE) } type B { a: [A] }");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(
        wrong.error().message,
        "Argument \"onDelete\" has invalid value EXPLODE.\nExpected type \"DeleteRule\", found EXPLODE.");
}

TEST(DeleteRulesSchema, ATypeNamedLikeTheRules_IsTheUsers) {
    TemporaryFolder folder;
    Database database = open_unsynced(folder / "store");
    auto added = database.add_schema(
        "type DeleteRule { name: String } type A { b: DeleteRule @primary @relation(onDelete: SET_NULL) }");
    EXPECT_TRUE(added) << added.error().message;
}

// ---- merges ----

class MergedRules : public testing::Test {
  protected:
    MergedRules() {
        for (int i = 0; i < 2; ++i) {
            stores_.push_back(open_unsynced(folder_ / fmt::format("{}", i)));
            EXPECT_TRUE(stores_[i].add_schema(kSchema));
        }
    }
    json ask(int store, const std::string& text) {
        json answer = json::parse(stores_[store].execute({text, {}, {}}));
        EXPECT_FALSE(answer.contains("errors")) << text << answer;
        return answer["data"];
    }
    std::string create(int store, const std::string& type, const std::string& input) {
        return ask(store, fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", type,
                                      input))["create_" + type][0]["_docID"];
    }
    void remove(int store, const std::string& type, const std::string& id) {
        ask(store, fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", type, id));
    }
    // Until neither has anything new for the other.
    void exchange() {
        for (bool news = true; news;) {
            news = false;
            for (int from : {0, 1}) {
                if (seen_[from] == stores_[from].position()) continue;
                auto batch = stores_[from].blocks_since(seen_[from]);
                seen_[from] = batch->next_position;
                auto merged = stores_[1 - from].merge(batch->blocks);
                ASSERT_TRUE(merged) << merged.error().message;
                news = true;
            }
        }
    }
    void expect_equal(const std::string& text) {
        EXPECT_EQ(ask(0, text), ask(1, text)) << text;
        for (Database& store : stores_) {
            auto rebuilt = store.rebuild(true);
            ASSERT_TRUE(rebuilt) << rebuilt.error().message;
            EXPECT_EQ(rebuilt->differences, Lines{});
        }
    }
    TemporaryFolder folder_;
    std::vector<Database> stores_;
    std::uint64_t seen_[2] = {0, 0};
};

constexpr const char* kAll =
    "{ Author { name } Book { name author_id shelves { name } } Award { name winner_id } Fan { name authors "
    "{ name } }"
    " Card { number owner_id } Page { number book_id } Author_fans_Fan_authors { _docID } }";

TEST_F(MergedRules, ChildAddedWhileItsParentIsDeletedElsewhere_FollowsTheRule) {
    const std::string ann = create(0, "Author", "name: \"Ann\""), fan = create(0, "Fan", "name: \"F\"");
    exchange();
    remove(0, "Author", ann);
    create(1, "Book", fmt::format("name: \"One\", author: \"{}\", pages: [{{number: 1}}]", ann));
    create(1, "Award", fmt::format("name: \"A\", winner: \"{}\"", ann));
    create(1, "Card", fmt::format("number: 1, owner: \"{}\"", ann));
    ask(1, fmt::format("mutation {{ update_Fan(docID: \"{}\", input: {{authors: [\"{}\"]}}) {{ _docID }} }}",
                       fan, ann));
    exchange();
    EXPECT_EQ(ask(0, kAll),
              json::parse(R"({"Author": [], "Book": [], "Page": [], "Author_fans_Fan_authors": [],
        "Award": [{"name": "A", "winner_id": null}], "Fan": [{"name": "F", "authors": []}],
        "Card": [{"number": 1, "owner_id": null}]})"));  // a RESTRICT that came too late takes the reference
                                                         // away
    expect_equal(kAll);
}

TEST_F(MergedRules, BothOrdersOfDelivery_EndAlike) {
    const std::string ann = create(0, "Author", "name: \"Ann\"");
    exchange();
    const std::uint64_t mark = stores_[0].position();
    create(0, "Book", fmt::format("name: \"One\", author: \"{}\"", ann));
    remove(1, "Author", ann);
    // The child comes after the deletion here, before it there.
    ASSERT_TRUE(stores_[1].merge(stores_[0].blocks_since(mark)->blocks));
    EXPECT_EQ(ask(1, "{ Book { name } }")["Book"], json::array());
    exchange();
    EXPECT_EQ(ask(0, "{ Book { name } }")["Book"], json::array());
    expect_equal(kAll);
}

TEST_F(MergedRules, RepairThatACrashPrevented_IsMadeWhenTheStoreIsOpened) {
    const std::string ann = create(0, "Author", "name: \"Ann\"");
    exchange();
    const std::uint64_t mark = stores_[0].position();
    remove(0, "Author", ann);
    create(1, "Book", fmt::format("name: \"One\", author: \"{}\"", ann));
    auto batch = stores_[0].blocks_since(mark);
    ASSERT_TRUE(stores_[1].close());
    {
        auto store = Store::open(folder_ / "1", {}, [](std::span<std::uint8_t>) {});
        ASSERT_TRUE(store) << store.error().message;
        ASSERT_TRUE(expect_repairs(**store));
        std::vector<std::string_view> blocks;
        for (const Block& block : batch->blocks) blocks.emplace_back(block.bytes);
        ASSERT_TRUE(merge_blocks(**store, blocks));
        ASSERT_TRUE((*store)->close());
    }
    stores_[1] = open_unsynced(folder_ / "1");
    EXPECT_EQ(ask(1, "{ Book { name } }")["Book"], json::array());
    const std::uint64_t position = stores_[1].position();
    ASSERT_TRUE(stores_[1].close());
    stores_[1] = open_unsynced(folder_ / "1");
    EXPECT_EQ(stores_[1].position(), position);  // nothing is due twice
}

}  // namespace
}  // namespace cairn::test
