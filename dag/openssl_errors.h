// Keeps OpenSSL's error queue as it was. The queue belongs to the thread, and whoever uses TLS in it would
// take what an expected failure here leaves behind for a failure of its own connection.
#pragma once

#include <openssl/err.h>

namespace cairn::dag {

class OpensslErrorScope {
  public:
    OpensslErrorScope() { ERR_set_mark(); }
    ~OpensslErrorScope() { ERR_pop_to_mark(); }
    OpensslErrorScope(const OpensslErrorScope&) = delete;
    OpensslErrorScope& operator=(const OpensslErrorScope&) = delete;
};

}  // namespace cairn::dag
