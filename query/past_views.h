// The argument asOf of root selects, root aggregates and commit queries: the store as it was at a position of
// its log (collections/as_of.h). Belongs to one request and one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collections/as_of.h"
#include "query/select_arguments.h"

namespace cairn::query {

inline constexpr std::string_view kAsOf = "asOf";

// The text of an asOf argument; nothing when it is absent or null.
std::optional<std::string> as_of_argument(const AstValue* value, const VariableValues& variables);

// The store at the positions that one request asks for. The last one is kept, since root fields mostly ask
// for the same.
class PastViews {
  public:
    // now must outlive it; its uncommitted changes are of no position.
    explicit PastViews(const StoreTransaction& now) : now_(now) {}

    // as_of: a log position in digits, or the CID of a block in the log: then as it was right after the event
    // that brought the block. The result stays until the next call. Errors: as open_as_of; invalid_argument
    // (neither a position nor a CID), not_found (no event of the log holds the block).
    Result<const StoreTransaction*> at(std::string_view as_of);

  private:
    Result<std::uint64_t> position_of(std::string_view as_of) const;

    const StoreTransaction& now_;
    std::uint64_t position_ = 0;
    std::unique_ptr<const StoreTransaction> past_;
};

// The context with the store as it was; it stays until asOf is asked for again. Errors: as PastViews::at.
Result<ExecutionContext> context_as_of(const ExecutionContext& now, std::string_view as_of);

}  // namespace cairn::query
