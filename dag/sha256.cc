#include <openssl/evp.h>

#include <memory>
#include <new>

#include "dag/cid.h"

namespace cairn::dag {
namespace {

// One per thread: OpenSSL 3 looks an algorithm up by name whenever it is not handed a fetched one, which
// costs more than hashing a block does.
class Sha256Context {
  public:
    Sha256Context() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
        if (!algorithm_ || !context_) throw std::bad_alloc();
    }

    Digest digest(Bytes bytes) {
        Digest digest;
        if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1 ||
            EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1 ||
            EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) {
            throw std::bad_alloc();  // with a fetched algorithm nothing else can fail
        }
        return digest;
    }

  private:
    struct Free {
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> algorithm_;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

Digest sha256(Bytes bytes) {
    thread_local Sha256Context context;
    return context.digest(bytes);
}

}  // namespace cairn::dag
