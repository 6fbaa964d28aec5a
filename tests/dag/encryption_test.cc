#include "dag/encryption.h"

#include <iostream>
#include <map>

#include "test_data.h"

namespace cairn::dag::test {
namespace {

const std::string kKey(32, 'k');
const std::string kNonce(12, 'n');

std::string sealed(std::string_view plain) {
    return seal_data(as_bytes(kKey), as_bytes(kNonce), as_bytes(plain)).value();
}

// Opens every encrypted field block of a file with the key it links to and seals it again. Returns how many.
int check_encrypted_blocks(const Json& json) {
    std::map<Digest, std::string> blocks;
    for_each_block(json, [&](const Json& block) {
        blocks[digest_of(block["cid"].get<std::string>())] = unhex(block["hex"].get<std::string>());
    });
    int count = 0;
    for (const auto& [digest, bytes] : blocks) {
        if (classify_block(as_bytes(bytes)) != BlockClass::delta) continue;
        const BlockView block = decode_block(as_bytes(bytes)).value();
        if (!block.encryption || block.data.empty()) continue;
        const auto encryption = decode_encryption_block(as_bytes(blocks.at(*block.encryption)));
        EXPECT_TRUE(encryption);
        const auto plain = open_data(as_bytes(encryption->key), as_bytes(block.data));
        EXPECT_TRUE(plain) << cid_text(digest) << " " << plain.error().message;
        EXPECT_EQ(block.data.size(), plain->size() + kEncryptionNonceBytes + kEncryptionTagBytes);
        const std::string_view nonce = block.data.substr(0, kEncryptionNonceBytes);
        EXPECT_EQ(hex(block.data),
                  hex(seal_data(as_bytes(encryption->key), as_bytes(nonce), as_bytes(*plain)).value()));
        ++count;
    }
    return count;
}

TEST(EncryptionVectors, EncryptedBlocks_OpenAndSealToTheSameData) {
    for (const char* name : {"encrypted_blocks.json", "merges_other.json"}) {
        const int count = check_encrypted_blocks(load_vectors(name));
        std::cout << "  " << name << ": " << count << " cipher texts\n";
        EXPECT_GT(count, 0);
    }
}

TEST(EncryptionVectors, FirstBlockOfTheFile_OpensToItsValue) {
    const std::string key = unhex("0a9d84b47e6ab42840f71af18269be8658b8f4e7e53f65b86b097d6203038539");
    const std::string data = unhex("c87735323963a4093ef25883fc9e5fcb48819efb3b73267f1b975c5e83");
    EXPECT_EQ("15", hex(open_data(as_bytes(key), as_bytes(data)).value()));  // age: 21
}

TEST(Encryption, AnyLength_RoundTrips) {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 1u << 20}) {
        const std::string plain(size, 'p');
        const std::string text = sealed(plain);
        EXPECT_EQ(size + 28, text.size());
        EXPECT_TRUE(text.starts_with(kNonce));
        EXPECT_EQ(plain, open_data(as_bytes(kKey), as_bytes(text)).value());
    }
    EXPECT_EQ(29u, sealed("\x15").size());
}

TEST(Encryption, EveryChangedBit_DoesNotAuthenticate) {
    const std::string text = sealed("\x62zz");
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string other = text;
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
        const auto plain = open_data(as_bytes(kKey), as_bytes(other));
        ASSERT_FALSE(plain) << bit;
        EXPECT_EQ(ErrorCode::corruption, plain.error().code);
    }
}

TEST(Encryption, AnotherKeyOrACutText_IsRefused) {
    const std::string text = sealed("abc");
    EXPECT_EQ("cipher text of 31 bytes does not authenticate with its key",
              open_data(as_bytes(std::string(32, 'x')), as_bytes(text)).error().message);
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(open_data(as_bytes(kKey), as_bytes(text).first(size)));
    }
    EXPECT_EQ("cipher text of 27 bytes is too short",
              open_data(as_bytes(kKey), as_bytes(std::string(27, 'x'))).error().message);
}

TEST(Encryption, WrongLengths_AreNamed) {
    EXPECT_EQ("encryption key has 31 bytes, not 32",
              seal_data(as_bytes(kKey).first(31), as_bytes(kNonce), {}).error().message);
    EXPECT_EQ("encryption nonce has 13 bytes, not 12",
              seal_data(as_bytes(kKey), as_bytes(kNonce + "n"), {}).error().message);
    EXPECT_EQ("encryption key has 0 bytes, not 32", open_data({}, as_bytes(sealed("a"))).error().message);
}

}  // namespace
}  // namespace cairn::dag::test
