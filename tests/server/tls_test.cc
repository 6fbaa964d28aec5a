// TLS (spec/http-and-cli.md section 15), with a certificate made for the test.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "client.h"

namespace cairn::server::test {
namespace {

// A self-signed certificate and its key in a folder.
class TlsTest : public testing::Test {
  protected:
    TlsTest() {
        char name[] = "/tmp/cairn-tls-XXXXXX";
        folder_ = ::mkdtemp(name);
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
        X509_sign(certificate, key, EVP_sha256());
        std::FILE* file = std::fopen((folder_ / "cert.pem").c_str(), "w");
        PEM_write_X509(file, certificate);
        std::fclose(file);
        file = std::fopen((folder_ / "key.pem").c_str(), "w");
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~TlsTest() override { std::filesystem::remove_all(folder_); }

    ServerOptions options() const {
        ServerOptions options;
        options.certificate = folder_ / "cert.pem";
        options.private_key = folder_ / "key.pem";
        return options;
    }

    // One request over TLS with at most the given version; the answer's bytes, empty when there is no
    // agreement.
    static std::string ask(std::uint16_t port, int version, const char* ciphers = nullptr) {
        int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        SSL_CTX* context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context, version);
        if (ciphers != nullptr) SSL_CTX_set_cipher_list(context, ciphers);
        SSL* ssl = SSL_new(context);
        std::string answer;
        if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
            SSL_set_fd(ssl, socket) == 1 && SSL_connect(ssl) == 1) {
            constexpr std::string_view kRequest =
                "GET /health-check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            SSL_write(ssl, kRequest.data(), static_cast<int>(kRequest.size()));
            char buffer[4096];
            for (int n; (n = SSL_read(ssl, buffer, sizeof buffer)) > 0;)
                answer.append(buffer, static_cast<std::size_t>(n));
            EXPECT_EQ(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
        }
        SSL_free(ssl);
        SSL_CTX_free(context);
        ::close(socket);
        ERR_clear_error();
        return answer;
    }

    std::filesystem::path folder_;
};

TEST_F(TlsTest, Request_Version12And13_IsAnswered) {
    ServerUnderTest server(options());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        std::string answer = ask(server.server().port(), version);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
        EXPECT_TRUE(answer.ends_with("\"Healthy\"\n")) << answer;
    }
}

TEST_F(TlsTest, OldVersionOrCipher_IsRefused) {
    ServerUnderTest server(options());
    EXPECT_EQ(ask(server.server().port(), TLS1_1_VERSION), "");
    EXPECT_EQ(ask(server.server().port(), TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"), "");
    EXPECT_NE(ask(server.server().port(), TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"), "");
}

TEST_F(TlsTest, PlainRequest_ClosesTheConnection) {
    ServerUnderTest server(options());
    EXPECT_EQ(server("GET", "/health-check").status, 0);
}

TEST_F(TlsTest, FilesThatDoNotWork_AreNamed) {
    auto start = [&](const ServerOptions& given) {
        ServerOptions options = given;
        options.port = 0;
        options.store.in_memory = true;
        options.store_path = "tls";
        auto server = Server::start(options);
        return server ? std::string() : server.error().message;
    };
    ServerOptions no_key = options(), no_file = options(), swapped = options();
    no_key.private_key.clear();
    EXPECT_EQ(start(no_key), "TLS needs a certificate and a key: no key is given");
    no_file.certificate = folder_ / "nope.pem";
    EXPECT_TRUE(
        start(no_file).starts_with("cannot read the certificate " + no_file.certificate.string() + ": "));
    swapped.private_key = swapped.certificate;
    EXPECT_TRUE(start(swapped).starts_with("cannot use the key " + swapped.private_key.string() + ": "));
}

}  // namespace
}  // namespace cairn::server::test
