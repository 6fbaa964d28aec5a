// Prints what a check found: shared by `dag verify` and `fsck`.
#pragma once

#include <string>

#include "cairn/database.h"
#include "cli/store.h"

namespace cairn::cli {

// Prints a report. Returns the exit status: 0 when there are no problems, else 1.
int print_check_report(const StoreOptions& options, const CheckReport& report);

}  // namespace cairn::cli
