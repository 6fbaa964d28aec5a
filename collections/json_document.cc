#include "collections/json_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "collections/doc_id.h"
#include "collections/json_reader.h"
#include "collections/number_text.h"
#include "collections/utf8.h"
#include "dag/cbor.h"
#include "dag/limits.h"

namespace cairn {
namespace {

// Puts types on what the reader finds. As the reference reads the whole text before it looks at any type, a
// syntax error anywhere wins over a wrong type: the first wrong type is kept, and the rest is passed over. So
// functions return false only on a syntax error.
class TypedReader {
  public:
    explicit TypedReader(std::string_view text) : reader_(text) {}

    bool document(const JsonFieldResolver& fields, std::vector<NamedValue>& out);
    bool value(FieldKind kind, Value& out);
    bool finish() { return reader_.finish(); }
    // After everything was called: the error there was, if any.
    std::optional<Error> error(bool syntax_ok) const {
        return syntax_ok ? wrong_ : std::optional(reader_.error());
    }

  private:
    bool member(std::string_view name, const JsonFieldResolver& fields, std::vector<NamedValue>& out);
    void store(std::string name, Value value, std::vector<NamedValue>& out);
    bool scalar(FieldKind kind, Value& out);
    bool array(FieldKind kind, Value& out);
    bool text(FieldKind kind, Value& out);
    bool number(FieldKind kind, Value& out);
    bool json(Value& out, std::size_t depth);
    bool json_array(Value& out, std::size_t depth);
    bool json_object(Value& out, std::size_t depth);

    void refuse(Error error) {
        if (!wrong_) wrong_ = std::move(error);
    }
    // Passes over a value of another type than was wanted.
    bool mismatch(std::string_view wanted, JsonType found) {
        refuse({ErrorCode::invalid_argument,
                fmt::format("value doesn't contain {}; it contains {}", wanted, json_type_name(found))});
        return reader_.skip_value();
    }

    JsonReader reader_;
    std::optional<Error> wrong_;
    std::unordered_map<std::string, std::size_t> places_;  // of names in the result, once there are many
};

bool TypedReader::document(const JsonFieldResolver& fields, std::vector<NamedValue>& out) {
    JsonType type{};
    if (!reader_.peek(type)) return false;
    if (type != JsonType::object) return mismatch("object", type);
    return reader_.read_object([&](std::string_view name) { return member(name, fields, out); });
}

bool TypedReader::member(std::string_view name, const JsonFieldResolver& fields,
                         std::vector<NamedValue>& out) {
    if (wrong_) return reader_.skip_value();
    auto kind = fields.kind_of(name);
    if (kind && *kind == FieldKind::none) {
        kind =
            fail(ErrorCode::invalid_argument, fmt::format("the given field does not exist. Name: {}", name));
    }
    if (!kind) {
        refuse(std::move(kind).error());
        return reader_.skip_value();
    }
    // The name may lie in the reader's buffer, which the value's strings will use.
    std::string owned(name);
    Value result;
    if (!value(*kind, result)) return false;
    store(std::move(owned), std::move(result), out);
    return true;
}

void TypedReader::store(std::string name, Value value, std::vector<NamedValue>& out) {
    constexpr std::size_t kFewNames = 16;
    if (out.size() < kFewNames) {
        auto same =
            std::find_if(out.begin(), out.end(), [&](const NamedValue& known) { return known.name == name; });
        if (same != out.end()) {
            same->value = std::move(value);
        } else {
            out.push_back({std::move(name), std::move(value)});
        }
        return;
    }
    if (places_.empty()) {
        for (std::size_t i = 0; i < out.size(); ++i) places_.emplace(out[i].name, i);
    }
    auto [place, added] = places_.try_emplace(name, out.size());
    if (added) {
        out.push_back({std::move(name), std::move(value)});
    } else {
        out[place->second].value = std::move(value);
    }
}

bool TypedReader::value(FieldKind kind, Value& out) {
    if (kind == FieldKind::json) return json(out, 0);
    return is_array_kind(kind) ? array(kind, out) : scalar(kind, out);
}

bool TypedReader::scalar(FieldKind kind, Value& out) {
    JsonType type{};
    if (!reader_.peek(type)) return false;
    if (type == JsonType::null) return reader_.read_literal(type);
    switch (kind) {
        case FieldKind::boolean:
            if (type != JsonType::truth && type != JsonType::falsehood) return mismatch("bool", type);
            out = Value(type == JsonType::truth);
            return reader_.read_literal(type);
        case FieldKind::integer:
        case FieldKind::float64:
        case FieldKind::float32:
            return type == JsonType::number ? number(kind, out) : mismatch("number", type);
        default:
            return type == JsonType::string ? text(kind, out) : mismatch("string", type);
    }
}

bool TypedReader::number(FieldKind kind, Value& out) {
    std::string_view token;
    if (!reader_.read_number(token)) return false;
    if (kind == FieldKind::integer) {
        auto integer = parse_document_integer(token);
        integer ? void(out = Value(*integer)) : refuse(std::move(integer).error());
        return true;
    }
    auto number = parse_document_number(token);
    if (!number) {
        refuse(std::move(number).error());
    } else if (kind == FieldKind::float32) {
        out = Value(static_cast<float>(*number));  // beyond the range: infinity, as IEEE 754 rounds
    } else {
        out = Value(*number);
    }
    return true;
}

bool TypedReader::text(FieldKind kind, Value& out) {
    std::string_view text;
    if (!reader_.read_string(text)) return false;
    if (kind == FieldKind::date_time) {
        auto time = normalize_date_time(text);
        time ? void(out = Value(std::move(*time))) : refuse(std::move(time).error());
        return true;
    }
    if (kind == FieldKind::id) {
        if (auto status = validate_doc_id_text(text); !status) refuse(std::move(status).error());
    }
    out = Value(std::string(text));
    return true;
}

Value zero_of(FieldKind kind) {
    switch (kind) {
        case FieldKind::boolean:
            return Value(false);
        case FieldKind::integer:
            return Value(std::int64_t{0});
        case FieldKind::float64:
            return Value(0.0);
        case FieldKind::float32:
            return Value(0.0f);
        default:
            return Value(std::string());
    }
}

bool TypedReader::array(FieldKind kind, Value& out) {
    JsonType type{};
    if (!reader_.peek(type)) return false;
    if (type == JsonType::null) return reader_.read_literal(type);
    if (type != JsonType::array) return mismatch("array", type);
    Value::Array elements;
    FieldKind inner = element_kind(kind);
    bool ok = reader_.read_array([&] {
        if (wrong_) return reader_.skip_value();
        Value element;
        if (!scalar(inner, element)) return false;
        if (element.is_null() && !has_nillable_elements(kind)) element = zero_of(inner);
        elements.push_back(std::move(element));
        return true;
    });
    out = Value(std::move(elements));
    return ok;
}

bool TypedReader::json(Value& out, std::size_t depth) {
    JsonType type{};
    if (!reader_.peek(type)) return false;
    switch (type) {
        case JsonType::object:
        case JsonType::array:
            if (depth == limits::kMaxCborNesting) {
                refuse({ErrorCode::limit_exceeded,
                        fmt::format("JSON field value is nested deeper than {} levels",
                                    limits::kMaxCborNesting)});
            }
            if (wrong_) return reader_.skip_value();
            return type == JsonType::object ? json_object(out, depth + 1) : json_array(out, depth + 1);
        case JsonType::string:
            return text(FieldKind::json, out);
        case JsonType::number:
            return number(FieldKind::json, out);
        case JsonType::truth:
        case JsonType::falsehood:
            out = Value(type == JsonType::truth);
            [[fallthrough]];
        case JsonType::null:
            return reader_.read_literal(type);
    }
    return false;
}

bool TypedReader::json_array(Value& out, std::size_t depth) {
    Value::Array elements;
    bool ok = reader_.read_array([&] { return json(elements.emplace_back(), depth); });
    out = Value(std::move(elements));
    return ok;
}

bool TypedReader::json_object(Value& out, std::size_t depth) {
    Value::Object members;
    bool ok = reader_.read_object([&](std::string_view name) {
        auto& [key, member] = members.emplace_back(std::string(name), Value());
        return json(member, depth);
    });
    auto less = [](const auto& a, const auto& b) { return dag::cbor_key_less(a.first, b.first); };
    if (!std::is_sorted(members.begin(), members.end(), less))
        std::stable_sort(members.begin(), members.end(), less);
    // Of a repeated key the last value stays: the first of each run when read backwards.
    auto last = std::unique(members.rbegin(), members.rend(),
                            [](const auto& a, const auto& b) { return a.first == b.first; });
    members.erase(members.begin(), last.base());
    out = Value(std::move(members));
    return ok;
}

Status check_utf8(std::string_view json) {
    if (is_valid_utf8(json)) return {};
    std::size_t good = valid_utf8_prefix(json);
    return fail(ErrorCode::invalid_argument, fmt::format("JSON document is not valid UTF-8 at byte {}: {}",
                                                         good, go_quoted(json.substr(good, 8))));
}

}  // namespace

Result<std::vector<NamedValue>> parse_json_document(std::string_view json, const JsonFieldResolver& fields) {
    CAIRN_TRY(check_utf8(json));
    TypedReader reader(json);
    std::vector<NamedValue> out;
    bool ok = reader.document(fields, out) && reader.finish();
    if (auto error = reader.error(ok)) return std::unexpected(std::move(*error));
    return out;
}

Result<std::vector<std::string_view>> split_json_documents(std::string_view json) {
    CAIRN_TRY(check_utf8(json));
    JsonReader reader(json);
    reader.skip_space();
    if (!reader.rest().starts_with('[')) return std::vector{json};
    std::vector<std::string_view> documents;
    bool ok = reader.read_array([&] {
        reader.skip_space();
        std::string_view begin = reader.rest();
        if (!reader.skip_value()) return false;
        documents.push_back(begin.substr(0, begin.size() - reader.rest().size()));
        return true;
    });
    if (!ok || !reader.finish()) return std::unexpected(reader.error());
    return documents;
}

Result<Value> parse_json_value(std::string_view json, FieldKind kind) {
    CAIRN_TRY(check_utf8(json));
    TypedReader reader(json);
    Value out;
    bool ok = reader.value(kind, out) && reader.finish();
    if (auto error = reader.error(ok)) return std::unexpected(std::move(*error));
    return out;
}

}  // namespace cairn
