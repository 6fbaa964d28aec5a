// A full disk: a clear error, and nothing acknowledged is lost once there is room again. Needs root for a
// small tmpfs mount.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "cairn/database.h"
#include "tools/process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::size_t kDiskBytes = std::size_t{48} << 20;
constexpr std::size_t kMaxDocuments = 100'000;

// A disk of 48 MiB in a folder; `error` tells why there is none.
class SmallDisk {
  public:
    SmallDisk() {
        const std::string options = "size=" + std::to_string(kDiskBytes);
        mounted_ = mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
        if (!mounted_) error_ = std::strerror(errno);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
    }

    bool mounted() const { return mounted_; }
    const std::string& error() const { return error_; }
    std::filesystem::path path() const { return folder_.path(); }

    // Takes all the room that is left but `spare` bytes.
    void fill(std::size_t spare) {
        const auto room = std::filesystem::space(path()).available;
        std::ofstream ballast(path() / "ballast", std::ios::binary);
        const std::string chunk(1 << 16, 'x');
        for (std::size_t written = 0; written + spare + chunk.size() < room; written += chunk.size())
            ballast << chunk;
    }
    void make_room() { std::filesystem::remove(path() / "ballast"); }

  private:
    TemporaryFolder folder_;
    bool mounted_ = false;
    std::string error_;
};

// Creates documents from number `first` on until one is refused. Returns the message; `next` is the first
// that was not acknowledged.
std::optional<std::string> write_until_refused(Database& database, std::size_t& next) {
    const std::string text(2000, 't');
    for (; next < kMaxDocuments; ++next) {
        const auto created = database.create_document(
            "Item", "{\"number\": " + std::to_string(next) + ", \"text\": \"" + text + "\"}");
        if (!created) return created.error().message;
    }
    return std::nullopt;
}

std::set<std::size_t> numbers_in(Database& database) {
    bool has_errors = false;
    const std::string answer = database.execute({"query { Item { number } }", {}, {}}, &has_errors);
    EXPECT_FALSE(has_errors) << answer.substr(0, 500);
    std::set<std::size_t> numbers;
    const json items = json::parse(answer).at("data").at("Item");
    for (const auto& item : items) numbers.insert(item.at("number").get<std::size_t>());
    return numbers;
}

TEST(DiskFull, WritesUntilFull_ErrorIsClearAndNothingIsLost) {
    SmallDisk disk;
    if (!disk.mounted()) GTEST_SKIP() << "no tmpfs can be mounted here: " << disk.error();
    std::size_t next = 0;
    {
        auto database = Database::open(disk.path() / "store");
        ASSERT_TRUE(database) << database.error().message;
        ASSERT_TRUE(database->add_schema("type Item { number: Int  text: String }"));
        disk.fill(std::size_t{4} << 20);
        const auto message = write_until_refused(*database, next);
        ASSERT_TRUE(message) << "the disk never became full";
        EXPECT_NE(message->find("No space left"), std::string::npos) << *message;
        EXPECT_GT(next, 100U);
        // What was written can still be read.
        EXPECT_GE(numbers_in(*database).size(), next);
    }
    disk.make_room();
    auto database = Database::open(disk.path() / "store");
    ASSERT_TRUE(database) << database.error().message;
    const auto numbers = numbers_in(*database);
    for (std::size_t number = 0; number < next; ++number) {
        ASSERT_TRUE(numbers.contains(number)) << "acknowledged document " << number << " is lost";
    }
    const auto report = database->check();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    const auto created = database->create_document("Item", R"({"number": 1000000})");
    EXPECT_TRUE(created) << created.error().message;
}

}  // namespace
}  // namespace cairn::test
