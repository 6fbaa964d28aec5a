// The GraphQL schema generated from a catalog (spec/query.md section 2): immutable, cached per catalog version, any thread may read it.
// Validation of request documents against it (spec/query.md section 3.8).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "query/ast.h"

namespace cairn::query {

struct GqlType;
// A reference to a type with its list and non-null wrappers, outermost first: "[String!]" is {list, non_null, String}.
struct TypeRef {
    const GqlType* named = nullptr;
    bool non_null = false;            // the outermost
    bool is_list = false;
    bool element_non_null = false;    // only when is_list; lists are one deep in this schema
    std::string text() const;         // "[String!]"
};
struct InputValue {
    std::string name;
    TypeRef type;
};
struct FieldDef {
    std::string name;
    TypeRef type;
    std::vector<InputValue> arguments;  // sorted by name
};
struct GqlType {
    enum class Kind : std::uint8_t { scalar, object, enumeration, input_object };
    Kind kind = Kind::scalar;
    std::string name;
    std::vector<FieldDef> fields;         // object; sorted by name
    std::vector<InputValue> input_fields;  // input object; sorted by name
    std::vector<std::string> enum_values;
    int collection = -1;                  // object types of a collection: its index in the catalog
    const FieldDef* field(std::string_view name) const;
    const InputValue* input_field(std::string_view name) const;
};

class TypeSystem {
  public:
    // Errors: invalid_argument with the messages of spec/schema.md section 7, last table (type name taken, names not GraphQL names).
    static Result<std::shared_ptr<const TypeSystem>> build(std::shared_ptr<const Catalog> catalog);
    const Catalog& catalog() const { return *catalog_; }
    const GqlType* type(std::string_view name) const;
    const GqlType& query() const { return *query_; }
    const GqlType& mutation() const { return *mutation_; }
    const GqlType& subscription() const { return *subscription_; }
    const std::vector<std::unique_ptr<GqlType>>& types() const { return types_; }

  private:
    friend class TypeSystemBuilder;
    std::shared_ptr<const Catalog> catalog_;
    std::vector<std::unique_ptr<GqlType>> types_;
    std::unordered_map<std::string_view, GqlType*> by_name_;
    const GqlType *query_ = nullptr, *mutation_ = nullptr, *subscription_ = nullptr;
};

// All violations of the standard rules, in the order and with the texts of spec/query.md 3.8; empty when the document is valid.
std::vector<std::string> validate(const Document& document, const TypeSystem& schema);

}  // namespace cairn::query
