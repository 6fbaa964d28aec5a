// unrelated, open, rebuild, merge: CairnDB against itself.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/workloads.h"

namespace cairn::bench {

namespace {

// ---- unrelated ----

constexpr std::size_t kUnrelatedDocuments = 50'000;
constexpr std::size_t kAskedAuthors = 20;
constexpr std::size_t kRepeats = 300;

struct UnrelatedStores {
    CairnStore without;
    CairnStore with;
};

std::unique_ptr<UnrelatedStores> make_unrelated_stores(Bench& bench) {
    auto stores = std::make_unique<UnrelatedStores>();
    for (CairnStore* store : {&stores->without, &stores->with}) {
        store->load_authors(bench.data());
        store->load_books(bench.data());
    }
    must(stores->with.database().add_schema("type Note { title: String body: String }"));
    const auto documents = static_cast<std::size_t>(static_cast<double>(kUnrelatedDocuments) * bench.scale());
    for (std::size_t i = 0; i < documents; ++i) {
        must(stores->with.database().create_document(
            "Note", fmt::format(R"({{"title":"note {}","body":"a text that no author has written"}})", i)));
    }
    return stores;
}

double time_some_authors(CairnStore& store) {
    std::string variables = "{\"ids\":[";
    const std::size_t asked = std::min(kAskedAuthors, store.author_ids().size());
    for (std::size_t i = 0; i < asked; ++i) {
        variables += fmt::format("{}\"{}\"", i == 0 ? "" : ",", store.author_ids()[i]);
    }
    variables += "]}";
    return time_us([&] {
               for (std::size_t i = 0; i < kRepeats; ++i) {
                   store.run("query($ids: [String!]) { Author(docID: $ids) { name books { name } } }",
                             variables);
               }
           }) /
           static_cast<double>(kRepeats);
}

Workload unrelated_workload() {
    auto stores = std::make_shared<std::unique_ptr<UnrelatedStores>>();
    return {"unrelated",
            "answer",
            "without the 50,000 other documents",
            [stores](Bench& bench) {
                if (!*stores) *stores = make_unrelated_stores(bench);
                return bench.in_turn([&] { return time_some_authors((*stores)->with); },
                                     [&] { return time_some_authors((*stores)->without); });
            },
            {}};
}

// ---- open ----

struct HistoryStores {
    CairnStore large{Durability::memory};
    CairnStore small{Durability::memory};
};

void fill_events(CairnStore& store, std::size_t events) {
    const std::uint64_t start = store.database().position();
    for (std::size_t i = 0; store.database().position() < start + events; ++i) {
        must(store.database().create_document("Author", fmt::format(R"({{"name":"author {}"}})", i)));
    }
    store.reopen();
}

double time_open(CairnStore& store) {
    constexpr int kOpens = 5;
    double us = 0;
    for (int i = 0; i < kOpens; ++i) {
        store.close();
        us += time_us([&] { store.reopen(); });
    }
    return us / kOpens;
}

Workload open_workload() {
    auto stores = std::make_shared<std::unique_ptr<HistoryStores>>();
    return {"open",
            "open",
            "a store of 2,000 events",
            [stores](Bench& bench) {
                if (!*stores) {
                    *stores = std::make_unique<HistoryStores>();
                    fill_events((*stores)->large, static_cast<std::size_t>(200'000 * bench.scale()));
                    fill_events((*stores)->small, static_cast<std::size_t>(2'000 * bench.scale()));
                }
                return bench.in_turn([&] { return time_open((*stores)->large); },
                                     [&] { return time_open((*stores)->small); });
            },
            {}};
}

// ---- rebuild, merge: against the time of writing the same events by create100 ----

double time_load(CairnStore& store, const Data& data) {
    store.load_authors(data);
    return time_us([&] { store.load_books(data); });
}

Sample rebuild_round(Bench& bench) {
    CairnStore store;
    const double per_book = 1.0 / static_cast<double>(bench.data().books.size());
    Sample sample;
    sample.rival_us = time_load(store, bench.data()) * per_book;
    const std::uint64_t documents = must(store.database().stats()).documents;
    sample.us = time_us([&] { must(store.database().rebuild(false)); }) * per_book;
    if (must(store.database().stats()).documents != documents)
        throw std::runtime_error("the rebuild lost documents");
    return sample;
}

void take_all_blocks(Database& target, Database& source, std::uint64_t position) {
    for (bool more = true; more;) {
        const BlockBatch batch = must(source.blocks_since(position));
        const MergeReport report = must(target.merge(batch.blocks));
        if (!report.missing.empty())
            throw std::runtime_error("the merge misses block " + report.missing.front());
        position = batch.next_position;
        more = batch.more;
    }
}

Sample merge_round(Bench& bench) {
    CairnStore source;
    CairnStore target;
    const double per_book = 1.0 / static_cast<double>(bench.data().books.size());
    Sample sample;
    source.load_authors(bench.data());
    const std::uint64_t books_start = source.database().position();
    sample.rival_us = time_us([&] { source.load_books(bench.data()); }) * per_book;
    target.load_authors(bench.data());
    sample.us =
        time_us([&] { take_all_blocks(target.database(), source.database(), books_start); }) * per_book;
    if (must(source.database().stats()).documents != must(target.database().stats()).documents) {
        throw std::runtime_error("the merged store has another number of documents");
    }
    return sample;
}

}  // namespace

std::vector<Workload> store_workloads() {
    return {
        unrelated_workload(),
        open_workload(),
        {"rebuild", "book", "create100 of the same books", rebuild_round, {}},
        {"merge", "book", "create100 of the same books", merge_round, {}},
    };
}

}  // namespace cairn::bench
