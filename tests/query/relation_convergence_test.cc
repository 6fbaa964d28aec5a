// Two stores that write links, nested documents and deletions with rules apart, and exchange what they wrote,
// end equal; and no reference leads to a deleted document where a rule forbids it.
//
// 5,000 histories in ten parts; CAIRN_RELATION_SEEDS=n runs n of them, CAIRN_RELATION_SEED=s starts with seed
// s.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "cairn/database.h"
#include "tests/projections.h"
#include "tests/property.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::uint64_t kHistories = 5000, kParts = 10, kHistoriesPerStore = 50;

constexpr std::string_view kSchema =
    "type Author { name: String  books: [Book]  friends: [Author] @relation(name: \"friends\", onDelete: "
    "SET_NULL) }"
    " type Book { name: String  author: Author @relation(onDelete: CASCADE)"
    "  genres: [Genre] @relation(onDelete: SET_NULL)  shelves: [Shelf]  review: Review }"
    " type Genre { name: String  books: [Book] @relation(onDelete: SET_NULL) }"
    " type Shelf { name: String  books: [Book] @relation(onDelete: CASCADE) }"
    " type Award { name: String  book: Book @relation(onDelete: RESTRICT) }"
    " type Review { name: String  book: Book @primary @relation(onDelete: SET_NULL) }";

constexpr std::string_view kEverything =
    "{ Author(showDeleted: true) { _docID _deleted name books { _docID } friends { _docID } }"
    " Book(showDeleted: true) { _docID _deleted author_id author { _docID } genres { _docID } shelves { "
    "_docID } review_id"
    "  n: _count(genres: {}) }"
    " Genre(showDeleted: true) { _docID books { _docID } n: _count(books: {}) }"
    " Shelf(showDeleted: true) { _docID _deleted books { _docID } } Award(showDeleted: true) { _docID "
    "book_id }"
    " Review(showDeleted: true) { _docID book_id } }";

// Active documents and their references, for the rules.
constexpr std::string_view kReferences =
    "{ Book { author_id } Award { book_id } Review { book_id } Author_friends { first_id second_id }"
    " Book_genres_Genre_books { book_id genre_id } Book_shelves_Shelf_books { book_id } }";

class Peer {
  public:
    explicit Peer(std::filesystem::path folder) : folder_(std::move(folder)) {
        Options options;
        options.durability = Durability::memory;
        options.block_cache_bytes = 1 << 20;
        auto opened = Database::open(folder_, options);
        EXPECT_TRUE(opened) << opened.error().message;
        database_.emplace(std::move(*opened));
        auto added = database_->add_schema(kSchema);
        EXPECT_TRUE(added) << added.error().message;
    }

    void write(std::mt19937_64& random) {
        const std::string text = mutation(random);
        bool failed = false;
        json answer = json::parse(database_->execute({text, {}, {}}, &failed));
        if (!failed) return;
        EXPECT_TRUE(may_be_refused(answer["errors"][0]["message"].get<std::string>())) << text << "\n"
                                                                                       << answer;
    }

    // False when there is nothing new.
    bool send_to(Peer& other) {
        if (sent_ == database_->position()) return false;
        auto batch = database_->blocks_since(sent_);
        EXPECT_TRUE(batch);
        sent_ = batch->next_position;
        auto merged = other.database_->merge(batch->blocks);
        EXPECT_TRUE(merged) << merged.error().message;
        return true;
    }

    std::string everything() { return database_->execute({std::string(kEverything), {}, {}}); }

    void expect_no_dangling_references() {
        const json data = json::parse(database_->execute({std::string(kReferences), {}, {}}))["data"];
        for (const auto& [collection, rows] : data.items()) {
            for (const json& row : rows) {
                for (const auto& [key, id] : row.items()) {
                    if (id.is_null()) continue;
                    EXPECT_FALSE(is_deleted(id)) << collection << "." << key << " " << id;
                }
            }
        }
    }

    Projections finish() {
        auto report = database_->check();
        EXPECT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->problems, std::vector<std::string>{});
        EXPECT_TRUE(database_->close());
        database_.reset();
        return read_projections(folder_);
    }

  private:
    static bool may_be_refused(std::string_view message) {
        for (std::string_view part :
             {"already exists", "has been deleted", "no document for the given ID",
              "stands in the list twice", "a reference to a deleted document",
              "a reference to an unknown document", "Rule: RESTRICT", "already linked to another document"}) {
            if (message.find(part) != std::string_view::npos) return true;
        }
        return false;
    }

    bool is_deleted(const std::string& id) {
        auto collection = database_->collection_of(id);
        if (!collection) return false;  // never seen
        json answer = json::parse(database_->execute(
            {fmt::format("{{ {}(docID: \"{}\") {{ _docID }} }}", *collection, id), {}, {}}));
        return answer["data"][*collection].empty();
    }

    std::uint64_t below(std::mt19937_64& random, std::uint64_t limit) { return random() % limit; }

    std::string some(std::mt19937_64& random, std::string_view collection) {
        auto ids = database_->document_ids(collection, "", 40);
        EXPECT_TRUE(ids);
        if (ids->empty()) return "bae-00000000-0000-5000-8000-000000000000";
        return (*ids)[below(random, ids->size())];
    }

    // Few names, so that both stores often write the same document.
    std::string name(std::mt19937_64& random) { return fmt::format("name: \"n{}\"", below(random, 400)); }

    std::string list(std::mt19937_64& random, std::string_view collection, bool nested) {
        std::string text = "[";
        for (std::uint64_t i = below(random, 3); i > 0; --i) {
            if (nested && below(random, 3) == 0) {
                text += "{" + name(random) + "} ";
            } else {
                text += "\"" + some(random, collection) + "\" ";
            }
        }
        return text + "]";
    }

    std::string change(std::mt19937_64& random, std::string_view collection) {
        switch (below(random, 3)) {
            case 0:
                return list(random, collection, true);
            case 1:
                return "{_add: " + list(random, collection, true) + "}";
            default:
                return "{_add: " + list(random, collection, false) +
                       ", _remove: " + list(random, collection, false) + "}";
        }
    }

    std::string mutation(std::mt19937_64& random) {
        auto create = [](std::string_view type, const std::string& input) {
            return fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", type, input);
        };
        auto update = [](std::string_view type, const std::string& id, const std::string& input) {
            return fmt::format("mutation {{ update_{}(docID: \"{}\", input: {{{}}}) {{ _docID }} }}", type,
                               id, input);
        };
        switch (below(random, 12)) {
            case 0:
                return create("Author", fmt::format("{}, books: [{{{}, genres: {}}} {{{}}}]", name(random),
                                                    name(random), list(random, "Genre", true), name(random)));
            case 1:
                return create("Book", fmt::format("{}, author: \"{}\", genres: {}, shelves: {}", name(random),
                                                  some(random, "Author"), list(random, "Genre", true),
                                                  list(random, "Shelf", true)));
            case 2:
                return create("Award", fmt::format("{}, book: \"{}\"", name(random), some(random, "Book")));
            case 3:
                return create("Review", fmt::format("{}, book: \"{}\"", name(random), some(random, "Book")));
            case 4:
                return create("Author",
                              fmt::format("{}, friends: {}", name(random), list(random, "Author", true)));
            case 5:
                return update("Book", some(random, "Book"), "genres: " + change(random, "Genre"));
            case 6:
                return update("Genre", some(random, "Genre"), "books: " + change(random, "Book"));
            case 7:
                return update("Author", some(random, "Author"), "friends: " + change(random, "Author"));
            case 8:
                return update("Author", some(random, "Author"), "books: " + change(random, "Book"));
            case 9:
                return update("Book", some(random, "Book"),
                              below(random, 2) == 0 ? fmt::format("author: \"{}\"", some(random, "Author"))
                                                    : "shelves: " + change(random, "Shelf"));
            default: {
                static constexpr std::string_view kTypes[] = {
                    "Author", "Author",         "Book",
                    "Genre",  "Shelf",          "Award",
                    "Review", "Author_friends", "Book_genres_Genre_books"};
                std::string_view type = kTypes[below(random, std::size(kTypes))];
                return fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", type,
                                   some(random, type));
            }
        }
    }

    std::filesystem::path folder_;
    std::optional<Database> database_;
    std::uint64_t sent_ = 0;
};

void run_history(Peer& here, Peer& there, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (std::uint64_t phase = random() % 3 + 1; phase > 0; --phase) {
        for (std::uint64_t i = random() % 5; i > 0; --i) here.write(random);
        for (std::uint64_t i = random() % 5; i > 0; --i) there.write(random);
        if (random() % 3 == 0) here.send_to(there);  // a message that only one side gets
    }
    for (bool news = true; news;) {
        const bool sent = here.send_to(there), answered = there.send_to(here);
        news = sent || answered;
    }
    EXPECT_EQ(here.everything(), there.everything());
    here.expect_no_dangling_references();
}

class RelationConvergence : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RelationConvergence, StoresThatWriteApart_EndEqual) {
    const std::uint64_t histories = from_environment("CAIRN_RELATION_SEEDS", kHistories) / kParts;
    const std::uint64_t first = from_environment("CAIRN_RELATION_SEED", 1) + GetParam() * histories;
    for (std::uint64_t done = 0; done < histories && !HasFailure();) {
        TemporaryFolder folder;
        Peer here(folder / "here"), there(folder / "there");
        for (std::uint64_t i = 0; i < kHistoriesPerStore && done < histories; ++i, ++done) {
            SCOPED_TRACE(fmt::format("seed {}", first + done));
            run_history(here, there, first + done);
            if (HasFailure()) return;
        }
        EXPECT_EQ(here.finish(), there.finish());
    }
}

INSTANTIATE_TEST_SUITE_P(Parts, RelationConvergence, testing::Range<std::uint64_t>(0, kParts));

}  // namespace
}  // namespace cairn::test
