// Random mutations of a few fixed schemas, as GraphQL text. Equal seeds and equal lists of documents give
// equal texts.
//
// Values come from small sets, so that ties, equal documents made twice, and unique values taken twice are
// common. Increments of float counters are multiples of a quarter and small: their sums are exact, whatever
// the order.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::test {

enum class Shape : std::uint8_t {
    text,
    integer,
    float64,
    float32,
    boolean,
    date_time,
    blob,
    json,
    texts,
    integers,
    floats,
    booleans,
    counter,
    positive_counter,
    float_counter,
    float32_counter,
    link,
};

struct RandomField {
    std::string_view name;
    Shape shape;
    std::string_view target = {};  // link: the collection it points to
};
struct RandomCollection {
    std::string_view name;
    std::vector<RandomField> fields;
};
struct RandomSchema {
    std::string_view name, sdl;
    std::vector<RandomCollection> collections;
};
// Scalars with indexes, arrays and JSON, counters, relations of each form, unique indexes, branchable
// collections.
std::span<const RandomSchema> random_schemas();

class RandomHistory {
  public:
    // Ids of the active documents of a collection where the mutation will run.
    using Documents = std::function<std::vector<std::string>(std::string_view collection)>;

    explicit RandomHistory(std::uint64_t seed);

    const RandomSchema& schema() const { return *schema_; }
    // A create, update or delete.
    std::string mutation(const Documents& documents);
    // The request that shows all fields of all documents, deleted ones too.
    std::string all_rows() const;
    // A number below limit.
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::mt19937_64& generator() { return random_; }

  private:
    std::string input(const RandomCollection& collection, unsigned percent, const Documents& documents);
    std::string value(const RandomField& field, const Documents& documents);

    std::mt19937_64 random_;
    const RandomSchema* schema_;
};

// Whether a random mutation may be refused with this message: a unique value, link or document that is taken.
bool may_be_refused(std::string_view message);

}  // namespace cairn::test
