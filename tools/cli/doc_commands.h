// Pieces that the document commands share.
#pragma once

#include <string>
#include <vector>

#include "cli/collection_info.h"
#include "cli/command.h"
#include "cli/json_text.h"

namespace cairn::cli {

// Runs a request of the command's own. Errors: internal with the first message of an answer that has errors.
Result<JsonDocument> ask(Backend& backend, const std::string& request, const std::string& variables = {});

// The list under the first key of an answer's data.
std::vector<simdjson::dom::element> documents_in(const JsonDocument& answer);

// A request with the variable $ids for all value fields of the documents with these ids.
std::string request_by_ids(const CollectionInfo& collection, bool deleted);

void print_documents_as_json(const std::vector<simdjson::dom::element>& documents);

void add_doc_history(Commands& commands, CLI::App& group);
void add_doc_diff(Commands& commands, CLI::App& group);
void add_doc_blame(Commands& commands, CLI::App& group);

}  // namespace cairn::cli
