#pragma once

#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// Around when the times of a table lie, and in which zone something happens there.
struct TimeFocus {
  std::string zone = {};
  int64_t center_us = 0;
  int64_t spread_us = kDayUs;
};

/// A change of the clock, an odd offset, or an ordinary day.
TimeFocus DrawTimeFocus(Draws& draws);
/// A zone for a request: mostly the focus's.
std::string DrawZone(Draws& draws, const TimeFocus& focus);

/// What all times of a column are multiples of: what people and programs round to, or 1.
int64_t DrawTimeStep(Draws& draws);
int64_t RoundedDown(int64_t time_us, int64_t step_us);

/// A value of `type`, never NULL; `wild` of a hundred are edges of the type.
Datum DrawDatum(Draws& draws, const Type& type, const Column& column, const TimeFocus& focus,
                int wild);

/// The values of a column: NULLs, constants, repeats, all different, edges, as the draws have it.
/// May set is_dyadic of `column`.
std::vector<Datum> DrawColumn(Draws& draws, Column& column, size_t num_rows,
                              const TimeFocus& focus);

}  // namespace sextant::oracle
