#include "collections/schema_sets.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <unordered_map>
#include <utility>

#include "collections/schema_builder.h"
#include "collections/schema_kinds.h"
#include "dag/cid.h"

namespace cairn {

namespace {

// The table of 4.3 with names replaced by indexes into the input; kMissing for a name that is not in the
// table.
class Grouping {
  public:
    explicit Grouping(const std::vector<NamedRelations>& schemas) : schemas_(schemas) {
        std::unordered_map<std::string_view, std::size_t> by_name;
        for (std::size_t i = 0; i < schemas.size(); ++i) by_name.emplace(schemas[i].schema, i);
        relations_.resize(schemas.size());
        in_table_.resize(schemas.size());
        for (std::size_t i = 0; i < schemas.size(); ++i) {
            if (by_name.at(schemas[i].schema) != i) continue;
            for (std::string_view target : schemas[i].targets) {
                auto it = by_name.find(target);
                relations_[i].push_back(it == by_name.end() ? kMissing : it->second);
            }
            in_table_[i] = !relations_[i].empty();
        }
    }

    std::vector<std::vector<std::size_t>> run() {
        prune();
        find_circles();
        number();
        return collect();
    }

  private:
    static constexpr std::size_t kMissing = static_cast<std::size_t>(-1);
    bool missing(std::size_t schema) const { return schema == kMissing || !in_table_[schema]; }

    // Step 1 by its net effect: a schema keeps only the relations after its last missing one. So it leaves
    // the table exactly when its last relation is missing, which may make it the missing last relation of
    // others.
    void prune() {
        std::vector<std::vector<std::size_t>> ends_with(
            schemas_.size());  // schemas whose last relation is the index
        std::vector<std::size_t> leaving;
        for (std::size_t i = 0; i < relations_.size(); ++i) {
            if (!in_table_[i]) continue;
            std::size_t last = relations_[i].back();
            if (missing(last)) {
                leaving.push_back(i);
            } else {
                ends_with[last].push_back(i);
            }
        }
        while (!leaving.empty()) {
            std::size_t schema = leaving.back();
            leaving.pop_back();
            in_table_[schema] = false;
            leaving.insert(leaving.end(), ends_with[schema].begin(), ends_with[schema].end());
        }
        for (std::size_t i = 0; i < relations_.size(); ++i) {
            if (!in_table_[i]) {
                relations_[i].clear();
                continue;
            }
            auto is_missing = [this](std::size_t target) { return missing(target); };
            auto last = std::find_if(relations_[i].rbegin(), relations_[i].rend(), is_missing);
            relations_[i].erase(relations_[i].begin(), last.base());
        }
    }

    // "x leads back to n" for a relation from n to x means that both lie in one strongly connected component.
    void find_circles() {
        boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(schemas_.size());
        for (std::size_t i = 0; i < relations_.size(); ++i) {
            for (std::size_t target : relations_[i]) boost::add_edge(i, target, graph);
        }
        component_.resize(schemas_.size());
        if (!schemas_.empty()) {
            boost::strong_components(graph, boost::make_iterator_property_map(
                                                component_.begin(), boost::get(boost::vertex_index, graph)));
        }
    }

    // Step 2. Number 0 means none.
    void number() {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < relations_.size(); ++i) {
            if (in_table_[i]) order.push_back(i);
        }
        std::sort(order.begin(), order.end(),
                  [this](std::size_t a, std::size_t b) { return schemas_[a].schema < schemas_[b].schema; });
        set_.resize(schemas_.size());
        done_.resize(schemas_.size());
        for (std::size_t schema : order) visit(schema);
    }

    // visit(n) of the specification with a stack of its own: chains of types may be long.
    void visit(std::size_t root) {
        std::vector<std::pair<std::size_t, std::size_t>> stack;  // schema, place in its relations
        auto enter = [&](std::size_t schema) {
            if (done_[schema]) return;
            done_[schema] = true;
            stack.emplace_back(schema, 0);
        };
        enter(root);
        while (!stack.empty()) {
            auto& [schema, place] = stack.back();
            if (place == relations_[schema].size()) {
                stack.pop_back();
                continue;
            }
            std::size_t target = relations_[schema][place++];
            set_[target] = number_for(schema, target);
            enter(target);
        }
    }

    std::size_t number_for(std::size_t schema, std::size_t target) {
        if (component_[schema] != component_[target]) return ++next_;
        if (set_[target] != 0) return set_[target];
        if (set_[schema] == 0) set_[schema] = ++next_;
        return set_[schema];
    }

    // Step 3.
    std::vector<std::vector<std::size_t>> collect() const {
        std::vector<std::vector<std::size_t>> sets;
        std::unordered_map<std::size_t, std::size_t> by_number;
        for (std::size_t i = 0; i < schemas_.size(); ++i) {
            if (set_[i] == 0) {
                sets.push_back({i});
                continue;
            }
            auto [it, added] = by_number.emplace(set_[i], sets.size());
            if (added) sets.emplace_back();
            sets[it->second].push_back(i);
        }
        return sets;
    }

    const std::vector<NamedRelations>& schemas_;
    std::vector<std::vector<std::size_t>> relations_;
    std::vector<bool> in_table_, done_;
    std::vector<std::size_t> component_, set_;
    std::size_t next_ = 0;
};

NamedRelations named_relations_of(const SchemaDescription& schema) {
    NamedRelations relations{schema.name, {}};
    for (const SchemaField& field : schema.fields) {
        const ObjectKind* kind = object_kind(field);
        if (kind != nullptr && kind->form == ObjectKind::Form::named) relations.targets.push_back(kind->text);
    }
    return relations;
}

std::string set_json(const std::vector<SchemaDescription*>& members) {
    if (members.size() == 1) return schema_hash_json(*members.front());
    std::string json = "[";
    for (const SchemaDescription* schema : members) {
        if (json.size() > 1) json += ',';
        json += schema_hash_json(*schema);
    }
    return json + "]";
}

}  // namespace

std::vector<std::vector<std::size_t>> group_schemas(const std::vector<NamedRelations>& schemas) {
    return Grouping(schemas).run();
}

std::vector<std::string> identify_schemas(std::span<SchemaDescription* const> schemas) {
    std::vector<NamedRelations> relations;
    relations.reserve(schemas.size());
    for (const SchemaDescription* schema : schemas) relations.push_back(named_relations_of(*schema));
    std::vector<std::string> hashed;
    for (const std::vector<std::size_t>& set : group_schemas(relations)) {
        std::vector<SchemaDescription*> members;
        for (std::size_t index : set) members.push_back(schemas[index]);
        std::stable_sort(
            members.begin(), members.end(),
            [](const SchemaDescription* a, const SchemaDescription* b) { return a->name < b->name; });
        std::string json = set_json(members);
        std::string base = dag::Cid::of(dag::Codec::raw, dag::as_bytes(json)).text();
        for (std::size_t i = 0; i < members.size(); ++i) {
            members[i]->version_id = members.size() == 1 ? base : base + "-" + std::to_string(i);
            if (members[i]->root.empty()) members[i]->root = members[i]->version_id;
        }
        hashed.push_back(std::move(json));
    }
    return hashed;
}

void resolve_named_kinds(std::span<SchemaDescription* const> schemas) {
    std::unordered_map<std::string_view, const SchemaDescription*> by_name;
    for (const SchemaDescription* schema : schemas) by_name.emplace(schema->name, schema);
    for (SchemaDescription* schema : schemas) {
        for (SchemaField& field : schema->fields) {
            auto* kind = std::get_if<ObjectKind>(&field.kind);
            if (kind == nullptr || kind->form != ObjectKind::Form::named) continue;
            auto target = by_name.find(kind->text);
            if (target == by_name.end()) continue;
            const std::string& root = target->second->root;
            if (root_base(root) == root_base(schema->root)) {
                *kind = {ObjectKind::Form::self, std::string(root_suffix(root)), kind->array};
            } else {
                *kind = {ObjectKind::Form::root, root, kind->array};
            }
        }
    }
}

}  // namespace cairn
