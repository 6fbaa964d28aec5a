// What a Database holds. Internal to the files that implement the public face.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "cairn/database.h"
#include "collections/store.h"
#include "query/request.h"

namespace cairn {

class Database::Impl {
  public:
    static Result<std::shared_ptr<Impl>> open(const std::filesystem::path& path, Options options);

    // The type system of the present catalog. Errors: those of TypeSystem::build (the catalog in the store
    // was checked when it was made, so only a damaged one fails).
    Result<std::shared_ptr<const query::TypeSystem>> schema(const std::shared_ptr<const Catalog>& catalog);
    // What a request came to. A request may succeed and still have errors: notices about values that JSON
    // cannot express.
    struct Outcome {
        std::string answer;
        bool succeeded = false;
        bool has_errors = true;
    };
    // Runs a request inside a transaction that is already there.
    Outcome run(const Request& request, StoreTransaction& transaction);
    // Runs a request in its own transaction.
    Outcome execute(const Request& request);
    // Puts a new catalog in place; all or nothing.
    Status change_catalog(StoreTransaction& transaction, std::shared_ptr<const Catalog> catalog);

    std::unique_ptr<Store> store;
    std::filesystem::path path;
    Options options;
    query::PlanCache plans{1024};

  private:
    std::mutex schema_mutex_;
    std::shared_ptr<const query::TypeSystem> schema_;
};

}  // namespace cairn
