#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "collections/date_time.h"
#include "collections/value.h"
#include "dag/cbor.h"
#include "dag/limits.h"

namespace cairn {
namespace {

using dag::CborItem;
using dag::CborReader;
using dag::CborType;
using dag::CborWriter;

void write_json(const Value& value, CborWriter& writer);

struct JsonWriter {
    CborWriter& writer;
    void operator()(std::monostate) const { writer.null(); }
    void operator()(bool value) const { writer.boolean(value); }
    void operator()(std::int64_t value) const { writer.float_shortest(static_cast<double>(value)); }
    void operator()(double value) const { writer.float_shortest(value); }
    void operator()(float value) const { writer.float_shortest(static_cast<double>(value)); }
    void operator()(const std::string& value) const { writer.text(value); }
    void operator()(const Value::Array& values) const {
        writer.array(values.size());
        for (const Value& element : values) write_json(element, writer);
    }
    void operator()(const Value::Object& members) const {
        writer.map(members.size());
        for (const auto& [key, member] : members) {
            writer.text(key);
            write_json(member, writer);
        }
    }
};

void write_json(const Value& value, CborWriter& writer) {
    std::visit(JsonWriter{writer}, value.data);
}

void write_scalar(const Value& value, FieldKind kind, CborWriter& writer) {
    if (value.is_null()) {
        writer.null();
    } else if (const auto* text = value.get_if<std::string>()) {
        if (kind == FieldKind::date_time && is_zero_instant(*text)) {
            writer.null();
        } else {
            writer.text(*text);
        }
    } else if (const auto* integer = value.get_if<std::int64_t>()) {
        writer.integer(*integer);
    } else if (const auto* number = value.get_if<double>()) {
        writer.float_shortest(*number);
    } else if (const auto* single = value.get_if<float>()) {
        writer.float_shortest(*single);
    } else if (const auto* truth = value.get_if<bool>()) {
        writer.boolean(*truth);
    }
}

std::string_view type_name(CborType type) {
    switch (type) {
        case CborType::unsigned_integer:
        case CborType::negative_integer:
            return "an integer";
        case CborType::byte_string:
            return "a byte string";
        case CborType::text:
            return "a text";
        case CborType::array:
            return "an array";
        case CborType::map:
            return "a map";
        case CborType::tag:
            return "a tag";
        case CborType::boolean:
            return "a boolean";
        case CborType::null:
            return "null";
        case CborType::floating:
            return "a float";
    }
    return "an unknown item";
}

// Reads the items of one field value. The kind is kept for messages.
class FieldReader {
  public:
    FieldReader(std::string_view bytes, FieldKind kind)
        : reader_(dag::as_bytes(bytes)), kind_(kind), size_(bytes.size()) {}

    Result<Value> read() {
        CAIRN_ASSIGN(CborItem item, reader_.next());
        CAIRN_ASSIGN(Value value, read_whole(item));
        if (!reader_.at_end()) {
            return fail(ErrorCode::corruption,
                        fmt::format("{} field bytes go on after the value at offset {}", kind_name(kind_),
                                    reader_.offset()));
        }
        return value;
    }

  private:
    Result<Value> read_whole(const CborItem& item) {
        if (item.type == CborType::null) return Value();
        if (kind_ == FieldKind::json) return json(item, 0);
        if (!is_array_kind(kind_)) return scalar(item, kind_);
        if (item.type != CborType::array) return unexpected(item);
        Value::Array elements;
        elements.reserve(capacity_for(item));
        for (std::uint64_t i = 0; i < item.value; ++i) {
            CAIRN_ASSIGN(CborItem element, reader_.next());
            if (element.type == CborType::null && has_nillable_elements(kind_)) {
                elements.emplace_back();
                continue;
            }
            CAIRN_ASSIGN(Value value, scalar(element, element_kind(kind_)));
            elements.push_back(std::move(value));
        }
        return Value(std::move(elements));
    }

    Result<Value> scalar(const CborItem& item, FieldKind kind) {
        switch (kind) {
            case FieldKind::boolean:
                if (item.type == CborType::boolean) return Value(item.value != 0);
                break;
            case FieldKind::integer:
                if (auto integer = as_integer(item)) return Value(*integer);
                break;
            case FieldKind::float64:
                if (item.type == CborType::floating) return Value(item.number);
                break;
            case FieldKind::float32: {
                auto single = static_cast<float>(item.number);
                bool exact = static_cast<double>(single) == item.number || std::isnan(item.number);
                if (item.type == CborType::floating && exact) return Value(single);
                break;
            }
            case FieldKind::date_time:
                if (item.type == CborType::text) return date_time(item.bytes);
                break;
            case FieldKind::id:
            case FieldKind::string:
            case FieldKind::blob:
                if (item.type == CborType::text) return Value(std::string(item.bytes));
                break;
            default:
                break;
        }
        return unexpected(item);
    }

    static std::optional<std::int64_t> as_integer(const CborItem& item) {
        if (item.value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
        auto magnitude = static_cast<std::int64_t>(item.value);
        if (item.type == CborType::unsigned_integer) return magnitude;
        if (item.type == CborType::negative_integer) return -1 - magnitude;
        return std::nullopt;
    }

    Result<Value> date_time(std::string_view text) {
        auto normal = read_stored_date_time(text);
        if (!normal) {
            return fail(ErrorCode::corruption,
                        fmt::format("DateTime field bytes hold no time: {}", normal.error().message));
        }
        if (is_zero_instant(*normal)) return Value();
        return Value(std::move(*normal));
    }

    Result<Value> json(const CborItem& item, std::size_t depth) {
        switch (item.type) {
            case CborType::null:
                return Value();
            case CborType::boolean:
                return Value(item.value != 0);
            case CborType::floating:
                return Value(item.number);
            case CborType::text:
                return Value(std::string(item.bytes));
            case CborType::array:
            case CborType::map:
                if (depth == limits::kMaxCborNesting) {
                    return fail(ErrorCode::limit_exceeded,
                                fmt::format("JSON field bytes are nested deeper than {} levels at offset {}",
                                            limits::kMaxCborNesting, reader_.offset()));
                }
                return item.type == CborType::array ? json_array(item, depth + 1)
                                                    : json_object(item, depth + 1);
            default:
                return unexpected(item);
        }
    }

    Result<Value> json_array(const CborItem& head, std::size_t depth) {
        Value::Array elements;
        elements.reserve(capacity_for(head));
        for (std::uint64_t i = 0; i < head.value; ++i) {
            CAIRN_ASSIGN(CborItem item, reader_.next());
            CAIRN_ASSIGN(Value value, json(item, depth));
            elements.push_back(std::move(value));
        }
        return Value(std::move(elements));
    }

    Result<Value> json_object(const CborItem& head, std::size_t depth) {
        Value::Object members;
        members.reserve(capacity_for(head));
        for (std::uint64_t i = 0; i < head.value; ++i) {
            CAIRN_ASSIGN(CborItem key, reader_.expect(CborType::text));
            if (!members.empty() && !dag::cbor_key_less(members.back().first, key.bytes)) {
                return fail(ErrorCode::corruption,
                            fmt::format("JSON field bytes have the key \"{}\" out of order at offset {}",
                                        key.bytes, reader_.offset()));
            }
            CAIRN_ASSIGN(CborItem item, reader_.next());
            CAIRN_ASSIGN(Value value, json(item, depth));
            members.emplace_back(std::string(key.bytes), std::move(value));
        }
        return Value(std::move(members));
    }

    // Room to reserve for a claimed number of elements: never more than small for what the bytes cannot hold
    // anyway.
    std::size_t capacity_for(const CborItem& head) const {
        return std::min<std::uint64_t>(head.value, std::min<std::size_t>(size_ - reader_.offset(), 1024));
    }

    std::unexpected<Error> unexpected(const CborItem& item) const {
        return fail(ErrorCode::corruption,
                    fmt::format("{} field bytes hold {} that does not fit at offset {}", kind_name(kind_),
                                type_name(item.type), reader_.offset()));
    }

    CborReader reader_;
    FieldKind kind_;
    std::size_t size_ = 0;
};

}  // namespace

void encode_field_bytes(const Value& value, FieldKind kind, std::string& out) {
    CborWriter writer(out);
    if (kind == FieldKind::json) {
        write_json(value, writer);
    } else if (const auto* elements = value.get_if<Value::Array>()) {
        writer.array(elements->size());
        for (const Value& element : *elements) write_scalar(element, element_kind(kind), writer);
    } else {
        write_scalar(value, kind, writer);
    }
}

Result<Value> decode_field_bytes(std::string_view bytes, FieldKind kind) {
    return FieldReader(bytes, kind).read();
}

}  // namespace cairn
