// libFuzzer entry point for the reader of JSON documents.
#include "tests/fuzz/json_document_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cairn::test::check_json_document({reinterpret_cast<const char*>(data), size});
    return 0;
}
