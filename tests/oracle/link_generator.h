#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

/// Gives the table links to one row ("parent", which itself leads on to "top"), to many
/// ("children", which lead to parents too) and through a bridge ("partners"), and columns that come
/// through them. Keys are NULL, repeated or without a partner now and then, rows of other tenants
/// have the same keys, and some linked rows are deleted.
void AddLinks(Draws& draws, TableCase& table, const TimeFocus& focus);

}  // namespace sextant::oracle
