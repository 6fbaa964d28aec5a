#include "dag/signature.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <secp256k1.h>

#include "dag/openssl_errors.h"
#include "dag/text_encoding.h"

namespace cairn::dag {
namespace {

constexpr std::size_t kSecpSecretBytes = 32;
constexpr std::size_t kSecpCompressedBytes = 33;
constexpr std::size_t kSecpUncompressedBytes = 65;
constexpr std::size_t kSecpMaxDerBytes = 72;
constexpr std::size_t kEdSeedBytes = 32;
constexpr std::size_t kEdSecretBytes = 64;
constexpr std::size_t kEdPublicBytes = 32;
constexpr std::size_t kEdSignatureBytes = 64;

constexpr std::string_view kDidPrefix = "did:key:z";
constexpr std::string_view kEdMulticodec = "\xed\x01";
constexpr std::string_view kSecpMulticodec = "\xe7\x01";

struct FreeContext {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, FreeContext>;
using EvpContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// Reading from one context is safe from any thread. It is not randomized: nothing here has a source of
// randomness, and libsecp256k1 computes in constant time without it.
const secp256k1_context* secp_context() {
    static const std::unique_ptr<secp256k1_context, FreeContext> context(
        secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY));
    return context.get();
}

const std::uint8_t* bytes_of(std::string_view text) {
    return as_bytes(text).data();
}

std::string serialize(const secp256k1_pubkey& key, bool compressed) {
    std::string out(compressed ? kSecpCompressedBytes : kSecpUncompressedBytes, '\0');
    std::size_t size = out.size();
    secp256k1_ec_pubkey_serialize(secp_context(), reinterpret_cast<unsigned char*>(out.data()), &size, &key,
                                  compressed ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED);
    return out;
}

bool verify_secp256k1(std::string_view key, Bytes message, Bytes signature) {
    secp256k1_pubkey public_key;
    secp256k1_ecdsa_signature parsed;
    const secp256k1_context* context = secp_context();
    if (secp256k1_ec_pubkey_parse(context, &public_key, bytes_of(key), key.size()) != 1) return false;
    if (secp256k1_ecdsa_signature_parse_der(context, &parsed, signature.data(), signature.size()) != 1)
        return false;
    secp256k1_ecdsa_signature_normalize(context, &parsed, &parsed);
    return secp256k1_ecdsa_verify(context, &parsed, sha256(message).data(), &public_key) == 1;
}

bool verify_ed25519(std::string_view key, Bytes message, Bytes signature) {
    const OpensslErrorScope errors;
    const EvpKey public_key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key), key.size()));
    const EvpContext context(EVP_MD_CTX_new());
    return public_key && context && signature.size() == kEdSignatureBytes &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

}  // namespace

std::string_view key_type_name(KeyType type) {
    return type == KeyType::secp256k1 ? "secp256k1" : "ed25519";
}

Result<KeyType> parse_key_type(std::string_view name) {
    if (name == "secp256k1") return KeyType::secp256k1;
    if (name == "ed25519") return KeyType::ed25519;
    return invalid(fmt::format("unsupported key type. KeyType: {}", name));
}

std::string_view signature_type_name(KeyType type) {
    return type == KeyType::secp256k1 ? "ES256K" : "EdDSA";
}

Result<PublicKey> PublicKey::parse(KeyType type, std::string_view hex) {
    auto binary = hex_decode(hex);
    if (!binary) return invalid("failed to parse ephemeral public key: " + binary.error().message);
    if (type == KeyType::ed25519) {
        if (binary->size() != kEdPublicBytes) return invalid("invalid Ed25519 public key length");
        return PublicKey(type, std::move(*binary));
    }
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_parse(secp_context(), &key, bytes_of(*binary), binary->size()) != 1) {
        return invalid("invalid ECDSA public key");
    }
    return PublicKey(type, serialize(key, true));
}

std::string PublicKey::text() const {
    return hex_encode(as_bytes(binary_));
}

std::string PublicKey::did() const {
    std::string coded;
    if (type_ == KeyType::ed25519) {
        coded.append(kEdMulticodec).append(binary_);
    } else {
        secp256k1_pubkey key;
        // Cannot fail: binary_ was written from a parsed key.
        if (secp256k1_ec_pubkey_parse(secp_context(), &key, bytes_of(binary_), binary_.size()) != 1)
            return {};
        coded.append(kSecpMulticodec).append(serialize(key, false));
    }
    return std::string(kDidPrefix) + base58_encode(as_bytes(coded));
}

bool PublicKey::verify(Bytes message, Bytes signature) const {
    return type_ == KeyType::ed25519 ? verify_ed25519(binary_, message, signature)
                                     : verify_secp256k1(binary_, message, signature);
}

struct SigningKey::Secret {
    std::array<std::uint8_t, kSecpSecretBytes> secp256k1{};
    EvpKey ed25519;  // wiped by OpenSSL
};

void SigningKey::Wipe::operator()(Secret* secret) const {
    OPENSSL_cleanse(secret->secp256k1.data(), secret->secp256k1.size());
    delete secret;
}

Result<SigningKey> SigningKey::from_bytes(KeyType type, Bytes bytes) {
    SecretPtr secret(new Secret);
    if (type == KeyType::secp256k1) {
        secp256k1_pubkey key;
        if (bytes.size() != kSecpSecretBytes ||
            secp256k1_ec_pubkey_create(secp_context(), &key, bytes.data()) != 1) {
            return invalid("invalid ECDSA private key bytes");
        }
        std::memcpy(secret->secp256k1.data(), bytes.data(), bytes.size());
        return SigningKey(std::move(secret), PublicKey(type, serialize(key, true)));
    }
    const OpensslErrorScope errors;
    if (bytes.size() != kEdSecretBytes) return invalid("invalid Ed25519 private key length");
    secret->ed25519.reset(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), kEdSeedBytes));
    std::string binary(kEdPublicBytes, '\0');
    std::size_t size = binary.size();
    if (!secret->ed25519 ||
        EVP_PKEY_get_raw_public_key(secret->ed25519.get(), reinterpret_cast<unsigned char*>(binary.data()),
                                    &size) != 1) {
        return fail(ErrorCode::internal, "OpenSSL refused an Ed25519 private key");
    }
    if (as_text(bytes.subspan(kEdSeedBytes)) != binary) {
        return invalid("invalid Ed25519 private key: the public key in its second half is not of its seed");
    }
    return SigningKey(std::move(secret), PublicKey(type, std::move(binary)));
}

Result<SigningKey> SigningKey::parse(KeyType type, std::string_view hex) {
    auto bytes = hex_decode(hex);
    // The text is not shown, nor the character that was wrong in it.
    if (!bytes) return invalid(fmt::format("{} private key is not hexadecimal", key_type_name(type)));
    auto key = from_bytes(type, as_bytes(*bytes));
    OPENSSL_cleanse(bytes->data(), bytes->size());
    return key;
}

Result<std::string> SigningKey::sign(Bytes message) const {
    if (type() == KeyType::secp256k1) {
        secp256k1_ecdsa_signature signature;
        std::string der(kSecpMaxDerBytes, '\0');
        std::size_t size = der.size();
        // Without a nonce function of our own: RFC 6979 with SHA-256; the result has low S.
        if (secp256k1_ecdsa_sign(secp_context(), &signature, sha256(message).data(),
                                 secret_->secp256k1.data(), nullptr, nullptr) != 1 ||
            secp256k1_ecdsa_signature_serialize_der(
                secp_context(), reinterpret_cast<unsigned char*>(der.data()), &size, &signature) != 1) {
            return fail(ErrorCode::internal, "libsecp256k1 did not sign");
        }
        der.resize(size);
        return der;
    }
    const OpensslErrorScope errors;
    const EvpContext context(EVP_MD_CTX_new());
    std::string signature(kEdSignatureBytes, '\0');
    std::size_t size = signature.size();
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret_->ed25519.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       message.data(), message.size()) != 1) {
        return fail(ErrorCode::internal, "OpenSSL did not sign");
    }
    return signature;
}

namespace {

std::string signed_message(BlockView block) {
    block.signature.reset();
    std::string message;
    encode_block(block, message);
    return message;
}

// The signature block that belongs to block, and the key it names.
struct Claim {
    BlockView block;
    SignatureBlockView signature;
    PublicKey signer;
};

Result<Claim> read_claim(Bytes block, Bytes signature_block) {
    CAIRN_ASSIGN(BlockView view, decode_block(block));
    if (!view.signature) return invalid("block is missing required signature");
    if (sha256(signature_block) != *view.signature) {
        return fail(ErrorCode::corruption,
                    fmt::format("signature block {} is not the one the block links to, {}",
                                Cid::of(Codec::dag_cbor, signature_block).text(),
                                Cid{Codec::dag_cbor, *view.signature}.text()));
    }
    CAIRN_ASSIGN(SignatureBlockView signature, decode_signature_block(signature_block));
    KeyType type = KeyType::secp256k1;
    if (signature.type == signature_type_name(KeyType::ed25519)) {
        type = KeyType::ed25519;
    } else if (signature.type != signature_type_name(KeyType::secp256k1)) {
        return fail(ErrorCode::corruption, fmt::format("unknown signature type: {}", signature.type));
    }
    auto signer = PublicKey::parse(type, signature.identity);
    if (!signer) {
        return fail(ErrorCode::corruption,
                    fmt::format("unreadable {} key {} of a signature: {}", key_type_name(type),
                                signature.identity, signer.error().message));
    }
    return Claim{std::move(view), signature, std::move(*signer)};
}

Status verify_claim(const Claim& claim) {
    const std::string message = signed_message(claim.block);
    if (claim.signer.verify(as_bytes(message), as_bytes(claim.signature.value))) return {};
    return fail(ErrorCode::corruption, "signature verification failed");
}

}  // namespace

Result<std::string> sign_block(const BlockView& block, const SigningKey& key) {
    const std::string message = signed_message(block);
    CAIRN_ASSIGN(const std::string value, key.sign(as_bytes(message)));
    const std::string identity = key.public_key_text();
    std::string out;
    encode_signature_block({.type = signature_type_name(key.type()), .identity = identity, .value = value},
                           out);
    return out;
}

Result<PublicKey> verify_block(Bytes block, Bytes signature_block) {
    CAIRN_ASSIGN(Claim claim, read_claim(block, signature_block));
    CAIRN_TRY(verify_claim(claim));
    return std::move(claim.signer);
}

Status verify_block_by(Bytes block, Bytes signature_block, const PublicKey& expected) {
    CAIRN_ASSIGN(const Claim claim, read_claim(block, signature_block));
    // The text counts (12.4), so another spelling of the same key is a different one.
    if (claim.signer.type() != expected.type() || claim.signature.identity != expected.text()) {
        return invalid("signature was created by a different key");
    }
    return verify_claim(claim);
}

}  // namespace cairn::dag
