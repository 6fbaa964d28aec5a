// CairnDB's library face: an embedded, event-sourced document store with GraphQL. Includes only the standard
// library.
//
// Threads: a Database may be used by any number of threads at once; writers are put in order inside. A
// Transaction belongs to one thread at a time. Every call returns a Result or JSON text; nothing is printed
// and nothing aborts on bad input.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"

namespace cairn {

// What a successful write promises.
enum class Durability {
    full,  // survives a power cut: the write-ahead log is synced before the answer; concurrent writers share
           // a sync
    process,  // survives the end of the process (kill -9), not a power cut
    memory,   // nothing is promised until close(); fastest
};

// What one request may be and may cost. What goes beyond is refused, or ended and rolled back, with an error
// that names the limit; 0 is no limit of that kind. Texts are limited to 8 MiB, 2,000,000 tokens and a
// nesting of 200 whatever stands here (dag/limits.h).
struct RequestLimits {
    std::size_t tokens = 2'000'000;                   // of the text
    std::size_t nesting = 200;                        // of selections and of values in the text
    std::size_t selection_depth = 100;                // fields within fields, fragments in place
    std::size_t aliases = 10'000;                     // of one operation, fragments in place
    std::size_t root_fields = 10'000;                 // of one operation
    std::size_t list_items = 1'000'000;               // of one list, in the text or in variables
    std::size_t nested_documents = 5'000;             // that one mutation field writes by nesting, or links
    std::size_t cascade_documents = 100'000;          // that one mutation field deletes by delete rules
    std::uint64_t rows = 1'000'000'000;               // rows, index entries and commits that are looked at
    std::size_t result_bytes = std::size_t{1} << 30;  // of an answer
    std::chrono::milliseconds time{600'000};          // of the execution
};

// Habits that this engine has only on request: two of the reference, to compare answers (spec/query.md 19, Q1
// and Q14), and one that the reference cannot have.
struct QueryModes {
    // An order counts by its first key alone, unless an index gives the whole order.
    bool first_order_key_only = false;
    // _min and _max over documents are those of the documents after the last null.
    bool extremes_after_last_null = false;
    // Introspection lists what the reference does not have (connections and other extensions of the
    // language) even if the schema uses none of it. Requests may use it in any case.
    bool introspect_extensions = false;
};

struct Options {
    Durability durability = Durability::full;
    bool create_if_missing = true;
    bool read_only = false;
    // Keeps everything in memory, under the path's name but without touching the file system; gone with the
    // database. Durability is `memory` then.
    bool in_memory = false;
    std::size_t block_cache_bytes = std::size_t{128} << 20;
    // Fills the span with random bytes (counter nonces, encryption keys). Default: OpenSSL's generator.
    std::function<void(std::span<std::uint8_t>)> random;
    RequestLimits limits;
    QueryModes modes;
    // What limits.time is measured with. Default: the system's steady clock.
    std::function<std::chrono::steady_clock::time_point()> clock;
    // Receives one line per notable event (recovery, rebuild, read-only after a failed sync). Default: none.
    std::function<void(std::string_view line)> log;
};

// One GraphQL request. Views must stay valid during the call only.
struct Request {
    std::string_view query;
    std::string_view variables_json;  // a JSON object, or empty
    std::string_view operation_name;  // empty: the only operation
    // Ends the execution, with an error, soon after a stop is asked for.
    std::stop_token stop = {};
};

// One block as it travels between stores.
struct Block {
    std::string bytes;
};

struct BlockBatch {
    std::vector<Block> blocks;        // parents before children
    std::uint64_t next_position = 0;  // give this to the next call
    bool more = false;                // the limit was reached before the end of the log
};

struct MergeReport {
    std::uint64_t blocks_received = 0;
    std::uint64_t blocks_applied = 0;   // written to the log by this call
    std::uint64_t commits_applied = 0;  // composites and collection blocks among them
    // CIDs (text) of ancestors or linked blocks that are neither here nor among the given blocks. What
    // depends on them was not applied; ask the sender for them and merge again together with the held-back
    // blocks (they are not kept).
    std::vector<std::string> missing;
};

struct CheckReport {
    std::uint64_t events = 0, blocks = 0, documents = 0, index_entries = 0;
    std::vector<std::string> problems;  // one line each; empty when the store is sound
};

struct RebuildReport {
    std::uint64_t events = 0, documents = 0;
    double seconds = 0;
    std::vector<std::string> differences;  // verify mode: keys that differ from the live projections
};

// Called now and then with (done, total) during long work; return false to stop (the call then returns an
// error).
using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

struct StoreStats {
    std::uint64_t events = 0;     // position of the log
    std::uint64_t documents = 0;  // rows, deleted ones not counted
    std::uint64_t log_bytes = 0;  // on disk, after compression
    std::uint64_t projection_bytes = 0;
    std::uint64_t block_bytes = 0;  // uncompressed bytes of all blocks in the log
};

// Which collection versions to describe: the first selector given counts, in this order (spec/schema.md
// section 9). Versions of another id are left out when a version id stands beside a name.
struct CollectionSelector {
    std::optional<std::string> name, version_id, collection_id;
    bool include_inactive = false;
};

// Which schemas to describe: version id, else root, else name, else all.
struct SchemaSelector {
    std::optional<std::string> version_id, root, name;
};

struct IndexField {
    std::string name;
    bool descending = false;
};

struct IndexRequest {
    std::string name;  // empty: generated
    std::vector<IndexField> fields;
    bool unique = false;
};

// What of a new document is encrypted.
struct DocumentEncryption {
    bool whole_document = false;
    std::vector<std::string> fields;
};

struct BackupOptions {
    std::filesystem::path file;
    bool pretty = false;
    std::vector<std::string> collections;  // empty: all
};

class Transaction;

// A live subscription; destroying it stops the calls: once that is done none is running and none will come.
// May be destroyed on any thread, within its own call too, and after the Database.
class Subscription {
  public:
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

    class Impl;

  private:
    friend class Database;
    explicit Subscription(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Database {
  public:
    // Opens or creates the store in a folder. Errors: io ("store is already open: <path>", a read-only
    // folder, ...), corruption, unsupported (a newer format), not_found (create_if_missing is false).
    static Result<Database> open(const std::filesystem::path& path, Options options = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();  // closes

    // Flushes and closes; later calls fail. Errors: io.
    Status close();

    // Runs a request in its own transaction. Returns `{"data":…}` or `{"errors":[{"message":…}],"data":null}`
    // (spec/query.md 3.5), without a final newline; has_errors, when given, tells whether there are errors. A
    // value that JSON cannot express (an infinite counter) is null and has an error, while the other data
    // stand and the request takes effect.
    std::string execute(const Request& request, bool* has_errors = nullptr);

    // Whether a request only reads documents given by id, one in the text or as many as 4 KiB of variables
    // hold: then it takes little time and waits for nobody. Not every such request is seen to be one; false
    // for a request that is not valid.
    bool reads_one_document(const Request& request) const;

    // Whether a request asks for a subscription rather than for an answer; false for a text that does not
    // parse.
    static bool is_subscription(const Request& request);
    // Runs a subscription operation (spec/query.md 15): each later commit that creates or updates a document
    // that the first root field selects, here or by merge, gives one result as JSON text `{"data":…}`, with
    // the document as of that commit; of the field's arguments only filter counts. An evaluation that fails
    // gives
    // `{"errors":[…],"data":null}`. Results come in commit order, after the commit, on a thread that commits;
    // on_result must not block or call back into the Database. Errors: invalid_argument; the message is the
    // whole JSON answer.
    Result<Subscription> subscribe(const Request& request,
                                   std::function<void(std::string_view json)> on_result);

    // Snapshot isolation; the first to commit wins (spec/query.md 3.6).
    Result<Transaction> begin(bool read_only = false);
    // Runs the body in a transaction of its own and commits it when the body succeeds. Writers are put in
    // order before it begins, so it never conflicts; the body must not call this Database. Errors: the
    // body's, io.
    Status write(const std::function<Status(Transaction&)>& body);
    // Runs the body on the state of one moment; writes in it fail.
    Status read(const std::function<Status(Transaction&)>& body) const;

    // What a request's chosen operation is; `query` also for a text that cannot be parsed.
    enum class OperationKind : std::uint8_t { query, mutation, subscription };
    static OperationKind operation_kind(const Request& request);
    // What is wrong with a text that is no JSON value, in the words of Go's decoder; empty when it is one.
    static std::string json_problem(std::string_view json);

    // ---- schema ----
    // Adds the types of an SDL text; all or nothing. Returns a JSON array of the new collection versions
    // (spec/schema.md section 8).
    Result<std::string> add_schema(std::string_view sdl);
    // Applies a JSON Patch to the active schemas (spec/schema.md section 10).
    Result<std::string> patch_schema(std::string_view patch_json, bool set_default = true);
    // JSON arrays: active collection versions (all versions when include_inactive), and schemas.
    std::string describe_collections(bool include_inactive = false) const;
    std::string describe_schemas() const;
    // Names of the active collections, in order of creation.
    std::vector<std::string> collection_names() const;

    // ---- documents by id ----
    // Creates one document from JSON text by the collection call's rules (lenient reader,
    // spec/blocks.md 2.2). Returns its docID.
    Result<std::string> create_document(std::string_view collection, std::string_view json);
    // Document ids of a collection in order, at most limit after the given id ("" for the start).
    Result<std::vector<std::string>> document_ids(std::string_view collection, std::string_view after = {},
                                                  std::size_t limit = 1000) const;
    // Name of the collection that holds a document (also a deleted one). Errors: not_found with the id.
    Result<std::string> collection_of(std::string_view doc_id) const;

    // ---- exchange ----
    // Number of events in the log.
    std::uint64_t position() const;
    // Blocks of the events from position on, at most about max_bytes of them (one event at least).
    Result<BlockBatch> blocks_since(std::uint64_t position,
                                    std::size_t max_bytes = std::size_t{8} << 20) const;
    // Blocks by CID text; those that are not here are left out.
    Result<std::vector<Block>> blocks(std::span<const std::string> cids) const;
    // Applies blocks of other stores, in any order, each once (spec/blocks.md section 10.2). Parents first is
    // fastest. Errors: corruption (a block that is not canonical, cyclic links), limit_exceeded; nothing is
    // written then.
    Result<MergeReport> merge(std::span<const Block> blocks);

    // ---- looking into the DAG ----
    // JSON of one block: {"cid","kind","bytes","block":{…decoded…}}. Errors: invalid_argument, not_found.
    Result<std::string> show_block(std::string_view cid) const;
    // JSON {"docID","heads":[…],"commits":[…]} of a document's composites, newest first; all field commits
    // too when fields is true.
    Result<std::string> document_log(std::string_view doc_id, bool fields, std::size_t limit) const;
    // The DAG of one document in DOT (Graphviz).
    Result<std::string> document_graph(std::string_view doc_id) const;
    // Verifies one document's DAG, or the DAG below one CID: hashes, canonical form, links, heads, heights,
    // signatures.
    Result<CheckReport> verify(std::string_view cid_or_doc_id) const;

    // ---- whole store ----
    // Checks log, blocks, heads, rows and every index against each other.
    Result<CheckReport> check(const Progress& progress = {}) const;
    // Drops all projections and makes them again from the log. verify_only: makes them beside the live ones
    // and compares.
    Result<RebuildReport> rebuild(bool verify_only, const Progress& progress = {});
    Result<StoreStats> stats() const;
    // Writes memory to disk and compacts everything.
    Status compact();

    class Impl;

  private:
    explicit Database(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

// Every call sees what earlier calls of the transaction did, and leaves nothing behind when it fails. Names
// of collections that are not active give not_found, ids that are none invalid_argument.
class Transaction {
  public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;
    ~Transaction();  // discards what was not committed

    std::string execute(const Request& request, bool* has_errors = nullptr);

    // ---- schema ----
    // As the calls of Database.
    Result<std::string> add_schema(std::string_view sdl);
    Result<std::string> patch_schema(std::string_view patch_json, bool set_default = true);
    // Applies a JSON Patch to the collection versions (spec/schema.md section 11).
    Status patch_collections(std::string_view patch_json);
    // Makes one version the active one of its collection (section 12). Errors: not_found ("key not found").
    Status set_default_schema(std::string_view version_id);
    // JSON arrays of definitions {"version":…,"schema":…}, and of schemas. Errors: not_found for an unknown
    // version id.
    Result<std::string> describe_definitions(const CollectionSelector& selector) const;
    Result<std::string> describe_schemas(const SchemaSelector& selector) const;

    // ---- documents, by the collection calls' rules (spec/http-and-cli.md section 6) ----
    Result<std::string> create_document(std::string_view collection, std::string_view json);
    // One document or an array of them, all or nothing. Returns their ids in order.
    Result<std::vector<std::string>> create_documents(std::string_view collection, std::string_view json,
                                                      const DocumentEncryption& encryption = {});
    // {"_docID":…,<fields>}: the fields that have a value, keys in byte order.
    Result<std::string> get_document(std::string_view collection, std::string_view doc_id,
                                     bool show_deleted = false) const;
    // Merges a JSON object into the document.
    Status update_document(std::string_view collection, std::string_view doc_id, std::string_view json);
    Status delete_document(std::string_view collection, std::string_view doc_id);
    // A filter is JSON: an object in filter form, or a string that holds one in GraphQL syntax. Returns the
    // ids of the matching documents in order.
    Result<std::vector<std::string>> update_documents(std::string_view collection,
                                                      std::string_view filter_json,
                                                      std::string_view updater_json);
    Result<std::vector<std::string>> delete_documents(std::string_view collection,
                                                      std::string_view filter_json);
    // Ids in order, at most limit after the given one ("" for the start).
    Result<std::vector<std::string>> document_ids(std::string_view collection, std::string_view after,
                                                  std::size_t limit, bool include_deleted) const;

    // ---- secondary indexes (spec/schema.md section 15) ----
    // Creates an index with its entries; returns its JSON {"Name","ID","Fields","Unique"}.
    Result<std::string> create_index(std::string_view collection, const IndexRequest& request);
    Status drop_index(std::string_view collection, std::string_view name);
    // JSON array of one collection's indexes; JSON object of all collections that have any.
    Result<std::string> indexes(std::string_view collection) const;
    std::string all_indexes() const;

    // ---- backup (spec/schema.md section 17) ----
    Status export_backup(const BackupOptions& options) const;
    Status import_backup(const std::filesystem::path& file);

    // Errors: conflict ("transaction conflict. Please retry"), io. The transaction is over either way.
    Status commit();
    void discard();

    class Impl;

  private:
    friend class Database;
    explicit Transaction(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
