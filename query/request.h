// Requests from text to answer: parse, validate, plan (cached by text), execute (spec/query.md section 3).
// PlanCache is used by any number of threads; a RequestRunner belongs to one.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cairn/database.h"
#include "cairn/error.h"
#include "query/introspection.h"
#include "query/mutations.h"
#include "query/select_plan.h"
#include "query/type_system.h"

namespace cairn::query {

// One root field of an operation, in document order.
struct RootField {
    enum class Kind : std::uint8_t {
        select,
        connection,
        mutation,
        commits,
        aggregate,
        type_name,
        introspection,
        none
    };
    Kind kind = Kind::select;
    std::string key;
    const AstSelection* selection = nullptr;
    std::unique_ptr<SelectPlan> select;
    std::unique_ptr<ConnectionPlan> connection;
    MutationPlan mutation;
    AggregateOp op = AggregateOp::count;  // aggregate
    CommitPlan commits;
    IntrospectionItem introspection;
};

// A request text, parsed, validated and bound for one catalog; immutable.
struct PreparedRequest {
    std::shared_ptr<const Document> document;
    std::shared_ptr<const TypeSystem> schema;
    const AstOperation* operation = nullptr;
    RequestLimits limits;
    // Variables decide which selections there are (@skip, @include): fields are planned at each execution.
    bool is_conditional = false;
    std::vector<RootField> fields;
    std::vector<std::size_t> key_order;  // positions in `fields`, by response key
    bool is_mutation = false;
    bool is_subscription = false;                    // then only the first root field is there
    std::unique_ptr<const AstSelection> subscribed;  // that field with the arguments that count
    std::vector<AstArgument> subscribed_arguments;
    bool writes_only = false;  // one mutation that reads nothing it writes: needs no index over its batch
    bool single_read = false;  // one select by one document id without relations: needs no snapshot
};

// Either a prepared request, or the messages to answer.
struct PrepareResult {
    std::shared_ptr<const PreparedRequest> request;
    std::vector<std::string> errors;
};

PrepareResult prepare_request(std::shared_ptr<const TypeSystem> schema, std::string_view text,
                              std::string_view operation_name, const RequestLimits& limits = {});
// A conditional request with the selections that the variables leave.
Result<std::shared_ptr<const PreparedRequest>> resolve_conditions(const PreparedRequest& request,
                                                                  const VariableValues& variables);

// Prepared requests by text and operation name, for the current type system; least recently used ones go
// first.
class PlanCache {
  public:
    PlanCache(std::size_t capacity, const RequestLimits& limits) : capacity_(capacity), limits_(limits) {}
    PrepareResult get(const std::shared_ptr<const TypeSystem>& schema, std::string_view text,
                      std::string_view operation_name);

  private:
    struct Entry {
        std::string key;
        std::shared_ptr<const PreparedRequest> request;
    };
    std::size_t capacity_;
    RequestLimits limits_;
    std::mutex mutex_;
    const TypeSystem* schema_ = nullptr;
    std::shared_ptr<const TypeSystem> schema_held_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

// How a request is run, and what it says beside its data. Pointers are not owned and may be null.
struct RunOptions {
    const dag::SigningKey* signer = nullptr;
    BlockEntropy* entropy = nullptr;
    QueryModes modes = {};
    // The transaction is the request's own and nothing was written in it: it may be made a lighter one.
    bool own_transaction = false;
    // Receives what the data could not express: messages for the answer that are no failures.
    std::vector<std::string>* notices = nullptr;
    RequestEffects* effects = nullptr;
};

// Executes a prepared request in a transaction and returns the value of "data". Errors are those of one
// request: the caller discards its own transaction then.
Result<std::string> run_request(const PreparedRequest& request, StoreTransaction& transaction,
                                std::string_view variables_json, const RunOptions& options);

// {"errors":[{"message":…}],"data":null}
std::string error_answer(const std::vector<std::string>& messages);
// {"data":…}, with "errors" before it when there are notices, and "extensions" behind it when there are
// effects.
std::string data_answer(std::string_view data, const std::vector<std::string>& notices,
                        const RequestEffects& effects = {});

}  // namespace cairn::query
