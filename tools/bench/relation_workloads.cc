// m2m, m2m_back, m2m_filter, nested, cascade: relations that the reference does not have.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/workloads.h"

namespace cairn::bench {

namespace {

constexpr std::size_t kItems = 20'000, kTags = 200, kTagsOfItem = 3;

// The two sides of a many-to-many relation with the same pairs.
struct TaggedStores {
    explicit TaggedStores(double scale) {
        const auto items = static_cast<std::size_t>(static_cast<double>(kItems) * scale);
        must(
            cairn.database().add_schema("type Item { name: String  tags: [Tag] }"
                                        " type Tag { name: String  items: [Item] }"));
        sqlite.run("CREATE TABLE tag (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID");
        sqlite.run("CREATE TABLE item (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID");
        sqlite.run("CREATE TABLE item_tag (item TEXT, tag TEXT)");
        sqlite.run("CREATE INDEX item_tag_item ON item_tag (item, tag)");
        sqlite.run("CREATE INDEX item_tag_tag ON item_tag (tag, item)");
        for (std::size_t i = 0; i < kTags; ++i) {
            const std::string name = fmt::format("tag {:04}", i);
            tags_.push_back(id_in(cairn.run(
                fmt::format("mutation {{ create_Tag(input: {{name: \"{}\"}}) {{ _docID }} }}", name))));
            sqlite.run(fmt::format("INSERT INTO tag VALUES ('{}', '{}')", tags_.back(), name));
        }
        for (std::size_t first = 0; first < items; first += 100) load(first, std::min(first + 100, items));
    }

    CairnStore cairn;
    SqliteStore sqlite;

  private:
    static std::string id_in(const std::string& answer) {
        const std::size_t at = answer.find("bae-");
        return answer.substr(at, 40);
    }

    void load(std::size_t first, std::size_t end) {
        sqlite.run("BEGIN");
        std::string input;
        for (std::size_t i = first; i < end; ++i) {
            // Ids of no store but as long; SQLite sorts them as CairnDB sorts its own.
            const std::string id = fmt::format("bae-{:016x}{:020x}", i * 0x9e3779b97f4a7c15ull, i);
            sqlite.run(fmt::format("INSERT INTO item VALUES ('{}', 'item {:07}')", id, i));
            std::string tags;
            for (std::size_t t = 0; t < kTagsOfItem; ++t) {
                const std::string& tag = tags_[(i * 7 + t * 61) % kTags];
                tags += fmt::format("\"{}\" ", tag);
                sqlite.run(fmt::format("INSERT INTO item_tag VALUES ('{}', '{}')", id, tag));
            }
            input += fmt::format("{{name: \"item {:07}\", tags: [{}]}} ", i, tags);
        }
        sqlite.run("COMMIT");
        cairn.run(fmt::format("mutation {{ create_Item(input: [{}]) {{ _docID }} }}", input));
    }

    std::vector<std::string> tags_;
};

using SharedStores = std::shared_ptr<std::unique_ptr<TaggedStores>>;

// Answers of both sides must be of one size: the names are the same and ids are not shown.
Workload tagged_workload(std::string id, const SharedStores& stores, std::string request, std::string sql,
                         std::size_t repeats) {
    return {std::move(id),
            "answer",
            "SQLite",
            [=](Bench& bench) {
                if (!*stores) *stores = std::make_unique<TaggedStores>(bench.scale());
                std::string ours, rival;
                Sample sample = bench.in_turn(
                    [&] {
                        return time_us([&] {
                            for (std::size_t i = 0; i < repeats; ++i) ours = (*stores)->cairn.run(request);
                        });
                    },
                    [&] {
                        return time_us([&] {
                            for (std::size_t i = 0; i < repeats; ++i) rival = (*stores)->sqlite.answer(sql);
                        });
                    });
                const auto names = [](const std::string& text) {
                    std::size_t count = 0;
                    for (std::size_t at = text.find("\"name\":"); at != std::string::npos;
                         at = text.find("\"name\":", at + 1))
                        ++count;
                    return count;
                };
                if (names(ours) != names(rival) || names(ours) == 0) {
                    throw std::runtime_error(
                        fmt::format("{} names, but the rival has {}", names(ours), names(rival)));
                }
                sample.us /= static_cast<double>(repeats);
                sample.rival_us /= static_cast<double>(repeats);
                return sample;
            },
            {}};
}

// ---- nested: one author with 20 books in one mutation, against 21 mutations ----

constexpr std::size_t kNestedAuthors = 200, kNestedBooks = 20;

std::string book_input(std::size_t author, std::size_t book) {
    return fmt::format(R"({{"name":"book {:03}-{:03}","genre":"{}","pages":{}}})", author, book,
                       genre_name(book), 100 + book);
}

double create_nested(CairnStore& store) {
    return time_us([&] {
        for (std::size_t a = 0; a < kNestedAuthors; ++a) {
            std::string variables = fmt::format(R"({{"in":{{"name":"author {}","books":[)", a);
            for (std::size_t b = 0; b < kNestedBooks; ++b) {
                if (b > 0) variables += ',';
                variables += book_input(a, b);
            }
            variables += "]}}";
            store.run("mutation($in: [AuthorMutationInputArg!]) { create_Author(input: $in) { _docID } }",
                      variables);
        }
    });
}

double create_apart(CairnStore& store) {
    return time_us([&] {
        for (std::size_t a = 0; a < kNestedAuthors; ++a) {
            const std::string answer =
                store.run("mutation($in: [AuthorMutationInputArg!]) { create_Author(input: $in) { _docID } }",
                          fmt::format(R"({{"in":{{"name":"author {}"}}}})", a));
            const std::string author = answer.substr(answer.find("bae-"), 40);
            for (std::size_t b = 0; b < kNestedBooks; ++b) {
                std::string input = book_input(a, b);
                input.insert(input.size() - 1, fmt::format(R"(,"author":"{}")", author));
                store.run("mutation($in: [BookMutationInputArg!]) { create_Book(input: $in) { _docID } }",
                          fmt::format(R"({{"in":{}}})", input));
            }
        }
    });
}

Sample nested_round(Bench& bench) {
    CairnStore nested, apart;
    Sample sample = bench.in_turn([&] { return create_nested(nested); }, [&] { return create_apart(apart); });
    if (must(nested.database().stats()).documents != must(apart.database().stats()).documents)
        throw std::runtime_error("the nested documents are of another number");
    sample.us /= static_cast<double>(kNestedAuthors);
    sample.rival_us /= static_cast<double>(kNestedAuthors);
    return sample;
}

// ---- cascade: a parent with 10,000 children is deleted ----

constexpr std::size_t kChildren = 10'000;

double delete_by_rule(double scale) {
    CairnStore store;
    must(store.database().add_schema(
        "type Parent { name: String  children: [Child] }"
        " type Child { name: String  parent: Parent @relation(onDelete: CASCADE) }"));
    const std::string answer = store.run("mutation { create_Parent(input: {name: \"p\"}) { _docID } }");
    const std::string parent = answer.substr(answer.find("bae-"), 40);
    const auto children = static_cast<std::size_t>(static_cast<double>(kChildren) * scale);
    for (std::size_t first = 0; first < children; first += 100) {
        std::string input;
        for (std::size_t i = first; i < std::min(first + 100, children); ++i)
            input += fmt::format("{{name: \"child {}\", parent: \"{}\"}} ", i, parent);
        store.run(fmt::format("mutation {{ create_Child(input: [{}]) {{ _docID }} }}", input));
    }
    const double us = time_us(
        [&] { store.run(fmt::format("mutation {{ delete_Parent(docID: \"{}\") {{ _docID }} }}", parent)); });
    if (must(store.database().stats()).documents != 0) throw std::runtime_error("children are left");
    return us;
}

// A history row for each deleted one, as in the other workloads.
double delete_by_foreign_key(double scale) {
    SqliteStore store;
    store.run("PRAGMA foreign_keys = ON");
    store.run("CREATE TABLE parent (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID");
    store.run(
        "CREATE TABLE child (id TEXT PRIMARY KEY, name TEXT, parent TEXT REFERENCES parent (id)"
        " ON DELETE CASCADE) WITHOUT ROWID");
    store.run("CREATE INDEX child_parent ON child (parent)");
    store.run("CREATE TABLE change (id INTEGER PRIMARY KEY, data TEXT)");
    store.run(
        "CREATE TRIGGER child_deleted AFTER DELETE ON child BEGIN INSERT INTO change (data) VALUES"
        " (json_object('deleted', old.id)); END");
    const std::string parent = "bae-00000000-0000-5000-8000-000000000000";
    store.run(fmt::format("INSERT INTO parent VALUES ('{}', 'p')", parent));
    const auto children = static_cast<std::size_t>(static_cast<double>(kChildren) * scale);
    store.run("BEGIN");
    for (std::size_t i = 0; i < children; ++i) {
        store.run(fmt::format("INSERT INTO child VALUES ('bae-{:016x}{:020x}', 'child {}', '{}')",
                              i * 0x9e3779b97f4a7c15ull, i, i, parent));
    }
    store.run("COMMIT");
    return time_us([&] { store.run(fmt::format("DELETE FROM parent WHERE id = '{}'", parent)); });
}

}  // namespace

std::vector<Workload> relation_workloads() {
    const auto stores = std::make_shared<std::unique_ptr<TaggedStores>>();
    return {
        tagged_workload("m2m", stores, "query { Item { name tags { name } } }",
                        "SELECT json_group_array(json_object('name', i.name, 'tags', json((SELECT "
                        "json_group_array(json_object('name', t.name)) FROM item_tag x JOIN tag t ON t.id = "
                        "x.tag WHERE x.item = i.id)))) FROM item i",
                        3),
        tagged_workload("m2m_back", stores, "query { Tag { name items { name } } }",
                        "SELECT json_group_array(json_object('name', t.name, 'items', json((SELECT "
                        "json_group_array(json_object('name', i.name)) FROM item_tag x JOIN item i ON i.id = "
                        "x.item WHERE x.tag = t.id)))) FROM tag t",
                        3),
        tagged_workload(
            "m2m_filter", stores, "query { Item(filter: {tags: {name: {_eq: \"tag 0007\"}}}) { name } }",
            "SELECT json_group_array(json_object('name', i.name)) FROM item i WHERE EXISTS (SELECT 1 "
            "FROM item_tag x JOIN tag t ON t.id = x.tag WHERE x.item = i.id AND t.name = 'tag 0007')",
            3),
        // Pairs count whose other document is there, on both sides.
        tagged_workload("m2m_count", stores, "query { Tag { name _count(items: {}) } }",
                        "SELECT json_group_array(json_object('name', t.name, '_count', (SELECT count(*) FROM "
                        "item_tag x JOIN item i ON i.id = x.item WHERE x.tag = t.id))) FROM tag t",
                        10),
        {"nested", "author with 20 books", "21 mutations", nested_round, {}},
        {"cascade",
         "deletion",
         "SQLite, ON DELETE CASCADE",
         [](Bench& bench) {
             return bench.in_turn([&] { return delete_by_rule(bench.scale()); },
                                  [&] { return delete_by_foreign_key(bench.scale()); });
         },
         {}},
    };
}

}  // namespace cairn::bench
