#include "collections/collection_patch.h"

#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "collections/patched_collections.h"
#include "collections/schema_change.h"
#include "collections/schema_rules.h"

namespace cairn {

namespace {

using Json = nlohmann::json;
using Version = CollectionVersionDescription;

// The versions before and after the patch.
struct PatchState {
    std::map<std::string, PatchedCollection> old_versions;  // by version id
    std::vector<PatchedCollection> entries;

    const PatchedCollection* old_of(const PatchedCollection& entry) const {
        auto old = old_versions.find(entry.version_id);
        return old == old_versions.end() ? nullptr : &old->second;
    }
};

using Messages = std::vector<std::string>;
using Rule = void (*)(const PatchState& state, Messages& messages);

// Calls a function for each entry that was there before, with what it was.
template <typename Function>
void for_each_known(const PatchState& state, Function function) {
    for (const PatchedCollection& entry : state.entries) {
        if (const PatchedCollection* old = state.old_of(entry)) function(*old, entry);
    }
}

std::vector<std::string> source_ids(const PatchedCollection& entry) {
    std::vector<std::string> ids;
    for (const Json& source : entry.sources) {
        if (source.contains("SourceCollectionID") && source["SourceCollectionID"].is_string())
            ids.push_back(source["SourceCollectionID"].get<std::string>());
    }
    return ids;
}

void sources_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        std::vector<std::string> before = source_ids(old), after = source_ids(entry);
        std::string text = "collection sources cannot be added or removed. CollectionID: " + entry.version_id;
        if (before.size() != after.size()) messages.push_back(text);
        std::size_t queries_before = old.sources.size() - before.size();
        if (queries_before != entry.sources.size() - after.size()) messages.push_back(text);
        if (before.size() != after.size()) return;
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (before[i] == after[i]) continue;
            messages.push_back(
                fmt::format("collection source ID cannot be mutated. CollectionID: {}, "
                            "NewCollectionSourceID: {}, OldCollectionSourceID: {}",
                            entry.version_id, after[i], before[i]));
        }
    });
}

void indexes_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.indexes != entry.indexes)
            messages.push_back("collection indexes cannot be mutated. CollectionID: " + entry.version_id);
    });
}

void fields_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.fields != entry.fields)
            messages.push_back("collection fields cannot be mutated. CollectionID: " + entry.version_id);
    });
}

void policy_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.policy == entry.policy) return;
        messages.push_back("collection policy cannot be mutated. CollectionID: " + entry.version_id);
        auto given = [&](const char* key) {
            return entry.policy.is_object() && entry.policy.value(key, Json()).is_string() &&
                   !entry.policy[key].get<std::string>().empty();
        };
        if (!entry.policy.is_null() && (!given("ID") || !given("ResourceName")))
            messages.emplace_back("missing policy arguments, must have both id and resource");
    });
}

void ids_repeated(const PatchState& state, Messages& messages) {
    std::set<std::string> seen;
    for (const PatchedCollection& entry : state.entries) {
        if (!entry.version_id.empty() && !seen.insert(entry.version_id).second)
            messages.push_back("collection already exists. ID: " + entry.version_id);
    }
}

void several_active(const PatchState& state, Messages& messages) {
    std::set<std::string> active;
    for (const PatchedCollection& entry : state.entries) {
        if (!entry.is_active || active.insert(entry.collection_id).second) continue;
        messages.push_back(
            fmt::format("multiple versions of same collection cannot be active. Name: {}, Root: {}",
                        entry.name, entry.collection_id));
    }
}

void collection_id_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.collection_id != entry.collection_id)
            messages.push_back("collection ID cannot be mutated. CollectionVersionID: " + entry.version_id);
    });
}

// Once per version of the collection whose old name differs.
void name_changed(const PatchState& state, Messages& messages) {
    for (const PatchedCollection& entry : state.entries) {
        if (entry.name.empty()) continue;
        for (const auto& [id, old] : state.old_versions) {
            if (old.collection_id != entry.collection_id || old.name == entry.name) continue;
            messages.push_back(fmt::format("collection name cannot be mutated. NewName: {}, OldName: {}",
                                           entry.name, old.name));
        }
    }
}

void entries_added(const PatchState& state, Messages& messages) {
    for (const PatchedCollection& entry : state.entries) {
        if (!entry.version_id.empty() && state.old_of(entry) == nullptr)
            messages.push_back("adding collections via patch is not supported. ID: " + entry.version_id);
    }
}

void entries_removed(const PatchState& state, Messages& messages) {
    std::set<std::string_view> left;
    for (const PatchedCollection& entry : state.entries) left.insert(entry.version_id);
    for (const auto& [id, old] : state.old_versions) {
        if (!left.contains(id)) messages.push_back("collections cannot be deleted. CollectionID: " + id);
    }
}

void branchable_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.is_branchable != entry.is_branchable)
            messages.push_back("mutating IsBranchable is not supported. Collection: " + entry.name);
    });
}

void embedded_changed(const PatchState& state, Messages& messages) {
    for_each_known(state, [&](const PatchedCollection& old, const PatchedCollection& entry) {
        if (old.is_embedded_only != entry.is_embedded_only)
            messages.push_back("mutating IsEmbeddedOnly is not supported. Collection: " + entry.name);
    });
}

// The creation rules on what has no schema, or on versions that would not be active.
void without_schema(const PatchState& state, Messages& messages) {
    std::set<std::string_view> collections;
    for (const auto& [id, old] : state.old_versions) collections.insert(old.collection_id);
    for (const PatchedCollection& entry : state.entries) {
        bool known = state.old_of(entry) != nullptr || collections.contains(entry.collection_id);
        if (!known) messages.emplace_back("schema name can't be empty");
    }
    for (const PatchedCollection& entry : state.entries) {
        if (state.old_of(entry) != nullptr && entry.name.empty() && !state.old_of(entry)->name.empty())
            messages.emplace_back("collection name can't be empty");
    }
    for (const PatchedCollection& entry : state.entries) {
        const PatchedCollection* old = state.old_of(entry);
        bool checked = old == nullptr ? !entry.version_id.empty() : !entry.is_active && old->is_materialized;
        if (checked && !entry.is_materialized && source_ids(entry).size() == entry.sources.size()) {
            messages.push_back("non-materialized collections are not supported. Collection: " + entry.name);
        }
    }
}

constexpr Rule kRules[] = {sources_changed, indexes_changed, fields_changed,        policy_changed,
                           ids_repeated,    several_active,  collection_id_changed, name_changed,
                           entries_added,   entries_removed, branchable_changed,    embedded_changed,
                           without_schema};

// A query or transform cannot be put into effect here.
Status check_sources_kept(const PatchState& state) {
    for (const PatchedCollection& entry : state.entries) {
        if (const PatchedCollection* old = state.old_of(entry);
            old != nullptr && old->sources != entry.sources) {
            return fail(ErrorCode::unsupported,
                        "changing the query or transform of a collection is not supported. CollectionID: " +
                            entry.version_id);
        }
    }
    return {};
}

Result<PatchState> read_state(const Catalog& catalog, std::string_view patch_json) {
    PatchState state;
    CAIRN_ASSIGN(state.entries, apply_collection_patch(patch_json, catalog.versions()));
    for (const Version& version : catalog.versions()) {
        CAIRN_ASSIGN(PatchedCollection old, describe_for_patch(version));
        state.old_versions.emplace(version.version_id, std::move(old));
    }
    return state;
}

// The rules of section 7 on the versions that would be active; appends their messages.
void check_creation(const CatalogDraft& draft, Messages& messages) {
    std::vector<Definition> active;
    for (const Version& version : draft.versions()) {
        if (version.is_active) active.push_back({&version, draft.schema(version.version_id)});
    }
    Status checked = check_definitions(DefinitionState(active, {}));
    if (!checked) messages.push_back(checked.error().message);
}

}  // namespace

Result<SchemaChange> patch_collections(const Catalog& catalog, std::string_view patch_json) {
    CAIRN_ASSIGN(PatchState state, read_state(catalog, patch_json));
    Messages messages;
    for (Rule rule : kRules) rule(state, messages);
    CatalogDraft draft(catalog);
    std::vector<std::string> activated;
    for (PatchedCollection& entry : state.entries) {
        if (!draft.has_version(entry.version_id)) continue;
        Version& version = draft.version(entry.version_id);
        if (entry.is_active && !version.is_active) activated.push_back(entry.version_id);
        version.is_active = entry.is_active;
        version.is_materialized = entry.is_materialized;
        version.embeddings = std::move(entry.embeddings);
    }
    check_creation(draft, messages);
    if (!messages.empty())
        return fail(ErrorCode::invalid_argument, fmt::format("{}", fmt::join(messages, "\n")));
    CAIRN_TRY(check_sources_kept(state));
    CAIRN_TRY(draft.check_active(activated));
    return std::move(draft).finish({}, {});
}

}  // namespace cairn
