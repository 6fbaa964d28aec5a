#include "query/array_values.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/row.h"
#include "query/filter_operators.h"
#include "query/input_values.h"

namespace cairn::query {
namespace {

Number number_of(const Value& value) {
    if (const auto* integer = value.get_if<std::int64_t>()) return Number::of(*integer);
    if (const auto* number = value.get_if<double>()) return Number::of(*number);
    if (const auto* number = value.get_if<float>()) return Number::of(static_cast<double>(*number));
    return {};
}

// The reference adds Float32 elements in 32 bits and widens the sum.
void add_narrow_sum(const Value::Array& elements, Accumulator& into) {
    float sum = 0;
    std::uint64_t items = 0;
    for (const Value& element : elements) {
        const auto* number = element.get_if<float>();
        if (number == nullptr) continue;
        sum += *number;
        ++items;
    }
    into.add_sum(static_cast<double>(sum), items);
}

template <typename Sum, typename Element>
Sum dot(const Value::Array& a, const Value::Array& b) {
    Sum sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto* left = a[i].get_if<Element>();
        const auto* right = b[i].get_if<Element>();
        if (left != nullptr && right != nullptr) sum += static_cast<Sum>(*left) * static_cast<Sum>(*right);
    }
    return sum;
}

}  // namespace

Result<ElementSelector> read_element_selector(FieldKind array, const AstValue* selector,
                                              const VariableValues& variables) {
    ElementSelector read;
    selector = variables.resolve(selector);
    const AstValue* filter = find_member(selector, "filter", variables);
    if (filter != nullptr && filter->kind == AstValue::Kind::object) {
        CAIRN_ASSIGN(read.filter, compile_element_filter(element_kind(array), *filter, variables));
    }
    const AstValue* order = find_member(selector, "order", variables);
    if (order != nullptr && order->kind != AstValue::Kind::null) read.descending = order->text == "DESC";
    read.window = member_window(integer_argument(find_member(selector, "limit", variables), variables),
                                integer_argument(find_member(selector, "offset", variables), variables));
    return read;
}

Status add_elements(const ElementSelector& selector, std::string_view raw, FieldKind array, AggregateOp op,
                    Accumulator& into) {
    CAIRN_ASSIGN(Value value, read_stored(raw, array));
    auto* elements = std::get_if<Value::Array>(&value.data);
    if (elements == nullptr) return {};
    if (selector.filter) {
        std::size_t kept = 0;
        for (Value& element : *elements) {
            CAIRN_ASSIGN(bool holds, test_value(*selector.filter, element));
            if (holds) std::swap((*elements)[kept++], element);
        }
        elements->resize(kept);
    }
    // The limit of `_avg` counts what is not null (spec/query.md 8.2).
    if (op == AggregateOp::avg) {
        std::erase_if(*elements, [](const Value& element) { return element.is_null(); });
    }
    if (selector.descending) {
        FieldKind kind = element_kind(array);
        std::stable_sort(elements->begin(), elements->end(), [&](const Value& a, const Value& b) {
            auto order = compare_values(a, b, kind);
            return *selector.descending ? order > 0 : order < 0;
        });
    }
    if (op == AggregateOp::count) {
        into.count(selector.window.size_of(elements->size()));
        return {};
    }
    if (!selector.window.is_open()) {
        std::uint64_t skipped = std::min<std::uint64_t>(selector.window.offset, elements->size());
        std::uint64_t shown = selector.window.size_of(elements->size());
        elements->erase(elements->begin(), elements->begin() + static_cast<std::ptrdiff_t>(skipped));
        elements->resize(shown);
    }
    bool sums = op == AggregateOp::sum || op == AggregateOp::avg;
    if (sums && element_kind(array) == FieldKind::float32) {
        add_narrow_sum(*elements, into);
    } else {
        for (const Value& element : *elements) into.add(op, number_of(element));
    }
    return {};
}

Result<Number> dot_product(std::string_view raw, FieldKind array, const Value::Array& vector) {
    if (has_nillable_elements(array)) return Number::of(0.0);
    CAIRN_ASSIGN(Value value, read_stored(raw, array));
    const auto* elements = value.get_if<Value::Array>();
    std::size_t size = elements == nullptr ? 0 : elements->size();
    if (size != vector.size()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("source and vector must be of the same length. Source: {}, Vector: {}", size,
                                vector.size()));
    }
    if (elements == nullptr) return Number::of(0.0);
    switch (element_kind(array)) {
        case FieldKind::integer:
            // Integers wrap around as the reference's do.
            return Number::of(static_cast<double>(
                static_cast<std::int64_t>(dot<std::uint64_t, std::int64_t>(*elements, vector))));
        case FieldKind::float32:
            return Number::of(static_cast<double>(dot<float, float>(*elements, vector)));
        default:
            return Number::of(dot<double, double>(*elements, vector));
    }
}

}  // namespace cairn::query
