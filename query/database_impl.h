// What a Database holds. Internal to the files that implement the public face.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "cairn/database.h"
#include "collections/store.h"
#include "query/request.h"
#include "query/subscriptions.h"

namespace cairn {

class Database::Impl {
  public:
    explicit Impl(Options given) : options(std::move(given)) {
        if (!options.clock) options.clock = [] { return std::chrono::steady_clock::now(); };
    }
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
    query::PlanCache plans{1024, options.limits};
    std::shared_ptr<query::SubscriptionHub> subscriptions;

  private:
    Outcome run_within_limits(const query::PreparedRequest& prepared, const Request& request,
                              StoreTransaction& transaction, bool own_transaction);
    std::mutex schema_mutex_;
    std::shared_ptr<const query::TypeSystem> schema_;
};

class Transaction::Impl {
  public:
    Impl(std::shared_ptr<Database::Impl> database_impl, std::unique_ptr<StoreTransaction> store_transaction)
        : database(std::move(database_impl)), transaction(std::move(store_transaction)) {}
    std::shared_ptr<Database::Impl> database;
    std::unique_ptr<StoreTransaction> transaction;
};

inline constexpr std::string_view kClosed = "the store is closed";
inline constexpr std::string_view kReadOnlyTransaction =
    "error writing block: No sets or deletes are allowed in a read-only transaction";

// The transaction behind the public one. Errors: invalid_argument when it is over.
template <typename ImplPointer>
Result<StoreTransaction*> open_transaction(const ImplPointer& impl) {
    if (!impl) return fail(ErrorCode::invalid_argument, "the transaction is over");
    return impl->transaction.get();
}

// Runs a body that writes in an open transaction and undoes its writes when it fails. Errors: the body's;
// invalid_argument (over), unsupported (read-only).
template <typename ImplPointer, typename Body>
auto write_in(const ImplPointer& impl, Body body) -> decltype(body(*impl->transaction)) {
    CAIRN_ASSIGN(StoreTransaction * transaction, open_transaction(impl));
    if (transaction->read_only()) return fail(ErrorCode::unsupported, std::string(kReadOnlyTransaction));
    transaction->set_savepoint();
    auto result = body(*transaction);
    result ? transaction->drop_savepoint() : transaction->rollback_to_savepoint();
    return result;
}

// The active collection of a name. Errors: not_found.
Result<int> find_collection(const Catalog& catalog, std::string_view name);

}  // namespace cairn
