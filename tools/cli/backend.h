// What a command works on: the store of a folder, opened in this process, or a server. Commands are written
// against this interface once. One thread. Every call is one transaction, except with --tx over HTTP; errors
// are those of cairn::Transaction, with the server's text over HTTP, and io when the server cannot be
// reached.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/database.h"
#include "cli/store.h"

namespace cairn::cli {

// Receives one JSON text; returns false when no more are wanted.
using JsonSink = std::function<bool(std::string_view json)>;

class Backend {
  public:
    virtual ~Backend() = default;

    // ---- GraphQL ----
    // Gives the answer to the sink, or each answer of a subscription until it ends or Ctrl-C. Returns whether
    // any had errors.
    virtual Result<bool> execute(const Request& request, const JsonSink& on_answer) = 0;

    // ---- schema ----
    // JSON array of the new collection versions.
    virtual Result<std::string> add_schema(std::string_view sdl) = 0;
    // JSON array of the new collection versions; empty text where that is not told.
    virtual Result<std::string> patch_schema(std::string_view patch_json, bool set_active) = 0;
    virtual Status set_active_schema(std::string_view version_id) = 0;
    virtual Status patch_collections(std::string_view patch_json) = 0;
    // JSON arrays.
    virtual Result<std::string> describe_schemas(const SchemaSelector& selector) = 0;
    virtual Result<std::string> describe_definitions(const CollectionSelector& selector) = 0;

    // ---- documents ----
    virtual Status create_documents(const std::string& collection, std::string_view json,
                                    const DocumentEncryption& encryption) = 0;
    // All or none. Their ids: in the order of the documents, on a server in the order of the ids.
    virtual Result<std::vector<std::string>> create_named(const std::string& collection,
                                                          const std::vector<std::string>& documents) = 0;
    virtual Result<std::string> get_document(const std::string& collection, const std::string& doc_id,
                                             bool show_deleted) = 0;
    virtual Status update_document(const std::string& collection, const std::string& doc_id,
                                   std::string_view json) = 0;
    virtual Status delete_document(const std::string& collection, const std::string& doc_id) = 0;
    // The filter is JSON, as in cairn::Transaction. JSON {"Count":n,"DocIDs":[…]}.
    virtual Result<std::string> update_documents(const std::string& collection, std::string_view filter_json,
                                                 std::string_view updater_json) = 0;
    virtual Result<std::string> delete_documents(const std::string& collection,
                                                 std::string_view filter_json) = 0;
    // Gives {"docID":…,"error":…} for each document in order of ids, deleted ones too.
    virtual Status document_ids(const std::string& collection, const JsonSink& on_id) = 0;
    // Ids in order, at most limit after the given one ("" for the start).
    virtual Result<std::vector<std::string>> list_ids(const std::string& collection, const std::string& after,
                                                      std::size_t limit, bool include_deleted) = 0;
    // Name of the collection that holds a document. Errors: not_found with the id.
    virtual Result<std::string> collection_of(const std::string& doc_id) = 0;

    // ---- indexes: JSON ----
    // Errors: not_found (`collection not found. CollectionName: X`).
    virtual Result<std::string> create_index(const std::string& collection, const IndexRequest& request) = 0;
    virtual Status drop_index(const std::string& collection, const std::string& name) = 0;
    virtual Result<std::string> indexes(const std::string& collection) = 0;
    virtual Result<std::string> all_indexes() = 0;

    // ---- the DAG: as cairn::Database; unsupported by a server that is no CairnDB ----
    virtual Result<std::string> document_log(const std::string& doc_id, bool fields, std::size_t limit) = 0;
    virtual Result<std::string> document_graph(const std::string& doc_id) = 0;
    virtual Result<std::string> show_block(const std::string& cid) = 0;
    virtual Result<CheckReport> verify(const std::string& cid_or_doc_id) = 0;

    // ---- the whole store ----
    // As cairn::Database, the label names the progress that is shown; a server tells none.
    virtual Result<CheckReport> check(const std::string& label) = 0;
    virtual Result<RebuildReport> rebuild(bool verify_only, const std::string& label) = 0;
    virtual Result<StoreStats> stats() = 0;
    virtual Result<StoreStats> compact() = 0;
    // Files are on the server's file system.
    virtual Status export_backup(const BackupOptions& options) = 0;
    virtual Status import_backup(const std::string& file) = 0;
    // Deletes everything.
    virtual Status purge() = 0;
    // Writes what is in the store to the log.
    virtual Status dump() = 0;

    // Must be called when all went well: what was written is only then known to be kept. Errors: io.
    virtual Status close() = 0;
};

// A server has transactions too that last from one command to the next.
class ServerBackend : public Backend {
  public:
    // JSON {"id":n}.
    virtual Result<std::string> begin_transaction(bool read_only, bool concurrent) = 0;
    virtual Status commit_transaction(const std::string& id) = 0;
    virtual Status discard_transaction(const std::string& id) = 0;
};

// The server of --url when that is given, else the store. Errors: as open_store; invalid_argument (url, or
// --tx without a server).
Result<std::unique_ptr<Backend>> open_backend(const StoreOptions& options, Access access);

// The two kinds, for commands that work on one of them only. open_remote asks the server nothing yet. Errors:
// as above; unsupported without --url.
Result<std::unique_ptr<Backend>> open_embedded(const StoreOptions& options, Access access);
Result<std::unique_ptr<ServerBackend>> open_remote(const StoreOptions& options);

// {"Count":n,"DocIDs":[…]} and {"docID":…,"error":""}.
std::string change_json(const std::vector<std::string>& ids);
std::string doc_id_json(std::string_view id);

// The error that names a collection which is not there.
Error unknown_collection(std::string_view name);

}  // namespace cairn::cli
