// Steps that adding types, patching and activating share; used by the schema builder's files only. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/schema_builder.h"
#include "collections/schema_rules.h"

namespace cairn {

// The active versions with their schemas, by version id; views into the catalog.
std::vector<Definition> active_definitions(const Catalog& catalog);

// A copy of a catalog's descriptions that a change works on.
class CatalogDraft {
  public:
    explicit CatalogDraft(const Catalog& catalog);

    bool has_version(std::string_view version_id) const { return by_id_.contains(std::string(version_id)); }
    void add(CollectionVersionDescription version, SchemaDescription schema);
    // Makes a known version the only active one of its collection.
    void activate(std::string_view version_id);
    // What the API refuses of these active versions (check_api), two active collections of one name, and
    // joins of any active version that do not fit any more. Errors: invalid_argument, the first problem only;
    // of joins all.
    Status check_active(const std::vector<std::string>& version_ids) const;
    // The catalog of the descriptions, with the next version number.
    Result<SchemaChange> finish(std::vector<std::string> version_ids,
                                std::vector<std::string> hashed_json) &&;

    // Numbers for the fields that a later version adds: by name and kind over all versions of a collection,
    // so that one number never stands for values of two kinds. Fields that no version has yet get the next
    // free ones, in the order asked.
    class FieldNumbers;

    const std::vector<CollectionVersionDescription>& versions() const { return versions_; }
    // A known version, to be changed in what others do not depend on.
    CollectionVersionDescription& version(std::string_view version_id) {
        return versions_[by_id_.at(std::string(version_id))];
    }
    const SchemaDescription* schema(std::string_view version_id) const;

  private:
    Status check_active_joins() const;

    std::uint64_t next_version_;
    std::vector<CollectionVersionDescription> versions_;
    std::vector<SchemaDescription> schemas_;
    std::unordered_map<std::string, std::size_t> by_id_, schema_by_id_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_collection_;
};

class CatalogDraft::FieldNumbers {
  public:
    FieldNumbers(const CatalogDraft& draft, std::string_view collection_id);
    std::uint32_t number(const SchemaField& field);

  private:
    static std::string key(std::string_view name, const SchemaField* field);

    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::uint32_t next_ = 1;
};

}  // namespace cairn
