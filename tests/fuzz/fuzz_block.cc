// libFuzzer target: bytes offered as a block of any class.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/block_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cairn::dag::fuzz::check_block_bytes({data, size});
    cairn::dag::fuzz::check_cbor_items({data, size});
    return 0;
}
