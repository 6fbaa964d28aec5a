#include "dag/encryption.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <climits>
#include <memory>
#include <new>

#include "dag/openssl_errors.h"

namespace cairn::dag {
namespace {

// One per thread, with a prefetched algorithm: see sha256.cc.
class Cipher {
  public:
    Cipher() : algorithm_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
        if (!algorithm_ || !context_) throw std::bad_alloc();
    }
    ~Cipher() = default;
    Cipher(const Cipher&) = delete;
    Cipher& operator=(const Cipher&) = delete;

    const EVP_CIPHER* algorithm() const { return algorithm_.get(); }
    EVP_CIPHER_CTX* context() const { return context_.get(); }

  private:
    struct Free {
        void operator()(EVP_CIPHER* algorithm) const { EVP_CIPHER_free(algorithm); }
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER, Free> algorithm_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

// Forgets the key when the work is done, so that no thread keeps one.
struct Session {
    Cipher& cipher;
    OpensslErrorScope errors{};
    ~Session() { EVP_CIPHER_CTX_reset(cipher.context()); }
};

Cipher& thread_cipher() {
    thread_local Cipher cipher;
    return cipher;
}

Status check_length(std::string_view what, std::size_t size, std::size_t expected) {
    if (size == expected) return {};
    return fail(ErrorCode::invalid_argument, fmt::format("{} has {} bytes, not {}", what, size, expected));
}

Status check_text_length(std::size_t size) {
    if (size <= static_cast<std::size_t>(INT_MAX) - 64) return {};
    return fail(ErrorCode::limit_exceeded, fmt::format("{} bytes are too many to encrypt at once", size));
}

unsigned char* writable(std::string& text, std::size_t offset) {
    return reinterpret_cast<unsigned char*>(text.data()) + offset;
}

}  // namespace

Result<std::string> seal_data(Bytes key, Bytes nonce, Bytes plain) {
    CAIRN_TRY(check_length("encryption key", key.size(), kEncryptionKeyBytes));
    CAIRN_TRY(check_length("encryption nonce", nonce.size(), kEncryptionNonceBytes));
    CAIRN_TRY(check_text_length(plain.size()));
    const Session session{thread_cipher()};
    EVP_CIPHER_CTX* context = session.cipher.context();
    std::string sealed(as_text(nonce));
    sealed.resize(nonce.size() + plain.size() + kEncryptionTagBytes);
    unsigned char* text = writable(sealed, nonce.size());
    int written = 0;
    int rest = 0;
    if (EVP_EncryptInit_ex2(context, session.cipher.algorithm(), key.data(), nonce.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(context, text, &written, plain.data(), static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(context, text + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kEncryptionTagBytes),
                            text + plain.size()) != 1) {
        return fail(ErrorCode::internal, fmt::format("OpenSSL did not encrypt {} bytes", plain.size()));
    }
    return sealed;
}

Result<std::string> open_data(Bytes key, Bytes sealed) {
    CAIRN_TRY(check_length("encryption key", key.size(), kEncryptionKeyBytes));
    CAIRN_TRY(check_text_length(sealed.size()));
    if (sealed.size() < kEncryptionNonceBytes + kEncryptionTagBytes) {
        return fail(ErrorCode::corruption,
                    fmt::format("cipher text of {} bytes is too short", sealed.size()));
    }
    const Bytes nonce = sealed.first(kEncryptionNonceBytes);
    const Bytes tag = sealed.last(kEncryptionTagBytes);
    const Bytes text = sealed.subspan(nonce.size(), sealed.size() - nonce.size() - tag.size());
    const Session session{thread_cipher()};
    EVP_CIPHER_CTX* context = session.cipher.context();
    std::string plain(text.size(), '\0');
    int written = 0;
    int rest = 0;
    // OpenSSL takes the tag through a pointer to non-const and does not write to it.
    if (EVP_DecryptInit_ex2(context, session.cipher.algorithm(), key.data(), nonce.data(), nullptr) != 1 ||
        EVP_DecryptUpdate(context, writable(plain, 0), &written, text.data(),
                          static_cast<int>(text.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()),
                            const_cast<std::uint8_t*>(tag.data())) != 1) {
        return fail(ErrorCode::internal, fmt::format("OpenSSL did not decrypt {} bytes", text.size()));
    }
    if (EVP_DecryptFinal_ex(context, writable(plain, static_cast<std::size_t>(written)), &rest) != 1) {
        return fail(ErrorCode::corruption,
                    fmt::format("cipher text of {} bytes does not authenticate with its key", sealed.size()));
    }
    return plain;
}

}  // namespace cairn::dag
