// history and mixed: one document with many commits; readers beside a writer.
#include <fmt/format.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "bench/workloads.h"

namespace cairn::bench {

namespace {

// ---- history ----

constexpr std::size_t kUpdates = 1000;
constexpr std::size_t kHistoryRepeats = 20;

struct HistoryStore {
    CairnStore store;
    std::string variables;
};

Workload history_workload() {
    auto kept = std::make_shared<std::unique_ptr<HistoryStore>>();
    return {"history",
            "answer",
            "",
            [kept](Bench& bench) {
                if (!*kept) {
                    *kept = std::make_unique<HistoryStore>();
                    CairnStore& store = (*kept)->store;
                    store.load_authors(bench.data());
                    for (std::size_t i = 0; i < kUpdates; ++i)
                        store.rename_author(0, fmt::format("name {}", i));
                    (*kept)->variables = fmt::format(R"({{"id":"{}"}})", store.author_ids().front());
                }
                std::string answer;
                const double us = time_us([&] {
                    for (std::size_t i = 0; i < kHistoryRepeats; ++i) {
                        answer = (*kept)->store.run(
                            "query($id: ID) { commits(docID: $id) { cid height fieldName delta links { cid "
                            "name } } }",
                            (*kept)->variables);
                    }
                });
                // One commit of the document and one of the field an update; both and the other field at
                // creation.
                if (answer.find(fmt::format("\"height\":{}", kUpdates + 1)) == std::string::npos)
                    throw std::runtime_error("the answer lacks the newest commit");
                return Sample{.us = us / static_cast<double>(kHistoryRepeats)};
            },
            {}};
}

// ---- mixed ----

constexpr std::size_t kReaders = 4;
constexpr std::chrono::milliseconds kMixedTime{700};
constexpr std::chrono::microseconds kWritePause{2000};  // 500 commits a second at most
constexpr std::size_t kFamily = 20;

class MixedStore {
  public:
    explicit MixedStore(const Data& data) : authors_(data.authors.size()) {
        store_.load_authors(data);
        store_.load_books(data);
    }

    // Microseconds of wall time per request, with a writer beside the readers.
    double time_readers(std::size_t readers) {
        std::atomic<bool> over{false};
        std::atomic<std::size_t> answered{0}, written{0};
        std::exception_ptr failure;
        std::mutex failure_mutex;
        const auto run = [&](auto body) {
            return [&, body] {
                try {
                    for (std::size_t i = 0; !over; ++i) body(i);
                } catch (...) {
                    std::lock_guard lock(failure_mutex);
                    failure = std::current_exception();
                }
            };
        };
        double us = 0;
        {
            std::vector<std::jthread> threads;
            threads.emplace_back(run([&](std::size_t i) {
                store_.rename_author(i % authors_, fmt::format("author {}", i));
                ++written;
                std::this_thread::sleep_for(kWritePause);
            }));
            us = time_us([&] {
                for (std::size_t r = 0; r < readers; ++r) {
                    threads.emplace_back(run([&, r](std::size_t i) {
                        read((i * 7919 + r * 131) % authors_, i % 2 == 0);
                        ++answered;
                    }));
                }
                std::this_thread::sleep_for(kMixedTime);
                over = true;
            });
        }
        if (failure) std::rethrow_exception(failure);
        if (answered == 0 || written == 0) throw std::runtime_error("a thread did nothing");
        return us / static_cast<double>(answered);
    }

  private:
    // An author by id, or twenty authors with their books.
    void read(std::size_t author, bool one) {
        if (one) {
            store_.author_by_id(author);
            return;
        }
        std::string variables = "{\"ids\":[";
        for (std::size_t i = 0; i < kFamily; ++i) {
            variables +=
                fmt::format("{}\"{}\"", i == 0 ? "" : ",", store_.author_ids()[(author + i) % authors_]);
        }
        store_.run("query($ids: [String!]) { Author(docID: $ids) { name books { name } } }",
                   variables + "]}");
    }

    CairnStore store_;
    const std::size_t authors_;
};

Workload mixed_workload() {
    auto kept = std::make_shared<std::unique_ptr<MixedStore>>();
    return {"mixed",
            "request",
            "one reader beside the same writer",
            [kept](Bench& bench) {
                if (!*kept) *kept = std::make_unique<MixedStore>(bench.data());
                return bench.in_turn([&] { return (*kept)->time_readers(kReaders); },
                                     [&] { return (*kept)->time_readers(1); });
            },
            {}};
}

}  // namespace

std::vector<Workload> thread_workloads() {
    return {history_workload(), mixed_workload()};
}

}  // namespace cairn::bench
