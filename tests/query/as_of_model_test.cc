// Random histories with merges: what was answered at a position is answered again with asOf, to the letter,
// and the projections put back are those that lay there, byte for byte.
//
// 30 histories; CAIRN_AS_OF_SEEDS=n runs n of them, CAIRN_AS_OF_SEED=s starts with seed s.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>

#include "cairn/database.h"
#include "collections/as_of.h"
#include "collections/merge.h"
#include "dag/block.h"
#include "random_history.h"
#include "store_node.h"
#include "tests/projections.h"
#include "tests/property.h"

namespace cairn::test {
namespace {

constexpr std::uint64_t kHistories = 30;

// Requests about a schema; @ stands for the argument, after another one.
std::vector<std::string> requests_about(const RandomSchema& schema) {
    const std::string name(schema.name);
    if (name == "relations") {
        return {
            "{ Author(showDeleted: true@) { _docID _deleted name books { title pages } contact { phone "
            "author "
            "{ name } } teacher { name pupil { name } } _count(books: {}) _version { cid height } } }",
            "{ Book(offset: 0@, filter: {author: {name: {_eq: \"Saadi\"}}}) { title author { name books { "
            "title } } } }",
            "{ Author(offset: 0@, filter: {books: {pages: {_gt: 0}}}, order: {contact: {phone: ASC}}) { name "
            "contact_id _sum(books: {field: pages}) } }",
            "{ Author(offset: 0@, filter: {name: {_gt: \"S\"}}, limit: 2) { name pupil { name } } }",
            "{ Book(offset: 0@, groupBy: [author_id]) { author_id _sum(_group: {field: pages}) _group { "
            "title "
            "} } }",
            "{ Contact(offset: 0@, order: [{phone: DESC}, {_docID: ASC}]) { phone author { name teacher { "
            "name "
            "} } } }",
            "{ a: _count(Author: {offset: 0@, filter: {name: {_eq: \"a\"}}}) b: _sum(Book: {field: pages@}) "
            "}",
        };
    }
    if (name == "scalars") {
        return {"{ Thing(showDeleted: true@) { _docID _deleted name size weight small good made raw } }",
                "{ Thing(offset: 0@, filter: {name: {_in: [\"a\", \"aa\", null]}}) { name size } }",
                "{ Thing(offset: 0@, order: {weight: DESC}) { weight } }",
                "{ Thing(offset: 0@, filter: {size: {_eq: 1}, good: {_eq: true}}) { name } }",
                "{ Thing(offset: 0@, groupBy: [good]) { good _avg(_group: {field: size}) } }"};
    }
    if (name == "collections") {
        return {"{ Bag(showDeleted: true@) { _docID _deleted name tags sizes weights flags info } }",
                "{ Bag(offset: 0@, filter: {tags: {_any: {_eq: \"a\"}}}) { name } }",
                "{ Bag(offset: 0@, filter: {info: {a: {_gt: 0}}}) { name info } }"};
    }
    if (name == "counters") {
        return {"{ Tally(showDeleted: true@) { _docID _deleted name both up part less } }",
                "{ Tally(offset: 0@, filter: {both: {_gt: 0}}) { both } }"};
    }
    if (name == "unique") {
        return {"{ Member(showDeleted: true@) { _docID _deleted name city number good marks } }",
                "{ Member(offset: 0@, filter: {name: {_eq: \"Saadi\"}}) { city } }",
                "{ Member(offset: 0@, filter: {city: {_eq: \"a\"}, number: {_gt: 0}}) { marks } }"};
    }
    return {"{ Page(showDeleted: true@) { _docID _deleted title views site { name pages { title } } } }",
            "{ Site(offset: 0@) { name pages { title views } _version { cid } } }",
            "{ Page(offset: 0@, filter: {site: {name: {_eq: \"a\"}}}) { title } }"};
}

std::vector<std::string> all_requests(const RandomSchema& schema) {
    std::vector<std::string> texts = requests_about(schema);
    texts.emplace_back("{ commits(offset: 0@) { cid height docID fieldName } }");
    texts.emplace_back("{ commits(offset: 0@, fieldName: null) { cid links { cid } } }");
    return texts;
}

std::string with(std::string text, const std::string& argument) {
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at))
        text.replace(at, 1, argument);
    return text;
}

struct Moment {
    std::string cid;  // of the commit that ended it; empty for the beginning
    std::vector<std::string> answers;
};

Database open_store(const std::filesystem::path& path, bool read_only = false) {
    Options options;
    options.durability = Durability::memory;
    options.block_cache_bytes = 1 << 20;
    options.read_only = read_only;
    auto opened = Database::open(path, options);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
}

void mutate(Database& database, RandomHistory& history) {
    std::string text =
        history.mutation([&](std::string_view collection) { return *database.document_ids(collection); });
    bool failed = false;
    std::string answer = database.execute({text, {}, {}}, &failed);
    if (failed) {
        EXPECT_TRUE(may_be_refused(answer)) << text << "\n" << answer;
    }
}

// The commit of an event: its composite or collection block.
std::string commit_at(const Database& database, std::uint64_t position) {
    auto batch = database.blocks_since(position, 1);
    EXPECT_TRUE(batch);
    for (const Block& block : batch->blocks) {
        auto decoded = dag::decode_block(dag::as_bytes(block.bytes));
        if (!decoded ||
            (decoded->kind != dag::DeltaKind::composite && decoded->kind != dag::DeltaKind::collection)) {
            continue;
        }
        return dag::Cid{dag::Codec::dag_cbor, dag::sha256(dag::as_bytes(block.bytes))}.text();
    }
    return {};
}

void expect_moments(Database& database, const std::vector<std::string>& texts,
                    const std::map<std::uint64_t, Moment>& moments) {
    for (const auto& [position, moment] : moments) {
        for (std::size_t i = 0; i < texts.size() && !testing::Test::HasFailure(); ++i) {
            std::string text = with(texts[i], fmt::format(", asOf: {}", position));
            EXPECT_EQ(database.execute({text, {}, {}}), moment.answers[i]) << text;
            if (moment.cid.empty()) continue;
            text = with(texts[i], fmt::format(", asOf: \"{}\"", moment.cid));
            EXPECT_EQ(database.execute({text, {}, {}}), moment.answers[i]) << text;
        }
    }
}

void run_history(std::uint64_t seed) {
    RandomHistory history(seed);
    SCOPED_TRACE(fmt::format("CAIRN_AS_OF_SEED={} ({})", seed, history.schema().name));
    TemporaryFolder folder;
    std::optional<Database> mine(open_store(folder / "mine")), theirs(open_store(folder / "theirs"));
    ASSERT_TRUE(mine->add_schema(history.schema().sdl));
    ASSERT_TRUE(theirs->add_schema(history.schema().sdl));
    const std::vector<std::string> texts = all_requests(history.schema());
    std::map<std::uint64_t, Moment> moments;
    auto remember = [&] {
        Moment moment;
        if (mine->position() > 0) moment.cid = commit_at(*mine, mine->position() - 1);
        for (const std::string& text : texts)
            moment.answers.push_back(mine->execute({with(text, ""), {}, {}}));
        EXPECT_EQ(moment.answers[0].find("\"errors\""), std::string::npos) << moment.answers[0];
        moments.insert_or_assign(mine->position(), std::move(moment));
    };
    remember();
    for (std::uint64_t step = 0, steps = 20 + history.below(40); step < steps; ++step) {
        const std::uint64_t what = history.below(10);
        if (what < 6) {
            mutate(*mine, history);
        } else if (what < 8) {
            mutate(*theirs, history);
        } else if (what == 8) {
            ASSERT_TRUE(mine->merge(theirs->blocks_since(0)->blocks));
        } else {
            ASSERT_TRUE(theirs->merge(mine->blocks_since(0)->blocks));
        }
        if (history.chance(25)) remember();
    }
    ASSERT_TRUE(mine->merge(theirs->blocks_since(0)->blocks));
    expect_moments(*mine, texts, moments);
    ASSERT_TRUE(mine->rebuild(false));
    expect_moments(*mine, texts, moments);
    ASSERT_TRUE(mine->close());
    mine.emplace(open_store(folder / "mine", history.chance(50)));
    expect_moments(*mine, texts, moments);
}

TEST(AsOfModel, RandomHistories_AnswersOfThen_AreGivenAgain) {
    const std::uint64_t first = from_environment("CAIRN_AS_OF_SEED", 1);
    const bool one = std::getenv("CAIRN_AS_OF_SEED") != nullptr;
    const std::uint64_t count = from_environment("CAIRN_AS_OF_SEEDS", one ? 1 : kHistories / kPropertyScale);
    for (std::uint64_t seed = first; seed < first + count && !HasFailure(); ++seed) run_history(seed);
    std::cout << fmt::format("  {} histories, CAIRN_AS_OF_SEED={}\n", count, first);
}

Entries entries_seen(const ReadView& reads, Family family, std::string_view prefix = "") {
    Entries entries;
    auto cursor = reads.iterate(family, prefix);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next())
        entries.emplace(cursor->it->key().ToString(), cursor->it->value().ToString());
    EXPECT_TRUE(cursor->it->status().ok());
    return entries;
}

std::vector<Entries> projections_seen(const StoreTransaction& transaction) {
    const ReadView& reads = transaction.view();
    return {entries_seen(reads, Family::rows), entries_seen(reads, Family::heads),
            entries_seen(reads, Family::relations), entries_seen(reads, Family::indexes),
            entries_seen(reads, Family::meta, "heads/")};
}

void merge_all(StoreNode& from, StoreNode& into) {
    std::vector<std::string> blocks;
    for (auto& [cid, bytes] : from.blocks()) blocks.push_back(std::move(bytes));
    std::vector<std::string_view> views(blocks.begin(), blocks.end());
    ASSERT_TRUE(merge_blocks(into.store(), views, {}));
}

void mutate(StoreNode& node, RandomHistory& history) {
    const std::string text = history.mutation([&](std::string_view collection) {
        std::vector<std::string> ids;
        const Answer answer = node.request(fmt::format("{{ {} {{ _docID }} }}", collection));
        for (const auto& each : answer.data[std::string(collection)]) ids.push_back(each["_docID"]);
        return ids;
    });
    for (const std::string& message : node.request(text).errors)
        EXPECT_TRUE(may_be_refused(message)) << text << "\n" << message;
}

void run_projections(std::uint64_t seed) {
    RandomHistory history(seed);
    SCOPED_TRACE(fmt::format("CAIRN_AS_OF_SEED={} ({})", seed, history.schema().name));
    StoreNode mine, theirs;
    ASSERT_TRUE(mine.add_schema(history.schema().sdl));
    ASSERT_TRUE(theirs.add_schema(history.schema().sdl));
    std::map<std::uint64_t, std::vector<Entries>> moments;
    for (std::uint64_t step = 0, steps = 15 + history.below(25); step < steps; ++step) {
        moments[mine.store().position()] = projections_seen(*mine.store().begin_read());
        const std::uint64_t what = history.below(10);
        if (what < 9) mutate(what < 6 ? mine : theirs, history);
        if (what == 9) history.chance(50) ? merge_all(mine, theirs) : merge_all(theirs, mine);
    }
    merge_all(theirs, mine);
    const auto now = mine.store().begin_read();
    for (const auto& [position, expected] : moments) {
        auto past = open_as_of(*now, position);
        ASSERT_TRUE(past) << past.error().message;
        ASSERT_TRUE(projections_seen(**past) == expected) << "position " << position;
    }
}

TEST(AsOfModel, RandomHistories_ProjectionsOfThen_AreThereAgain) {
    const std::uint64_t first = from_environment("CAIRN_AS_OF_SEED", 1);
    const bool one = std::getenv("CAIRN_AS_OF_SEED") != nullptr;
    const std::uint64_t count = from_environment("CAIRN_AS_OF_SEEDS", one ? 1 : kHistories / kPropertyScale);
    for (std::uint64_t seed = first; seed < first + count && !HasFailure(); ++seed) run_projections(seed);
}

TEST(AsOfModel, WhatIsPutBack_CannotBeCommitted) {
    StoreNode node;
    ASSERT_TRUE(node.add_schema("type User { name: String }"));
    node.request("mutation { create_User(input: {name: \"a\"}) { _docID } }");
    const auto now = node.store().begin_read();
    const auto past = node.store().begin_committed(*now);
    past->sink().put(Family::meta, "key", "value");
    auto committed = past->commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().message, "transaction is over or read-only");
    static_assert(!std::is_invocable_v<decltype(&StoreTransaction::commit), const StoreTransaction&>);
}

TEST(AsOfModel, MemoryLimit_AtItAndOnePast) {
    StoreNode node;
    ASSERT_TRUE(node.add_schema("type User { name: String }"));
    for (int i = 0; i < 50; ++i)
        node.request(fmt::format("mutation {{ create_User(input: {{name: \"{}\"}}) {{ _docID }} }}", i));
    const auto now = node.store().begin_read();
    std::size_t enough = 1;
    while (!open_as_of(*now, 10, enough)) ++enough;
    EXPECT_GT(enough, 40 * 48U);
    EXPECT_LT(enough, 40 * 1000U);
    EXPECT_TRUE(open_as_of(*now, 10, enough));
    auto refused = open_as_of(*now, 10, enough - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(refused.error().message,
              fmt::format("too much has changed since log position 10: 40 events. Limit: {} bytes of what "
                          "differs",
                          enough - 1));
}

}  // namespace
}  // namespace cairn::test
