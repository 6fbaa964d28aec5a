#include "collections/schema_fields.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "collections/junctions.h"
#include "collections/schema_kinds.h"

namespace cairn {

namespace {

SchemaField relation_field(const std::string& name, const std::string& target) {
    return {name, ObjectKind{ObjectKind::Form::named, target, false}, 0,
            static_cast<std::uint8_t>(CrdtType::lww)};
}

template <typename Fields>
void sort_by_name(Fields& fields) {
    std::stable_sort(fields.begin(), fields.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
}

// Rules 1 and 2 of 4.2: scalars and @primary relations by name, `_docID` before them.
SchemaDescription draft_schema(const TypeDefinition& type) {
    SchemaDescription schema;
    schema.name = type.name;
    for (const FieldDefinition& field : type.fields) {
        if (field.join) continue;  // what is hashed knows nothing of joins
        if (!field.is_relation()) {
            schema.fields.push_back(scalar_field(field.name, field.kind, field.crdt));
        } else if (field.primary && !field.relation_many) {
            schema.fields.push_back(relation_field(field.name, field.type_name));
        }
    }
    sort_by_name(schema.fields);
    schema.fields.insert(schema.fields.begin(), scalar_field("_docID", FieldKind::id, CrdtType::none));
    return schema;
}

void add_collection_fields(const TypeDefinition& type, const FieldDefinition& field,
                           std::vector<CollectionFieldDescription>& fields) {
    CollectionFieldDescription described;
    described.name = field.name;
    if (!field.is_relation()) {
        described.default_value = field.default_value;
        described.size = field.size;
        fields.push_back(std::move(described));
        return;
    }
    described.kind = ObjectKind{ObjectKind::Form::named, field.type_name, field.relation_many};
    if (field.join) {
        described.join = field.join;
        fields.push_back(std::move(described));
        return;
    }
    described.relation_name = relation_name_of(type, field);
    described.on_delete = field.on_delete;
    CollectionFieldDescription id;
    id.name = field.name + "_id";
    id.kind = FieldKind::id;
    id.relation_name = described.relation_name;
    fields.push_back(std::move(described));
    if (!field.relation_many) fields.push_back(std::move(id));
}

CollectionVersionDescription draft_version(const TypeDefinition& type) {
    CollectionVersionDescription version;
    version.name = type.name;
    for (const FieldDefinition& field : type.fields) {
        add_collection_fields(type, field, version.fields);
        if (field.embedding) {
            version.embeddings.push_back(*field.embedding);
            version.embeddings.back().field_name = field.name;
        }
    }
    sort_by_name(version.fields);
    CollectionFieldDescription doc_id;
    doc_id.name = "_docID";
    version.fields.insert(version.fields.begin(), std::move(doc_id));
    version.policy = type.policy;
    version.is_active = true;
    version.is_materialized = type.materialized;
    version.is_branchable = type.branchable;
    version.is_embedded_only = type.is_interface;
    return version;
}

// Step 3 of 4.2 for all types of one text: completes the schemas with the relations that are primary by
// themselves, and with the
// `<f>_id` of every primary one.
class RelationCompleter {
  public:
    explicit RelationCompleter(std::vector<SchemaDraft>& drafts) : drafts_(drafts) {
        for (std::size_t i = 0; i < drafts.size(); ++i) by_name_.emplace(drafts[i].version.name, i);
        relations_.resize(drafts.size());
        for (std::size_t i = 0; i < drafts.size(); ++i) index_relations(i);
    }

    void complete(SchemaDraft& draft) {
        std::vector<SchemaField>& fields = draft.schema.fields;
        std::unordered_set<std::string> names;
        for (const SchemaField& field : fields) names.insert(field.name);
        std::unordered_set<std::string> with_id;  // relations whose `<f>_id` is to follow them
        for (const CollectionFieldDescription& field : draft.version.fields) {
            const ObjectKind* kind = object_kind(field);
            if (kind == nullptr || kind->array || field.join) continue;
            auto target = by_name_.find(kind->text);
            if (target == by_name_.end()) continue;
            const CollectionFieldDescription* other = other_side(field, target->second);
            if ((other == nullptr || object_kind(*other)->array) && names.insert(field.name).second) {
                fields.push_back(relation_field(field.name, kind->text));
            }
            if (names.contains(field.name) && !drafts_[target->second].version.is_embedded_only &&
                names.insert(field.name + "_id").second) {
                with_id.insert(field.name);
            }
        }
        insert_ids(fields, with_id);
    }

  private:
    using Fields = std::vector<const CollectionFieldDescription*>;

    // Two fields of each relation name are enough: the field that asks is one of them at most.
    void index_relations(std::size_t index) {
        for (const CollectionFieldDescription& field : drafts_[index].version.fields) {
            if (object_kind(field) == nullptr || field.join) continue;
            Fields& list = relations_[index][*field.relation_name];
            if (list.size() < 2) list.push_back(&field);
        }
    }

    const CollectionFieldDescription* other_side(const CollectionFieldDescription& field,
                                                 std::size_t target) {
        auto list = relations_[target].find(*field.relation_name);
        if (list == relations_[target].end()) return nullptr;
        for (const CollectionFieldDescription* candidate : list->second) {
            if (candidate != &field) return candidate;
        }
        return nullptr;
    }

    static void insert_ids(std::vector<SchemaField>& fields, const std::unordered_set<std::string>& with_id) {
        if (with_id.empty()) return;
        std::unordered_set<std::string_view> done;
        std::vector<SchemaField> completed;
        completed.reserve(fields.size() + with_id.size());
        for (SchemaField& field : fields) {
            auto wanted = with_id.find(field.name);
            completed.push_back(std::move(field));
            if (wanted != with_id.end() && done.insert(*wanted).second) {
                completed.push_back(scalar_field(*wanted + "_id", FieldKind::id, CrdtType::lww));
            }
        }
        fields = std::move(completed);
    }

    std::vector<SchemaDraft>& drafts_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<std::unordered_map<std::string_view, Fields>>
        relations_;  // by type: relation name -> its fields
};

}  // namespace

std::string relation_name_of(const TypeDefinition& type, const FieldDefinition& field) {
    return field.relation_name ? *field.relation_name : generated_relation_name(type.name, field.type_name);
}

std::vector<SchemaDraft> draft_types(const std::vector<TypeDefinition>& types) {
    std::vector<SchemaDraft> drafts;
    const std::vector<TypeDefinition> junctions = junction_types(types);
    drafts.reserve(types.size() + junctions.size());
    for (const TypeDefinition& type : types)
        drafts.push_back({draft_schema(type), draft_version(type), false});
    for (const TypeDefinition& type : junctions)
        drafts.push_back({draft_schema(type), draft_version(type), true});
    RelationCompleter completer(drafts);
    for (SchemaDraft& draft : drafts) {
        if (!draft.version.is_embedded_only) completer.complete(draft);
    }
    return drafts;
}

}  // namespace cairn
