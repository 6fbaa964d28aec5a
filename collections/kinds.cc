#include <array>
#include <utility>

#include "collections/value.h"

namespace cairn {

FieldKind element_kind(FieldKind kind) {
    switch (kind) {
        case FieldKind::boolean_array:
        case FieldKind::nillable_boolean_array:
            return FieldKind::boolean;
        case FieldKind::integer_array:
        case FieldKind::nillable_integer_array:
            return FieldKind::integer;
        case FieldKind::float64_array:
        case FieldKind::nillable_float64_array:
            return FieldKind::float64;
        case FieldKind::float32_array:
        case FieldKind::nillable_float32_array:
            return FieldKind::float32;
        case FieldKind::string_array:
        case FieldKind::nillable_string_array:
            return FieldKind::string;
        default:
            return kind;
    }
}

std::string_view kind_name(FieldKind kind) {
    switch (kind) {
        case FieldKind::none:
            return "0";
        case FieldKind::id:
            return "ID";
        case FieldKind::boolean:
            return "Boolean";
        case FieldKind::boolean_array:
            return "[Boolean!]";
        case FieldKind::integer:
            return "Int";
        case FieldKind::integer_array:
            return "[Int!]";
        case FieldKind::float64:
            return "Float64";
        case FieldKind::float64_array:
            return "[Float64!]";
        case FieldKind::float32:
            return "Float32";
        case FieldKind::float32_array:
            return "[Float32!]";
        case FieldKind::date_time:
            return "DateTime";
        case FieldKind::string:
            return "String";
        case FieldKind::string_array:
            return "[String!]";
        case FieldKind::blob:
            return "Blob";
        case FieldKind::json:
            return "JSON";
        case FieldKind::nillable_boolean_array:
            return "[Boolean]";
        case FieldKind::nillable_integer_array:
            return "[Int]";
        case FieldKind::nillable_float64_array:
            return "[Float64]";
        case FieldKind::nillable_string_array:
            return "[String]";
        case FieldKind::nillable_float32_array:
            return "[Float32]";
    }
    return "0";
}

FieldKind kind_from_name(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, FieldKind>, 22> kNames = {{
        {"ID", FieldKind::id},
        {"Boolean", FieldKind::boolean},
        {"[Boolean!]", FieldKind::boolean_array},
        {"[Boolean]", FieldKind::nillable_boolean_array},
        {"Int", FieldKind::integer},
        {"[Int!]", FieldKind::integer_array},
        {"[Int]", FieldKind::nillable_integer_array},
        {"Float", FieldKind::float64},
        {"Float64", FieldKind::float64},
        {"[Float!]", FieldKind::float64_array},
        {"[Float64!]", FieldKind::float64_array},
        {"[Float]", FieldKind::nillable_float64_array},
        {"[Float64]", FieldKind::nillable_float64_array},
        {"Float32", FieldKind::float32},
        {"[Float32!]", FieldKind::float32_array},
        {"[Float32]", FieldKind::nillable_float32_array},
        {"DateTime", FieldKind::date_time},
        {"String", FieldKind::string},
        {"[String!]", FieldKind::string_array},
        {"[String]", FieldKind::nillable_string_array},
        {"Blob", FieldKind::blob},
        {"JSON", FieldKind::json},
    }};
    for (const auto& [known, kind] : kNames) {
        if (known == name) return kind;
    }
    return FieldKind::none;
}

bool is_valid_kind_number(std::int64_t number) {
    return (number >= 1 && number <= 14) || (number >= 18 && number <= 22);
}

}  // namespace cairn
