// Random queries on random data, compared with a naive evaluator. CAIRN_MODEL_QUERIES sets how many (default
// 3,000), CAIRN_MODEL_SEED the first seed; a failure prints the seed and the request.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cairn/database.h"
#include "query_generator.h"
#include "tests/projections.h"

namespace cairn::test {
namespace {

constexpr std::uint64_t kQueriesPerStore = 500;

// A store and a model with the same documents.
class Pair {
  public:
    Pair(std::uint64_t seed, bool indexed) : model_(model_types()), generator_(model_, seed) {
        Options options;
        options.durability = Durability::memory;
        database_.emplace(*Database::open(folder_ / "store", options));
        auto added = database_->add_schema(model_sdl(indexed));
        EXPECT_TRUE(added) << added.error().message;
        std::mt19937_64 random(seed);
        for (const auto& [type, count] :
             {std::pair{"Publisher", 4}, {"Agent", 8}, {"Author", 14}, {"Book", 40}}) {
            for (int i = 0; i < count; ++i) create(type, generator_.document(type));
        }
        for (int i = 0; i < 40; ++i) {
            link("likes", "Author", "liked", "Book", random);
            if (i < 15) link("friends", "Author", "friends", "Author", random);
        }
        for (const char* type : {"Author", "Publisher"}) {  // links to them dangle
            if (model_.documents(type).size() < 2) continue;
            const std::string id = model_.documents(type)[random() % model_.documents(type).size()].id;
            ask(fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", type, id));
            model_.remove(type, id);
        }
    }

    Json ask(const std::string& request) { return Json::parse(database_->execute({request, {}, {}})); }
    Model& model() { return model_; }
    QueryGenerator& generator() { return generator_; }

  private:
    // A document that cannot be (its content or its one-to-one link exists already) is left out of both.
    void create(const std::string& type, const Json& values) {
        std::string fields;
        for (const auto& [name, value] : values.items()) fields += fmt::format("{}: {} ", name, value.dump());
        const Json answer =
            ask(fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", type, fields));
        if (answer.contains("errors")) return;
        model_.add(type, {answer["data"]["create_" + type][0]["_docID"], values});
    }

    void link(const std::string& pairs, const std::string& type, const std::string& field,
              const std::string& target, std::mt19937_64& random) {
        const auto &from = model_.documents(type), &to = model_.documents(target);
        if (from.empty() || to.empty()) return;
        const std::string one = from[random() % from.size()].id, other = to[random() % to.size()].id;
        const Json answer = ask(fmt::format(
            "mutation {{ update_{}(docID: \"{}\", input: {{{}: {{_add: [\"{}\"]}}}}) {{ _docID }} }}", type,
            one, field, other));
        ASSERT_FALSE(answer.contains("errors")) << answer;
        model_.link(pairs, one, other);
    }

    TemporaryFolder folder_;
    std::optional<Database> database_;
    Model model_;
    QueryGenerator generator_;
};

// An index in use gives another order of documents (4.2) where the request asks for none: then lists are
// compared as sets, and windows, which depend on the order, are not compared at all.
Json sorted(Json value) {
    if (value.is_object() || value.is_array()) {
        for (Json& member : value) member = sorted(std::move(member));
    }
    if (value.is_array()) std::sort(value.begin(), value.end());
    return value;
}

void check(Pair& pair, bool indexed, std::uint64_t queries) {
    for (std::uint64_t i = 0; i < queries && !testing::Test::HasFailure(); ++i) {
        std::string request;
        Json expected;
        if (i % 8 == 7) {
            ModelAggregate aggregate = pair.generator().root_aggregate();
            request = fmt::format("{{ r: {} }}", render_aggregate(aggregate));
            expected = pair.model().root_aggregate(aggregate);
        } else {
            ModelSelect select = pair.generator().select();
            request = fmt::format("{{ r: {}{} {} }}", select.type, render_arguments(select),
                                  render_items(select.items));
            expected = pair.model().select(select);
        }
        if (indexed &&
            (request.find("limit") != std::string::npos || request.find("offset") != std::string::npos))
            continue;
        const Json answer = pair.ask(request);
        ASSERT_FALSE(answer.contains("errors")) << request << "\n" << answer;
        const Json& actual = answer["data"]["r"];
        const bool equal = indexed ? sorted(actual) == sorted(expected) : actual == expected;
        ASSERT_TRUE(equal) << request << "\nexpected " << expected << "\nactual   " << actual;
    }
}

void run(bool indexed) {
    const std::uint64_t total = from_environment("CAIRN_MODEL_QUERIES", 3000),
                        seed = from_environment("CAIRN_MODEL_SEED", 1);
    std::map<std::string, std::uint64_t> uses;
    for (std::uint64_t done = 0; done < total && !testing::Test::HasFailure(); done += kQueriesPerStore) {
        const std::uint64_t store_seed = seed + done / kQueriesPerStore;
        SCOPED_TRACE(fmt::format("CAIRN_MODEL_SEED={}", store_seed));
        Pair pair(store_seed, indexed);
        check(pair, indexed, std::min(kQueriesPerStore, total - done));
        for (const auto& [what, count] : pair.generator().uses()) uses[what] += count;
    }
    if (testing::Test::HasFailure()) return;
    // Each operator of each kind, each direction of a join and each part of the language was met.
    EXPECT_GE(uses.size(), 90u);
    for (const auto& [what, count] : uses) {
        if (total >= 3000) {
            EXPECT_GE(count, 5u) << what;
        }
        fmt::print("{:>8} {}\n", count, what);
    }
}

TEST(ModelCheck, RandomQueries_AnswerAsTheNaiveEvaluator) {
    run(false);
}

TEST(ModelCheck, RandomQueriesWithIndexes_FindTheSameDocuments) {
    run(true);
}

}  // namespace
}  // namespace cairn::test
