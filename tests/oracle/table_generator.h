#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

struct GeneratedTable {
  TableCase table;
  TimeFocus focus;
};

/// A table of random columns and rows; about one in 60 has 65,535 to 65,537 rows.
/// `max_rows` bounds the others.
GeneratedTable GenerateTable(uint64_t seed, bool may_be_large);

}  // namespace sextant::oracle
