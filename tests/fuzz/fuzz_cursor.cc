// libFuzzer entry point for the reader of cursors.
#include "tests/fuzz/cursor_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cairn::query::test::check_cursor({reinterpret_cast<const char*>(data), size});
    return 0;
}
