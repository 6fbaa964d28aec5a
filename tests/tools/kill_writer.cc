// Writes to a store until it is killed, and tells on standard output what was acknowledged: kill_writer
// FOLDER FIRST.
//
// Numbers from FIRST on; an even number is one document, an odd one five documents in one mutation, followed
// by one mutation that updates these five. Lines: `ready`, `created N`, `updated N`. Two threads write at
// once, so that commits share syncs.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "cairn/database.h"

namespace {

constexpr int kGroupSize = 5;

// One write call per line: lines of two threads do not mix, and a killed process leaves no half line.
void report(const std::string& line) {
    if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
}

void must_execute(cairn::Database& database, const std::string& request) {
    bool has_errors = false;
    const std::string answer = database.execute({request, {}, {}}, &has_errors);
    if (has_errors) {
        std::fprintf(stderr, "%s\n", answer.c_str());
        _exit(2);
    }
}

std::string document(std::uint64_t number, int part) {
    return "{number: " + std::to_string(number) + ", part: " + std::to_string(part) + ", state: 0}";
}

void write_singles(cairn::Database& database, std::uint64_t number) {
    for (;; number += 2) {
        must_execute(database, "mutation { create_Item(input: [" + document(number, 0) + "]) { _docID } }");
        report("created " + std::to_string(number) + "\n");
    }
}

void write_groups(cairn::Database& database, std::uint64_t number) {
    for (;; number += 2) {
        std::string inputs;
        for (int part = 0; part < kGroupSize; ++part) inputs += document(number, part) + " ";
        must_execute(database, "mutation { create_Item(input: [" + inputs + "]) { _docID } }");
        report("created " + std::to_string(number) + "\n");
        must_execute(database, "mutation { update_Item(filter: {number: {_eq: " + std::to_string(number) +
                                   "}}, input: {state: 1}) { _docID } }");
        report("updated " + std::to_string(number) + "\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    auto opened = cairn::Database::open(argv[1]);
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        return 2;
    }
    cairn::Database& database = *opened;
    if (database.collection_names().empty()) {
        const auto added = database.add_schema("type Item { number: Int @index part: Int state: Int }");
        if (!added) {
            std::fprintf(stderr, "%s\n", added.error().message.c_str());
            return 2;
        }
    }
    report("ready\n");
    const std::uint64_t first = std::strtoull(argv[2], nullptr, 10);
    std::thread groups([&] { write_groups(database, first + 1); });
    write_singles(database, first);
    groups.join();
}
