// create1, create100, update1: as variables, as literals, and synced.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/workloads.h"

namespace cairn::bench {

namespace {

constexpr std::size_t kSyncedCount = 300;  // documents or updates per round when every commit is synced
constexpr std::size_t kUpdates = 5000;

struct WriteKind {
    std::size_t batch = 1;  // documents per mutation
    Values values = Values::variables;
    bool synced = false;
};

// Time per book of `make` for all books, in mutations of `batch`.
template <typename Store, typename Make>
double time_per_book(Store& store, const Data& data, std::size_t books, std::size_t batch, Make make) {
    const double us = time_us([&] {
        for (std::size_t first = 0; first < books; first += batch)
            make(store, first, std::min(batch, books - first));
    });
    return us / static_cast<double>(std::min(books, data.books.size()));
}

void check_same_count(std::size_t ours, std::size_t rival) {
    if (ours != rival)
        throw std::runtime_error(fmt::format("{} documents, but the rival has {} rows", ours, rival));
}

// The rival's answer begins with the name; ours has it among other fields.
void check_same_name(const std::string& ours, const std::string& rival) {
    const std::string name = rival.substr(1, rival.find(',') - 1);
    if (ours.find(name) == std::string::npos)
        throw std::runtime_error(fmt::format("{} is not in {}", name, ours));
}

Sample create_round(Bench& bench, const WriteKind& kind) {
    const Data& data = bench.data();
    const std::size_t books = kind.synced ? std::min(kSyncedCount, data.books.size()) : data.books.size();
    CairnStore cairn(kind.synced ? Durability::full : Durability::process);
    SqliteStore sqlite(kind.synced);
    cairn.load_authors(data);
    sqlite.load_authors(data);
    const auto ours = [&] {
        return time_per_book(cairn, data, books, kind.batch,
                             [&](CairnStore& store, std::size_t first, std::size_t count) {
                                 store.create_books(data, first, count, kind.values);
                             });
    };
    const auto rival = [&] {
        return time_per_book(sqlite, data, books, kind.batch,
                             [&](SqliteStore& store, std::size_t first, std::size_t count) {
                                 store.create_books(data, first, count);
                             });
    };
    Sample sample = bench.in_turn(ours, rival);
    check_same_count(must(cairn.database().stats()).documents,
                     data.authors.size() + std::stoul(sqlite.answer("SELECT count(*) FROM book")));
    if (!kind.synced && kind.values == Values::variables)
        sample.floor_us = run_floor(bench.floor(), kind.batch);
    return sample;
}

Sample update_round(Bench& bench, CairnStore& cairn, SqliteStore& sqlite, const WriteKind& kind) {
    const std::size_t authors = bench.data().authors.size();
    const std::size_t updates = kind.synced ? kSyncedCount : kUpdates;
    const auto ours = [&] {
        return time_us([&] {
            for (std::size_t i = 0; i < updates; ++i) {
                cairn.rename_author(i * 7919 % authors, fmt::format("author renamed {}", i), kind.values);
            }
        });
    };
    const auto rival = [&] {
        return time_us([&] {
            for (std::size_t i = 0; i < updates; ++i) {
                sqlite.rename_author(i * 7919 % authors, fmt::format("author renamed {}", i));
            }
        });
    };
    Sample sample = bench.in_turn(ours, rival);
    sample.us /= static_cast<double>(updates);
    sample.rival_us /= static_cast<double>(updates);
    check_same_name(cairn.author_by_id(0), sqlite.author_by_id(0));
    return sample;
}

Workload create_workload(std::string id, WriteKind kind) {
    return {std::move(id),
            "book",
            kind.synced ? "SQLite, synchronous=FULL" : "SQLite",
            [kind](Bench& bench) { return create_round(bench, kind); },
            {}};
}

Workload update_workload(std::string id, WriteKind kind) {
    struct Stores {
        std::unique_ptr<CairnStore> cairn;
        std::unique_ptr<SqliteStore> sqlite;
    };
    auto stores = std::make_shared<Stores>();
    return {std::move(id),
            "update",
            kind.synced ? "SQLite, synchronous=FULL" : "SQLite",
            [kind, stores](Bench& bench) {
                if (!stores->cairn) {
                    stores->cairn =
                        std::make_unique<CairnStore>(kind.synced ? Durability::full : Durability::process);
                    stores->sqlite = std::make_unique<SqliteStore>(kind.synced);
                    stores->cairn->load_authors(bench.data());
                    stores->sqlite->load_authors(bench.data());
                }
                return update_round(bench, *stores->cairn, *stores->sqlite, kind);
            },
            {}};
}

}  // namespace

std::vector<Workload> write_workloads() {
    return {
        create_workload("create1", {1, Values::variables, false}),
        create_workload("create1_literal", {1, Values::literals, false}),
        create_workload("create1_full", {1, Values::variables, true}),
        create_workload("create100", {100, Values::variables, false}),
        create_workload("create100_literal", {100, Values::literals, false}),
        update_workload("update1", {1, Values::variables, false}),
        update_workload("update1_literal", {1, Values::literals, false}),
        update_workload("update1_full", {1, Values::variables, true}),
    };
}

}  // namespace cairn::bench
