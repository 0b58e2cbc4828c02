#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

/// Draws `from` and `to` of a request whose zone and week are set: neither, one, or both, mostly
/// around what happens at the focus; now and then whole months, or an empty range after it.
void DrawRange(Draws& draws, const TableCase& table, const TimeFocus& focus, RequestCase& request);

/// As many days later. REQUIRES: it is not relative to now.
void MoveByDays(RangeEnd& end, int64_t days);

}  // namespace sextant::oracle
