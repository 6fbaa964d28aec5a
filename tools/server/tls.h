// What the server demands of TLS (spec/http-and-cli.md section 15).
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <filesystem>

#include "cairn/error.h"
#include "server/options.h"

namespace cairn::server {

inline bool uses_tls(const ServerOptions& options) {
    return !options.certificate.empty() || !options.private_key.empty();
}

// TLS 1.2 with forward secrecy and authenticated ciphers, or 1.3. The files are PEM: a certificate chain and
// its key. Errors: invalid_argument when one is not named, io when one cannot be read or they do not belong
// together.
Result<boost::asio::ssl::context> make_tls_context(const std::filesystem::path& certificate,
                                                   const std::filesystem::path& private_key);

}  // namespace cairn::server
