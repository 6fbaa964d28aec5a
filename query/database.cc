#include "cairn/database.h"

#include <openssl/rand.h>

#include <algorithm>

#include <fmt/format.h>

#include "collections/delete_rules.h"
#include "collections/document_writer.h"
#include "collections/rebuild.h"
#include "query/database_impl.h"
#include "query/operation_kind.h"
#include "query/variable_reader.h"

namespace cairn {
namespace {

void openssl_random(std::span<std::uint8_t> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        // Without randomness keys would be guessable: nothing sensible can go on.
        throw std::runtime_error("the system has no randomness");
    }
}

SyncMode sync_mode(Durability durability) {
    switch (durability) {
        case Durability::full:
            return SyncMode::full;
        case Durability::process:
            return SyncMode::process;
        case Durability::memory:
            return SyncMode::memory;
    }
    return SyncMode::full;
}

}  // namespace

Result<std::shared_ptr<Database::Impl>> Database::Impl::open(const std::filesystem::path& path,
                                                             Options options) {
    auto impl = std::make_shared<Impl>(std::move(options));
    StorageOptions storage;
    storage.sync = sync_mode(impl->options.durability);
    storage.create_if_missing = impl->options.create_if_missing;
    storage.read_only = impl->options.read_only;
    storage.in_memory = impl->options.in_memory;
    if (impl->options.in_memory) storage.sync = SyncMode::memory;
    storage.block_cache_bytes = impl->options.block_cache_bytes;
    storage.log = impl->options.log;
    RandomSource random =
        impl->options.random ? RandomSource(impl->options.random) : RandomSource(openssl_random);
    CAIRN_ASSIGN(impl->store, Store::open(path, storage, std::move(random)));
    CAIRN_TRY(resume_rebuild(*impl->store));
    impl->subscriptions = std::make_shared<query::SubscriptionHub>(
        *impl->store,
        [self = impl.get()](const std::shared_ptr<const Catalog>& catalog) { return self->schema(catalog); },
        impl->options.modes);
    impl->store->set_commit_observer(
        [hub = impl->subscriptions.get()](std::uint64_t end) { hub->deliver(end); });
    if (!impl->options.read_only) CAIRN_TRY(make_due_repairs(*impl->store));
    impl->path = path;
    return impl;
}

Result<std::shared_ptr<const query::TypeSystem>> Database::Impl::schema(
    const std::shared_ptr<const Catalog>& catalog) {
    std::lock_guard lock(schema_mutex_);
    if (schema_ && &schema_->catalog() == catalog.get()) return schema_;
    CAIRN_ASSIGN(schema_, query::TypeSystem::build(catalog, options.modes.introspect_extensions));
    return schema_;
}

namespace {

Database::Impl::Outcome failed(const std::vector<std::string>& messages) {
    return {.answer = query::error_answer(messages)};
}
Database::Impl::Outcome failed(const Error& error) {
    return failed({error.message});
}

// Variables that short name so few documents that they are read at once, as of one moment.
bool is_single_read(const query::PreparedRequest& prepared, const Request& request) {
    constexpr std::size_t kFewIds = 4 << 10;
    return prepared.single_read && request.variables_json.size() <= kFewIds;
}

}  // namespace

Database::Impl::Outcome Database::Impl::run_within_limits(const query::PreparedRequest& prepared,
                                                          const Request& request,
                                                          StoreTransaction& transaction,
                                                          bool own_transaction) {
    const RequestLimits& limits = options.limits;
    UncountedScope uncounted;
    WorkBudget budget(limits.rows, limits.time, limits.result_bytes, options.clock, request.stop);
    transaction.set_budget(&budget);
    std::vector<std::string> notices;
    query::RequestEffects effects;
    auto data = query::run_request(prepared, transaction, request.variables_json,
                                   {.modes = options.modes,
                                    .own_transaction = own_transaction,
                                    .notices = &notices,
                                    .effects = &effects});
    transaction.set_budget(nullptr);
    if (!data) return failed(data.error());
    return {.answer = query::data_answer(*data, notices, effects),
            .succeeded = true,
            .has_errors = !notices.empty()};
}

Database::Impl::Outcome Database::Impl::run(const Request& request, StoreTransaction& transaction) {
    auto types = schema(transaction.catalog_pointer());
    if (!types) return failed(types.error());
    query::PrepareResult prepared = plans.get(*types, request.query, request.operation_name);
    if (!prepared.request) return failed(prepared.errors);
    bool nested = prepared.request->is_mutation && !transaction.exclusive();
    if (nested && transaction.read_only()) return failed({std::string(kReadOnlyTransaction)});
    if (nested) transaction.set_savepoint();
    Outcome outcome = run_within_limits(*prepared.request, request, transaction, false);
    if (nested) outcome.succeeded ? transaction.drop_savepoint() : transaction.rollback_to_savepoint();
    return outcome;
}

Database::Impl::Outcome Database::Impl::execute(const Request& request) {
    auto types = schema(store->catalog());
    if (!types) return failed(types.error());
    query::PrepareResult prepared = plans.get(*types, request.query, request.operation_name);
    if (!prepared.request) return failed(prepared.errors);
    std::unique_ptr<StoreTransaction> transaction;
    if (prepared.request->is_mutation) {
        auto begun = store->begin_exclusive();
        if (!begun) return failed(begun.error());
        transaction = std::move(*begun);
    } else {
        transaction = store->begin_read(!is_single_read(*prepared.request, request));
    }
    Outcome outcome;
    if (&transaction->catalog() != &(*types)->catalog()) {  // the schema changed in between
        outcome = run(request, *transaction);
    } else {
        outcome = run_within_limits(*prepared.request, request, *transaction, true);
    }
    if (!outcome.succeeded) return outcome;
    if (prepared.request->is_mutation) {
        if (Status committed = transaction->commit(); !committed) return failed(committed.error());
    }
    return outcome;
}

Status Database::Impl::change_catalog(StoreTransaction& transaction, std::shared_ptr<const Catalog> catalog) {
    CAIRN_TRY(query::TypeSystem::build(catalog));  // names that the API cannot have refuse the change
    transaction.set_catalog(std::move(catalog));
    return {};
}

Database::Database(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path, Options options) {
    CAIRN_ASSIGN(std::shared_ptr<Impl> impl, Impl::open(path, std::move(options)));
    return Database(std::move(impl));
}

Status Database::close() {
    if (!impl_) return fail(ErrorCode::invalid_argument, std::string(kClosed));
    Status status = impl_->store->close();
    impl_.reset();
    return status;
}

std::string Database::execute(const Request& request, bool* has_errors) {
    Impl::Outcome outcome = impl_ ? impl_->execute(request) : failed({std::string(kClosed)});
    if (has_errors != nullptr) *has_errors = outcome.has_errors;
    return std::move(outcome.answer);
}

Result<std::string> Database::add_schema(std::string_view sdl) {
    std::string versions;
    CAIRN_TRY(write([&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(versions, transaction.add_schema(sdl));
        return {};
    }));
    return versions;
}

Result<std::string> Database::patch_schema(std::string_view patch_json, bool set_default) {
    std::string versions;
    CAIRN_TRY(write([&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(versions, transaction.patch_schema(patch_json, set_default));
        return {};
    }));
    return versions;
}

std::string Database::describe_collections(bool include_inactive) const {
    std::string json = "[";
    for (const CollectionVersionDescription& version : impl_->store->catalog()->versions()) {
        if (!version.is_active && !include_inactive) continue;
        if (json.size() > 1) json += ',';
        json += Catalog::version_json(version);
    }
    return json + "]";
}

std::string Database::describe_schemas() const {
    std::string json = "[";
    for (const SchemaDescription& schema : impl_->store->catalog()->schemas()) {
        if (json.size() > 1) json += ',';
        json += Catalog::schema_json(schema);
    }
    return json + "]";
}

std::vector<std::string> Database::collection_names() const {
    std::vector<std::string> names;
    for (const Collection& collection : impl_->store->catalog()->collections())
        names.push_back(collection.name);
    return names;
}

Result<int> find_collection(const Catalog& catalog, std::string_view name) {
    int at = catalog.collection_index(name);
    if (at < 0) return fail(ErrorCode::not_found, fmt::format("there is no collection named {}", name));
    return at;
}

namespace {

Result<std::string> create_from_json(StoreTransaction& transaction, std::string_view name,
                                     std::string_view json) {
    CAIRN_ASSIGN(int at, find_collection(transaction.catalog(), name));
    CAIRN_ASSIGN(std::vector<FieldInput> inputs,
                 read_json_inputs(transaction.catalog().collection(at), json));
    WriteContext write{transaction};
    CAIRN_ASSIGN(DocId id, create_document(write, at, std::move(inputs)));
    return id.text();
}

}  // namespace

Result<std::string> Database::create_document(std::string_view collection, std::string_view json) {
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, impl_->store->begin_exclusive());
    CAIRN_ASSIGN(std::string id, create_from_json(*transaction, collection, json));
    CAIRN_TRY(transaction->commit());
    return id;
}

Result<std::vector<std::string>> Database::document_ids(std::string_view collection, std::string_view after,
                                                        std::size_t limit) const {
    auto transaction = impl_->store->begin_read();
    CAIRN_ASSIGN(int at, find_collection(transaction->catalog(), collection));
    std::string prefix = row_prefix(transaction->catalog().collection(at).short_id, false);
    std::string start = prefix;
    if (!after.empty()) {
        auto id = DocId::from_text(after);
        if (!id) return fail(ErrorCode::invalid_argument, fmt::format("not a document id: {}", after));
        start.append(id->key()).push_back('\0');
    }
    std::vector<std::string> ids;
    auto cursor = transaction->view().iterate(Family::rows, prefix);
    for (cursor->it->Seek(slice(start)); cursor->it->Valid() && ids.size() < limit; cursor->it->Next()) {
        ids.push_back(DocId::from_key(view(cursor->it->key()).substr(4)).text());
    }
    return ids;
}

Result<std::string> Database::collection_of(std::string_view doc_id) const {
    auto transaction = impl_->store->begin_read();
    DocumentPlace place;
    if (auto id = DocId::from_text(doc_id)) {
        CAIRN_ASSIGN(place, locate_document(transaction->view(), *id));
    }
    if (place.state == DocumentPlace::State::absent)
        return fail(ErrorCode::not_found, fmt::format("no document has the id {}", doc_id));
    int at = transaction->catalog().collection_index_by_short_id(place.collection);
    if (at < 0) return fail(ErrorCode::not_found, fmt::format("the collection of {} is not active", doc_id));
    return transaction->catalog().collection(at).name;
}

// ---- transactions ----

Transaction::Transaction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

Result<Transaction> Database::begin(bool read_only) {
    if (!impl_) return fail(ErrorCode::invalid_argument, std::string(kClosed));
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> transaction, impl_->store->begin_snapshot(read_only));
    return Transaction(std::make_unique<Transaction::Impl>(impl_, std::move(transaction)));
}

std::string Transaction::execute(const Request& request, bool* has_errors) {
    Database::Impl::Outcome outcome =
        impl_ ? impl_->database->run(request, *impl_->transaction) : failed({"the transaction is over"});
    if (has_errors != nullptr) *has_errors = outcome.has_errors;
    return std::move(outcome.answer);
}

Status Database::write(const std::function<Status(Transaction&)>& body) {
    if (!impl_) return fail(ErrorCode::invalid_argument, std::string(kClosed));
    CAIRN_ASSIGN(std::unique_ptr<StoreTransaction> inner, impl_->store->begin_exclusive());
    Transaction transaction(std::make_unique<Transaction::Impl>(impl_, std::move(inner)));
    CAIRN_TRY(body(transaction));
    return transaction.commit();
}

Status Database::read(const std::function<Status(Transaction&)>& body) const {
    if (!impl_) return fail(ErrorCode::invalid_argument, std::string(kClosed));
    Transaction transaction(std::make_unique<Transaction::Impl>(impl_, impl_->store->begin_read()));
    return body(transaction);
}

bool Database::reads_one_document(const Request& request) const {
    if (!impl_) return false;
    auto types = impl_->schema(impl_->store->catalog());
    if (!types) return false;
    const query::PrepareResult prepared = impl_->plans.get(*types, request.query, request.operation_name);
    return prepared.request && is_single_read(*prepared.request, request);
}

Database::OperationKind Database::operation_kind(const Request& request) {
    return query::operation_kind(request.query, request.operation_name);
}

std::string Database::json_problem(std::string_view json) {
    return query::json_syntax_problem(json);
}

Status Transaction::commit() {
    if (!impl_) return fail(ErrorCode::invalid_argument, "the transaction is over");
    std::unique_ptr<Impl> over = std::move(impl_);
    if (over->transaction->read_only()) return {};
    return over->transaction->commit();
}

void Transaction::discard() {
    impl_.reset();
}

}  // namespace cairn
