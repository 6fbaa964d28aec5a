#include "bench/memory.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "bench/cairn_store.h"
#include "bench/data.h"

namespace cairn::bench {

namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kBooksPerAuthor = 20;

// Peak resident set size of this process in KiB.
long peak_resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    }
    throw std::runtime_error("no VmHWM in /proc/self/status");
}

std::string execute(Database& database, const std::string& request, const std::string& variables = {}) {
    bool has_errors = false;
    std::string answer = database.execute({request, variables, {}}, &has_errors);
    if (has_errors) throw std::runtime_error(answer.substr(0, 500));
    return answer;
}

Database open(const std::string& store) {
    Options options;
    options.durability = Durability::process;
    return must(Database::open(store, std::move(options)));
}

// Documents are made as they are needed, so that the process holds nothing but the engine.
void load(const std::string& store, std::size_t documents) {
    Database database = open(store);
    must(database.add_schema(kBenchSchema));
    std::string author;
    for (std::size_t first = 0; first < documents; first += kBatch) {
        const std::size_t group = first / (kBooksPerAuthor * kBatch);
        if (first % (kBooksPerAuthor * kBatch) == 0) {
            author =
                must(database.create_document("Author", fmt::format(R"({{"name":"author {}"}})", group)));
        }
        std::string variables = "{\"input\":[";
        for (std::size_t i = first; i < first + kBatch; ++i) {
            variables += fmt::format(
                R"({}{{"name":"book {:07}","description":"the long story of number {:07} in many chapters","genre":"{}","pages":{},"author":"{}"}})",
                i == first ? "" : ",", i, i, genre_name(i % 20), 100 + i % 900, author);
        }
        execute(database,
                "mutation($input: [BookMutationInputArg!]) { create_Book(input: $input) { _docID } }",
                variables + "]}");
    }
    must(database.close());
}

void read(const std::string& store) {
    Database database = open(store);
    execute(database, "query { Book { name genre pages } }");
    execute(database, "query { Book { name author { name } } }");
    execute(database, "query { Author { name books { name } } }");
    must(database.close());
}

}  // namespace

double run_memory_child(MemoryTask task, const std::filesystem::path& store, std::size_t documents) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string command =
        fmt::format("'{}' --memory-child {} --store '{}' --documents {} 2>&1", self.string(),
                    task == MemoryTask::load ? "load" : "read", store.string(), documents);
    std::FILE* child = popen(command.c_str(), "r");
    if (child == nullptr) throw std::runtime_error("cannot start " + command);
    std::string output;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, child))
        output.append(buffer, count);
    const int status = pclose(child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error("memory child failed: " + output);
    return static_cast<double>(std::stol(output)) / 1024;
}

int memory_child_main(const std::string& task, const std::string& store, std::size_t documents) {
    try {
        task == "load" ? load(store, documents) : read(store);
        fmt::print("{}\n", peak_resident_kib());
        return 0;
    } catch (const std::exception& error) {
        fmt::print("{}\n", error.what());
        return 1;
    }
}

}  // namespace cairn::bench
