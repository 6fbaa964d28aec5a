// Signatures of blocks and the keys behind them (spec/blocks.md section 12): secp256k1 through libsecp256k1
// (RFC 6979, low S, DER) and Ed25519 through OpenSSL. Both are deterministic: the same key and block give the
// same bytes. Objects are immutable after construction and may be used by several threads.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "dag/block.h"
#include "dag/cid.h"

namespace cairn::dag {

enum class KeyType : std::uint8_t { secp256k1, ed25519 };

// "secp256k1" or "ed25519"; a static string.
std::string_view key_type_name(KeyType type);
// Errors (invalid_argument): "unsupported key type. KeyType: <name>".
Result<KeyType> parse_key_type(std::string_view name);
// What a signature block calls a signature by a key of this type: "ES256K" or "EdDSA"; a static string.
std::string_view signature_type_name(KeyType type);

// A public key that was checked to be one.
class PublicKey {
  public:
    // From hexadecimal text of either letter case: secp256k1 compressed (33 bytes) or not (65), Ed25519 32
    // bytes. Errors (invalid_argument) have the reference's texts: "failed to parse ephemeral public key: …"
    // when it is not hexadecimal, "invalid ECDSA public key", "invalid Ed25519 public key length".
    static Result<PublicKey> parse(KeyType type, std::string_view hex);

    KeyType type() const { return type_; }
    // The text that signature blocks carry as identity: lower-case hexadecimal of 33 or 32 bytes.
    std::string text() const;
    // "did:key:z…" of section 12.3.
    std::string did() const;
    // Whether signature (DER or 64 bytes) is one of this key over message. Malformed signatures are just
    // wrong. High S is taken: the reference takes it, and refusing what it took would part the stores.
    bool verify(Bytes message, Bytes signature) const;

    friend bool operator==(const PublicKey&, const PublicKey&) = default;

  private:
    friend class SigningKey;
    PublicKey(KeyType type, std::string binary) : type_(type), binary_(std::move(binary)) {}

    KeyType type_;
    std::string binary_;  // secp256k1: compressed, 33 bytes; Ed25519: 32 bytes
};

// A private key. The secret is wiped from memory when the key goes.
class SigningKey {
  public:
    // From raw bytes: secp256k1 32, Ed25519 64 (seed, then public key). Errors (invalid_argument): "invalid
    // ECDSA private key bytes", "invalid Ed25519 private key length", or that the public half is of another
    // key. No message contains key material.
    static Result<SigningKey> from_bytes(KeyType type, Bytes secret);
    // From the hexadecimal text of these bytes.
    static Result<SigningKey> parse(KeyType type, std::string_view hex);

    KeyType type() const { return public_key_.type(); }
    const PublicKey& public_key() const { return public_key_; }
    std::string public_key_text() const { return public_key_.text(); }
    std::string did() const { return public_key_.did(); }

    // DER for secp256k1, 64 bytes for Ed25519. Errors (internal): the library refused.
    Result<std::string> sign(Bytes message) const;

  private:
    struct Secret;
    struct Wipe {
        void operator()(Secret* secret) const;
    };
    using SecretPtr = std::unique_ptr<Secret, Wipe>;

    SigningKey(SecretPtr secret, PublicKey public_key)
        : secret_(std::move(secret)), public_key_(std::move(public_key)) {}

    SecretPtr secret_;
    PublicKey public_key_;
};

// The bytes of the signature block for a block (section 12.2). block.signature is left out of what is signed;
// the caller stores the result, sets block.signature to its digest and encodes the block. Errors: as
// SigningKey::sign.
Result<std::string> sign_block(const BlockView& block, const SigningKey& key);

// Checks that signature_block is the one that block links to and holds a right signature of it. Returns the
// signer. Errors: invalid_argument "block is missing required signature", corruption for unreadable bytes,
// unknown type, unreadable key, another signature block than the one linked, or "signature verification
// failed".
Result<PublicKey> verify_block(Bytes block, Bytes signature_block);

// The same, and demands that the signer is expected: else invalid_argument "signature was created by a
// different key". That is found out before the signature is computed.
Status verify_block_by(Bytes block, Bytes signature_block, const PublicKey& expected);

}  // namespace cairn::dag
