// What connections are called in a schema and which collections have them. Relay's types are made beside the
// user's: where a user's type or field has the name, the user's stays and the connection is not offered.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collections/catalog.h"

namespace cairn::query {

// `<collection>_connection` on Query, `<relation>_connection` on objects.
inline constexpr std::string_view kConnectionSuffix = "_connection";

inline std::string connection_field_name(std::string_view name) {
    return std::string(name).append(kConnectionSuffix);
}
inline std::string connection_type_name(const Collection& collection) {
    return collection.name + "Connection";
}
inline std::string edge_type_name(const Collection& collection) {
    return collection.name + "Edge";
}
// PageInfo, or another name when a type of the user is called so; nothing when none is left, then there are
// no connections.
std::optional<std::string_view> page_info_type_name(const Catalog& catalog);

// Whether lists of the collection's documents are offered as connections: it has documents of its own, and
// the names of the connection's types are free.
bool has_connection(const Catalog& catalog, const Collection& collection);

// The collection that a field of Query pages through; -1 when it is no connection.
int collection_of_connection(const Catalog& catalog, std::string_view root_field);
// The many relation that a field of the collection's objects pages through; -1 when it is no connection.
int relation_of_connection(const Catalog& catalog, const Collection& collection, std::string_view field);

}  // namespace cairn::query
