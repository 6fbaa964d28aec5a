// What must hold for any bytes given as a request or as an SDL; shared by the fuzz targets and their short
// form in the default suite.
#pragma once

#include <cstdlib>
#include <memory_resource>
#include <string_view>

#include "collections/schema_builder.h"
#include "query/sdl.h"
#include "query/type_system.h"
#include "query/variables.h"

namespace cairn::query::test {

inline void require(bool holds) {
    if (!holds) std::abort();
}

inline constexpr std::string_view kFuzzSdl =
    "type Author { name: String age: Int books: [Book] } type Book { title: String rating: Float printed: "
    "DateTime "
    "cover: Blob info: JSON prices: [Float!] years: [Int] author: Author }";

inline const TypeSystem& fuzz_schema() {
    static const std::shared_ptr<const TypeSystem> kSchema = [] {
        auto change = add_types(*Catalog::empty(), parse_sdl(kFuzzSdl).value());
        return TypeSystem::build(change.value().catalog).value();
    }();
    return *kSchema;
}

// The part behind a zero byte is the variables. True when the request is valid.
inline bool check_request(std::string_view input) {
    std::size_t split = input.find('\0');
    auto document = Document::parse(input.substr(0, split), "request");
    if (!document) {
        require(!document.error().message.empty());
        return false;
    }
    bool valid = true;
    for (const std::string& message : validate(**document, fuzz_schema())) {
        require(!message.empty());
        valid = false;
    }
    std::string_view variables = split == std::string_view::npos ? "" : input.substr(split + 1);
    for (const AstOperation& operation : (*document)->operations()) {
        std::pmr::monotonic_buffer_resource arena;
        auto values = VariableValues::coerce(operation, fuzz_schema(), variables, arena);
        if (!values) {
            require(!values.error().message.empty());
            continue;
        }
        for (const AstVariableDefinition& variable : operation.variables) {
            if (const AstValue* value = values->find(variable.name)) require(!print_value(*value).empty());
        }
    }
    return valid;
}

// True when the SDL is accepted by all stages up to the generated schema.
inline bool check_sdl(std::string_view input) {
    auto types = parse_sdl(input, fuzz_schema());
    if (!types) {
        require(!types.error().message.empty());
        return false;
    }
    auto change = add_types(*Catalog::empty(), *types);
    if (!change) return false;
    return TypeSystem::build(change->catalog).has_value();
}

}  // namespace cairn::query::test
