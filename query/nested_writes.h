// Writes documents from mutation inputs together with what is nested in them: documents to create or update,
// and links (query/README.md "Relations in mutations"). Belongs to one mutation field and one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cairn/error.h"
#include "collections/document_writer.h"
#include "query/input_values.h"
#include "query/variables.h"

namespace cairn::query {

class NestedWriter {
  public:
    // most_documents: how many documents may be written or linked below the outermost ones, 0 for any number.
    NestedWriter(WriteContext& write, const VariableValues& variables, std::size_t most_documents)
        : write_(write), variables_(variables), most_documents_(most_documents) {}

    // Creates the document of an input object and everything nested in it, in whatever order the keys ask
    // for. path: where the object stands, "input". Errors: those of create_document; errors of nested
    // documents begin with their path, "input.books[2].author: …".
    Result<DocId> create(int collection, const AstValue* object, std::string_view path,
                         const EncryptionRequest& encryption = {});

    // Updates an active document likewise. A list replaces what was related; {_add, _remove} changes it.
    // Errors: not_found, and as above.
    Status update(int collection, const DocId& id, const AstValue* object, std::string_view path);
    // The same, but false when the collection has no active document of that id.
    Result<bool> update_if_active(int collection, const DocId& id, const AstValue* object,
                                  std::string_view path);

  private:
    // The side of a relation that a nested document must not write: it is nested through it.
    struct Through {
        int field = -1;  // of the nested document's collection; -1 when nothing is set
        std::optional<DocId> value;
    };
    using Ids = std::unordered_set<DocId, DocIdHash>;

    Result<DocumentInput> read(int collection, const AstValue* object, const Through& through) const;
    Result<DocId> create_at(int collection, const AstValue* object, const Through& through,
                            const EncryptionRequest& encryption);
    Status update_at(int collection, const DocId& id, const AstValue* object, const Through& through);
    Result<bool> update_document_of(int collection, const DocId& id, const AstValue* object,
                                    const Through& through, bool may_be_absent);
    Status write_references(const Collection& type, DocumentInput& input);
    Status write_relations(int collection, const DocId& id, const DocumentInput& input, bool created);
    Status write_relation(int collection, const DocId& id, const RelationInput& relation, bool created);
    Status write_single(const Field& field, const DocId& id, const AstValue& value, bool created);
    // What `one` gives for each item of a list, each once; an item alone is a list of one.
    template <typename One>
    Result<Ids> each_item(const AstValue& list, const One& one);
    Result<Ids> write_items(const Field& field, const DocId& id, const AstValue& list);
    Result<Ids> read_items(const Field& field, const AstValue& list);
    Result<DocId> write_item(const Field& field, const DocId& id, const AstValue& item);
    Result<DocId> write_object(const Field& field, const Through& through, const AstValue& item);
    Result<DocId> existing(int collection, const AstValue& id) const;
    template <typename Unwanted>
    Status detach(const Field& field, const DocId& id, const Unwanted& unwanted);
    // The key field in the other collection of a relation whose key is there.
    int key_of_partner(const Field& field) const {
        return type_of(field.target).field(field.partner).id_field;
    }
    Status count_document();
    const Collection& type_of(int collection) const;

    // Puts the present path in front of an error's message.
    std::unexpected<Error> at_path(Error error) const;
    class Step;

    WriteContext& write_;
    const VariableValues& variables_;
    const std::size_t most_documents_;
    std::size_t documents_ = 0;
    std::string path_;
    std::size_t depth_ = 0;  // of nesting; errors of the outermost document carry no path
};

}  // namespace cairn::query
