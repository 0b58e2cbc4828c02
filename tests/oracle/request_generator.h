#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/table_generator.h"

namespace sextant::oracle {

/// A request over the table: metrics, axes, a filter, series, a range, orders. Drawn so that most
/// answers have cells.
RequestCase GenerateRequest(uint64_t seed, const GeneratedTable& generated);

}  // namespace sextant::oracle
