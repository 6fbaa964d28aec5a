#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include <fmt/format.h>

#include "collections/backup.h"
#include "collections/document_writer.h"

namespace cairn {

namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

// A document as it is stored, without null fields.
struct StoredDocument {
    int collection = -1;
    DocId id;
    std::vector<FieldInput> values;
};

// The identifiers that documents will have, computed from what they hold now, with the keys already replaced
// by the new ids of the documents they point to. A chain of references is followed to its end, by an explicit
// stack: it may be as long as the collection.
class NewIds {
  public:
    NewIds(const StoreTransaction& transaction, std::span<const int> collections)
        : transaction_(transaction), exported_(collections.begin(), collections.end()) {}

    // Replaces the keys of a document; then its own new id is returned.
    Result<DocId> resolve(StoredDocument& document);
    Result<StoredDocument> load(int collection, const DocId& id, std::string_view row) const;

  private:
    struct Reference {
        int collection = -1;
        DocId target;
    };
    bool is_exported(int collection) const {
        return std::find(exported_.begin(), exported_.end(), collection) != exported_.end();
    }
    const Collection& type_of(const StoredDocument& document) const {
        return transaction_.catalog().collection(document.collection);
    }
    // What a value refers to within the export, when it is a key of a relation.
    std::optional<Reference> reference(const StoredDocument& document, const FieldInput& value) const;
    std::optional<Reference> unresolved(const StoredDocument& document) const;
    Status resolve_target(const Reference& reference);
    DocId finish(StoredDocument& document) const;

    const StoreTransaction& transaction_;
    std::vector<int> exported_;
    // Nothing for a document that does not exist any more.
    std::unordered_map<DocId, std::optional<DocId>, DocIdHash> known_;
};

Result<StoredDocument> NewIds::load(int collection_at, const DocId& id, std::string_view row) const {
    const Collection& collection = transaction_.catalog().collection(collection_at);
    StoredDocument document{.collection = collection_at, .id = id, .values = {}};
    RowView cells(row);
    for (std::size_t i = 0; i < collection.fields.size(); ++i) {
        const Field& field = collection.fields[i];
        if (!field.stored || !cells.has(field.slot)) continue;
        CAIRN_ASSIGN(Value value, read_stored(cells.raw(field.slot), field.kind));
        document.values.push_back({static_cast<int>(i), std::move(value)});
    }
    return document;
}

std::optional<NewIds::Reference> NewIds::reference(const StoredDocument& document,
                                                   const FieldInput& value) const {
    const Collection& collection = type_of(document);
    const Field& key = collection.fields[static_cast<std::size_t>(value.field)];
    if (key.relation_object < 0 || value.value.get_if<std::string>() == nullptr) return std::nullopt;
    int target = collection.fields[static_cast<std::size_t>(key.relation_object)].target;
    auto id = DocId::from_text(value.value.as<std::string>());
    if (!id || !is_exported(target)) return std::nullopt;
    return Reference{target, *id};
}

std::optional<NewIds::Reference> NewIds::unresolved(const StoredDocument& document) const {
    for (const FieldInput& value : document.values) {
        auto found = reference(document, value);
        if (found && found->target != document.id && !known_.contains(found->target)) return found;
    }
    return std::nullopt;
}

// Puts the new ids of the targets into the keys. A reference to the document itself does not count for its id
// and is then set to it.
DocId NewIds::finish(StoredDocument& document) const {
    std::vector<FieldInput> counted;
    std::vector<std::size_t> to_itself;
    std::vector<FieldInput> kept;
    for (FieldInput& value : document.values) {
        auto found = reference(document, value);
        if (found && found->target == document.id) {
            to_itself.push_back(kept.size());
            kept.push_back(std::move(value));
            continue;
        }
        if (found) {
            const std::optional<DocId>& target = known_.at(found->target);
            if (!target) continue;
            value.value = Value(target->text());
        }
        counted.push_back(value);
        kept.push_back(std::move(value));
    }
    DocId id = compute_document_id(type_of(document), counted);
    for (std::size_t place : to_itself) kept[place].value = Value(id.text());
    document.values = std::move(kept);
    return id;
}

Status NewIds::resolve_target(const Reference& first) {
    std::vector<Reference> open = {first};
    std::unordered_map<DocId, StoredDocument, DocIdHash> documents;
    while (!open.empty()) {
        Reference here = open.back();
        auto document = documents.find(here.target);
        if (document == documents.end()) {
            rocksdb::PinnableSlice row;
            std::uint32_t number = transaction_.catalog().collection(here.collection).short_id;
            CAIRN_ASSIGN(bool found,
                         transaction_.view().get(Family::rows, row_key(number, false, here.target), row));
            if (!found) {
                known_[here.target] = std::nullopt;
                open.pop_back();
                continue;
            }
            // In a circle of references the id that is being computed counts as it is.
            known_[here.target] = here.target;
            CAIRN_ASSIGN(StoredDocument loaded, load(here.collection, here.target, view(row)));
            document = documents.emplace(here.target, std::move(loaded)).first;
        }
        if (auto next = unresolved(document->second)) {
            open.push_back(*next);
            continue;
        }
        known_[here.target] = finish(document->second);
        documents.erase(document);
        open.pop_back();
    }
    return {};
}

Result<DocId> NewIds::resolve(StoredDocument& document) {
    while (auto next = unresolved(document)) CAIRN_TRY(resolve_target(*next));
    DocId id = finish(document);
    return *known_.try_emplace(document.id, id).first->second;
}

// The same JSON indented by two spaces below a depth; empty lists and objects stay as they are.
void append_indented(std::string_view json, std::size_t depth, std::string& out) {
    bool in_string = false;
    auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (in_string) {
            out += c;
            if (c == '\\') out += json[++i];
            if (c == '"') in_string = false;
            continue;
        }
        if (c == '}' || c == ']') {
            bool empty = json[i - 1] == '{' || json[i - 1] == '[';
            --depth;
            if (!empty) new_line();
        }
        out += c;
        if (c == '"') in_string = true;
        if (c == ':') out += ' ';
        if (c == '{' || c == '[') {
            ++depth;
            if (json[i + 1] != '}' && json[i + 1] != ']') new_line();
        }
        if (c == ',') new_line();
    }
}

std::string document_json(const Collection& collection, const StoredDocument& document, const DocId& new_id) {
    const Value id(document.id.text()), renewed(new_id.text());
    std::vector<std::pair<std::string_view, const Value*>> members = {{"_docID", &id},
                                                                      {"_docIDNew", &renewed}};
    for (const FieldInput& value : document.values)
        members.emplace_back(collection.fields[static_cast<std::size_t>(value.field)].name, &value.value);
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string json = "{";
    for (const auto& [name, value] : members) {
        if (json.size() > 1) json += ',';
        append_json_string(name, json);
        json += ':';
        append_json(*value, json);
    }
    return json + "}";
}

// The file that becomes the backup when everything is in it.
class BackupFile {
  public:
    explicit BackupFile(const std::filesystem::path& file)
        : file_(file), temporary_(file.string() + ".temp"), out_(temporary_, std::ios::binary) {}

    Status check_open() const {
        if (out_) return {};
        return fail(ErrorCode::io,
                    fmt::format("failed to create file: open {0}: {1}. Filepath: {0}", temporary_, reason()));
    }
    void write(std::string_view text) {
        pending_ += text;
        if (pending_.size() >= kWriteBytes) flush();
    }
    Status finish() {
        flush();
        out_.close();
        if (!out_) return fail(ErrorCode::io, fmt::format("cannot write {}: {}", temporary_, reason()));
        std::error_code error;
        std::filesystem::rename(temporary_, file_, error);
        if (error)
            return fail(ErrorCode::io,
                        fmt::format("cannot name the backup {}: {}", file_.string(), error.message()));
        return {};
    }

  private:
    static std::string reason() {
        std::string text = std::strerror(errno);
        if (!text.empty()) text[0] = static_cast<char>(text[0] | 0x20);
        return text;
    }
    void flush() {
        out_.write(pending_.data(), static_cast<std::streamsize>(pending_.size()));
        pending_.clear();
    }
    std::filesystem::path file_;
    std::string temporary_, pending_;
    std::ofstream out_;
};

}  // namespace

Status export_documents(const StoreTransaction& transaction, std::span<const int> collections,
                        const std::filesystem::path& file, bool pretty) {
    if (file.empty() || std::filesystem::is_directory(file))
        return fail(ErrorCode::invalid_argument, fmt::format("not a file path: \"{}\"", file.string()));
    BackupFile out(file);
    CAIRN_TRY(out.check_open());
    NewIds ids(transaction, collections);
    std::string text = "{";
    for (std::size_t i = 0; i < collections.size(); ++i) {
        const Collection& collection = transaction.catalog().collection(collections[i]);
        text += i == 0 ? "" : ",";
        text += pretty ? "\n  " : "";
        append_json_string(collection.name, text);
        text += pretty ? ": [" : ":[";
        bool first = true;
        std::string prefix = row_prefix(collection.short_id, false);
        auto cursor = transaction.view().iterate(Family::rows, prefix, ScanKind::long_range);
        for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
            DocId id = DocId::from_key(view(cursor->it->key()).substr(4));
            CAIRN_ASSIGN(StoredDocument document, ids.load(collections[i], id, view(cursor->it->value())));
            CAIRN_ASSIGN(DocId new_id, ids.resolve(document));
            std::string json = document_json(collection, document, new_id);
            text += first ? "" : ",";
            first = false;
            text += pretty ? "\n    " : "";
            pretty ? append_indented(json, 2, text) : void(text += json);
            out.write(text);
            text.clear();
        }
        if (!cursor->it->status().ok())
            return rocksdb_error(cursor->it->status(), "cannot read the documents");
        text += pretty && !first ? "\n  ]" : "]";
    }
    text += pretty && !collections.empty() ? "\n}" : "}";
    out.write(text);
    return out.finish();
}

}  // namespace cairn
