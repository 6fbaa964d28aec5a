// Live subscriptions of one database (spec/query.md 15): who listens to which collection, and what each
// committed event sends to them.
//
// U1  Events are handled in the order of the log, each once, after the commit that wrote it is durable.
// U2  After Listener::stop() has returned no call of the listener is running or will be made (but for the one
//     that stop() was called from).
// U3  Without listeners a commit costs one load.
//
// Any thread may call everything; deliver() calls listeners on its own thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cairn/error.h"
#include "collections/document_history.h"
#include "collections/store.h"
#include "query/request.h"
#include "query/select.h"

namespace cairn::query {

// One subscription: its request, bound to the present type system, and who wants to know.
class Listener {
  public:
    using Callback = std::function<void(std::string_view json)>;
    Listener(std::string_view text, std::string_view operation_name, std::string_view variables_json,
             Callback callback)
        : text_(text),
          operation_name_(operation_name),
          variables_json_(variables_json),
          callback_(std::move(callback)) {}

    // Prepares the request for a type system. False, with the messages, when it does not fit.
    bool bind(const std::shared_ptr<const TypeSystem>& schema, std::vector<std::string>& errors);
    // The collection it listens to, of the type system it was bound to last; -1 when it does not fit that
    // one.
    int collection() const { return request_ ? request_->fields.front().select->collection : -1; }
    // Sends the document when the request's filter takes it.
    void send(const StoreTransaction& transaction, const std::vector<DocumentVersion>& document,
              const QueryModes& modes);
    void stop();

    std::uint64_t first_position = 0;  // events before it are not for this listener

  private:
    std::string text_, operation_name_, variables_json_;
    std::recursive_mutex mutex_;  // a listener may be stopped from its own call
    Callback callback_;           // empty when stopped
    std::shared_ptr<const PreparedRequest> request_;
    std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_;  // of variables_
    VariableValues variables_;
};

class SubscriptionHub {
  public:
    using SchemaSource =
        std::function<Result<std::shared_ptr<const TypeSystem>>(const std::shared_ptr<const Catalog>&)>;
    // The store must outlive the hub.
    SubscriptionHub(const Store& store, SchemaSource schema, const QueryModes& modes = {})
        : store_(store), schema_(std::move(schema)), modes_(modes) {}

    void add(std::shared_ptr<Listener> listener);
    void remove(const std::shared_ptr<Listener>& listener);
    // Handles the events before position end that were not handled yet.
    void deliver(std::uint64_t end);

  private:
    // Listeners by collection, for one type system.
    struct Table {
        std::shared_ptr<const TypeSystem> schema;
        std::vector<std::vector<std::shared_ptr<Listener>>> by_collection;
    };
    // One round of deliver().
    struct Round {
        const StoreTransaction& transaction;
        std::shared_ptr<const Table> table;
        // Documents that were replayed, so that a run of commits of one document is not replayed from the
        // start each time.
        std::unordered_map<DocId, DocumentReplay, DocIdHash> replays;
    };
    std::shared_ptr<const Table> table_for(const StoreTransaction& transaction);
    Status handle_event(Round& round, std::uint64_t position);
    Result<DocumentVersion> version_of(Round& round, const Collection& collection, const DocId& id,
                                       const dag::Digest& commit, const dag::BlockView& block,
                                       std::string_view event);

    const Store& store_;
    SchemaSource schema_;
    const QueryModes modes_;
    std::atomic<std::size_t> count_{0};
    std::mutex delivery_mutex_;  // one round at a time; before list_mutex_
    std::uint64_t next_ = 0;     // position of the first event that is not handled
    std::mutex list_mutex_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::uint64_t list_changes_ = 0;
    std::shared_ptr<const Table> table_;  // null when listeners changed
};

}  // namespace cairn::query
