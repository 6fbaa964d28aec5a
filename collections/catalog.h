// The catalog: every collection version and schema as stored (spec/schema.md section 8), and the resolved
// form that documents and queries use. A Catalog is immutable after it is built and shared by
// shared_ptr<const Catalog>; any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "cairn/error.h"
#include "collections/type_definition.h"
#include "collections/value.h"

namespace cairn {

// ---- stored descriptions
// -----------------------------------------------------------------------------------

// Kind of a schema or collection field: a number, or one of the object forms of spec/schema.md section 3.
struct ObjectKind {
    enum class Form : std::uint8_t { root, self, named };
    Form form = Form::self;
    std::string text;  // root, relative id ("" for the host itself), or type name
    bool array = false;
    friend bool operator==(const ObjectKind&, const ObjectKind&) = default;
};
using SchemaFieldKind = std::variant<FieldKind, ObjectKind>;

struct SchemaField {
    std::string name;
    SchemaFieldKind kind = FieldKind::none;
    std::uint8_t kind_number =
        0;                  // the number as given when kind holds a FieldKind (may be one without a type)
    std::uint8_t crdt = 0;  // number; see CrdtType
    friend bool operator==(const SchemaField&, const SchemaField&) = default;
};

struct SchemaDescription {
    std::string root, version_id, name;
    std::vector<SchemaField> fields;
    friend bool operator==(const SchemaDescription&, const SchemaDescription&) = default;
};

struct CollectionFieldDescription {
    std::string name;
    std::optional<SchemaFieldKind> kind;  // null for scalars that are on the schema
    std::optional<std::string> relation_name;
    std::optional<Value> default_value;
    std::int64_t size = 0;
    DeleteRule on_delete = DeleteRule::none;   // a policy of this store: never hashed
    std::optional<JoinDescription> join = {};  // kind is then an object, and relation_name none
};

struct IndexDescription {
    std::string name;
    std::uint32_t id = 0;
    std::vector<IndexFieldDescription> fields;
    bool unique = false;
};

struct CollectionVersionDescription {
    std::string name, version_id, collection_id;
    std::string previous_version_id;  // Sources[0].SourceCollectionID; empty for a first version
    bool is_view = false;             // its Sources holds a query (kept as text below)
    std::string view_query;
    std::vector<CollectionFieldDescription> fields;
    std::vector<IndexDescription> indexes;
    std::optional<PolicyDescription> policy;
    bool is_active = false, is_materialized = true, is_branchable = false, is_embedded_only = false;
    std::vector<EmbeddingDescription> embeddings;
    // Local numbers (never hashed, spec/blocks.md section 4): one per collection id, one per field in order
    // of `fields` (names may repeat; the first keeps the number).
    std::uint32_t short_id = 0;
    std::vector<std::uint32_t> field_short_ids;
    std::uint32_t next_index_id = 1;
};

// ---- resolved form
// -----------------------------------------------------------------------------------------

// Where the pairs of a many-to-many relation are kept, seen from one of its sides.
struct RelationLink {
    int junction = -1;       // index into Catalog::collections
    int near = -1;           // index of the junction's key field that names documents of this side
    int far = -1;            // likewise, of the other side
    int relinked = -1;       // index of the field that counts how often the pair was unlinked
    bool symmetric = false;  // both sides are one field: a pair counts from either of its documents
    // The same seen from the other side.
    RelationLink reversed() const { return {junction, far, near, relinked, symmetric}; }
};

struct Field {
    std::string name;
    FieldKind kind = FieldKind::none;  // none for a relation object field
    CrdtType crdt = CrdtType::lww;
    std::uint32_t short_id = 0;  // >= 1; _docID is 1
    std::uint32_t slot = 0;      // row slot = short_id - 1
    bool stored = false;         // has blocks and a row slot: scalars, and <f>_id on the primary side
    std::optional<Value> default_value;
    std::int64_t size = 0;
    // relations: object fields have is_relation; their <f>_id fields have relation_object set
    bool is_relation = false;
    bool many = false;        // [Other]
    bool primary = false;     // this side holds the key
    bool one_to_one = false;  // partner exists and is single too
    std::string relation_name;
    int target = -1;    // index into Catalog::collections of the active target
    int partner = -1;   // index into the target's fields of the other side's object field, -1 if one-sided
    int id_field = -1;  // relation object field: index of its <f>_id field, -1 on a many side
    int relation_object = -1;          // <f>_id field: index of its object field
    std::optional<RelationLink> link;  // a side of a many-to-many relation
    int far_key = -1;                  // key field of a junction: index of its other key field
    DeleteRule on_delete = DeleteRule::none;
    // A relation object field with @join: no side holds a key, so of the above it has only many and target.
    bool is_join = false;
    int join_on = -1;          // index of the field of this collection that it compares
    int join_references = -1;  // index of the target's
};

struct Collection {
    std::string name, version_id, root;  // root = collection id = schema root
    std::uint32_t short_id = 0;
    bool is_view = false, is_branchable = false, is_embedded_only = false;
    bool is_junction = false;   // holds the pairs of a many-to-many relation
    std::vector<Field> fields;  // collection field order; fields[0] is _docID
    std::vector<IndexDescription> indexes;
    // Fields that other collections' relations to this one are found by: (collection index, field index of a
    // primary object field).
    std::vector<std::pair<int, int>> referrers;
    // Relation fields to this collection, of any side, that have a delete rule: (collection index, field
    // index).
    std::vector<std::pair<int, int>> delete_rules;
    std::uint32_t slot_count = 0;  // row slots of a freshly written row

    const Field& field(int index) const { return fields[static_cast<std::size_t>(index)]; }
    // Index of a field by name, -1 if there is none.
    int field_index(std::string_view field_name) const;
    const Field* find(std::string_view field_name) const {
        int i = field_index(field_name);
        return i < 0 ? nullptr : &fields[static_cast<std::size_t>(i)];
    }
    // Field by its local number; nullptr when this version has none with it.
    const Field* find_by_short_id(std::uint32_t field_short_id) const;

    // Lookup tables, filled by Catalog::build. The keys of by_name_ are views into fields[].name: a
    // Collection stays where it was built (in its Catalog) and is passed by reference.
    std::unordered_map<std::string_view, int> by_name_;
    std::vector<int> by_short_id_;  // field index by short id, -1 for none
};

class Catalog {
  public:
    Catalog() = default;
    Catalog(const Catalog&) = delete;  // the indexes below view into the descriptions
    Catalog& operator=(const Catalog&) = delete;

    // Builds the resolved form of the active versions. The descriptions must be consistent (they come from
    // SchemaBuilder or from the store). Errors: corruption naming the version and field that does not
    // resolve.
    static Result<std::shared_ptr<const Catalog>> build(std::uint64_t version,
                                                        std::vector<CollectionVersionDescription> versions,
                                                        std::vector<SchemaDescription> schemas);
    static std::shared_ptr<const Catalog> empty();

    std::uint64_t version() const { return version_; }
    const std::vector<CollectionVersionDescription>& versions() const {
        return versions_;
    }  // ordered by version id
    const std::vector<SchemaDescription>& schemas() const { return schemas_; }  // ordered by version id
    const std::vector<Collection>& collections() const {
        return collections_;
    }  // active; ordered by short id
    const Collection& collection(int index) const { return collections_[static_cast<std::size_t>(index)]; }
    int collection_index(std::string_view name) const;               // active one by name, -1
    int collection_index_by_short_id(std::uint32_t short_id) const;  // -1
    int collection_index_by_root(std::string_view root) const;       // -1
    // Collection (any version's) that a schema version id belongs to: index of the active collection of the
    // same root, -1.
    int collection_index_by_version_id(std::string_view version_id) const;
    const SchemaDescription* schema(std::string_view version_id) const;
    // Some relation of an active collection has a delete rule.
    bool has_delete_rules() const { return has_delete_rules_; }
    // Some relation of an active collection is many-to-many, or a join.
    bool has_links() const { return has_links_; }
    bool has_joins() const { return has_joins_; }
    // Some active collection has a history of its own.
    bool has_branchable() const { return has_branchable_; }
    std::uint32_t next_collection_short_id() const;

    // JSON of the stored descriptions (for the store's own metadata record) and back; lossless.
    std::string to_stored_json() const;
    static Result<std::shared_ptr<const Catalog>> from_stored_json(std::string_view json);

    // JSON as the API shows it (spec/schema.md section 8), keys in that order, Go escapes, no spaces. The
    // `Query` of a view's source is the parsed select, which only the query folder can make out of the stored
    // text: it is given ready as JSON.
    static std::string version_json(const CollectionVersionDescription& version,
                                    std::string_view view_query_json = "null");
    static std::string schema_json(const SchemaDescription& schema);
    static std::string index_json(const IndexDescription& index);

  private:
    // Keys are views into collections_, versions_ and schemas_, which never change after build().
    using NameIndex = std::unordered_map<std::string_view, int>;
    friend class CatalogResolver;

    std::uint64_t version_ = 0;
    bool has_delete_rules_ = false, has_links_ = false, has_joins_ = false, has_branchable_ = false;
    std::vector<CollectionVersionDescription> versions_;
    std::vector<SchemaDescription> schemas_;
    std::vector<Collection> collections_;
    NameIndex by_name_, by_root_, by_version_, schema_by_version_;
    std::unordered_map<std::uint32_t, int> by_short_id_;
};

}  // namespace cairn
