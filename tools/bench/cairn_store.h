// CairnDB's side of the benchmarks: GraphQL text in, JSON text out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/data.h"
#include "bench/scratch.h"
#include "cairn/database.h"

namespace cairn::bench {

// Whether values travel as variables beside a constant text, or as literals inside the text.
enum class Values { variables, literals };

// A store in a scratch folder with the types Author and Book. Errors of the engine are thrown as
// std::runtime_error: a benchmark has nothing better to do than to stop the workload.
class CairnStore {
  public:
    explicit CairnStore(Durability durability = Durability::process);

    Database& database() { return *database_; }
    const ScratchFolder& folder() const { return folder_; }

    // Runs a request; throws when the answer has errors.
    std::string run(std::string_view request, std::string_view variables = {});

    void load_authors(const Data& data);
    // Books [first, first + count) in one mutation.
    void create_books(const Data& data, std::size_t first, std::size_t count,
                      Values values = Values::variables);
    void load_books(const Data& data);  // 100 a mutation
    std::string author_by_id(std::size_t author, Values values = Values::variables);
    void rename_author(std::size_t author, const std::string& name, Values values = Values::variables);

    const std::vector<std::string>& author_ids() const { return author_ids_; }

    // Closes and opens again.
    void reopen();
    void close();

  private:
    void open();

    ScratchFolder folder_;
    Durability durability_;
    std::optional<Database> database_;
    std::vector<std::string> author_ids_;  // by index
};

extern const std::string_view kBenchSchema;

// Value of a result, or an exception with its message.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace cairn::bench
