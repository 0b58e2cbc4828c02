#pragma once

#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The linked rows of a row that are live and of its tenant, by looking at all there are.
std::vector<const Row*> NaiveLinkedRows(const LinkCase& link, const TableCase& from,
                                        const Row& row);

/// The value of a column that comes through a link.
Datum NaiveLinkedValue(const TableCase& from, const Row& row, const LinkedColumn& column);

}  // namespace sextant::oracle
