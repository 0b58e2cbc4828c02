#pragma once

#include <string>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {

struct Period {
  std::string text;
  PeriodSpec length;
};

/// A length of time as requests write it.
inline Period DrawPeriod(Draws& draws) {
  static const std::vector<Period> kPeriods = {
      {"15min", {.microseconds = 15 * 60 * kSecondUs}},
      {"12h", {.microseconds = 12 * kHourUs}},
      {"1d", {.days = 1}},
      {"3d", {.days = 3}},
      {"28d", {.days = 28}},
      {"2w", {.days = 14}},
      {"1mo", {.months = 1}},
      {"3mo", {.months = 3}},
      {"1y", {.months = 12}},
      {"2y", {.months = 24}},
  };
  return draws.Pick(kPeriods);
}

}  // namespace sextant::oracle
