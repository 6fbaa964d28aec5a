#include "query/literal_check.h"

#include <fmt/format.h>

#include <locale.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "collections/value.h"
#include "query/relation_input.h"

namespace cairn::query {

namespace {

constexpr std::size_t kMaxReasons = 1000;

template <typename Int>
bool fits(std::string_view digits) {
    Int value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
}

class LiteralCheck {
  public:
    explicit LiteralCheck(IntRange range) : range_(range) {}
    void check(const TypeRef& type, const AstValue& value);
    std::vector<std::string> take() { return std::move(reasons_); }

  private:
    void check_list(const TypeRef& type, const AstValue& value);
    void check_object(const GqlType& type, const AstValue& value);
    void check_field(const InputValue& field, const AstValue& value);
    void check_relation(const InputValue& field, const AstValue& value);
    void check_related_list(const InputValue& field, const AstValue& value);
    void check_related(const InputValue& field, const AstValue& value);
    // Puts a place in front of the reasons found since the mark.
    void place(std::size_t mark, std::string_view name) {
        for (std::size_t i = mark; i < reasons_.size(); ++i)
            reasons_[i] = fmt::format("In field \"{}\": {}", name, reasons_[i]);
    }
    // Checks the elements of a list. The number after # counts the reasons of one element; it is not the
    // element's place (spec/query.md section 3.8).
    template <typename Check>
    void each_element(const AstValue& list, const Check& check) {
        for (const AstValue* item : list.items) {
            const std::size_t mark = reasons_.size();
            check(*item);
            for (std::size_t i = mark; i < reasons_.size(); ++i)
                reasons_[i] = fmt::format("In element #{}: {}", i - mark + 1, reasons_[i]);
        }
    }
    void check_required(const GqlType& type, const AstValue& value);
    bool fits_scalar(const GqlType& type, const AstValue& value) const;
    void expected_type(std::string_view name, const AstValue& value) {
        reasons_.push_back(fmt::format("Expected type \"{}\", found {}.", name, print_value(value)));
    }

    IntRange range_;
    std::vector<std::string> reasons_;
};

void LiteralCheck::check(const TypeRef& type, const AstValue& value) {
    if (value.kind == AstValue::Kind::variable || reasons_.size() >= kMaxReasons) return;
    if (value.kind == AstValue::Kind::null) {
        if (type.non_null)
            reasons_.push_back(fmt::format("Expected \"{}!\", found null.", type.nullable().text()));
        return;
    }
    if (type.is_list) return check_list(type, value);
    const GqlType& named = *type.named;
    switch (named.kind) {
        case GqlType::Kind::input_object:
            return check_object(named, value);
        case GqlType::Kind::enumeration:
            if (value.kind != AstValue::Kind::enumeration || !named.has_enum_value(value.text)) {
                expected_type(named.name, value);
            }
            return;
        case GqlType::Kind::scalar:
            if (!fits_scalar(named, value)) expected_type(named.name, value);
            return;
        case GqlType::Kind::object:
            return;
    }
}

void LiteralCheck::check_list(const TypeRef& type, const AstValue& value) {
    if (value.kind != AstValue::Kind::list) return check(type.element(), value);
    each_element(value, [&](const AstValue& item) { check(type.element(), item); });
}

void LiteralCheck::check_object(const GqlType& type, const AstValue& value) {
    if (value.kind != AstValue::Kind::object) {
        reasons_.push_back(fmt::format("Expected \"{}\", found not an object.", type.name));
        return;
    }
    // Unknown fields come first; known ones are rechecked only then.
    bool any_unknown = false;
    for (const AstObjectField& field : value.fields) {
        if (takes_value(type.input_field(field.name), *field.value)) continue;
        any_unknown = true;
        if (reasons_.size() >= kMaxReasons) return;
        reasons_.push_back(fmt::format("In field \"{}\": Unknown field.", field.name));
    }
    for (const AstObjectField& field : value.fields) {
        const InputValue* known = type.input_field(field.name);
        if (!any_unknown || takes_value(known, *field.value)) check_field(*known, *field.value);
    }
    if (type.has_required_fields) check_required(type, value);
}

void LiteralCheck::check_field(const InputValue& field, const AstValue& value) {
    std::size_t mark = reasons_.size();
    field.relation ? check_relation(field, value) : check(field.type, value);
    place(mark, field.name);
}

void LiteralCheck::check_relation(const InputValue& field, const AstValue& value) {
    if (value.kind == AstValue::Kind::null || value.kind == AstValue::Kind::variable)
        return check(field.type, value);
    if (!field.many) return check_related(field, value);
    if (!is_list_change(value)) return check_related_list(field, value);
    for (const AstObjectField& member : value.fields) {
        std::size_t mark = reasons_.size();
        check_related_list(field, *member.value);
        place(mark, member.name);
    }
}

void LiteralCheck::check_related_list(const InputValue& field, const AstValue& value) {
    if (value.kind != AstValue::Kind::list) return check_related(field, value);
    each_element(value, [&](const AstValue& item) { check_related(field, item); });
}

void LiteralCheck::check_related(const InputValue& field, const AstValue& value) {
    TypeRef id = field.type.element();
    id.non_null = field.many;  // null takes a single one away
    if (value.kind != AstValue::Kind::object) return check(id, value);
    if (is_link_object(value)) return check(id, *value.fields[0].value);
    if (field.nested == nullptr || value.fields.empty()) return expected_type(id.named->name, value);
    check_object(*field.nested, value);
}

void LiteralCheck::check_required(const GqlType& type, const AstValue& value) {
    for (const InputValue& field : type.input_fields) {
        if (!field.type.non_null) continue;
        bool given = std::any_of(value.fields.begin(), value.fields.end(),
                                 [&](const AstObjectField& entry) { return entry.name == field.name; });
        if (given) continue;
        reasons_.push_back(fmt::format("In field \"{}\": Expected \"{}!\", found null.", field.name,
                                       field.type.nullable().text()));
    }
}

bool LiteralCheck::fits_scalar(const GqlType& type, const AstValue& value) const {
    using Kind = AstValue::Kind;
    using Scalar = GqlType::Scalar;
    switch (type.scalar) {
        case Scalar::boolean:
            return value.kind == Kind::boolean;
        case Scalar::string:
            return value.kind == Kind::string;
        case Scalar::id:
            return value.kind == Kind::string || value.kind == Kind::integer;
        case Scalar::integer:
            if (value.kind != Kind::integer) return false;
            return range_ == IntRange::bits32 ? fits<std::int32_t>(value.text)
                                              : fits<std::int64_t>(value.text);
        case Scalar::floating:
            return (value.kind == Kind::integer || value.kind == Kind::floating) &&
                   is_finite_number(value.text, type.name == "Float32");
        case Scalar::date_time:
            return value.kind == Kind::string && normalize_date_time(value.text).has_value();
        case Scalar::blob:
            return value.kind == Kind::string && is_hex_text(value.text);
        case Scalar::json:
            return is_json_literal(value);
    }
    return false;
}

}  // namespace

std::vector<std::string> literal_reasons(const TypeRef& type, const AstValue& value, IntRange range) {
    LiteralCheck check(range);
    check.check(type, value);
    return check.take();
}

bool is_hex_text(std::string_view text) {
    auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_hex);
}

bool is_finite_number(std::string_view text, bool single) {
    // Without an exponent, 30 digits stay far below the largest single.
    if (text.size() <= 30 && text.find_first_of("eE") == std::string_view::npos) return true;
    // from_chars does not tell too large from too small. The locale of the program must not matter.
    static const locale_t kLocale = newlocale(LC_ALL_MASK, "C", nullptr);
    std::string copy(text);
    return single ? std::isfinite(strtof_l(copy.c_str(), nullptr, kLocale))
                  : std::isfinite(strtod_l(copy.c_str(), nullptr, kLocale));
}

bool is_json_literal(const AstValue& value) {
    switch (value.kind) {
        case AstValue::Kind::integer:
            return fits<std::int32_t>(value.text);
        case AstValue::Kind::floating:
            return is_finite_number(value.text);
        case AstValue::Kind::list:
            return std::all_of(value.items.begin(), value.items.end(),
                               [](const AstValue* item) { return is_json_literal(*item); });
        case AstValue::Kind::object:
            return std::all_of(value.fields.begin(), value.fields.end(),
                               [](const AstObjectField& field) { return is_json_literal(*field.value); });
        default:
            return true;
    }
}

}  // namespace cairn::query
