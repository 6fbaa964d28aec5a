#include "query/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>

#include "query/literal_check.h"
#include "query/relation_input.h"
#include "query/validator.h"
#include "query/variable_reader.h"

namespace cairn::query {

namespace {

constexpr std::size_t kMaxReasons = 1000;

std::string go_text(const AstValue& node) {
    std::string text;
    append_go_print(json_value_of(node), FieldKind::json, text);
    return text;
}

AstValue& owned(const AstValue* node) {
    return *const_cast<AstValue*>(node);
}

// Checks a tree of read_variables against a type and turns it into what a literal of that type would be, in
// place: nodes of such a tree belong to this call, so taking their constness away is allowed.
class Coercion {
  public:
    explicit Coercion(std::pmr::memory_resource& arena) : arena_(arena) {}
    void coerce(const TypeRef& type, AstValue& node);
    const std::vector<std::string>& reasons() const { return reasons_; }

  private:
    void coerce_list(const TypeRef& type, AstValue& node);
    void coerce_object(const GqlType& type, AstValue& node);
    void coerce_field(const InputValue& field, AstValue& node);
    void coerce_relation(const InputValue& field, AstValue& node);
    void coerce_related_list(const InputValue& field, AstValue& node);
    void coerce_related(const InputValue& field, AstValue& node);
    // Puts a place in front of the reasons found since the mark.
    void place(std::size_t mark, std::string_view name) {
        for (std::size_t i = mark; i < reasons_.size(); ++i)
            reasons_[i] = fmt::format("In field \"{}\": {}", name, reasons_[i]);
    }
    template <typename Coerce>
    void each_element(const AstValue& list, const Coerce& coerce) {
        for (const AstValue* item : list.items) {
            const std::size_t mark = reasons_.size();
            coerce(owned(item));
            for (std::size_t i = mark; i < reasons_.size(); ++i)
                reasons_[i] = fmt::format("In element #{}: {}", i - mark + 1, reasons_[i]);
        }
    }
    void check_required(const GqlType& type, const AstValue& node, std::vector<std::string>& found);
    bool coerce_scalar(const GqlType& type, AstValue& node);
    bool coerce_integer(AstValue& node);
    bool coerce_floating(const GqlType& type, AstValue& node);
    bool coerce_boolean(AstValue& node);
    bool coerce_text(AstValue& node);
    void set_text(AstValue& node, AstValue::Kind kind, std::string_view text);
    void expected_type(const GqlType& type, const AstValue& node) {
        reasons_.push_back(fmt::format("Expected type \"{}\", found \"{}\".", type.name, go_text(node)));
    }

    std::pmr::memory_resource& arena_;
    std::vector<std::string> reasons_;
};

void Coercion::coerce(const TypeRef& type, AstValue& node) {
    if (reasons_.size() >= kMaxReasons) return;
    if (node.kind == AstValue::Kind::null) {
        if (type.non_null)
            reasons_.push_back(fmt::format("Expected \"{}!\", found null.", type.nullable().text()));
        return;
    }
    if (type.is_list) return coerce_list(type, node);
    const GqlType& named = *type.named;
    if (named.kind == GqlType::Kind::input_object) return coerce_object(named, node);
    if (named.kind == GqlType::Kind::scalar) {
        if (!coerce_scalar(named, node)) expected_type(named, node);
    } else if (node.kind == AstValue::Kind::string && named.has_enum_value(node.text)) {
        node.kind = AstValue::Kind::enumeration;
    } else {
        expected_type(named, node);
    }
}

void Coercion::coerce_list(const TypeRef& type, AstValue& node) {
    if (node.kind != AstValue::Kind::list) return coerce(type.element(), node);
    each_element(node, [&](AstValue& item) { coerce(type.element(), item); });
}

// Reasons: unknown fields by name, then known fields by name.
void Coercion::coerce_object(const GqlType& type, AstValue& node) {
    if (node.kind != AstValue::Kind::object) {
        reasons_.push_back(fmt::format("Expected \"{}\", found not an object.", type.name));
        return;
    }
    std::size_t mark = reasons_.size();
    std::vector<std::string> unknown, wrong;
    for (const AstObjectField& member : node.fields) {
        const InputValue* field = type.input_field(member.name);
        if (!takes_value(field, *member.value)) {
            if (unknown.size() < kMaxReasons)
                unknown.push_back(fmt::format("In field \"{}\": Unknown field.", member.name));
            continue;
        }
        coerce_field(*field, owned(member.value));
        if (reasons_.size() == mark) continue;
        wrong.insert(wrong.end(), reasons_.begin() + static_cast<long>(mark), reasons_.end());
        reasons_.resize(mark);
        if (wrong.size() >= kMaxReasons) break;
    }
    if (type.has_required_fields) check_required(type, node, wrong);
    if (unknown.empty() && wrong.empty()) return;
    // The name stands at the beginning of each, so that the texts sort by it; reasons of one field keep their
    // order.
    auto by_field = [](const std::string& a, const std::string& b) {
        return std::string_view(a).substr(0, a.find("\": ")) < std::string_view(b).substr(0, b.find("\": "));
    };
    std::stable_sort(unknown.begin(), unknown.end(), by_field);
    std::stable_sort(wrong.begin(), wrong.end(), by_field);
    reasons_.insert(reasons_.end(), unknown.begin(), unknown.end());
    reasons_.insert(reasons_.end(), wrong.begin(), wrong.end());
}

void Coercion::coerce_field(const InputValue& field, AstValue& node) {
    std::size_t mark = reasons_.size();
    field.relation ? coerce_relation(field, node) : coerce(field.type, node);
    place(mark, field.name);
}

// As LiteralCheck::check_relation. A link becomes the ID that it holds.
void Coercion::coerce_relation(const InputValue& field, AstValue& node) {
    if (node.kind == AstValue::Kind::null) return;
    if (!field.many) return coerce_related(field, node);
    if (!is_list_change(node)) return coerce_related_list(field, node);
    for (const AstObjectField& member : node.fields) {
        std::size_t mark = reasons_.size();
        coerce_related_list(field, owned(member.value));
        place(mark, member.name);
    }
}

void Coercion::coerce_related_list(const InputValue& field, AstValue& node) {
    if (node.kind != AstValue::Kind::list) return coerce_related(field, node);
    each_element(node, [&](AstValue& item) { coerce_related(field, item); });
}

void Coercion::coerce_related(const InputValue& field, AstValue& node) {
    TypeRef id = field.type.element();
    id.non_null = field.many;  // null takes a single one away
    if (is_link_object(node)) {
        AstValue text = *node.fields[0].value;
        node = text;
    }
    if (node.kind != AstValue::Kind::object) return coerce(id, node);
    if (field.nested == nullptr || node.fields.empty()) return expected_type(*id.named, node);
    coerce_object(*field.nested, node);
}

void Coercion::check_required(const GqlType& type, const AstValue& node, std::vector<std::string>& found) {
    for (const InputValue& field : type.input_fields) {
        if (!field.type.non_null) continue;
        bool given = std::any_of(node.fields.begin(), node.fields.end(),
                                 [&](const AstObjectField& member) { return member.name == field.name; });
        if (given) continue;
        found.push_back(fmt::format("In field \"{}\": Expected \"{}!\", found null.", field.name,
                                    field.type.nullable().text()));
    }
}

bool Coercion::coerce_scalar(const GqlType& type, AstValue& node) {
    using Scalar = GqlType::Scalar;
    switch (type.scalar) {
        case Scalar::boolean:
            return coerce_boolean(node);
        case Scalar::string:
        case Scalar::id:
            return coerce_text(node);
        case Scalar::integer:
            return coerce_integer(node);
        case Scalar::floating:
            return coerce_floating(type, node);
        case Scalar::date_time:
            return node.kind == AstValue::Kind::string && normalize_date_time(node.text).has_value();
        case Scalar::blob:
            return node.kind == AstValue::Kind::string && is_hex_text(node.text);
        case Scalar::json:
            return true;
    }
    return false;
}

void Coercion::set_text(AstValue& node, AstValue::Kind kind, std::string_view text) {
    char* copy = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
    std::memcpy(copy, text.data(), text.size());
    node = AstValue();
    node.kind = kind;
    node.text = {copy, text.size()};
}

// A decimal number as Go's ParseFloat reads it (a sign, digits with a point anywhere, an exponent).
std::optional<double> number_in(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos || text.starts_with('+'))
        return {};
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool read = error == std::errc() && end == text.data() + text.size();
    return read ? std::optional<double>(number) : std::nullopt;
}

bool Coercion::coerce_integer(AstValue& node) {
    if (node.kind == AstValue::Kind::boolean) {
        set_text(node, AstValue::Kind::integer, node.boolean ? "1" : "0");
        return true;
    }
    bool numeric = node.kind == AstValue::Kind::integer || node.kind == AstValue::Kind::floating;
    if (!numeric && node.kind != AstValue::Kind::string) return false;
    std::int32_t small = 0;
    const char* end = node.text.data() + node.text.size();
    if (node.kind == AstValue::Kind::integer) {
        auto [rest, error] = std::from_chars(node.text.data(), end, small);
        if (error == std::errc() && rest == end) return true;
    }
    std::optional<double> number = number_in(node.text);
    if (!number || *number < -2147483648.0 || *number > 2147483647.0) return false;
    set_text(node, AstValue::Kind::integer, fmt::format("{}", static_cast<std::int32_t>(*number)));
    return true;
}

bool Coercion::coerce_floating(const GqlType& type, AstValue& node) {
    switch (node.kind) {
        case AstValue::Kind::integer:
        case AstValue::Kind::floating:
            return is_finite_number(node.text, type.name == "Float32");
        case AstValue::Kind::boolean:
            set_text(node, AstValue::Kind::integer, node.boolean ? "1" : "0");
            return true;
        case AstValue::Kind::string: {
            std::optional<double> number = number_in(node.text);
            double largest = type.name == "Float32" ? std::numeric_limits<float>::max() : HUGE_VAL;
            if (!number || std::abs(*number) > largest) return false;
            set_text(node, AstValue::Kind::floating, fmt::format("{}", *number));
            return true;
        }
        default:
            return false;
    }
}

bool Coercion::coerce_boolean(AstValue& node) {
    bool value = false;
    if (node.kind == AstValue::Kind::boolean) return true;
    if (node.kind == AstValue::Kind::string) value = !node.text.empty() && node.text != "false";
    if (node.kind == AstValue::Kind::integer || node.kind == AstValue::Kind::floating) {
        value = number_in(node.text).value_or(1) != 0;
    }
    node = AstValue();
    node.kind = AstValue::Kind::boolean;
    node.boolean = value;
    node.text = value ? "true" : "false";
    return true;
}

bool Coercion::coerce_text(AstValue& node) {
    if (node.kind != AstValue::Kind::string) set_text(node, AstValue::Kind::string, go_text(node));
    return true;
}

using Members = std::unordered_map<std::string_view, const AstValue*>;

Members members_of(const AstValue& object) {
    Members members;
    for (const AstObjectField& member : object.fields) members.emplace(member.name, member.value);
    return members;
}

// Coercion has changed the tree; the value as it was given is read again for the message.
std::unexpected<Error> invalid_value(std::string_view name, std::string_view variables_json,
                                     const std::vector<std::string>& reasons) {
    std::pmr::monotonic_buffer_resource arena;
    std::string text;
    CAIRN_ASSIGN(const AstValue* given, read_variables(variables_json, arena));
    append_json(json_value_of(*members_of(*given).at(name)), text);
    return fail(ErrorCode::invalid_argument, fmt::format("Variable \"${}\" got invalid value {}.\n{}", name,
                                                         text, fmt::join(reasons, "\n")));
}

TypeRef input_type_of(const AstType& node, const TypeSystem& schema) {
    const AstType& inner = node.inner == nullptr ? node : *node.inner;
    const GqlType* named = inner.inner == nullptr ? schema.type(inner.name) : nullptr;
    if (named == nullptr || !named->is_input()) return {};
    if (node.inner == nullptr) return {named, node.non_null, false, false};
    return {named, node.non_null, true, inner.non_null};
}

}  // namespace

Result<VariableValues> VariableValues::coerce(const AstOperation& operation, const TypeSystem& schema,
                                              std::string_view variables_json,
                                              std::pmr::memory_resource& arena, std::size_t list_items) {
    VariableValues values;
    CAIRN_ASSIGN(const AstValue* given, read_variables(variables_json, arena, list_items));
    Members members = members_of(*given);
    for (const AstVariableDefinition& definition : operation.variables) {
        TypeRef type = input_type_of(*definition.type, schema);
        if (type.named == nullptr) {
            return fail(
                ErrorCode::invalid_argument,
                fmt::format(
                    "Variable \"${}\" expected value of type \"{}\" which cannot be used as an input type.",
                    definition.name, print_type(*definition.type)));
        }
        auto found = members.find(definition.name);
        const AstValue* value = found == members.end() ? nullptr : found->second;
        bool missing =
            value == nullptr ? definition.default_value == nullptr : value->kind == AstValue::Kind::null;
        if (missing && type.non_null) {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("Variable \"${}\" of required type \"{}\" was not provided.",
                                    definition.name, type.text()));
        }
        if (value == nullptr) {
            if (definition.default_value != nullptr)
                values.values_.emplace_back(definition.name, definition.default_value);
            continue;
        }
        Coercion coercion(arena);
        coercion.coerce(type, owned(value));
        if (!coercion.reasons().empty())
            return invalid_value(definition.name, variables_json, coercion.reasons());
        values.values_.emplace_back(definition.name, value);
    }
    std::sort(values.values_.begin(), values.values_.end());
    return values;
}

const AstValue* VariableValues::find(std::string_view name) const {
    auto it =
        std::lower_bound(values_.begin(), values_.end(), name,
                         [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
    return it != values_.end() && it->first == name ? it->second : nullptr;
}

}  // namespace cairn::query
