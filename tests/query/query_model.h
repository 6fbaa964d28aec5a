// A naive evaluator of the query language, written from spec/query.md 4 to 8 alone: every relation is found
// by looking at every document, every value is JSON. What the engine answers is compared with it
// (model_check_test.cc).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn::test {

using Json = nlohmann::json;

enum class ModelKind { integer, number, text, boolean, time, integers, texts };

struct ModelField {
    std::string name;
    ModelKind kind;
};

// key: on this type when primary, else on the target. pairs: the name of a many-to-many relation instead.
struct ModelRelation {
    std::string name, target, key;
    bool many = false, primary = false;
    std::string pairs = {};
};

struct ModelType {
    std::string name;
    std::vector<ModelField> fields;
    std::vector<ModelRelation> relations;

    const ModelRelation* relation(const std::string& name) const;
    const ModelField* field(const std::string& name) const;
};

struct ModelDocument {
    std::string id;
    Json values;  // fields and primary keys; what is missing is null
};

// One target of an aggregate: a relation, `_group`, an array field, or at the root a type.
struct ModelTarget {
    std::string name, field;  // field: "" for arrays and for _count
    Json filter;              // null: none
    Json order;               // null, a list of order objects, or a direction for arrays
    std::optional<int> limit, offset;
};

struct ModelAggregate {
    std::string operation;  // _count, _sum, _avg, _min, _max
    std::vector<ModelTarget> targets;
};

struct ModelSelect;

struct ModelItem {
    std::string alias, name;  // response name: alias, or name when there is none
    std::optional<ModelAggregate> aggregate;
    std::vector<ModelSelect> select;  // one for a relation or `_group`, none for a value
    const std::string& response() const { return alias.empty() ? name : alias; }
};

struct ModelSelect {
    std::string type;
    Json filter, order;  // null: not given
    std::optional<int> limit, offset;
    std::optional<std::vector<std::string>> doc_ids, group_by;
    std::vector<ModelItem> items;
    bool is_group = false;  // the members of a group: in its window a missing limit counts as 0 (7.4)
};

// The request text of a select's arguments, of a selection set, and of an aggregate with its arguments.
std::string render_arguments(const ModelSelect& select);
std::string render_items(const std::vector<ModelItem>& items);
std::string render_aggregate(const ModelAggregate& aggregate);

class Model {
  public:
    explicit Model(std::vector<ModelType> types) : types_(std::move(types)) {
        for (const ModelType& type : types_) documents_[type.name];
    }

    void add(const std::string& type, ModelDocument document);
    void remove(const std::string& type, const std::string& id);
    // Links two documents in a many-to-many relation, from either side.
    void link(const std::string& pairs, const std::string& one, const std::string& other);
    const std::vector<ModelDocument>& documents(const std::string& type) const { return documents_.at(type); }
    const std::vector<ModelType>& types() const { return types_; }
    const ModelType& type(const std::string& name) const;

    Json select(const ModelSelect& select) const;
    Json root_aggregate(const ModelAggregate& aggregate) const;

  private:
    using Document = const ModelDocument*;  // nullptr: a related document that is not there
    using Documents = std::vector<Document>;
    struct Row {  // what an answer, a filter and an order see: a document, or a group of them
        Document document = nullptr;
        Documents members;
    };

    Json select_from(const ModelSelect& select, const Documents& candidates) const;
    std::vector<Row> rows_of(const ModelSelect& select, const Documents& candidates) const;
    std::vector<Row> group(const ModelSelect& select, const Documents& members) const;
    Documents children_of_groups(const ModelSelect& select, const Documents& members) const;
    Documents ordered(const ModelType& type, const Json& filter, const Json& order,
                      const std::optional<std::vector<std::string>>& doc_ids, Documents documents) const;

    Document single(const ModelRelation& relation, Document document) const;
    Documents many(const ModelRelation& relation, Document document) const;
    Json value(const ModelType& type, Document document, const std::string& name) const;
    Json item_value(const ModelType& type, const ModelItem& item, const Row& row) const;
    Json aggregate(const ModelType& type, const ModelAggregate& aggregate, const Row& row) const;
    Json array_values(const ModelTarget& target, const Json& elements) const;
    Json document_values(const ModelType& type, const ModelTarget& target, const Row& row,
                         bool& is_float) const;

    bool matches(const ModelType& type, Document document, const Json& filter, const ModelSelect* select,
                 const Row* row) const;
    bool matches_alias(const ModelType& type, const Json& filter, const ModelSelect& select,
                       const Row& row) const;
    bool matches_relation(const ModelRelation& relation, Document document, const Json& filter) const;
    Json order_key(const ModelType& type, const Json& order, const ModelSelect* select, const Row& row,
                   bool& descending) const;
    void sort(const ModelType& type, const Json& order, const ModelSelect* select,
              std::vector<Row>& rows) const;

    std::vector<ModelType> types_;
    std::map<std::string, std::vector<ModelDocument>> documents_;                 // by id
    std::map<std::string, std::set<std::pair<std::string, std::string>>> pairs_;  // both ways round
};

}  // namespace cairn::test
