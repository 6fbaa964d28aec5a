#include "query/row_source.h"

#include "query/access_path.h"

namespace cairn::query {
namespace {

// The documents of context.versions that the arguments do not leave out.
Status visit_versions(const std::vector<DocumentVersion>& versions, const SelectArguments& arguments,
                      const RowVisitor& visit) {
    for (const DocumentVersion& version : versions) {
        if (version.deleted && !arguments.show_deleted) continue;
        if (arguments.ids && !std::binary_search(arguments.ids->begin(), arguments.ids->end(), version.id)) {
            continue;
        }
        CAIRN_ASSIGN(bool more, visit(version.id, version.deleted, version.row));
        if (!more) break;
    }
    return {};
}

}  // namespace

Status visit_source(const Resolver& resolver, int collection, const SelectArguments& arguments,
                    const RowVisitor& visit) {
    const auto* versions = resolver.context().versions;
    if (versions != nullptr) return visit_versions(*versions, arguments, visit);
    if (arguments.path)
        return visit_path(resolver.reads(), collection, *arguments.path, arguments.ids, visit);
    return arguments.ids ? get_rows(resolver.reads(), collection, *arguments.ids, visit)
                         : scan_rows(resolver.reads(), collection, visit, arguments.range);
}

Result<std::vector<Row>> sorted_rows(const Resolver& resolver, int collection, SelectArguments& arguments,
                                     RowSorter& sorter) {
    if (sorter.keys_are_local()) {  // straight from the source: only rows that enter the result are copied
        CAIRN_TRY(for_each_row(resolver, collection, arguments, true,
                               [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                                   sorter.add_row(id, deleted, row);
                                   return true;
                               }));
    } else {
        CAIRN_TRY(for_each_batch(resolver, collection, arguments, true, kBatchRows,
                                 [&](RowSet& batch) -> Result<bool> {
                                     CAIRN_TRY(sorter.add(batch.rows));
                                     return true;
                                 }));
    }
    CAIRN_ASSIGN(std::vector<Row> rows, sorter.finish());
    Window(arguments.window).apply(rows);
    return rows;
}

}  // namespace cairn::query
