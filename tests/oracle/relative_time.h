#pragma once

#include <cstdint>
#include <string>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

/// Now, for the requests of a case.
struct CaseClock {
  int64_t as_of_us = 0;
  std::string zone = {};
  int week_start = 1;
};

/// So many units of local time, or elapsed minutes and hours, before now: as PostgreSQL subtracts.
int64_t InstantBefore(const CaseClock& clock, int count, Unit unit);
/// SQL of the same in a session of the clock's zone.
std::string BeforeSql(const std::string& instant_sql, int count, Unit unit);

/// The start of a range that holds some of what happens around the focus, or an end of one, as text
/// relative to now (rule 15): "-3d", "now", "today", "this_week".
RangeEnd DrawRelativeEnd(Draws& draws, const CaseClock& clock, const TimeFocus& focus,
                         bool is_start);

}  // namespace sextant::oracle
