// JSON Patch (RFC 6902) with the behaviour and the messages of spec/schema.md section 10. Used for schemas
// and for collections. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"

namespace cairn {

// Bounds on one patch: operations, and values (scalars, lists and objects) that all copy and move operations
// together may handle.
inline constexpr std::size_t kMaxPatchOperations = 10'000;
inline constexpr std::size_t kMaxPatchTransfers = 1'000'000;

struct PatchOperation {
    enum class Kind : std::uint8_t { add, remove, replace, move, copy, test };
    Kind kind = Kind::test;
    std::string path;  // as given: not unescaped
    std::string from;  // move and copy
    bool has_value = false;
    nlohmann::json value;  // null when none is given
};

// Reads a patch text. Errors: invalid_argument with the messages of section 10, limit_exceeded.
Result<std::vector<PatchOperation>> parse_json_patch(std::string_view text);

// Applies the operations in order; the first failure answers. The document may be changed when an error is
// returned. Errors: as above.
Status apply_json_patch(const std::vector<PatchOperation>& operations, nlohmann::json& document);

// What encoding/json calls the type of a value in its messages: "object", "number", "bool" …
std::string_view json_type_name(const nlohmann::json& value);
// "json: cannot unmarshal <type> into Go <target>", a number with its digits when with_digits is set.
std::string cannot_unmarshal(const nlohmann::json& value, std::string_view target, bool with_digits = false);

}  // namespace cairn
