// Documents as the collection calls and backups show them (spec/http-and-cli.md section 6): one JSON object
// of the fields that have a value, keys in byte order, relations by their keys. Belongs to one thread; refers
// to the collection.
#pragma once

#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "collections/doc_id.h"
#include "collections/row.h"

namespace cairn {

class DocumentJson {
  public:
    explicit DocumentJson(const Collection& collection);

    // Appends {"_docID":…,…}. Errors: corruption.
    Status append(const DocId& id, const RowView& row, std::string& out) const;

  private:
    std::vector<const Field*> fields_;  // stored ones and _docID, by name
};

}  // namespace cairn
