#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "collections/backup.h"
#include "collections/document_writer.h"
#include "collections/json_reader.h"

namespace cairn {

namespace {

std::unexpected<Error> within(std::string_view what, Error error) {
    error.message = fmt::format("{}: {}", what, error.message);
    return std::unexpected(std::move(error));
}

// Reads a backup document by document; the first fault ends it.
class BackupReader {
  public:
    BackupReader(StoreTransaction& transaction, std::string_view text)
        : transaction_(transaction), reader_(text) {}

    Status run() {
        reader_.skip_space();
        if (reader_.rest().empty()) return fail(ErrorCode::invalid_argument, "EOF");
        JsonType type{};
        if (!reader_.peek(type)) return std::unexpected(reader_.error());
        if (type != JsonType::object) return fail(ErrorCode::invalid_argument, "expected JSON object");
        bool ok = reader_.read_object([&](std::string_view name) { return collection(std::string(name)); });
        if (!status_) return status_;
        // What follows the last complete document is not looked at.
        if (!ok && !began_) return std::unexpected(reader_.error());
        return {};
    }

  private:
    // These return false to end the reading, with the fault in status_ if it is not one of syntax.
    bool stop(Status status) {
        status_ = std::move(status);
        return false;
    }
    bool collection(const std::string& name) {
        int at = transaction_.catalog().collection_index(name);
        JsonType type{};
        if (!reader_.peek(type)) return false;
        if (type != JsonType::array) return stop(fail(ErrorCode::invalid_argument, "expected JSON array"));
        if (at < 0) {
            return stop(fail(ErrorCode::not_found,
                             fmt::format("failed to get collection: key not found. Name: {}", name)));
        }
        began_ = true;
        return reader_.read_array([&] { return document(at); });
    }
    bool document(int collection_at) {
        JsonType type{};
        if (!reader_.peek(type)) return false;
        std::string_view begin = reader_.rest();
        if (!reader_.skip_value()) return false;
        std::string_view json = begin.substr(0, begin.size() - reader_.rest().size());
        if (type != JsonType::object && type != JsonType::null) {
            return stop(
                fail(ErrorCode::invalid_argument,
                     fmt::format("failed to decode JSON: json: cannot unmarshal {} into Go value of type "
                                 "map[string]interface {{}}",
                                 go_name(type))));
        }
        Status created = create(collection_at, type == JsonType::null ? "{}" : json);
        return created ? true : stop(std::move(created));
    }
    static std::string_view go_name(JsonType type) {
        bool boolean = type == JsonType::truth || type == JsonType::falsehood;
        return boolean ? "bool" : json_type_name(type);
    }
    // A key that names the document itself is set once it exists.
    Status create(int at, std::string_view json) {
        const Collection& type = transaction_.catalog().collection(at);
        auto document = read_backup_document(type, json);
        if (!document) return within("failed to create a new doc from map", document.error());
        std::vector<FieldInput> inputs, to_itself;
        for (FieldInput& input : document->inputs) {
            const Field& field = type.fields[static_cast<std::size_t>(input.field)];
            const auto* key = input.value.get_if<std::string>();
            bool own =
                field.relation_object >= 0 && key != nullptr && !key->empty() && *key == document->new_id;
            (own ? to_itself : inputs).push_back(std::move(input));
        }
        WriteContext write{transaction_};
        auto id = create_document(write, at, std::move(inputs));
        if (!id) return within("failed to save a new doc to collection", id.error());
        if (to_itself.empty()) return {};
        for (FieldInput& input : to_itself) input.value = Value(id->text());
        Status updated = update_document(write, at, *id, to_itself);
        return updated ? Status() : within("failed to update doc to collection", updated.error());
    }

    StoreTransaction& transaction_;
    JsonReader reader_;
    Status status_;
    bool began_ = false;
};

}  // namespace

Status import_documents(StoreTransaction& transaction, std::string_view text) {
    if (!is_valid_utf8(text)) return fail(ErrorCode::invalid_argument, "the backup is not valid UTF-8");
    return BackupReader(transaction, text).run();
}

Result<std::string> read_backup_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        std::string reason = std::strerror(errno);
        if (!reason.empty()) reason[0] = static_cast<char>(reason[0] | 0x20);
        return fail(ErrorCode::not_found,
                    fmt::format("failed to open file: open {0}: {1}. Filepath: {0}", file.string(), reason));
    }
    std::ostringstream text;
    if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (in.bad() || !text) return fail(ErrorCode::io, fmt::format("cannot read {}", file.string()));
    return std::move(text).str();
}

}  // namespace cairn
