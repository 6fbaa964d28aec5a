// libFuzzer entry point for requests and their variables.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/graphql_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cairn::query::test::check_request({reinterpret_cast<const char*>(data), size});
    return 0;
}
