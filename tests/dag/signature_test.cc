#include "dag/signature.h"

#include <iostream>
#include <map>

#include "test_data.h"

namespace cairn::dag::test {
namespace {

constexpr std::string_view kSecpKey = "e3b722906ee4e56368f581cd8b18ab0f48af1ea53e635e3f7b8acd076676f6ac";
constexpr std::string_view kEdKey =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

SigningKey key_of(KeyType type, std::string_view hex_text) {
    auto key = SigningKey::parse(type, hex_text);
    if (!key) throw std::runtime_error(key.error().message);
    return std::move(*key);
}

SigningKey test_key(KeyType type) {
    return key_of(type, type == KeyType::secp256k1 ? kSecpKey : kEdKey);
}

// A block signed by key: its bytes and those of its signature block.
struct Signed {
    std::string block;
    std::string signature;
};

BlockView unsigned_block() {
    BlockView block;
    block.doc_id = "bae-a5b2ecbf-4c5e-58ca-9ebb-ce82334660ca";
    block.field_name = "age";
    block.schema_version_id = "bafkreiac7i6vqgk4vk62rbq75iyorqqmbtb66yqbjetoe5irwhb47eqdzi";
    block.data = "\x15";
    block.priority = 1;
    return block;
}

Signed sign(const SigningKey& key, BlockView block = unsigned_block()) {
    Signed result;
    result.signature = sign_block(block, key).value();
    block.signature = sha256(as_bytes(result.signature));
    result.block = encoded(block);
    return result;
}

// The same block with another signature block linked.
Signed with_signature(const SignatureBlockView& signature) {
    Signed result;
    encode_signature_block(signature, result.signature);
    BlockView block = unsigned_block();
    block.signature = sha256(as_bytes(result.signature));
    result.block = encoded(block);
    return result;
}

std::string failure(const Signed& pair) {
    const auto signer = verify_block(as_bytes(pair.block), as_bytes(pair.signature));
    return signer ? "verified" : signer.error().message;
}

// All blocks of one vector case, by CID.
std::map<std::string, std::string> blocks_of(const Json& json) {
    std::map<std::string, std::string> blocks;
    for_each_block(json, [&](const Json& block) {
        blocks[block["cid"].get<std::string>()] = unhex(block["hex"].get<std::string>());
    });
    return blocks;
}

// Signs every signed block of the case again and expects the recorded signature block. Returns how many.
int reproduce_signatures(const std::map<std::string, std::string>& blocks, const SigningKey& key) {
    int count = 0;
    for (const auto& [cid, bytes] : blocks) {
        if (classify_block(as_bytes(bytes)) != BlockClass::delta) continue;
        const BlockView block = decode_block(as_bytes(bytes)).value();
        if (!block.signature) continue;
        const std::string& recorded = blocks.at(cid_text(*block.signature));
        EXPECT_EQ(hex(recorded), hex(sign_block(block, key).value())) << cid;
        const auto signer = verify_block(as_bytes(bytes), as_bytes(recorded));
        EXPECT_TRUE(signer) << cid << " " << signer.error().message;
        EXPECT_TRUE(verify_block_by(as_bytes(bytes), as_bytes(recorded), key.public_key()));
        ++count;
    }
    return count;
}

TEST(SignatureVectors, SignedBlocks_AreReproducedFromTheirPrivateKeys) {
    const Json file = load_vectors("signed_blocks.json");
    int cases = 0;
    for (const Json& vector : file["cases"]) {
        SCOPED_TRACE(vector["name"]);
        ++cases;
        if (vector["privateKey"] == "") {  // no identity: nothing is signed
            for (const auto& [cid, bytes] : blocks_of(vector)) {
                EXPECT_FALSE(decode_block(as_bytes(bytes)).value().signature) << cid;
            }
            continue;
        }
        const KeyType type = parse_key_type(vector["keyType"].get<std::string>()).value();
        const SigningKey key = key_of(type, vector["privateKey"].get<std::string>());
        EXPECT_EQ(vector["publicKey"], key.public_key_text());
        EXPECT_EQ(vector["did"], key.did());
        const PublicKey parsed = PublicKey::parse(type, vector["publicKey"].get<std::string>()).value();
        EXPECT_EQ(key.public_key(), parsed);
        EXPECT_EQ(vector["did"], parsed.did());
        const int count = reproduce_signatures(blocks_of(vector), key);
        EXPECT_GT(count, 0);
        std::cout << "  signed_blocks.json " << vector["name"] << ": " << count << " signatures\n";
    }
    EXPECT_EQ(4, cases);
}

TEST(SignatureVectors, SignatureBlocksOfOtherFiles_Verify) {
    for (const char* name : {"encrypted_blocks.json", "merges_other.json"}) {
        const auto blocks = blocks_of(load_vectors(name));
        int count = 0;
        for (const auto& [cid, bytes] : blocks) {
            if (classify_block(as_bytes(bytes)) != BlockClass::delta) continue;
            const BlockView block = decode_block(as_bytes(bytes)).value();
            if (!block.signature) continue;
            const auto signer =
                verify_block(as_bytes(bytes), as_bytes(blocks.at(cid_text(*block.signature))));
            EXPECT_TRUE(signer) << cid << " " << signer.error().message;
            ++count;
        }
        std::cout << "  " << name << ": " << count << " signatures\n";
        EXPECT_GT(count, 0);
    }
}

TEST(SigningKey, KeysOfTheSecuritySpecification_HaveTheirDids) {
    const SigningKey secp =
        key_of(KeyType::secp256k1, "6eaaedcbdb58ae4ee120a8d6258f06258b16940f23f825fd6316b2eb60baf30c");
    EXPECT_EQ("03348cb7f64dcf3fdbad9cfdecc55031d6b5cc08526582ee2a665e215e9edbe51c", secp.public_key_text());
    EXPECT_EQ(
        "did:key:"
        "z7r8opXeiJbGzQeHV2s87E2TR7CHamGzPqV1xfP7yyGPgk13QW9Mv5gGAvQyAdusEhQ2tHvXf67Mh6qKfPH6QqxdRn5Vx",
        secp.did());
    const SigningKey ed = key_of(KeyType::ed25519,
                                 "a3c443dd93eb720777426c58588ba5303d2ecd21026b4ad24007f777212332d3"
                                 "6a2c1cb80b5b3e7ebfa4084f755124983f6d0fc883563695902a67deae52133a");
    EXPECT_EQ("did:key:z6MkmbiGsc8pKPdpQHhDfiTjg1eYzxxu76Pp7TGoDyvHfh3P", ed.did());
}

TEST(SigningKey, Ed25519_SignsLikeRfc8032) {
    // Test 1 of RFC 8032 section 7.1, whose key is that of the vectors.
    EXPECT_EQ(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25b"
        "f5f0595bbe24"
        "655141438e7a100b",
        hex(test_key(KeyType::ed25519).sign({}).value()));
}

TEST(SigningKey, BadKeys_AreRefusedWithoutShowingThem) {
    const auto refusal = [](KeyType type, const std::string& text) {
        const auto key = SigningKey::parse(type, text);
        return key ? "accepted" : key.error().message;
    };
    const std::string zeros(64, '0');
    EXPECT_EQ("invalid ECDSA private key bytes", refusal(KeyType::secp256k1, zeros));
    EXPECT_EQ("invalid ECDSA private key bytes", refusal(KeyType::secp256k1, std::string(64, 'f')));
    EXPECT_EQ("invalid ECDSA private key bytes", refusal(KeyType::secp256k1, "01"));
    EXPECT_EQ("invalid ECDSA private key bytes", refusal(KeyType::secp256k1, std::string(kEdKey)));
    EXPECT_EQ("invalid Ed25519 private key length", refusal(KeyType::ed25519, std::string(kSecpKey)));
    EXPECT_EQ("invalid Ed25519 private key length", refusal(KeyType::ed25519, ""));
    EXPECT_EQ("invalid Ed25519 private key: the public key in its second half is not of its seed",
              refusal(KeyType::ed25519, std::string(kEdKey.substr(0, 64)) + zeros));
    const std::string message = refusal(KeyType::secp256k1, "secret" + zeros);
    EXPECT_EQ("secp256k1 private key is not hexadecimal", message);
}

TEST(PublicKey, BadKeys_AreRefusedWithTheReferencesTexts) {
    const auto refusal = [](KeyType type, const std::string& text) {
        const auto key = PublicKey::parse(type, text);
        return key ? "accepted" : key.error().message;
    };
    EXPECT_EQ("failed to parse ephemeral public key: encoding/hex: invalid byte: U+007A 'z'",
              refusal(KeyType::secp256k1, "z0"));
    EXPECT_EQ("invalid ECDSA public key", refusal(KeyType::secp256k1, "02" + std::string(64, 'f')));
    EXPECT_EQ("invalid ECDSA public key", refusal(KeyType::secp256k1, ""));
    EXPECT_EQ("invalid Ed25519 public key length", refusal(KeyType::ed25519, "00"));
    EXPECT_EQ("unsupported key type. KeyType: rsa", parse_key_type("rsa").error().message);
}

TEST(PublicKey, UncompressedForm_IsTheSameKey) {
    const PublicKey compressed =
        PublicKey::parse(KeyType::secp256k1,
                         "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
            .value();
    const PublicKey uncompressed =
        PublicKey::parse(KeyType::secp256k1,
                         "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                         "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
            .value();
    EXPECT_EQ(compressed, uncompressed);
}

class VerifyBlock : public ::testing::TestWithParam<KeyType> {};
INSTANTIATE_TEST_SUITE_P(KeyTypes, VerifyBlock, ::testing::Values(KeyType::secp256k1, KeyType::ed25519),
                         [](const auto& type) { return std::string(key_type_name(type.param)); });

TEST_P(VerifyBlock, SignedBlock_NamesItsSigner) {
    const SigningKey key = test_key(GetParam());
    const Signed pair = sign(key);
    const auto signer = verify_block(as_bytes(pair.block), as_bytes(pair.signature));
    ASSERT_TRUE(signer) << signer.error().message;
    EXPECT_EQ(key.public_key(), *signer);
}

TEST_P(VerifyBlock, SignatureLink_IsNotPartOfWhatIsSigned) {
    const SigningKey key = test_key(GetParam());
    BlockView block = unsigned_block();
    const std::string first = sign_block(block, key).value();
    block.signature = Digest{7};
    EXPECT_EQ(first, sign_block(block, key).value());
    block.encryption = Digest{7};
    EXPECT_NE(first, sign_block(block, key).value());
}

TEST_P(VerifyBlock, AnyChangeOfTheBlock_IsFound) {
    const Signed pair = sign(test_key(GetParam()));
    const auto change = [&](std::string_view what, std::string_view by) {
        Signed other = pair;
        other.block.replace(other.block.find(what), what.size(), by);
        return failure(other);
    };
    EXPECT_EQ("verified", failure(pair));
    EXPECT_EQ("signature verification failed", change("age", "agf"));
    EXPECT_EQ("signature verification failed", change("\x41\x15", "\x41\x16"));
    EXPECT_EQ("signature verification failed", change("priority\x01", "priority\x02"));
}

TEST_P(VerifyBlock, EveryBitOfTheSignature_Matters) {
    const SigningKey key = test_key(GetParam());
    const std::string identity = key.public_key_text();
    const std::string right = sign(key).signature;
    const SignatureBlockView view = decode_signature_block(as_bytes(right)).value();
    for (std::size_t bit = 0; bit < view.value.size() * 8; bit += 7) {
        std::string value(view.value);
        value[bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << bit % 8));
        const Signed other = with_signature({view.type, identity, value});
        EXPECT_EQ("signature verification failed", failure(other)) << bit;
    }
    const Signed empty = with_signature({view.type, identity, ""});
    EXPECT_EQ("signature verification failed", failure(empty));
}

TEST_P(VerifyBlock, AnotherKey_IsFoundBeforeTheSignature) {
    const SigningKey key = test_key(GetParam());
    const SigningKey other =
        test_key(GetParam() == KeyType::secp256k1 ? KeyType::ed25519 : KeyType::secp256k1);
    const Signed pair = sign(key);
    const auto verified = verify_block_by(as_bytes(pair.block), as_bytes(pair.signature), other.public_key());
    ASSERT_FALSE(verified);
    EXPECT_EQ("signature was created by a different key", verified.error().message);
    EXPECT_TRUE(verify_block_by(as_bytes(pair.block), as_bytes(pair.signature), key.public_key()));
}

TEST_P(VerifyBlock, AnotherSignatureBlock_IsRefused) {
    const SigningKey key = test_key(GetParam());
    Signed pair = sign(key);
    BlockView other = unsigned_block();
    other.priority = 2;
    pair.signature = sign(key, other).signature;
    EXPECT_NE(std::string::npos, failure(pair).find("is not the one the block links to")) << failure(pair);
}

TEST(VerifyBlockErrors, UnsignedBlockUnknownTypeAndUnreadableKey_AreNamed) {
    const std::string plain = encoded(unsigned_block());
    EXPECT_EQ("block is missing required signature", failure({plain, ""}));
    EXPECT_EQ("unknown signature type: RS256", failure(with_signature({"RS256", "00", "00"})));
    EXPECT_NE(std::string::npos,
              failure(with_signature({"ES256K", "zz", "00"})).find("unreadable secp256k1 key zz"));
    EXPECT_NE(std::string::npos,
              failure(with_signature({"EdDSA", "00", "00"})).find("unreadable ed25519 key 00"));
}

TEST(VerifyBlockErrors, HighS_IsTaken) {
    // s' = n - s of the same signature; libsecp256k1 alone would refuse it.
    const SigningKey key = test_key(KeyType::secp256k1);
    const std::string right = sign(key).signature;
    const SignatureBlockView view = decode_signature_block(as_bytes(right)).value();
    const std::string order = unhex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const auto r_size = static_cast<std::size_t>(view.value[3]);
    std::string s(view.value.substr(4 + r_size + 2));
    s.insert(0, 32 - s.size(), '\0');
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int difference =
            static_cast<unsigned char>(order[i]) - static_cast<unsigned char>(s[i]) - borrow;
        borrow = difference < 0;
        s[i] = static_cast<char>(difference);
    }
    ASSERT_LT(static_cast<signed char>(s[0]), 0);  // high indeed, so DER puts a zero before it
    const std::string tail = std::string("\x02\x21\0", 3) + s;
    std::string value = std::string(view.value.substr(0, 4 + r_size)) + tail;
    value[1] = static_cast<char>(value.size() - 2);
    const std::string identity = key.public_key_text();
    EXPECT_EQ("verified", failure(with_signature({"ES256K", identity, value})));
}

}  // namespace
}  // namespace cairn::dag::test
