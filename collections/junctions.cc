#include "collections/junctions.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "collections/schema_kinds.h"

namespace cairn {

namespace {

std::string with_small_initial(std::string_view name) {
    std::string text(name);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

// Relation fields of a type by relation name, in name order: at most the first two, which decide on partners
// (spec/schema.md section 5).
using FieldsByRelation = std::unordered_map<std::string, std::vector<const FieldDefinition*>>;

FieldsByRelation fields_by_relation(const TypeDefinition& type) {
    std::vector<const FieldDefinition*> fields;
    for (const FieldDefinition& field : type.fields) {
        if (field.is_relation() && !field.join) fields.push_back(&field);
    }
    std::stable_sort(fields.begin(), fields.end(),
                     [](const auto* a, const auto* b) { return a->name < b->name; });
    FieldsByRelation by_relation;
    for (const FieldDefinition* field : fields) {
        auto& list = by_relation[relation_name_of(type, *field)];
        if (list.size() < 2) list.push_back(field);
    }
    return by_relation;
}

class JunctionFinder {
  public:
    explicit JunctionFinder(const std::vector<TypeDefinition>& types) : types_(types) {
        for (std::size_t i = 0; i < types.size(); ++i) {
            by_name_.emplace(types[i].name, i);
            fields_.push_back(fields_by_relation(types[i]));
        }
    }

    std::vector<TypeDefinition> find() {
        std::vector<TypeDefinition> found;
        for (std::size_t i = 0; i < types_.size(); ++i) {
            for (const FieldDefinition& field : types_[i].fields) {
                if (!field.is_relation() || !field.relation_many || field.join) continue;
                auto target = by_name_.find(field.type_name);
                if (target != by_name_.end()) add(i, field, target->second, found);
            }
        }
        return found;
    }

  private:
    const FieldDefinition* partner(const FieldDefinition& field, const std::string& relation,
                                   std::size_t target) const {
        auto list = fields_[target].find(relation);
        if (list == fields_[target].end()) return nullptr;
        for (const FieldDefinition* other : list->second) {
            if (other != &field) return other;
        }
        return nullptr;
    }

    // A pair of lists that are each other's partner, or a list of a type of itself without one. Each relation
    // is added once, at its smaller side.
    void add(std::size_t type, const FieldDefinition& field, std::size_t target,
             std::vector<TypeDefinition>& found) const {
        if (types_[type].is_interface || types_[target].is_interface) return;
        const std::string relation = relation_name_of(types_[type], field);
        const FieldDefinition* other = partner(field, relation, target);
        if (other == nullptr && target != type) return;
        if (other != nullptr) {
            if (!other->relation_many || partner(*other, relation, type) != &field) return;
        }
        const RelationSide here{types_[type].name, field.name};
        const RelationSide there{types_[target].name, other == nullptr ? field.name : other->name};
        if (there < here) return;
        found.push_back(junction_type(here, there));
    }

    static TypeDefinition junction_type(const RelationSide& side, const RelationSide& other) {
        const JunctionNames names = junction_names(side, other);
        TypeDefinition junction;
        junction.name = names.collection;
        auto key = [&](const std::string& name, std::string_view target) {
            FieldDefinition field;
            field.name = name;
            field.type_name = target;
            // Names of their own, so that no relation of the two types takes them for its other side.
            field.relation_name = names.collection + "." + name;
            junction.fields.push_back(std::move(field));
        };
        key(names.key_a, std::min(side, other).type);
        key(names.key_b, std::max(side, other).type);
        FieldDefinition relinked;
        relinked.name = names.relinked;
        relinked.kind = FieldKind::integer;
        junction.fields.push_back(std::move(relinked));
        return junction;
    }

    const std::vector<TypeDefinition>& types_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<FieldsByRelation> fields_;
};

}  // namespace

JunctionNames junction_names(const RelationSide& side, const RelationSide& other) {
    const auto& [a, b] = std::minmax(side, other);
    JunctionNames names;
    names.collection.append(a.type).append("_").append(a.field);
    if (a != b) names.collection.append("_").append(b.type).append("_").append(b.field);
    names.key_a = with_small_initial(a.type);
    names.key_b = with_small_initial(b.type);
    if (a == b) {  // the pair has no first and second: its document ids decide
        names.key_a = "first";
        names.key_b = "second";
    } else if (names.key_a == names.key_b) {
        // Of one type: a key has the name of the list in which its document stands.
        names.key_a = b.field;
        names.key_b = a.field;
    }
    names.relinked = "relinked";
    while (names.relinked == names.key_a || names.relinked == names.key_b) names.relinked += '_';
    return names;
}

std::vector<TypeDefinition> junction_types(const std::vector<TypeDefinition>& types) {
    return JunctionFinder(types).find();
}

}  // namespace cairn
