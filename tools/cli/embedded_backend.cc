// Commands on a store that this process opens.
#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "cli/backend.h"
#include "cli/output.h"

namespace cairn::cli {

namespace {

class EmbeddedBackend final : public Backend {
  public:
    EmbeddedBackend(Database database, std::filesystem::path folder)
        : database_(std::move(database)), folder_(std::move(folder)) {}

    Result<bool> execute(const Request& request, const JsonSink& on_answer) override {
        bool has_errors = false;
        const std::string answer = database_.execute(request, &has_errors);
        on_answer(answer);
        return has_errors;
    }

    Result<std::string> add_schema(std::string_view sdl) override { return database_.add_schema(sdl); }
    Result<std::string> patch_schema(std::string_view patch_json, bool set_active) override {
        return database_.patch_schema(patch_json, set_active);
    }
    Status set_active_schema(std::string_view version_id) override {
        return database_.write([&](Transaction& t) { return t.set_default_schema(version_id); });
    }
    Status patch_collections(std::string_view patch_json) override {
        return database_.write([&](Transaction& t) { return t.patch_collections(patch_json); });
    }
    Result<std::string> describe_schemas(const SchemaSelector& selector) override {
        return read([&](Transaction& t) { return t.describe_schemas(selector); });
    }
    Result<std::string> describe_definitions(const CollectionSelector& selector) override {
        return read([&](Transaction& t) { return t.describe_definitions(selector); });
    }

    Status create_documents(const std::string& collection, std::string_view json,
                            const DocumentEncryption& encryption) override {
        return database_.write([&](Transaction& t) -> Status {
            CAIRN_TRY(t.create_documents(collection, json, encryption));
            return {};
        });
    }
    Result<std::vector<std::string>> create_named(const std::string& collection,
                                                  const std::vector<std::string>& documents) override {
        std::vector<std::string> ids;
        CAIRN_TRY(database_.write([&](Transaction& t) -> Status {
            for (const auto& document : documents) {
                CAIRN_ASSIGN(std::string id, t.create_document(collection, document));
                ids.push_back(std::move(id));
            }
            return {};
        }));
        return ids;
    }
    Result<std::string> get_document(const std::string& collection, const std::string& doc_id,
                                     bool show_deleted) override {
        return read([&](Transaction& t) { return t.get_document(collection, doc_id, show_deleted); });
    }
    Status update_document(const std::string& collection, const std::string& doc_id,
                           std::string_view json) override {
        return database_.write([&](Transaction& t) { return t.update_document(collection, doc_id, json); });
    }
    Status delete_document(const std::string& collection, const std::string& doc_id) override {
        return database_.write([&](Transaction& t) { return t.delete_document(collection, doc_id); });
    }
    Result<std::string> update_documents(const std::string& collection, std::string_view filter_json,
                                         std::string_view updater_json) override {
        return change(
            [&](Transaction& t) { return t.update_documents(collection, filter_json, updater_json); });
    }
    Result<std::string> delete_documents(const std::string& collection,
                                         std::string_view filter_json) override {
        return change([&](Transaction& t) { return t.delete_documents(collection, filter_json); });
    }
    Status document_ids(const std::string& collection, const JsonSink& on_id) override;
    Result<std::vector<std::string>> list_ids(const std::string& collection, const std::string& after,
                                              std::size_t limit, bool include_deleted) override {
        std::vector<std::string> ids;
        CAIRN_TRY(database_.read([&](Transaction& t) -> Status {
            CAIRN_ASSIGN(ids, t.document_ids(collection, after, limit, include_deleted));
            return {};
        }));
        return ids;
    }
    Result<std::string> collection_of(const std::string& doc_id) override {
        return database_.collection_of(doc_id);
    }

    Result<std::string> create_index(const std::string& collection, const IndexRequest& request) override {
        std::string index;
        CAIRN_TRY(database_.write([&](Transaction& t) -> Status {
            CAIRN_TRY(find(t, collection));
            CAIRN_ASSIGN(index, t.create_index(collection, request));
            return {};
        }));
        return index;
    }
    Status drop_index(const std::string& collection, const std::string& name) override {
        return database_.write([&](Transaction& t) -> Status {
            CAIRN_TRY(find(t, collection));
            return t.drop_index(collection, name);
        });
    }
    Result<std::string> indexes(const std::string& collection) override {
        return read([&](Transaction& t) { return find(t, collection); });
    }
    Result<std::string> all_indexes() override {
        return read([](Transaction& t) -> Result<std::string> { return t.all_indexes(); });
    }

    Result<std::string> document_log(const std::string& doc_id, bool fields, std::size_t limit) override {
        return database_.document_log(doc_id, fields, limit);
    }
    Result<std::string> document_graph(const std::string& doc_id) override {
        return database_.document_graph(doc_id);
    }
    Result<std::string> show_block(const std::string& cid) override { return database_.show_block(cid); }
    Result<CheckReport> verify(const std::string& cid_or_doc_id) override {
        return database_.verify(cid_or_doc_id);
    }
    Result<CheckReport> check(const std::string& label) override {
        return database_.check(make_progress(label));
    }
    Result<RebuildReport> rebuild(bool verify_only, const std::string& label) override {
        return database_.rebuild(verify_only, make_progress(label));
    }
    Result<StoreStats> stats() override { return database_.stats(); }
    Result<StoreStats> compact() override {
        CAIRN_TRY(database_.compact());
        return database_.stats();
    }

    Status export_backup(const BackupOptions& options) override {
        return database_.read([&](Transaction& t) { return t.export_backup(options); });
    }
    Status import_backup(const std::string& file) override {
        return database_.write([&](Transaction& t) { return t.import_backup(file); });
    }
    Status purge() override;
    Status dump() override;

    Status close() override { return database_.close(); }

  private:
    template <typename Body>
    Result<std::string> read(Body body) {
        std::string text;
        CAIRN_TRY(database_.read([&](Transaction& t) -> Status {
            CAIRN_ASSIGN(text, body(t));
            return {};
        }));
        return text;
    }

    template <typename Body>
    Result<std::string> change(Body body) {
        std::vector<std::string> ids;
        CAIRN_TRY(database_.write([&](Transaction& t) -> Status {
            CAIRN_ASSIGN(ids, body(t));
            return {};
        }));
        return change_json(ids);
    }

    // The indexes of a collection; an error that names it when there is none.
    static Result<std::string> find(Transaction& transaction, const std::string& collection) {
        auto indexes = transaction.indexes(collection);
        if (!indexes && indexes.error().code == ErrorCode::not_found)
            return std::unexpected(unknown_collection(collection));
        return indexes;
    }

    Database database_;
    std::filesystem::path folder_;
};

Status EmbeddedBackend::document_ids(const std::string& collection, const JsonSink& on_id) {
    constexpr std::size_t kPage = 1000;
    return database_.read([&](Transaction& transaction) -> Status {
        std::string last;
        while (true) {
            CAIRN_ASSIGN(const auto ids, transaction.document_ids(collection, last, kPage, true));
            for (const auto& id : ids) {
                if (!on_id(doc_id_json(id))) return {};
            }
            if (ids.size() < kPage) return {};
            last = ids.back();
        }
    });
}

// The store was opened for writing, so nobody else has it.
Status EmbeddedBackend::purge() {
    CAIRN_TRY(database_.close());
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    if (error)
        return fail(ErrorCode::io,
                    fmt::format("cannot delete the store {}: {}", folder_.string(), error.message()));
    return {};
}

Status EmbeddedBackend::dump() {
    CAIRN_ASSIGN(const StoreStats stats, database_.stats());
    print_note(fmt::format("dump: events={} documents={} block_bytes={} log_bytes={} projection_bytes={}",
                           stats.events, stats.documents, stats.block_bytes, stats.log_bytes,
                           stats.projection_bytes));
    return {};
}

}  // namespace

Result<std::unique_ptr<Backend>> open_embedded(const StoreOptions& options, Access access) {
    CAIRN_ASSIGN(auto folder, store_folder(options));
    CAIRN_ASSIGN(Database database, open_store(options, access));
    return std::make_unique<EmbeddedBackend>(std::move(database), std::move(folder));
}

}  // namespace cairn::cli
