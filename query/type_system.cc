#include "query/type_system.h"

#include <algorithm>

namespace cairn::query {

namespace {

template <typename T>
const T* find_by_name(const std::vector<T>& sorted, std::string_view name) {
    // Names mostly differ in length, so that a scan over few is quicker than a search.
    constexpr std::size_t kScan = 16;
    if (sorted.size() <= kScan) {
        for (const T& item : sorted) {
            if (item.name.size() == name.size() && item.name == name) return &item;
        }
        return nullptr;
    }
    auto it = std::lower_bound(sorted.begin(), sorted.end(), name,
                               [](const T& item, std::string_view wanted) { return item.name < wanted; });
    return it != sorted.end() && it->name == name ? &*it : nullptr;
}

}  // namespace

bool uses_extensions(const Catalog& catalog) {
    return catalog.has_links() || catalog.has_joins() || catalog.has_delete_rules();
}

std::string TypeRef::text() const {
    std::string text;
    if (is_list) text += '[';
    text += named->name;
    if (is_list && element_non_null) text += '!';
    if (is_list) text += ']';
    if (non_null) text += '!';
    return text;
}

const InputValue* FieldDef::argument(std::string_view argument_name) const {
    return find_by_name(arguments, argument_name);
}

const InputValue* DirectiveDef::argument(std::string_view argument_name) const {
    return find_by_name(arguments, argument_name);
}

const FieldDef* GqlType::field(std::string_view field_name) const {
    return find_by_name(fields, field_name);
}

const InputValue* GqlType::input_field(std::string_view field_name) const {
    return find_by_name(input_fields, field_name);
}

bool GqlType::has_enum_value(std::string_view value) const {
    return std::binary_search(enum_values.begin(), enum_values.end(), value, std::less<>());
}

const GqlType* TypeSystem::type(std::string_view name) const {
    auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
}

const DirectiveDef* TypeSystem::directive(std::string_view name) const {
    auto it = std::find_if(directives_.begin(), directives_.end(),
                           [&](const DirectiveDef& directive) { return directive.name == name; });
    return it == directives_.end() ? nullptr : &*it;
}

const FieldDef* TypeSystem::find_field(const GqlType& parent, std::string_view name) const {
    if (name.starts_with("__")) {
        if (name == typename_field_.name) return &typename_field_;
        if (&parent == query_ && name == schema_field_.name) return &schema_field_;
        if (&parent == query_ && name == type_field_.name) return &type_field_;
    }
    return parent.field(name);
}

}  // namespace cairn::query
