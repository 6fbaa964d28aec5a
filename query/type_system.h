// The GraphQL schema generated from a catalog (spec/query.md section 2): immutable, cached per catalog
// version, any thread may read it. Validation of request documents against it (spec/query.md section 3.8).
#pragma once

#include <cstddef>
#include <cstdint>
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
// A reference to a type with its list and non-null wrappers, outermost first: "[String!]" is a list of
// non-null String.
struct TypeRef {
    const GqlType* named = nullptr;
    bool non_null = false;  // the outermost
    bool is_list = false;
    bool element_non_null = false;  // only when is_list; lists are one deep in this schema
    std::string text() const;       // "[String!]"
    // The type of a list's elements; itself when it is no list.
    TypeRef element() const { return is_list ? TypeRef{named, element_non_null, false, false} : *this; }
    TypeRef nullable() const { return {named, false, is_list, element_non_null}; }
    friend bool operator==(const TypeRef&, const TypeRef&) = default;
};
struct InputValue {
    std::string name;
    TypeRef type;
    bool hidden = false;    // not of the reference's schema: TypeSystem::lists() says who is told of it
    bool is_alias = false;  // another name of an argument (docIDs and id for docID): nobody is told of it
    // A relation of a mutation input: besides an ID, the type that the reference shows, it takes the forms of
    // query/relation_input.h; `nested` is the type of its objects.
    bool relation = false;
    bool many = false;          // of a list
    bool objects_only = false;  // IDs are refused as if there were no such field
    const GqlType* nested = nullptr;
    bool shown_only = false;  // what introspection shows for want of a type that says it; otherwise unknown
    std::string_view default_value = {};  // as introspection shows it; empty for none
};
struct FieldDef {
    std::string name;
    TypeRef type;
    std::vector<InputValue> arguments;         // sorted by name
    std::string_view deprecation_reason = {};  // empty: not deprecated
    bool hidden = false;                       // as in InputValue
    const InputValue* argument(std::string_view argument_name) const;
};
struct GqlType {
    enum class Kind : std::uint8_t { scalar, object, enumeration, input_object };
    // Which values a scalar takes (spec/query.md section 2.1).
    enum class Scalar : std::uint8_t { boolean, string, id, integer, floating, date_time, blob, json };
    Kind kind = Kind::scalar;
    Scalar scalar = Scalar::string;  // scalar only
    std::string name;
    std::vector<FieldDef> fields;          // object; sorted by name
    std::vector<InputValue> input_fields;  // input object; sorted by name
    std::vector<std::string> enum_values;  // sorted
    int collection = -1;                   // object types of a collection: its index in the catalog
    bool has_required_fields = false;      // input object: some field is non-null
    bool hidden = false;                   // as in InputValue; only what is hidden refers to it
    bool is_input() const { return kind != Kind::object; }
    bool is_leaf() const { return kind == Kind::scalar || kind == Kind::enumeration; }
    const FieldDef* field(std::string_view field_name) const;
    const InputValue* input_field(std::string_view field_name) const;
    bool has_enum_value(std::string_view value) const;
};
struct DirectiveDef {
    std::string name;
    std::vector<InputValue> arguments;        // sorted by name
    std::vector<std::string_view> locations;  // "QUERY" …
    bool hidden = false;                      // as in InputValue
    const InputValue* argument(std::string_view argument_name) const;
};

// Whether a schema uses something that the reference does not have. Then clients have to be told of all
// extensions, and the schema that they see need not be the reference's any more.
bool uses_extensions(const Catalog& catalog);

class TypeSystem {
  public:
    // introspect_extensions: extensions are shown even if the catalog uses none. Errors: invalid_argument
    // with the messages of spec/schema.md section 7, last table (type name taken, names not GraphQL names,
    // kinds without a type).
    static Result<std::shared_ptr<const TypeSystem>> build(std::shared_ptr<const Catalog> catalog,
                                                           bool introspect_extensions = false);
    const Catalog& catalog() const { return *catalog_; }
    // Whether introspection and suggestions know what is hidden. Validation knows it in any case.
    bool shows_extensions() const { return shows_extensions_; }
    // Whether introspection lists an element, and suggestions name it.
    template <typename Element>
    bool lists(const Element& element) const {
        return !element.hidden || shows_extensions_;
    }
    bool lists(const InputValue& value) const {
        return !value.is_alias && (!value.hidden || shows_extensions_);
    }
    const GqlType* type(std::string_view name) const;
    const GqlType& query() const { return *query_; }
    const GqlType& mutation() const { return *mutation_; }
    const GqlType& subscription() const { return *subscription_; }
    // Introspection types (__Schema …) are among them.
    const std::vector<std::unique_ptr<GqlType>>& types() const { return types_; }
    const std::vector<DirectiveDef>& directives() const { return directives_; }
    const DirectiveDef* directive(std::string_view name) const;
    // Field of an object type; knows __typename everywhere, and __schema and __type on Query.
    const FieldDef* find_field(const GqlType& parent, std::string_view name) const;

  private:
    friend class TypeSystemBuilder;
    TypeSystem() = default;
    std::shared_ptr<const Catalog> catalog_;
    std::vector<std::unique_ptr<GqlType>> types_;
    std::vector<DirectiveDef> directives_;
    std::unordered_map<std::string_view, GqlType*> by_name_;
    const GqlType *query_ = nullptr, *mutation_ = nullptr, *subscription_ = nullptr;
    FieldDef typename_field_, schema_field_, type_field_;
    bool shows_extensions_ = false;
};

// All violations of the standard rules, in the order and with the texts of spec/query.md 3.8; empty when the
// document is valid. Type system definitions are validated too (spec/schema.md section 2, stage 2). Stops
// after kMaxViolations.
inline constexpr std::size_t kMaxViolations = 1000;
std::vector<std::string> validate(const Document& document, const TypeSystem& schema);

}  // namespace cairn::query
