// Bounded random runs of the fuzz targets: golden blocks and CIDs, damaged. tests/fuzz has the open-ended
// ones.
#include <random>

#include "test_data.h"
#include "tests/fuzz/block_properties.h"
#include "tests/property.h"

namespace cairn::dag::test {
namespace {

// One to four small damages: a changed bit or byte, a byte put in or taken out, a part repeated, the end cut.
std::string damaged(std::string bytes, std::mt19937& random) {
    for (std::size_t rounds = 1 + random() % 4; rounds > 0 && !bytes.empty(); --rounds) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 6) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
                break;
            case 1:
                bytes[at] = static_cast<char>(random());
                break;
            case 2:
                bytes.insert(at, 1, static_cast<char>(random()));
                break;
            case 3:
                bytes.erase(at, 1);
                break;
            case 4:
                bytes.insert(at, bytes.substr(at, random() % 48));
                break;
            case 5:
                bytes.resize(at);
                break;
        }
    }
    return bytes;
}

TEST(FuzzShort, DamagedBlocks_AreRefusedOrEncodeToThemselves) {
    int accepted = 0;
    const auto& blocks = all_vector_blocks();
    cairn::test::check_property(100'000, 100, [&] {
        std::mt19937 random(cairn::test::any_number<std::uint32_t>());
        const std::string bytes = damaged(blocks[random() % blocks.size()], random);
        accepted += fuzz::check_block_bytes(as_bytes(bytes));
        fuzz::check_cbor_items(as_bytes(bytes));
    });
    std::cout << "  " << accepted << " of them accepted\n";
    EXPECT_GT(accepted, 0);  // a damage to a digest or a text leaves a block
}

TEST(FuzzShort, DamagedCids_AreRefusedOrReadAsThemselves) {
    int accepted = 0;
    cairn::test::check_property(100'000, 100, [&] {
        std::mt19937 random(cairn::test::any_number<std::uint32_t>());
        Digest digest;
        for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(random());
        const Cid cid{random() % 2 ? Codec::raw : Codec::dag_cbor, digest};
        const std::string binary(as_text(cid.binary()));
        const std::string form = random() % 3 == 0 ? binary : random() % 2 ? cid.text() : "f" + hex(binary);
        accepted += fuzz::check_cid_text(damaged(form, random));
    });
    std::cout << "  " << accepted << " of them accepted\n";
    EXPECT_GT(accepted, 0);
}

TEST(FuzzShort, EveryTruncationOfEveryGoldenBlock_IsRefused) {
    int count = 0;
    for (const std::string& block : all_vector_blocks()) {
        for (std::size_t size = 0; size < block.size(); ++size) {
            ASSERT_FALSE(fuzz::check_block_bytes(as_bytes(block).first(size)))
                << hex(block) << " at " << size;
            ++count;
        }
        ASSERT_TRUE(fuzz::check_block_bytes(as_bytes(block)));
    }
    std::cout << "  " << count << " truncations of " << all_vector_blocks().size() << " blocks\n";
    EXPECT_GT(count, 100'000);
}

TEST(FuzzShort, NestedContainers_AreReadWithoutRecursion) {
    fuzz::check_cbor_items(as_bytes(std::string(1'000'000, '\x81')));
    EXPECT_FALSE(fuzz::check_block_bytes(as_bytes(std::string(1'000'000, '\x81'))));
}

}  // namespace
}  // namespace cairn::dag::test
