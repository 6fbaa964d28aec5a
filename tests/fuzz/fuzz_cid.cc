// libFuzzer target: text offered as a CID.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/block_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cairn::dag::fuzz::check_cid_text({reinterpret_cast<const char*>(data), size});
    return 0;
}
