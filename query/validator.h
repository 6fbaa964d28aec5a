// One validation of a document (spec/query.md section 3.8): a walk from top to bottom at which every rule
// looks at each node as it is met. Internal to query; use validate(). One object serves one call.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "query/ast.h"
#include "query/field_merge.h"
#include "query/fragment_graph.h"
#include "query/type_system.h"

namespace cairn::query {

class Validator {
  public:
    Validator(const Document& document, const TypeSystem& schema)
        : document_(document),
          schema_(schema),
          mentions_variables_(document.source().find('$') != std::string_view::npos),
          fragments_(document),
          merge_(document, schema) {}
    std::vector<std::string> run();

  private:
    // A variable where it is used. An unknown type fits every variable.
    struct Usage {
        std::string_view variable;
        TypeRef type;
        const InputValue* relation = nullptr;  // stands in this relation of a mutation input
    };
    using Usages = std::vector<Usage>;

    void report(std::string message);
    bool is_full() const { return errors_.size() >= kMaxViolations; }

    // ---- definitions, directives, arguments (validate.cc)
    void definitions_in_order();
    void operation(const AstOperation& node);
    void variable_definition(const AstVariableDefinition& node);
    void fragment(const AstFragment& node);
    void cycles_from(const AstFragment& node);
    void unused_fragments();
    void type_definition(const AstTypeDefinition& node);
    void directives(std::span<const AstDirective> nodes, std::string_view location);
    void arguments_of_directive(const AstDirective& node, const DirectiveDef* definition);
    void argument_value(const AstArgument& node, const InputValue* definition, bool in_directive);
    void unique_input_fields(const AstValue& value);
    void known_type(std::string_view name);
    bool is_repeated_argument(std::span<const AstArgument> nodes, std::size_t index);

    // ---- selections (validate_selections.cc)
    void selection_set(const GqlType* parent, AstSelectionSet selections);
    void field(const GqlType* parent, const AstSelection& node);
    void arguments_of_field(const GqlType* parent, const FieldDef* definition, const AstSelection& node);
    void required_arguments(const FieldDef& definition, const AstSelection& node);
    void fragment_spread(const GqlType* parent, const AstSelection& node);
    void inline_fragment(const GqlType* parent, const AstSelection& node);

    // ---- variables (validate_variables.cc)
    void variables_of(const AstOperation& node);
    void wrong_positions(const AstOperation& node, const Usages& usages);
    const Usages& usages_of(const AstFragment& node);
    void collect_selections(const GqlType* parent, AstSelectionSet selections, Usages& out);
    void collect_directives(std::span<const AstDirective> nodes, Usages& out);
    void collect_value(const TypeRef& type, const AstValue& value, Usages& out);
    void collect_related(const InputValue& relation, const TypeRef& type, const AstValue& value, Usages& out);

    const Document& document_;
    const TypeSystem& schema_;
    bool mentions_variables_;  // false is certain, true may be a dollar sign in a text
    FragmentGraph fragments_;
    FieldMerge merge_;
    std::vector<std::string> errors_;
    std::unordered_set<std::string_view> operation_names_, fragment_names_, variable_names_;
    std::unordered_set<std::string_view> visited_fragments_;
    std::unordered_map<const AstFragment*, Usages> usages_;
    // Each operation looks at the variables of every fragment it reaches; this bounds their product.
    std::size_t usage_steps_left_ = 4'000'000;
};

// The selection type of a type condition: null when the type is unknown or not an object.
const GqlType* object_or_null(const GqlType* type);
std::string print_type(const AstType& type);
std::string_view innermost_name(const AstType& type);

}  // namespace cairn::query
