#include "query/type_system_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace cairn::query {

namespace {

bool is_graphql_name(std::string_view name) {
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    auto is_rest = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_rest);
}

std::string bad_name_text(std::string_view name) {
    return fmt::format("Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but \"{}\" does not.", name);
}

// Sorts by name; of several with one name the one added last stays (a system field hides a user's of the same
// name).
template <typename T>
void sort_by_name(std::vector<T>& items) {
    std::stable_sort(items.begin(), items.end(), [](const T& a, const T& b) { return a.name < b.name; });
    auto same = [](const T& a, const T& b) { return a.name == b.name; };
    auto kept = std::unique(items.rbegin(), items.rend(), same);
    items.erase(items.begin(), kept.base());
}

}  // namespace

TypeSystemBuilder::TypeSystemBuilder(std::shared_ptr<const Catalog> catalog, bool introspect_extensions)
    : system_(new TypeSystem()), catalog_(*catalog) {
    system_->shows_extensions_ = introspect_extensions || uses_extensions(catalog_);
    system_->catalog_ = std::move(catalog);
}

void TypeSystemBuilder::set_error(std::string message) {
    if (error_.empty()) error_ = std::move(message);
}

GqlType* TypeSystemBuilder::add(Kind kind, std::string name) {
    if (!is_graphql_name(name)) set_error(bad_name_text(name));
    auto owned = std::make_unique<GqlType>();
    GqlType* added = owned.get();
    added->kind = kind;
    added->name = std::move(name);
    if (!system_->by_name_.emplace(added->name, added).second) {
        set_error(fmt::format("schema type already exists. Name: {}", added->name));
    }
    system_->types_.push_back(std::move(owned));
    return added;
}

GqlType* TypeSystemBuilder::add_extension(Kind kind, std::string name) {
    auto owned = std::make_unique<GqlType>();
    GqlType* added = owned.get();
    added->kind = kind;
    added->name = std::move(name);
    added->hidden = true;
    system_->types_.push_back(std::move(owned));
    return added;
}

GqlType* TypeSystemBuilder::add_enum(std::string name, std::vector<std::string> values) {
    GqlType* added = add(Kind::enumeration, std::move(name));
    set_values(*added, std::move(values));
    return added;
}

void TypeSystemBuilder::set_values(GqlType& enumeration, std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    enumeration.enum_values = std::move(values);
}

void TypeSystemBuilder::add_scalar(std::string name, GqlType::Scalar scalar) {
    add(Kind::scalar, std::move(name))->scalar = scalar;
}

TypeRef TypeSystemBuilder::named(std::string_view name) const {
    auto it = system_->by_name_.find(name);
    assert(it != system_->by_name_.end());
    return {it->second, false, false, false};
}

TypeRef TypeSystemBuilder::list(std::string_view name) const {
    TypeRef type = named(name);
    type.is_list = true;
    return type;
}

TypeRef TypeSystemBuilder::list_of_non_null(std::string_view name) const {
    TypeRef type = list(name);
    type.element_non_null = true;
    return type;
}

TypeRef TypeSystemBuilder::required(TypeRef type) {
    type.non_null = true;
    return type;
}

void TypeSystemBuilder::field(GqlType& type, std::string name, TypeRef result,
                              std::vector<InputValue> arguments) {
    sort_by_name(arguments);
    type.fields.push_back({std::move(name), result, std::move(arguments)});
}

void TypeSystemBuilder::input(GqlType& type, std::string name, TypeRef value) {
    type.input_fields.push_back({.name = std::move(name), .type = value});
}

void TypeSystemBuilder::finish() {
    for (const std::unique_ptr<GqlType>& each : system_->types_) {
        if (each->hidden && !system_->by_name_.contains(each->name)) {
            system_->by_name_.emplace(each->name, each.get());
        } else if (each->hidden && system_->by_name_.at(each->name) != each.get()) {
            while (system_->by_name_.contains(each->name)) each->name += '_';  // the user's type came first
            system_->by_name_.emplace(each->name, each.get());
        }
        sort_by_name(each->fields);
        sort_by_name(each->input_fields);
        for (const FieldDef& definition : each->fields) {
            if (!is_graphql_name(definition.name)) set_error(bad_name_text(definition.name));
        }
        for (const InputValue& value : each->input_fields) {
            if (value.type.non_null) each->has_required_fields = true;
        }
    }
}

Result<std::shared_ptr<const TypeSystem>> TypeSystemBuilder::build() {
    add_fixed_types();
    const std::vector<Collection>& collections = catalog_.collections();
    if (!collections.empty()) {
        add_leaf_filters();
        field(*commit_, "_group", list("Commit"));
    }
    for (std::size_t i = 0; i < collections.size(); ++i) declare(collections[i], static_cast<int>(i));
    for (const Collection& collection : collections) check_kinds(collection);
    if (error_.empty()) {
        for (const Collection& collection : collections) declare_inputs(collection);
        declare_connections();
        for (const Collection& collection : collections) define(collection);
    }
    if (!collections.empty() && error_.empty()) {
        field(*query_, "_count", named("Int"), root_count_);
        for (std::string_view name : {"_sum", "_avg", "_min", "_max"}) {
            field(*query_, std::string(name), named("Float"), root_numeric_);
        }
    }
    if (error_.empty()) finish();
    if (!error_.empty()) return fail(ErrorCode::invalid_argument, error_);
    return system_;
}

Result<std::shared_ptr<const TypeSystem>> TypeSystem::build(std::shared_ptr<const Catalog> catalog,
                                                            bool introspect_extensions) {
    return TypeSystemBuilder(std::move(catalog), introspect_extensions).build();
}

}  // namespace cairn::query
