#include "query/subscriptions.h"

#include <algorithm>

#include "query/selection_groups.h"
#include "query/time_travel.h"

namespace cairn::query {
namespace {

constexpr std::size_t kMaxReplays = 1024;  // kept at once in a round

}  // namespace

bool Listener::bind(const std::shared_ptr<const TypeSystem>& schema, std::vector<std::string>& errors) {
    std::lock_guard lock(mutex_);
    if (request_ && request_->schema == schema) return true;
    request_.reset();
    PrepareResult prepared = prepare_request(schema, text_, operation_name_);
    errors = std::move(prepared.errors);
    if (!prepared.request) return false;
    if (prepared.request->operation->type != AstOperation::Type::subscription) {
        errors.emplace_back("the operation is not a subscription");
        return false;
    }
    variables_ = {};
    arena_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
    auto variables = VariableValues::coerce(*prepared.request->operation, *schema, variables_json_, *arena_);
    if (!variables) {
        errors.push_back(variables.error().message);
        return false;
    }
    variables_ = std::move(*variables);
    if (prepared.request->is_conditional) {
        auto resolved = resolve_conditions(*prepared.request, variables_);
        if (!resolved) {
            errors.push_back(resolved.error().message);
            return false;
        }
        prepared.request = std::move(*resolved);
    }
    request_ = std::move(prepared.request);
    return true;
}

void Listener::send(const StoreTransaction& transaction, const std::vector<DocumentVersion>& document,
                    const QueryModes& modes) {
    std::lock_guard lock(mutex_);
    if (!callback_) return;
    std::vector<std::string> notices;
    ExecutionContext context{.transaction = transaction,
                             .variables = variables_,
                             .modes = modes,
                             .notices = &notices,
                             .versions = &document};
    const RootField& field = request_->fields.front();
    std::string data = "{" + key_prefix(field.key);
    auto any = execute_select_of_versions(context, *field.select, data);
    if (any && !*any) return;
    data += '}';
    std::string answer = any ? data_answer(data, notices) : error_answer({any.error().message});
    Callback callback = callback_;  // it may stop this listener
    callback(answer);
}

void Listener::stop() {
    std::lock_guard lock(mutex_);
    callback_ = nullptr;
}

void SubscriptionHub::add(std::shared_ptr<Listener> listener) {
    std::lock_guard delivery(delivery_mutex_);
    bool first = count_.fetch_add(1) == 0;
    // A commit that saw no listener has moved the position before it looked.
    listener->first_position = store_.position();
    if (first) next_ = listener->first_position;
    std::lock_guard lock(list_mutex_);
    listeners_.push_back(std::move(listener));
    table_.reset();
    ++list_changes_;
}

void SubscriptionHub::remove(const std::shared_ptr<Listener>& listener) {
    listener->stop();
    std::lock_guard lock(list_mutex_);
    count_ -= std::erase(listeners_, listener);
    table_.reset();
    ++list_changes_;
}

std::shared_ptr<const SubscriptionHub::Table> SubscriptionHub::table_for(
    const StoreTransaction& transaction) {
    auto schema = schema_(transaction.catalog_pointer());
    if (!schema) return nullptr;
    std::vector<std::shared_ptr<Listener>> listeners;
    std::uint64_t changes = 0;
    {
        std::lock_guard lock(list_mutex_);
        if (table_ && table_->schema == *schema) return table_;
        listeners = listeners_;
        changes = list_changes_;
    }
    // Without the lock: a listener that is being called may remove itself meanwhile.
    auto table = std::make_shared<Table>();
    table->schema = *schema;
    table->by_collection.resize(transaction.catalog().collections().size());
    std::vector<std::string> ignored;  // a request that no longer fits the schema hears nothing
    for (const auto& listener : listeners) {
        if (!listener->bind(*schema, ignored)) continue;
        table->by_collection[static_cast<std::size_t>(listener->collection())].push_back(listener);
    }
    std::lock_guard lock(list_mutex_);
    if (changes == list_changes_) table_ = table;
    return table;
}

void SubscriptionHub::deliver(std::uint64_t end) {
    if (count_.load() == 0) return;
    std::lock_guard delivery(delivery_mutex_);
    if (next_ >= end) return;
    auto transaction = store_.begin_read();
    Round round{*transaction, table_for(*transaction), {}};
    // An event that cannot be read is left out: the commit that it belongs to stands, and fsck tells.
    for (; next_ < end; ++next_) {
        if (round.table) static_cast<void>(handle_event(round, next_));
    }
}

Status SubscriptionHub::handle_event(Round& round, std::uint64_t position) {
    CAIRN_ASSIGN(std::string event, store_.event(position));
    CAIRN_ASSIGN(std::vector<dag::EventBlock> blocks, dag::read_event(event));
    auto composite = std::find_if(blocks.begin(), blocks.end(), [](const dag::EventBlock& block) {
        return block.role == dag::EventBlockRole::composite;
    });
    if (composite == blocks.end()) return {};
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(composite->bytes)));
    const Catalog& catalog = round.transaction.catalog();
    int at = catalog.collection_index_by_version_id(block.schema_version_id);
    if (at < 0 || block.status != dag::kStatusActive) return {};
    const auto& listeners = round.table->by_collection[static_cast<std::size_t>(at)];
    auto id = DocId::from_text(block.doc_id);
    if (listeners.empty() || !id) return {};
    dag::Digest commit = dag::sha256(dag::as_bytes(composite->bytes));
    CAIRN_ASSIGN(DocumentVersion version,
                 version_of(round, catalog.collection(at), *id, commit, block, event));
    if (version.deleted) return {};
    std::vector<DocumentVersion> document;
    document.push_back(std::move(version));
    for (const auto& listener : listeners) {
        if (position >= listener->first_position) listener->send(round.transaction, document, modes_);
    }
    return {};
}

// The row as it lies there when the commit is the document's only head, else what the commit and its
// ancestors make.
Result<DocumentVersion> SubscriptionHub::version_of(Round& round, const Collection& collection,
                                                    const DocId& id, const dag::Digest& commit,
                                                    const dag::BlockView& block, std::string_view event) {
    CAIRN_ASSIGN(DocumentState present, load_document(round.transaction.view(), id));
    if (present.composite_heads.size() == 1 && present.composite_heads[0].digest == commit) {
        return DocumentVersion{id, present.deleted, std::move(present.stored_row), {commit}};
    }
    auto replay = round.replays.find(id);
    bool continues = replay != round.replays.end() &&
                     crdt::head_digests(replay->second.state().composite_heads) == block.heads;
    if (continues) {
        CAIRN_TRY(replay->second.apply(commit, event));
    } else {
        if (round.replays.size() >= kMaxReplays) round.replays.clear();
        round.replays.erase(id);
        replay = round.replays.try_emplace(id, round.transaction, collection, id).first;
        CAIRN_TRY(replay->second.apply_history(std::span(&commit, 1)));
    }
    return document_version(replay->second.state());
}

}  // namespace cairn::query
