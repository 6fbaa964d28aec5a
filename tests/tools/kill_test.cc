// What `full` durability promises about SIGKILL: every acknowledged mutation is there, none is half there,
// the store is sound.
//
// Short form: 50 kills. CAIRN_KILL_ROUNDS=N makes it longer, CAIRN_KILL_SEED repeats the moments of a run.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "cairn/database.h"
#include "tools/process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::uint64_t kGroupSize = 5;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The writing child and the pipe on which it reports.
class Writer {
  public:
    Writer(const std::string& folder, std::uint64_t first) {
        int ends[2];
        if (pipe(ends) != 0) throw std::runtime_error("no pipe");
        child_ = fork();
        if (child_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
            execl(CAIRN_KILL_WRITER, CAIRN_KILL_WRITER, folder.c_str(), std::to_string(first).c_str(),
                  nullptr);
            _exit(127);
        }
        close(ends[1]);
        pipe_ = ends[0];
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        kill_now();
        close(pipe_);
    }

    // Reads until so many lines have come; false when the child ended before.
    bool read_lines(std::size_t lines) {
        while (count_lines() < lines) {
            if (!read_some()) return false;
        }
        return true;
    }

    // Goes on reading for a time, so that the child is not stopped by a full pipe.
    void read_for(std::chrono::microseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < end) {
            pollfd waiting{pipe_, POLLIN, 0};
            const timespec nothing{0, 50'000};
            if (ppoll(&waiting, 1, &nothing, nullptr) > 0 && !read_some()) return;
        }
    }

    // Kills the child and reads what it had reported. Returns its wait status.
    int kill_now() {
        if (child_ > 0) {
            kill(child_, SIGKILL);
            waitpid(child_, &status_, 0);
            child_ = -1;
            while (read_some()) {
            }
        }
        return status_;
    }

    const std::string& reported() const { return text_; }

  private:
    bool read_some() {
        char buffer[4096];
        const ssize_t count = read(pipe_, buffer, sizeof buffer);
        if (count <= 0) return false;
        text_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }

    std::size_t count_lines() const { return static_cast<std::size_t>(std::ranges::count(text_, '\n')); }

    pid_t child_ = -1;
    int pipe_ = -1;
    int status_ = 0;
    std::string text_;
};

struct Acknowledged {
    std::set<std::uint64_t> created;
    std::set<std::uint64_t> updated;

    void read(const std::string& lines) {
        std::istringstream stream(lines);
        std::string word;
        while (stream >> word) {
            std::uint64_t number = 0;
            if (word == "ready") continue;
            stream >> number;
            (word == "created" ? created : updated).insert(number);
        }
    }
};

// Documents of one number in the store.
struct Found {
    std::uint64_t documents = 0;
    std::uint64_t updated = 0;
};

std::map<std::uint64_t, Found> read_store(Database& database) {
    bool has_errors = false;
    const std::string answer =
        database.execute({"query { Item { number part state } }", {}, {}}, &has_errors);
    EXPECT_FALSE(has_errors) << answer;
    std::map<std::uint64_t, Found> found;
    const json items = json::parse(answer).at("data").at("Item");
    for (const auto& item : items) {
        Found& number = found[item.at("number").get<std::uint64_t>()];
        ++number.documents;
        number.updated += item.at("state").get<std::uint64_t>();
    }
    return found;
}

std::uint64_t size_of(std::uint64_t number) {
    return number % 2 == 0 ? 1 : kGroupSize;
}

void expect_promises_kept(Database& database, const Acknowledged& acknowledged) {
    const auto found = read_store(database);
    for (const std::uint64_t number : acknowledged.created) {
        ASSERT_TRUE(found.contains(number)) << "acknowledged mutation " << number << " is lost";
    }
    for (const auto& [number, documents] : found) {
        ASSERT_EQ(documents.documents, size_of(number)) << "half of mutation " << number << " is visible";
        ASSERT_TRUE(documents.updated == 0 || documents.updated == size_of(number))
            << "half of an update of " << number;
        if (acknowledged.updated.contains(number)) {
            ASSERT_EQ(documents.updated, size_of(number))
                << "acknowledged update of " << number << " is lost";
        }
    }
    const auto report = database.check();
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_TRUE(report->problems.empty()) << report->problems.front();
}

TEST(Kill, WriterInFullMode_AcknowledgedMutationsSurviveWhole) {
    const std::uint64_t rounds = from_environment("CAIRN_KILL_ROUNDS", 50);
    const std::uint64_t seed = from_environment("CAIRN_KILL_SEED", std::random_device{}());
    std::printf("seed %llu (CAIRN_KILL_SEED), %llu kills\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(rounds));
    std::mt19937_64 random(seed);
    TemporaryFolder folder;
    const std::string store = (folder.path() / "store").string();
    Acknowledged acknowledged;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        Writer writer(store, round * 100'000);
        // Some rounds die while opening and recovering, most while writing.
        if (random() % 8 != 0) {
            ASSERT_TRUE(writer.read_lines(1 + random() % 20)) << "the writer ended by itself";
        }
        writer.read_for(std::chrono::microseconds(random() % 5'000));
        const int status = writer.kill_now();
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            << "the writer ended with status " << status;
        acknowledged.read(writer.reported());

        if (!std::filesystem::exists(store)) continue;
        auto database = Database::open(store);
        ASSERT_TRUE(database) << "round " << round << ": " << database.error().message;
        if (database->collection_names().empty()) {
            ASSERT_TRUE(acknowledged.created.empty()) << "the schema is lost";
            continue;
        }
        ASSERT_NO_FATAL_FAILURE(expect_promises_kept(*database, acknowledged))
            << "round " << round << ", reported:\n"
            << writer.reported();
    }
    EXPECT_GT(acknowledged.created.size(), rounds) << "too little was written for the test to mean anything";
    std::printf("%zu creations and %zu updates were acknowledged and found\n", acknowledged.created.size(),
                acknowledged.updated.size());
}

}  // namespace
}  // namespace cairn::test
