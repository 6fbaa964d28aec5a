// Standard base64 with padding, by OpenSSL. Pure.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace cairn::query {

inline std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

}  // namespace cairn::query
