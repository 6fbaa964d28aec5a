// The rules of spec/schema.md section 7 (definition), section 10 (changes of a schema) and the checks that
// the generated API makes. Every rule appends its messages; the texts are the reference's. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"

namespace cairn {

// A collection version with its schema.
struct Definition {
    const CollectionVersionDescription* version = nullptr;
    const SchemaDescription* schema = nullptr;
};

// What the rules look things up in: the definitions that would be active if everything went well. Those given
// by the present call come first. Views into the descriptions, which must outlive it.
class DefinitionState {
  public:
    DefinitionState(const std::vector<Definition>& given, const std::vector<Definition>& existing);

    const std::vector<Definition>& given() const { return given_; }
    const std::vector<Definition>& existing() const { return existing_; }
    bool is_given(const Definition& definition) const;

    // The definition an object kind of a field on this host points to; nullptr when there is none.
    const Definition* target(std::string_view host_root, const ObjectKind& kind) const;
    // The schema field of a definition; nullptr.
    const SchemaField* schema_field(const Definition& definition, std::string_view name) const;
    // The collection field of a name that has a kind of its own (relations and their ids); nullptr.
    const CollectionFieldDescription* kinded_field(const Definition& definition, std::string_view name) const;
    // The first field, not an id, of the definition that has the relation name and is not the given field
    // (spec/schema.md section 5).
    const CollectionFieldDescription* field_by_relation(const Definition& definition,
                                                        std::string_view relation_name,
                                                        const CollectionFieldDescription& not_this) const;

  private:
    struct Fields {
        std::unordered_map<std::string_view, const SchemaField*> on_schema;
        std::unordered_map<std::string_view, const CollectionFieldDescription*> with_kind;
        std::unordered_map<std::string_view, std::vector<const CollectionFieldDescription*>>
            by_relation;  // first two
    };
    const Fields& fields(const Definition& definition) const;

    std::vector<Definition> given_, existing_;
    std::unordered_map<std::string_view, const Definition*> by_root_, by_name_;
    mutable std::unordered_map<const SchemaDescription*, Fields> fields_;
};

// All rules of section 7, rule by rule, on the given definitions. Errors: invalid_argument, the messages
// joined by '\n'.
Status check_definitions(const DefinitionState& state);

// The rules of section 10 for one changed schema, and those of section 7 on it. existing is the schema it was
// made from.
Status check_changed_schema(const DefinitionState& state, const Definition& changed,
                            const SchemaDescription& existing);

// What building the API of an active definition refuses: kinds without a type, names that are not GraphQL
// names, interfaces outside views. (Names that the API itself uses are found by the type system.) Errors:
// invalid_argument, the first problem only.
Status check_api(const Definition& definition);

}  // namespace cairn
