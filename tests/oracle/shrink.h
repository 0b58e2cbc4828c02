#pragma once

#include <functional>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// Whether a case still shows the fault that is looked for.
using Fails = std::function<bool(const TableCase& table, const RequestCase& request)>;

/// Makes a failing case smaller while it fails, greedily: without metrics, axes, series, ends of
/// the range, orders, parts of the filter, deletions, rows. At most `max_attempts` calls of
/// `fails`.
void Shrink(TableCase& table, RequestCase& request, const Fails& fails, int max_attempts);

}  // namespace sextant::oracle
