#pragma once

#include "service/cli/query_request.h"
#include "service/cli/rows_request.h"

namespace CLI {
class App;
}  // namespace CLI

namespace sextant {

/// Adds the options that say what is asked to the command `query`; they write into `flags`, which
/// outlives it.
void AddQueryOptions(CLI::App& query, QueryFlags& flags);

/// The same of the command `rows`.
void AddRowsOptions(CLI::App& rows, RowsFlags& flags);

}  // namespace sextant
