// @default of an SDL field: its checks and the conversion of the literal to a value (spec/schema.md section
// 4, @default).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dag/cbor.h"
#include "query/sdl_conversion.h"

namespace cairn::query {

namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

struct DefaultArgument {
    std::string_view type, argument;
};
constexpr DefaultArgument kArguments[] = {
    {"String", "string"},     {"Boolean", "bool"},    {"Int", "int"},
    {"Float", "float"},       {"Float64", "float64"}, {"Float32", "float32"},
    {"DateTime", "dateTime"}, {"JSON", "json"},       {"Blob", "blob"},
};

// Correctly rounded. The literal is known to be finite, so only what is too small for the type is out of
// range: zero.
template <typename Float>
Float number_of(std::string_view text) {
    Float number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() ? number : Float(0);
}

Value json_of(const AstValue& literal) {
    switch (literal.kind) {
        case AstValue::Kind::boolean:
            return Value(literal.boolean);
        case AstValue::Kind::integer:
        case AstValue::Kind::floating:
            return Value(number_of<double>(literal.text));
        case AstValue::Kind::string:
        case AstValue::Kind::enumeration:
            return Value(std::string(literal.text));
        case AstValue::Kind::list: {
            Value::Array items;
            for (const AstValue* item : literal.items) items.push_back(json_of(*item));
            return Value(std::move(items));
        }
        case AstValue::Kind::object: {
            Value::Object members;
            for (const AstObjectField& field : literal.fields) {
                members.emplace_back(std::string(field.name), json_of(*field.value));
            }
            std::sort(members.begin(), members.end(),
                      [](const auto& a, const auto& b) { return dag::cbor_key_less(a.first, b.first); });
            return Value(std::move(members));
        }
        default:
            return {};
    }
}

Result<Value> value_of(const AstValue& literal, std::string_view argument) {
    if (argument == "bool") return Value(literal.boolean);
    if (argument == "int") {
        CAIRN_ASSIGN(std::int64_t number, integer_of(literal));
        return Value(number);
    }
    if (argument == "float" || argument == "float64") return Value(number_of<double>(literal.text));
    if (argument == "float32") return Value(number_of<float>(literal.text));
    if (argument == "json") return json_of(literal);
    if (argument == "dateTime") {
        CAIRN_ASSIGN(std::string instant, normalize_date_time(literal.text));
        return Value(std::move(instant));
    }
    return Value(std::string(literal.text));
}

}  // namespace

Result<Value> convert_default(const AstFieldDefinition& field, const AstDirective& directive) {
    std::string_view type = field.type->inner == nullptr ? field.type->name : "List";
    auto expected = std::find_if(std::begin(kArguments), std::end(kArguments),
                                 [&](const DefaultArgument& row) { return row.type == type; });
    if (expected == std::end(kArguments)) {
        return invalid(fmt::format("default value is not allowed for this field type. Name: {}, Type: {}",
                                   field.name, type));
    }
    if (directive.arguments.size() != 1) {
        return invalid(fmt::format("default value must specify one argument. Field: {}", field.name));
    }
    const AstArgument& given = directive.arguments[0];
    if (given.name != expected->argument) {
        return invalid(
            fmt::format("default value type must match field type. Name: {}, Expected: {}, Actual: {}",
                        field.name, expected->argument, given.name));
    }
    if (given.value->kind == AstValue::Kind::null) {
        return invalid(fmt::format("default value is invalid. Field: {}, Arg: {}", field.name, given.name));
    }
    return value_of(*given.value, given.name);
}

}  // namespace cairn::query
