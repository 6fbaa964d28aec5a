// The JSON text of a request's variables as a tree of AstValue nodes, before their types are looked at. Nodes
// and texts live in the arena and may be changed by their owner. Thread-safe (each thread keeps a parser of
// its own).
#pragma once

#include <memory_resource>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "collections/value.h"
#include "query/ast.h"

namespace cairn::query {

// Reads one JSON object; an empty text and `null` give an object without members. Numbers are read as Go
// reads them (integers of 64 bits, else doubles) and written in their shortest form, doubles as floating
// nodes; of members with one name the last stays. Errors: invalid_argument with the text that Go's decoder
// gives
// (`invalid character 'b' looking for beginning of value`), limit_exceeded by limits::kMaxJsonNesting
// and for a list of more items than allowed.
Result<AstValue*> read_variables(std::string_view json, std::pmr::memory_resource& arena,
                                 std::size_t list_items = SIZE_MAX);

// What Go's JSON decoder says about a text that is no JSON value; empty when it is one.
std::string json_syntax_problem(std::string_view json);

// A tree made by read_variables as a value, for messages.
Value json_value_of(const AstValue& node);

}  // namespace cairn::query
