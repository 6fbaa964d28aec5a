// The projections of a store, for comparing stores: bytes of rows, relations and indexes, and head sets.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collections/document_state.h"
#include "collections/store.h"

namespace cairn::test {

using Entries = std::map<std::string, std::string>;

inline Entries entries_of(const Storage& storage, Family family, std::string_view prefix = {}) {
    Entries entries;
    ReadView reader(storage, nullptr, nullptr);
    auto cursor = reader.iterate(family, prefix);
    for (cursor->it->Seek(slice(prefix)); cursor->it->Valid(); cursor->it->Next()) {
        entries.emplace(cursor->it->key().ToString(), cursor->it->value().ToString());
    }
    EXPECT_TRUE(cursor->it->status().ok()) << cursor->it->status().ToString();
    return entries;
}

struct Projections {
    Entries rows, relations, indexes;  // byte for byte
    Entries composite_heads;   // document -> collection, marks and composite head set, as a heads record
    Entries collection_heads;  // as stored
    std::map<std::pair<std::string, std::uint32_t>, std::string>
        field_heads;  // document, field number -> head set
    friend bool operator==(const Projections&, const Projections&) = default;
};

inline Projections projections_of(const Storage& storage) {
    Projections all;
    all.rows = entries_of(storage, Family::rows);
    all.relations = entries_of(storage, Family::relations);
    all.indexes = entries_of(storage, Family::indexes);
    all.collection_heads = entries_of(storage, Family::meta, "heads/");
    for (const auto& [key, record] : entries_of(storage, Family::heads)) {
        DocumentState state;
        EXPECT_TRUE(decode_heads(record, state));
        for (const auto& [field, heads] : state.field_heads)
            append_head_set(heads, all.field_heads[{key, field}]);
        state.field_heads.clear();
        encode_heads(state, all.composite_heads[key]);
    }
    return all;
}

// The projections of a store that nobody has open.
inline Projections read_projections(const std::filesystem::path& path) {
    StorageOptions options;
    options.read_only = true;
    auto storage = Storage::open(path, options);
    EXPECT_TRUE(storage) << storage.error().message;
    return projections_of(**storage);
}

// Says which part differs, for messages.
inline std::string first_difference(const Projections& a, const Projections& b) {
    std::string text;
    if (a.rows != b.rows) text += " rows";
    if (a.relations != b.relations) text += " relations";
    if (a.indexes != b.indexes) text += " indexes";
    if (a.composite_heads != b.composite_heads) text += " composite heads";
    if (a.collection_heads != b.collection_heads) text += " collection heads";
    if (a.field_heads != b.field_heads) text += " field heads";
    return text.empty() ? "nothing differs" : "different:" + text;
}

// Every family but the digest index, which is brought up to date by reading too.
inline std::vector<Entries> whole_store(const Storage& storage) {
    std::vector<Entries> families;
    for (std::size_t f = 0; f < kFamilyCount; ++f) {
        if (static_cast<Family>(f) != Family::digests)
            families.push_back(entries_of(storage, static_cast<Family>(f)));
    }
    return families;
}

// A folder that goes with its contents; in memory where the system has such a place.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::path base = "/dev/shm";
        if (!std::filesystem::is_directory(base, ignored)) base = std::filesystem::temp_directory_path();
        std::string pattern = (base / "cairn-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace cairn::test
