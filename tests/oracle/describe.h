#pragma once

#include <string>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// A case for people: the request, the columns it uses and, when they are few, the rows.
std::string Describe(const TableCase& table, const RequestCase& request);

}  // namespace sextant::oracle
