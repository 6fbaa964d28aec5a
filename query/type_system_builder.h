// Generates a TypeSystem from a catalog (spec/query.md section 2). Internal to query; use TypeSystem::build.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/type_system.h"

namespace cairn::query {

class TypeSystemBuilder {
  public:
    TypeSystemBuilder(std::shared_ptr<const Catalog> catalog, bool introspect_extensions);
    Result<std::shared_ptr<const TypeSystem>> build();

  private:
    using Kind = GqlType::Kind;

    // ---- building blocks (type_system_builder.cc)
    GqlType* add(Kind kind, std::string name);  // the first name that is taken becomes the error
    // A type that the reference's schema does not have: hidden; known by its name unless a user's type has
    // it.
    GqlType* add_extension(Kind kind, std::string name);
    GqlType* type(std::string_view name) const { return system_->by_name_.at(name); }
    GqlType* add_enum(std::string name, std::vector<std::string> values);
    void add_scalar(std::string name, GqlType::Scalar scalar);
    TypeRef named(std::string_view name) const;             // Name; the type must exist
    TypeRef list(std::string_view name) const;              // [Name]
    TypeRef list_of_non_null(std::string_view name) const;  // [Name!]
    static TypeRef required(TypeRef type);
    static void field(GqlType& type, std::string name, TypeRef result,
                      std::vector<InputValue> arguments = {});
    static void input(GqlType& type, std::string name, TypeRef value);
    static void set_values(GqlType& enumeration, std::vector<std::string> values);
    void set_error(std::string message);
    void finish();

    // ---- types that do not depend on collections (fixed_types.cc)
    void add_fixed_types();
    void add_operator_blocks();
    void add_operator_block(std::string_view scalar);
    void add_not_null_blocks(std::string_view scalar);
    void add_list_block(std::string_view prefix, std::string_view scalar);
    void add_operators(GqlType& type, std::string_view scalar, bool elements_non_null);
    void add_leaf_filters();
    void add_commit_types();
    void add_directives();
    void add_introspection_types();
    void add_meta_fields();

    // ---- types of a collection (collection_types.cc)
    void declare(const Collection& collection, int index);
    void check_kinds(const Collection& collection);
    void declare_inputs(const Collection& collection);
    void define(const Collection& collection);
    void define_object(const Collection& collection, const std::vector<const Field*>& fields,
                       GqlType& object);
    void define_field_enums(const Collection& collection, const std::vector<const Field*>& fields,
                            const GqlType& object);
    void define_selectors(const Collection& collection, const std::vector<const Field*>& fields);
    void define_array_selectors(const std::string& collection, const Field& array);
    void define_aggregates(const Collection& collection, const std::vector<const Field*>& fields,
                           GqlType& object);
    void define_filter(const Collection& collection, const std::vector<const Field*>& fields);
    void define_order(const Collection& collection, const std::vector<const Field*>& fields);
    void define_mutation_input(const Collection& collection);
    void define_relation_inputs(const Collection& collection, GqlType& mutation);
    void define_roots(const Collection& collection);
    // ---- connections (connection_types.cc)
    void declare_connections();
    void declare_connection(const Collection& collection);
    void define_root_connection(const Collection& collection);
    void define_connections(const Collection& collection, const std::vector<const Field*>& fields,
                            GqlType& object);
    void add_connection_field(GqlType& parent, std::string_view name, const Collection& target,
                              std::vector<InputValue> arguments) const;

    std::vector<InputValue> select_arguments(std::string_view collection) const;
    std::vector<const Field*> visible_fields(const Collection& collection) const;
    const std::string& target_name(const Field& field) const;
    TypeRef value_type(FieldKind kind) const;
    TypeRef output_type(const Field& field) const;

    std::shared_ptr<TypeSystem> system_;
    const Catalog& catalog_;
    std::string error_;
    GqlType *query_ = nullptr, *mutation_ = nullptr, *subscription_ = nullptr, *commit_ = nullptr,
            *page_info_ = nullptr;
    std::vector<InputValue> root_count_, root_numeric_;
    std::unordered_map<std::string_view, GqlType*>
        nested_;  // by collection: type of objects nested in inputs
};

}  // namespace cairn::query
