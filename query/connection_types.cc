// The names of connections, and the part of TypeSystemBuilder that makes their types.
#include "query/connection_types.h"

#include "query/past_views.h"
#include "query/type_system_builder.h"

namespace cairn::query {
namespace {

bool is_free(const Catalog& catalog, std::string_view name) {
    return catalog.collection_index(name) < 0;
}

// The name before the suffix; empty when there is no suffix.
std::string_view base_name(std::string_view field) {
    return field.ends_with(kConnectionSuffix) ? field.substr(0, field.size() - kConnectionSuffix.size())
                                              : std::string_view();
}

bool pages_through(const Catalog& catalog, const Collection& collection, const Field& field) {
    return field.is_relation && field.many && field.target >= 0 &&
           collection.find(connection_field_name(field.name)) == nullptr &&
           has_connection(catalog, catalog.collection(field.target));
}

}  // namespace

std::optional<std::string_view> page_info_type_name(const Catalog& catalog) {
    for (std::string_view name : {"PageInfo", "ConnectionPageInfo"}) {
        if (is_free(catalog, name)) return name;
    }
    return std::nullopt;
}

bool has_connection(const Catalog& catalog, const Collection& collection) {
    return !collection.is_view && !collection.is_embedded_only && page_info_type_name(catalog) &&
           is_free(catalog, connection_type_name(collection)) && is_free(catalog, edge_type_name(collection));
}

int collection_of_connection(const Catalog& catalog, std::string_view root_field) {
    if (!is_free(catalog, root_field)) return -1;
    const int collection = catalog.collection_index(base_name(root_field));
    return collection >= 0 && has_connection(catalog, catalog.collection(collection)) ? collection : -1;
}

int relation_of_connection(const Catalog& catalog, const Collection& collection, std::string_view field) {
    const int relation = collection.field_index(base_name(field));
    if (relation < 0) return -1;
    return pages_through(catalog, collection, collection.fields[static_cast<std::size_t>(relation)])
               ? relation
               : -1;
}

void TypeSystemBuilder::declare_connections() {
    const std::vector<Collection>& collections = catalog_.collections();
    auto is_paged = [&](const Collection& collection) { return has_connection(catalog_, collection); };
    if (std::none_of(collections.begin(), collections.end(), is_paged)) return;
    page_info_ = add(Kind::object, std::string(*page_info_type_name(catalog_)));
    page_info_->hidden = true;
    for (std::string_view name : {"hasNextPage", "hasPreviousPage"})
        field(*page_info_, std::string(name), required(named("Boolean")));
    for (std::string_view name : {"startCursor", "endCursor"})
        field(*page_info_, std::string(name), named("String"));
    for (const Collection& collection : collections) {
        if (is_paged(collection)) declare_connection(collection);
    }
}

void TypeSystemBuilder::declare_connection(const Collection& collection) {
    GqlType* edge = add(Kind::object, edge_type_name(collection));
    edge->hidden = true;
    field(*edge, "cursor", required(named("String")));
    field(*edge, "node", named(collection.name));
    GqlType* connection = add(Kind::object, connection_type_name(collection));
    connection->hidden = true;
    field(*connection, "edges", list_of_non_null(edge->name));
    field(*connection, "nodes", list(collection.name));
    field(*connection, "pageInfo", required(named(page_info_->name)));
    field(*connection, "totalCount", required(named("Int")));
}

void TypeSystemBuilder::add_connection_field(GqlType& parent, std::string_view name, const Collection& target,
                                             std::vector<InputValue> arguments) const {
    arguments.push_back({.name = "filter", .type = named(target.name + "FilterArg")});
    arguments.push_back({.name = "order", .type = list(target.name + "OrderArg")});
    for (std::string_view size : {"first", "last"})
        arguments.push_back({.name = std::string(size), .type = named("Int")});
    for (std::string_view cursor : {"after", "before"})
        arguments.push_back({.name = std::string(cursor), .type = named("String")});
    field(parent, connection_field_name(name), named(connection_type_name(target)), std::move(arguments));
    parent.fields.back().hidden = true;
}

void TypeSystemBuilder::define_root_connection(const Collection& collection) {
    if (collection_of_connection(catalog_, connection_field_name(collection.name)) < 0) return;
    add_connection_field(*query_, collection.name, collection,
                         {{.name = "docID", .type = list_of_non_null("String")},
                          {.name = "docIDs", .type = list_of_non_null("String"), .is_alias = true},
                          {.name = "id", .type = list_of_non_null("String"), .is_alias = true},
                          {.name = "showDeleted", .type = named("Boolean")},
                          {.name = std::string(kAsOf), .type = named("ID")}});
}

void TypeSystemBuilder::define_connections(const Collection& collection,
                                           const std::vector<const Field*>& fields, GqlType& object) {
    if (collection.is_view) return;
    for (const Field* item : fields) {
        if (!pages_through(catalog_, collection, *item)) continue;
        add_connection_field(object, item->name, catalog_.collection(item->target), {});
    }
}

}  // namespace cairn::query
