#include "collections/catalog.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "collections/junctions.h"
#include "collections/schema_kinds.h"

namespace cairn {

namespace {

constexpr std::uint32_t kMaxFieldNumber = 1u << 24;  // a larger one can only be damage

Error unresolved(const CollectionVersionDescription& version, std::string_view field,
                 std::string_view problem) {
    std::string message = "catalog: collection version ";
    message.append(version.version_id).append(", field ").append(field).append(": ").append(problem);
    return {ErrorCode::corruption, std::move(message)};
}

CrdtType effective_crdt(const SchemaField& field) {
    // A patch stores the `<f>_id` of a new relation without a type (spec/blocks.md section 5, step 2); it is
    // written like any other.
    if (field.crdt == 0 && field.name != "_docID") return CrdtType::lww;
    return static_cast<CrdtType>(field.crdt);
}

}  // namespace

int Collection::field_index(std::string_view field_name) const {
    auto it = by_name_.find(field_name);
    return it == by_name_.end() ? -1 : it->second;
}

const Field* Collection::find_by_short_id(std::uint32_t field_short_id) const {
    if (field_short_id >= by_short_id_.size()) return nullptr;
    int index = by_short_id_[field_short_id];
    return index < 0 ? nullptr : &fields[static_cast<std::size_t>(index)];
}

// Makes the resolved form of the active versions. First every collection by itself (fields and numbers),
// then, when all are known, what relations point to.
class CatalogResolver {
  public:
    explicit CatalogResolver(Catalog& catalog) : catalog_(catalog) {}

    Status run() {
        CAIRN_TRY(index_stored());
        CAIRN_TRY(choose_active());
        CAIRN_TRY(make_collections());
        for (std::size_t i = 0; i < active_.size(); ++i) CAIRN_TRY(resolve_targets(i));
        for (std::size_t i = 0; i < active_.size(); ++i) CAIRN_TRY(resolve_joins(i));
        for (Collection& collection : catalog_.collections_) resolve_partners(collection);
        for (std::size_t i = 0; i < active_.size(); ++i) CAIRN_TRY(resolve_links(i));
        collect_referrers();
        index_collections();
        return {};
    }

  private:
    using Version = CollectionVersionDescription;

    // Sorts what is stored and indexes the schemas by version id.
    Status index_stored() {
        auto by_version_id = [](const auto& a, const auto& b) { return a.version_id < b.version_id; };
        std::sort(catalog_.versions_.begin(), catalog_.versions_.end(), by_version_id);
        std::sort(catalog_.schemas_.begin(), catalog_.schemas_.end(), by_version_id);
        for (std::size_t i = 0; i < catalog_.schemas_.size(); ++i) {
            const std::string& id = catalog_.schemas_[i].version_id;
            if (!catalog_.schema_by_version_.emplace(id, static_cast<int>(i)).second) {
                return fail(ErrorCode::corruption, "catalog: two schemas have the version id " + id);
            }
        }
        for (std::size_t i = 1; i < catalog_.versions_.size(); ++i) {
            if (catalog_.versions_[i].version_id == catalog_.versions_[i - 1].version_id) {
                return fail(ErrorCode::corruption, "catalog: two collection versions have the id " +
                                                       catalog_.versions_[i].version_id);
            }
        }
        return {};
    }

    // The active versions by short id. At most one of each collection may be active.
    Status choose_active() {
        for (const Version& version : catalog_.versions_) {
            if (version.is_active) active_.push_back(&version);
        }
        std::sort(active_.begin(), active_.end(),
                  [](const Version* a, const Version* b) { return a->short_id < b->short_id; });
        for (std::size_t i = 0; i < active_.size(); ++i) {
            const Version& version = *active_[i];
            if (!catalog_.by_root_.emplace(version.collection_id, static_cast<int>(i)).second) {
                return fail(ErrorCode::corruption,
                            "catalog: two versions of collection " + version.collection_id + " are active");
            }
            if (!catalog_.by_name_.emplace(version.name, static_cast<int>(i)).second) {
                return fail(ErrorCode::corruption,
                            "catalog: two active collections are named " + version.name);
            }
            if (version.short_id == 0 ||
                !catalog_.by_short_id_.emplace(version.short_id, static_cast<int>(i)).second) {
                return fail(ErrorCode::corruption,
                            "catalog: collection " + version.name +
                                " has no number of its own: " + std::to_string(version.short_id));
            }
        }
        return {};
    }

    Status make_collections() {
        catalog_.collections_.resize(active_.size());
        for (std::size_t i = 0; i < active_.size(); ++i) {
            const Version& version = *active_[i];
            const SchemaDescription* schema = catalog_.schema(version.version_id);
            if (schema == nullptr) {
                return fail(ErrorCode::corruption,
                            "catalog: collection version " + version.version_id + " has no schema");
            }
            Collection& collection = catalog_.collections_[i];
            collection.name = version.name;
            collection.version_id = version.version_id;
            collection.root = version.collection_id;
            collection.short_id = version.short_id;
            collection.is_view = version.is_view;
            collection.is_branchable = version.is_branchable;
            catalog_.has_branchable_ = catalog_.has_branchable_ || version.is_branchable;
            collection.is_embedded_only = version.is_embedded_only;
            collection.indexes = version.indexes;
            CAIRN_TRY(make_fields(version, *schema, collection));
            CAIRN_TRY(number_fields(version, collection));
            link_id_fields(collection);
        }
        return {};
    }

    // One field per name: a declared `<f>_id` and the one generated beside it become one.
    static Status make_fields(const Version& version, const SchemaDescription& schema,
                              Collection& collection) {
        std::unordered_map<std::string_view, const SchemaField*> on_schema;
        for (const SchemaField& field : schema.fields) on_schema.emplace(field.name, &field);
        if (version.field_short_ids.size() != version.fields.size()) {
            return std::unexpected(
                unresolved(version, "_docID", "the list of field numbers has another length"));
        }
        collection.fields.reserve(version.fields.size());  // by_name_ views into it
        for (std::size_t i = 0; i < version.fields.size(); ++i) {
            const CollectionFieldDescription& described = version.fields[i];
            if (collection.by_name_.contains(described.name)) continue;
            auto found = on_schema.find(described.name);
            CAIRN_ASSIGN(Field field,
                         make_field(version, described, found == on_schema.end() ? nullptr : found->second));
            field.short_id = version.field_short_ids[i];
            collection.fields.push_back(std::move(field));
            collection.by_name_.emplace(collection.fields.back().name,
                                        static_cast<int>(collection.fields.size()) - 1);
        }
        if (collection.fields.empty() || collection.fields.front().name != "_docID") {
            return std::unexpected(unresolved(version, "_docID", "it must be the first field"));
        }
        return {};
    }

    static Result<Field> make_field(const Version& version, const CollectionFieldDescription& described,
                                    const SchemaField* on_schema) {
        Field field;
        field.name = described.name;
        field.default_value = described.default_value;
        field.size = described.size;
        field.on_delete = described.on_delete;
        field.relation_name = described.relation_name.value_or("");
        const ObjectKind* object = object_kind(described);
        if (object == nullptr && on_schema != nullptr) object = object_kind(*on_schema);
        if (object != nullptr) {
            field.is_relation = true;
            field.many = object->array;
            field.primary = on_schema != nullptr && object_kind(*on_schema) != nullptr;
            field.is_join = described.join.has_value();
            field.crdt = CrdtType::none;
            return field;
        }
        if (on_schema != nullptr) {
            field.kind = std::get<FieldKind>(on_schema->kind);
            field.crdt = effective_crdt(*on_schema);
            field.stored = described.name != "_docID";
        } else if (described.kind) {
            field.kind = std::get<FieldKind>(*described.kind);  // `<f>_id` of a secondary side
        }
        if (field.kind == FieldKind::none) {
            return std::unexpected(unresolved(version, described.name, "it has no kind"));
        }
        return field;
    }

    static Status number_fields(const Version& version, Collection& collection) {
        for (std::size_t i = 0; i < collection.fields.size(); ++i) {
            Field& field = collection.fields[i];
            if (field.short_id == 0)
                return std::unexpected(unresolved(version, field.name, "its number is 0"));
            field.slot = field.short_id - 1;
            if (field.stored) collection.slot_count = std::max(collection.slot_count, field.slot + 1);
            if (field.short_id >= collection.by_short_id_.size()) {
                if (field.short_id > kMaxFieldNumber) {
                    return std::unexpected(unresolved(
                        version, field.name, "its number is too large: " + std::to_string(field.short_id)));
                }
                collection.by_short_id_.resize(field.short_id + 1, -1);
            }
            int& place = collection.by_short_id_[field.short_id];
            if (place >= 0)
                return std::unexpected(unresolved(version, field.name, "its number is used twice"));
            place = static_cast<int>(i);
        }
        return {};
    }

    static void link_id_fields(Collection& collection) {
        for (std::size_t i = 0; i < collection.fields.size(); ++i) {
            Field& field = collection.fields[i];
            if (!field.is_relation || field.many || field.is_join) continue;
            field.id_field = collection.field_index(field.name + "_id");
            if (field.id_field < 0) continue;
            Field& id = collection.fields[static_cast<std::size_t>(field.id_field)];
            id.relation_object = static_cast<int>(i);
        }
    }

    Status resolve_targets(std::size_t index) {
        const Version& version = *active_[index];
        Collection& collection = catalog_.collections_[index];
        const SchemaDescription& schema = *catalog_.schema(version.version_id);
        std::unordered_map<std::string_view, const ObjectKind*> kinds;
        for (const CollectionFieldDescription& field : version.fields) {
            if (const ObjectKind* kind = object_kind(field)) kinds.emplace(field.name, kind);
        }
        for (const SchemaField& field : schema.fields) {
            if (const ObjectKind* kind = object_kind(field)) kinds.emplace(field.name, kind);
        }
        for (Field& field : collection.fields) {
            if (!field.is_relation) continue;
            std::string root = target_root(collection.root, *kinds.at(field.name));
            field.target = catalog_.collection_index_by_root(root);
            if (field.target < 0) {
                return std::unexpected(
                    unresolved(version, field.name, "no active collection with the root '" + root + "'"));
            }
            const Collection& target = catalog_.collection(field.target);
            if (field.is_join) {
                unnamed_.insert(&field);
            } else if (field.relation_name.empty()) {
                // Added by a patch, which gives relations no name (spec/schema.md section 10): one-sided, so
                // nothing is its partner.
                field.relation_name = generated_relation_name(collection.name, target.name);
                unnamed_.insert(&field);
            }
            if (field.id_field >= 0) {
                collection.fields[static_cast<std::size_t>(field.id_field)].relation_name =
                    field.relation_name;
            }
        }
        return {};
    }

    // The fields that joins compare. That they can be compared is a rule of the schema, kept by every change.
    Status resolve_joins(std::size_t index) {
        const Version& version = *active_[index];
        Collection& collection = catalog_.collections_[index];
        for (const CollectionFieldDescription& described : version.fields) {
            if (!described.join) continue;
            Field& field =
                collection.fields[static_cast<std::size_t>(collection.field_index(described.name))];
            if (!field.is_relation) {
                return std::unexpected(unresolved(version, field.name, "a join must be of an object kind"));
            }
            catalog_.has_joins_ = true;
            const Collection& target = catalog_.collection(field.target);
            field.join_on = collection.field_index(described.join->on);
            field.join_references = target.field_index(described.join->references);
            if (!has_value(collection, field.join_on)) {
                return std::unexpected(
                    unresolved(version, field.name, "no field to join on: " + described.join->on));
            }
            if (!has_value(target, field.join_references)) {
                return std::unexpected(
                    unresolved(version, field.name,
                               "no field to join with: " + target.name + "." + described.join->references));
            }
        }
        return {};
    }

    static bool has_value(const Collection& collection, int index) {
        return index == 0 || (index > 0 && collection.fields[static_cast<std::size_t>(index)].stored);
    }

    // The first other field of the target, in the order of its fields, that has the relation's name and is no
    // id (spec/schema.md section 5). One pass over the target per relation name is kept in partners_.
    void resolve_partners(Collection& collection) {
        for (Field& field : collection.fields) {
            if (!field.is_relation || is_unnamed(field)) continue;
            const Collection& target = catalog_.collection(field.target);
            for (int candidate : named_relations(field.target, field.relation_name)) {
                const Field& other = target.fields[static_cast<std::size_t>(candidate)];
                if (&other == &field) continue;
                field.partner = candidate;
                field.one_to_one = !field.many && !other.many;
                break;
            }
        }
    }

    // The pairs of lists that are each other's other side, and lists of a collection of itself without one.
    Status resolve_links(std::size_t index) {
        Collection& collection = catalog_.collections_[index];
        if (collection.is_view || collection.is_embedded_only) return {};
        for (std::size_t i = 0; i < collection.fields.size(); ++i) {
            Field& field = collection.fields[i];
            if (!field.is_relation || !field.many || is_unnamed(field)) continue;
            const Collection& target = catalog_.collection(field.target);
            if (target.is_embedded_only || target.is_view) continue;
            const Field* partner = field.partner < 0 ? nullptr : &target.field(field.partner);
            const bool links = partner == nullptr ? &target == &collection
                                                  : partner->many && partner->partner == static_cast<int>(i);
            if (!links) continue;
            const RelationSide here{collection.name, field.name};
            const RelationSide there{target.name, partner == nullptr ? field.name : partner->name};
            const JunctionNames names = junction_names(here, there);
            const int junction = catalog_.collection_index(names.collection);
            if (junction < 0) {
                return std::unexpected(
                    unresolved(*active_[index], field.name,
                               "no active collection " + names.collection + " holds its pairs"));
            }
            CAIRN_ASSIGN(field.link, link_through(junction, names, here <= there));
            field.link->symmetric = partner == nullptr;
            catalog_.has_links_ = true;
        }
        return {};
    }

    // here_is_a: the side that asks is the smaller one.
    Result<RelationLink> link_through(int at, const JunctionNames& names, bool here_is_a) {
        Collection& junction = catalog_.collections_[static_cast<std::size_t>(at)];
        RelationLink link;
        link.junction = at;
        auto key_of = [&](const std::string& name) {
            const Field* relation = junction.find(name);
            return relation != nullptr && relation->primary ? relation->id_field : -1;
        };
        const int a = key_of(names.key_a), b = key_of(names.key_b);
        link.near = here_is_a ? a : b;
        link.far = here_is_a ? b : a;
        link.relinked = junction.field_index(names.relinked);
        if (a < 0 || b < 0 || link.relinked < 0) {
            return fail(ErrorCode::corruption,
                        "catalog: collection " + junction.name + " lacks a field of the pairs that it holds");
        }
        junction.is_junction = true;
        junction.fields[static_cast<std::size_t>(a)].far_key = b;
        junction.fields[static_cast<std::size_t>(b)].far_key = a;
        return link;
    }

    // The first two relation fields of each name are enough to find a partner, the field itself being one of
    // them at most.
    const std::vector<int>& named_relations(int target, const std::string& relation_name) {
        if (relations_.empty()) relations_.resize(catalog_.collections_.size());
        std::optional<FieldsByRelation>& by_name = relations_[static_cast<std::size_t>(target)];
        if (!by_name) {
            by_name.emplace();
            const Collection& collection = catalog_.collection(target);
            for (std::size_t i = 0; i < collection.fields.size(); ++i) {
                const Field& field = collection.fields[i];
                if (!field.is_relation || is_unnamed(field)) continue;
                std::vector<int>& list = (*by_name)[field.relation_name];
                if (list.size() < 2) list.push_back(static_cast<int>(i));
            }
        }
        return (*by_name)[relation_name];
    }

    bool is_unnamed(const Field& field) const { return unnamed_.contains(&field); }

    void collect_referrers() {
        for (std::size_t c = 0; c < catalog_.collections_.size(); ++c) {
            const std::vector<Field>& fields = catalog_.collections_[c].fields;
            for (std::size_t f = 0; f < fields.size(); ++f) {
                if (!fields[f].is_relation) continue;
                if (fields[f].on_delete != DeleteRule::none) {
                    catalog_.has_delete_rules_ = true;
                    catalog_.collections_[static_cast<std::size_t>(fields[f].target)]
                        .delete_rules.emplace_back(c, f);
                }
                if (!fields[f].primary) continue;
                catalog_.collections_[static_cast<std::size_t>(fields[f].target)].referrers.emplace_back(c,
                                                                                                         f);
            }
        }
    }

    void index_collections() {
        for (const Version& version : catalog_.versions_) {
            auto active = catalog_.by_root_.find(version.collection_id);
            catalog_.by_version_.emplace(version.version_id,
                                         active == catalog_.by_root_.end() ? -1 : active->second);
        }
    }

    Catalog& catalog_;
    std::vector<const Version*> active_;        // by short id, like catalog_.collections_
    std::unordered_set<const Field*> unnamed_;  // relations without a partner: joins, those added by patches
    using FieldsByRelation = std::unordered_map<std::string_view, std::vector<int>>;
    std::vector<std::optional<FieldsByRelation>> relations_;  // by target
};

Result<std::shared_ptr<const Catalog>> Catalog::build(std::uint64_t version,
                                                      std::vector<CollectionVersionDescription> versions,
                                                      std::vector<SchemaDescription> schemas) {
    auto catalog = std::make_shared<Catalog>();
    catalog->version_ = version;
    catalog->versions_ = std::move(versions);
    catalog->schemas_ = std::move(schemas);
    CAIRN_TRY(CatalogResolver(*catalog).run());
    return catalog;
}

std::shared_ptr<const Catalog> Catalog::empty() {
    static const std::shared_ptr<const Catalog> catalog = std::make_shared<Catalog>();
    return catalog;
}

namespace {

template <typename Map, typename Key>
int find_index(const Map& map, const Key& key) {
    auto it = map.find(key);
    return it == map.end() ? -1 : it->second;
}

}  // namespace

int Catalog::collection_index(std::string_view name) const {
    return find_index(by_name_, name);
}
int Catalog::collection_index_by_short_id(std::uint32_t short_id) const {
    return find_index(by_short_id_, short_id);
}
int Catalog::collection_index_by_root(std::string_view root) const {
    return find_index(by_root_, root);
}
int Catalog::collection_index_by_version_id(std::string_view version_id) const {
    return find_index(by_version_, version_id);
}

const SchemaDescription* Catalog::schema(std::string_view version_id) const {
    int index = find_index(schema_by_version_, version_id);
    return index < 0 ? nullptr : &schemas_[static_cast<std::size_t>(index)];
}

std::uint32_t Catalog::next_collection_short_id() const {
    std::uint32_t highest = 0;
    for (const CollectionVersionDescription& version : versions_)
        highest = std::max(highest, version.short_id);
    return highest + 1;
}

}  // namespace cairn
