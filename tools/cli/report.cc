#include "cli/report.h"

#include <fmt/format.h>

#include "cli/json_text.h"
#include "cli/output.h"

namespace cairn::cli {

int print_check_report(const StoreOptions& options, const CheckReport& report) {
    if (options.json) {
        print(indent_json(fmt::format(
            "{{\"events\":{},\"blocks\":{},\"documents\":{},\"indexEntries\":{},\"problems\":{}}}",
            report.events, report.blocks, report.documents, report.index_entries,
            quote_json_list(report.problems))));
        return report.problems.empty() ? 0 : 1;
    }
    print(fmt::format("checked {} events, {} blocks, {} documents, {} index entries", grouped(report.events),
                      grouped(report.blocks), grouped(report.documents), grouped(report.index_entries)));
    for (const auto& problem : report.problems) print("problem: " + problem);
    print(report.problems.empty() ? "no problems"
                                  : fmt::format("{} problems", grouped(report.problems.size())));
    return report.problems.empty() ? 0 : 1;
}

}  // namespace cairn::cli
