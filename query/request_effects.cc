#include "query/request_effects.h"

#include "collections/value.h"

namespace cairn::query {

void RequestEffects::add(const Catalog& catalog, const DeleteEffects& effects) {
    for (const auto& [collection, id] : effects.deleted)
        deleted_[catalog.collection(collection).name].push_back(id);
    for (const auto& [collection, id] : effects.unset)
        unset_[catalog.collection(collection).name].push_back(id);
    unlinked_ += effects.unlinked;
}

void RequestEffects::append(const Documents& documents, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [collection, ids] : documents) {
        if (!first) out += ',';
        first = false;
        append_json_string(collection, out);
        out += ":[";
        for (std::size_t i = 0; i < ids.size(); ++i) {
            out += i == 0 ? "\"" : ",\"";
            ids[i].append_text(out);
            out += '"';
        }
        out += ']';
    }
    out += '}';
}

std::string RequestEffects::json() const {
    std::string json = "{\"deleteRules\":{\"deleted\":";
    append(deleted_, json);
    json += ",\"unset\":";
    append(unset_, json);
    json.append(",\"unlinked\":").append(std::to_string(unlinked_)).append("}}");
    return json;
}

}  // namespace cairn::query
