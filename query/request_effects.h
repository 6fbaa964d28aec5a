// What the delete rules of a request's mutations did, for the answer's `extensions` (query/README.md
// "Delete rules"). Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collections/delete_rules.h"

namespace cairn::query {

class RequestEffects {
  public:
    void add(const Catalog& catalog, const DeleteEffects& effects);
    bool any() const { return !deleted_.empty() || !unset_.empty() || unlinked_ > 0; }
    // {"deleteRules":{"deleted":{"Book":["bae-…"]},"unset":{…},"unlinked":0}}, collections by name, documents
    // in the order of their deletion.
    std::string json() const;

  private:
    using Documents = std::map<std::string, std::vector<DocId>>;
    static void append(const Documents& documents, std::string& out);

    Documents deleted_, unset_;
    std::uint64_t unlinked_ = 0;
};

}  // namespace cairn::query
