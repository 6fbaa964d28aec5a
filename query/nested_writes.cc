#include "query/nested_writes.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/document_state.h"
#include "collections/links.h"
#include "query/relation_input.h"

namespace cairn::query {

// Lengthens the path for the time of one member or element.
class NestedWriter::Step {
  public:
    Step(NestedWriter& writer, std::string_view member) : writer_(writer), length_(writer.path_.size()) {
        writer.path_.append(".").append(member);
        ++writer.depth_;
    }
    Step(NestedWriter& writer, std::size_t element) : writer_(writer), length_(writer.path_.size()) {
        fmt::format_to(std::back_inserter(writer.path_), "[{}]", element);
        ++writer.depth_;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() {
        writer_.path_.resize(length_);
        --writer_.depth_;
    }

  private:
    NestedWriter& writer_;
    std::size_t length_;
};

std::unexpected<Error> NestedWriter::at_path(Error error) const {
    // Errors from deeper down have their path already.
    if (depth_ > 0 && !error.message.starts_with(path_))
        error.message = fmt::format("{}: {}", path_, error.message);
    return std::unexpected(std::move(error));
}

const Collection& NestedWriter::type_of(int collection) const {
    return write_.transaction.catalog().collection(collection);
}

Status NestedWriter::count_document() {
    const ReadView& view = write_.transaction.view();
    if (!view.take()) return view.budget()->failure();
    if (depth_ == 0) return {};
    if (most_documents_ == 0 || ++documents_ <= most_documents_) return {};
    return at_path({ErrorCode::limit_exceeded,
                    fmt::format("too many documents are nested or linked. Limit: {}", most_documents_)});
}

Result<DocId> NestedWriter::create(int collection, const AstValue* object, std::string_view path,
                                   const EncryptionRequest& encryption) {
    path_ = path;
    depth_ = 0;
    return create_at(collection, object, {}, encryption);
}

Status NestedWriter::update(int collection, const DocId& id, const AstValue* object, std::string_view path) {
    path_ = path;
    depth_ = 0;
    return update_at(collection, id, object, {});
}

Result<bool> NestedWriter::update_if_active(int collection, const DocId& id, const AstValue* object,
                                            std::string_view path) {
    path_ = path;
    depth_ = 0;
    return update_document_of(collection, id, object, {}, true);
}

Result<DocumentInput> NestedWriter::read(int collection, const AstValue* object,
                                         const Through& through) const {
    const Collection& type = type_of(collection);
    auto input = read_document_input(type, object, variables_);
    if (!input) return at_path(input.error());
    if (through.field < 0) return input;
    const Field& given = type.field(through.field);
    const bool twice =
        std::any_of(input->relations.begin(), input->relations.end(),
                    [&](const RelationInput& relation) { return relation.field == through.field; }) ||
        std::any_of(input->values.begin(), input->values.end(),
                    [&](const FieldInput& value) { return value.field == given.id_field; });
    if (twice && !given.many) {
        return at_path(
            {ErrorCode::invalid_argument,
             fmt::format("{} is the document that this one is nested in and cannot be given", given.name)});
    }
    if (through.value && given.id_field >= 0)
        input->values.push_back({given.id_field, Value(through.value->text())});
    return input;
}

Result<DocId> NestedWriter::create_at(int collection, const AstValue* object, const Through& through,
                                      const EncryptionRequest& encryption) {
    CAIRN_TRY(count_document());
    CAIRN_ASSIGN(DocumentInput input, read(collection, object, through));
    CAIRN_TRY(write_references(type_of(collection), input));
    auto id = create_document(write_, collection, std::move(input.values), encryption);
    if (!id) return at_path(id.error());
    CAIRN_TRY(write_relations(collection, *id, input, true));
    return *id;
}

Status NestedWriter::update_at(int collection, const DocId& id, const AstValue* object,
                               const Through& through) {
    CAIRN_TRY(update_document_of(collection, id, object, through, false));
    return {};
}

Result<bool> NestedWriter::update_document_of(int collection, const DocId& id, const AstValue* object,
                                              const Through& through, bool may_be_absent) {
    CAIRN_TRY(count_document());
    CAIRN_ASSIGN(DocumentInput input, read(collection, object, through));
    CAIRN_TRY(write_references(type_of(collection), input));
    // An update of nothing is a commit all the same (spec/query.md 10.4), unless relations are all that is
    // asked for.
    if (!input.values.empty() || input.relations.empty()) {
        if (may_be_absent) {
            CAIRN_ASSIGN(bool updated, cairn::update_if_active(write_, collection, id, input.values));
            if (!updated) return false;
        } else if (Status updated = update_document(write_, collection, id, input.values); !updated) {
            return at_path(updated.error());
        }
    } else {
        rocksdb::PinnableSlice row;
        CAIRN_ASSIGN(bool found, write_.transaction.view().get(
                                     Family::rows, row_key(type_of(collection).short_id, false, id), row));
        if (!found && may_be_absent) return false;
        if (!found) {
            return at_path({ErrorCode::not_found,
                            fmt::format("no document for the given ID exists. DocID: {}", id.text())});
        }
        write_.transaction.depend_on(id.key());
    }
    CAIRN_TRY(write_relations(collection, id, input, false));
    return true;
}

// Documents whose ids this one's key fields need come first.
Status NestedWriter::write_references(const Collection& type, DocumentInput& input) {
    for (const RelationInput& relation : input.relations) {
        const Field& field = type.field(relation.field);
        if (!field.primary) continue;
        Step step(*this, field.name);
        const bool given =
            std::any_of(input.values.begin(), input.values.end(),
                        [&](const FieldInput& value) { return value.field == field.id_field; });
        if (given) {
            return at_path({ErrorCode::invalid_argument,
                            fmt::format("{} and {}_id cannot both be given", field.name, field.name)});
        }
        Through back{field.partner, std::nullopt};
        CAIRN_ASSIGN(DocId id, write_object(field, back, *relation.value));
        input.values.push_back({field.id_field, Value(id.text())});
    }
    return {};
}

Status NestedWriter::write_relations(int collection, const DocId& id, const DocumentInput& input,
                                     bool created) {
    for (const RelationInput& relation : input.relations) {
        const Field& field = type_of(collection).field(relation.field);
        if (field.primary) continue;
        Step step(*this, field.name);
        CAIRN_TRY(write_relation(collection, id, relation, created));
    }
    return {};
}

Status NestedWriter::write_relation(int collection, const DocId& id, const RelationInput& relation,
                                    bool created) {
    const Field& field = type_of(collection).field(relation.field);
    const AstValue& value = *relation.value;
    if (!field.many) return write_single(field, id, value, created);
    if (!is_list_change(value)) {
        CAIRN_ASSIGN(Ids kept, write_items(field, id, value));
        return created ? Status()
                       : detach(field, id, [&](const DocId& child) { return !kept.contains(child); });
    }
    for (const AstObjectField& member : value.fields) {
        const AstValue* list = variables_.resolve(member.value);
        if (list == nullptr) continue;
        Step step(*this, member.name);
        if (member.name == kAddMember) {
            CAIRN_TRY(write_items(field, id, *list));
            continue;
        }
        if (created)
            return at_path({ErrorCode::invalid_argument, "a new document is related to nothing yet"});
        CAIRN_ASSIGN(Ids unwanted, read_items(field, *list));
        CAIRN_TRY(detach(field, id, [&](const DocId& child) { return unwanted.contains(child); }));
    }
    return {};
}

Status NestedWriter::write_single(const Field& field, const DocId& id, const AstValue& value, bool created) {
    const AstValue* named = is_link_object(value) ? variables_.resolve(value.fields[0].value) : nullptr;
    const bool clears = is_link_object(value) && is_null(named);
    std::optional<DocId> kept;
    if (!clears && named != nullptr) {
        CAIRN_ASSIGN(kept, existing(field.target, *named));
    }
    // First, since only one may hold the key.
    if (!created) CAIRN_TRY(detach(field, id, [&](const DocId& child) { return child != kept; }));
    if (!clears) CAIRN_TRY(write_item(field, id, value));
    return {};
}

template <typename One>
Result<NestedWriter::Ids> NestedWriter::each_item(const AstValue& list, const One& one) {
    Ids ids;
    auto add = [&](const AstValue& item) -> Status {
        CAIRN_ASSIGN(DocId child, one(item));
        if (ids.insert(child).second) return {};
        return at_path(
            {ErrorCode::invalid_argument, fmt::format("{} stands in the list twice", child.text())});
    };
    if (list.kind == AstValue::Kind::null) return ids;
    if (list.kind != AstValue::Kind::list) {
        CAIRN_TRY(add(list));
        return ids;
    }
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        Step step(*this, i);
        const AstValue* item = variables_.resolve(list.items[i]);
        if (is_null(item)) return at_path({ErrorCode::invalid_argument, "Expected \"ID!\", found null."});
        CAIRN_TRY(add(*item));
    }
    return ids;
}

// Writes and relates the documents of a list.
Result<NestedWriter::Ids> NestedWriter::write_items(const Field& field, const DocId& id,
                                                    const AstValue& list) {
    return each_item(list, [&](const AstValue& item) { return write_item(field, id, item); });
}

// The documents that a list names.
Result<NestedWriter::Ids> NestedWriter::read_items(const Field& field, const AstValue& list) {
    return each_item(list, [&](const AstValue& item) -> Result<DocId> {
        CAIRN_TRY(count_document());
        const AstValue* named = &item;
        if (item.kind == AstValue::Kind::object)
            named = is_link_object(item) ? variables_.resolve(item.fields[0].value) : nullptr;
        if (!is_null(named)) return existing(field.target, *named);
        return at_path(
            {ErrorCode::invalid_argument, fmt::format("Expected type \"ID\", found {}.", print_value(item))});
    });
}

// One related document of a relation whose key is elsewhere: linked, updated or created.
Result<DocId> NestedWriter::write_item(const Field& field, const DocId& id, const AstValue& item) {
    Through back;
    if (!field.link) back = {field.partner, id};
    const AstValue* named = item.kind == AstValue::Kind::object ? nullptr : &item;
    if (is_link_object(item)) named = variables_.resolve(item.fields[0].value);
    DocId child;
    if (named == nullptr) {
        CAIRN_ASSIGN(child, write_object(field, back, item));
    } else {
        CAIRN_TRY(count_document());
        CAIRN_ASSIGN(child, existing(field.target, *named));
        if (!field.link) {
            Status linked =
                update_document(write_, field.target, child, {{key_of_partner(field), Value(id.text())}});
            if (!linked) return at_path(linked.error());
        }
    }
    if (field.link) {
        if (Status linked = link_documents(write_, *field.link, id, child); !linked)
            return at_path(linked.error());
    }
    return child;
}

// An object with fields: of the document that its _docID names, or of a new one.
Result<DocId> NestedWriter::write_object(const Field& field, const Through& through, const AstValue& item) {
    const AstValue* named = find_member(&item, "_docID", variables_);
    if (is_null(named)) return create_at(field.target, &item, through, {});
    CAIRN_ASSIGN(DocId id, existing(field.target, *named));
    CAIRN_TRY(update_at(field.target, id, &item, through));
    return id;
}

// A document that is there, by the text of its id.
Result<DocId> NestedWriter::existing(int collection, const AstValue& id) const {
    auto read = read_doc_id(id.text);
    if (!read) {
        return at_path({read.error().code, fmt::format("{}. DocID: {}", read.error().message, id.text)});
    }
    const Collection& type = type_of(collection);
    CAIRN_ASSIGN(DocumentPlace place, locate_document(write_.transaction.view(), *read));
    if (place.is_active_in(type.short_id)) {
        write_.transaction.depend_on(read->key());
        return *read;
    }
    const bool deleted = place.state == DocumentPlace::State::deleted && place.collection == type.short_id;
    return at_path(
        {ErrorCode::not_found, fmt::format("{}. Collection: {}, DocID: {}",
                                           deleted ? "a document with the given ID has been deleted"
                                                   : "no document for the given ID exists",
                                           type.name, id.text)});
}

// Takes the relation to the unwanted documents away.
template <typename Unwanted>
Status NestedWriter::detach(const Field& field, const DocId& id, const Unwanted& unwanted) {
    const Catalog& catalog = write_.transaction.catalog();
    const ReadView& view = write_.transaction.view();
    if (field.link) {
        CAIRN_ASSIGN(std::vector<Link> links, links_of(view, catalog, *field.link, id));
        std::erase_if(links, [&](const Link& link) { return !unwanted(link.other); });
        std::sort(links.begin(), links.end());  // a document linked with itself is listed from both sides
        links.erase(std::unique(links.begin(), links.end()), links.end());
        return unlink_documents(write_, *field.link, links);
    }
    const Collection& target = catalog.collection(field.target);
    const int key = key_of_partner(field);
    CAIRN_ASSIGN(std::vector<DocId> children,
                 sources_of(view, target.short_id, target.field(key).short_id, id));
    for (const DocId& child : children) {
        if (!unwanted(child)) continue;
        if (Status done = update_document(write_, field.target, child, {{key, Value()}}); !done)
            return at_path(done.error());
    }
    return {};
}

}  // namespace cairn::query
