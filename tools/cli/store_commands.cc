// cairn fsck | rebuild | stats | compact
#include <fmt/format.h>

#include <memory>

#include "cli/backend.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/report.h"

namespace cairn::cli {

namespace {

Result<int> fsck(const StoreOptions& options) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const CheckReport report, backend->check("checking"));
    return print_check_report(options, report);
}

Result<int> rebuild(const StoreOptions& options, bool verify_only) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_ASSIGN(const RebuildReport report,
                 backend->rebuild(verify_only, verify_only ? "comparing" : "rebuilding"));
    CAIRN_TRY(backend->close());
    const int status = report.differences.empty() ? 0 : 1;
    if (options.json) {
        print(indent_json(fmt::format(
            "{{\"events\":{},\"documents\":{},\"seconds\":{:.3f},\"differences\":{}}}", report.events,
            report.documents, report.seconds, quote_json_list(report.differences))));
        return status;
    }
    print(fmt::format("{} {} events, {} documents in {:.3f} s", verify_only ? "compared" : "rebuilt",
                      grouped(report.events), grouped(report.documents), report.seconds));
    for (const auto& difference : report.differences) print("differs: " + difference);
    if (verify_only && status == 0) print("the projections are what the log says");
    return status;
}

std::string bytes_text(std::uint64_t bytes) {
    return fmt::format("{} bytes ({:.1f} MiB)", grouped(bytes), static_cast<double>(bytes) / (1 << 20));
}

Result<int> stats(const StoreOptions& options) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::read));
    CAIRN_ASSIGN(const StoreStats numbers, backend->stats());
    if (options.json) {
        print(indent_json(fmt::format(
            "{{\"events\":{},\"documents\":{},\"logBytes\":{},\"projectionBytes\":{},\"blockBytes\":{}}}",
            numbers.events, numbers.documents, numbers.log_bytes, numbers.projection_bytes,
            numbers.block_bytes)));
        return 0;
    }
    print(render_pairs({{"events", grouped(numbers.events)},
                        {"documents", grouped(numbers.documents)},
                        {"blocks", bytes_text(numbers.block_bytes)},
                        {"log on disk", bytes_text(numbers.log_bytes)},
                        {"projections on disk", bytes_text(numbers.projection_bytes)}}));
    return 0;
}

Result<int> compact(const StoreOptions& options) {
    CAIRN_ASSIGN(const auto backend, open_backend(options, Access::write));
    CAIRN_ASSIGN(const StoreStats numbers, backend->compact());
    CAIRN_TRY(backend->close());
    if (options.json) {
        print(indent_json(fmt::format("{{\"logBytes\":{},\"projectionBytes\":{}}}", numbers.log_bytes,
                                      numbers.projection_bytes)));
    } else {
        print(fmt::format("{} on disk", bytes_text(numbers.log_bytes + numbers.projection_bytes)));
    }
    return 0;
}

}  // namespace

void add_store_commands(Commands& commands) {
    CLI::App& root = commands.root();
    commands.add_for_both(root, "fsck",
                          "Check log, blocks, heads, rows and indexes against each other; changes nothing",
                          "cairn fsck\ncairn fsck --json", fsck);
    auto verify = std::make_shared<bool>(false);
    CLI::App& rebuild_command =
        commands.add_for_both(root, "rebuild", "Drop all projections and make them again from the log",
                              "cairn rebuild\ncairn rebuild --verify",
                              [verify](const StoreOptions& options) { return rebuild(options, *verify); });
    rebuild_command.add_flag("--verify", *verify,
                             "Only compare them with the live ones; status 1 when they differ");
    commands.add_for_both(root, "stats", "Show numbers of events and documents, and bytes on disk",
                          "cairn stats\ncairn stats --json", stats);
    commands.add_for_both(root, "compact", "Write memory to disk and compact everything", "cairn compact",
                          compact);
}

}  // namespace cairn::cli
