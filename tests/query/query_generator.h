// Random schemas' worth of documents and random queries for the model check (model_check_test.cc). The same
// seed gives the same data and queries.
#pragma once

#include <map>
#include <random>
#include <string>

#include "query_model.h"

namespace cairn::test {

// The schema that the generator asks about, as SDL and as the model sees it. indexed: with secondary indexes.
std::string model_sdl(bool indexed);
std::vector<ModelType> model_types();

class QueryGenerator {
  public:
    QueryGenerator(const Model& model, std::uint64_t seed) : model_(model), random_(seed) {}

    // The fields of a new document, keys of relations included, as the create mutation takes them. Targets
    // are taken from the model. Each gets a number in its text, so that no two documents are the same.
    Json document(const std::string& type);
    // A select at the root.
    ModelSelect select();
    ModelAggregate root_aggregate();

    // How often each operator of each kind, each direction of a join, and each part of the language was used.
    const std::map<std::string, std::uint64_t>& uses() const { return uses_; }

  private:
    bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
    int number(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
    template <typename List>
    const auto& any(const List& list) {
        return list[random_() % list.size()];
    }
    void use(const std::string& what) { ++uses_[what]; }

    Json scalar(ModelKind kind);
    Json operand_block(ModelKind kind);
    Json array_block(ModelKind kind);
    Json field_condition(const ModelType& type);
    Json filter(const ModelType& type, int depth);
    Json alias_condition(const ModelSelect& select);
    Json order(const ModelType& type, const ModelSelect* select);
    Json order_through(const ModelType& type, int depth);
    void window(std::optional<int>& limit, std::optional<int>& offset);
    std::vector<std::string> some_ids(const std::string& type);

    ModelSelect select_of(const std::string& type, int depth, bool grouping_allowed);
    void add_rows(ModelSelect& select, int depth);
    void add_groups(ModelSelect& select, int depth);
    ModelItem aggregate_item(const ModelType& type, bool grouped, std::size_t number);
    ModelTarget document_target(const std::string& name, const ModelType& type, const std::string& operation);
    ModelTarget array_target(const ModelField& field);

    const Model& model_;
    std::mt19937_64 random_;
    std::map<std::string, std::uint64_t> uses_;
    int made_ = 0;
};

}  // namespace cairn::test
