#include "server/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace cairn::server {

namespace {

namespace ssl = boost::asio::ssl;

constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

}  // namespace

Result<ssl::context> make_tls_context(const std::filesystem::path& certificate,
                                      const std::filesystem::path& private_key) {
    if (certificate.empty() || private_key.empty()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("TLS needs a certificate and a key: no {} is given",
                                certificate.empty() ? "certificate" : "key"));
    }
    ssl::context context(ssl::context::tls_server);
    SSL_CTX* native = context.native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(native, kCiphers12) != 1) {
        return fail(ErrorCode::internal, "OpenSSL does not know the wanted ciphers");
    }
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
    boost::system::error_code error;
    context.use_certificate_chain_file(certificate.string(), error);
    if (error)
        return fail(ErrorCode::io,
                    fmt::format("cannot read the certificate {}: {}", certificate.string(), error.message()));
    context.use_private_key_file(private_key.string(), ssl::context::pem, error);
    if (error)
        return fail(ErrorCode::io,
                    fmt::format("cannot use the key {}: {}", private_key.string(), error.message()));
    return context;
}

}  // namespace cairn::server
