// Executes connections: pages of documents between cursors (query/README.md, "Connections"). At the root a
// page in the order of ids or of an index is read from the cursor on; any other order is a pass that keeps
// the documents of the page in a bounded heap. The connections of a relation are cut out of the sorted lists
// of all parents at once. Belong to one execution and one thread.
#pragma once

#include <string>

#include "query/connection_arguments.h"
#include "query/levels.h"

namespace cairn::query {

// Appends the JSON object of a root connection.
Status execute_connection(const ExecutionContext& context, const ConnectionPlan& plan, std::string& out);

// Cuts the pages of all parents out of their related documents, and resolves what is shown of those. pages
// must stay where it is.
Status page_related(Resolver& resolver, const ConnectionPlan& plan, const ConnectionArguments& given,
                    Related related, ConnectionPages& pages);

// Appends the JSON object of one parent's connection.
Status write_connection(Resolver& resolver, const ConnectionPlan& plan, const ConnectionPages& pages,
                        std::size_t parent, std::string& out);

}  // namespace cairn::query
