#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "service/verification/float_bounds.h"
#include "storage/source_connection.h"

namespace sextant {

/// A cell in which two answers differ. A value that is not there is "NULL"; a cell that one answer
/// lacks is "no cell". A text that could be taken for something else is quoted ('NULL', 'a, b=c');
/// what is longer than kMaxShownBytes is cut and ends with "...".
struct CellDifference {
  std::string cell;    // its keys: "repository=web, start=2024-01-01 00:00:00+00:00"
  std::string column;  // empty: the whole cell
  std::string ours;
  std::string sql;
};

struct AnswerComparison {
  uint64_t cells = 0;  // that both have
  uint64_t differences = 0;
  std::vector<CellDifference> first;  // at most kMaxShownDifferences, in the order of the answer
};

inline constexpr size_t kMaxShownDifferences = 100;
inline constexpr size_t kMaxShownBytes = 1024;

/// Compares an answer with the rows that the equivalent SQL gave. Cells are matched by their keys
/// (axes, interval, start, grouping); what `ours` has beyond a bound per metric only serves bounds.
/// Values are compared as what they are, not as texts; one of the SQL that is none of its column's
/// type (an infinite timestamp) differs. What is held meanwhile is charged to the context's budget.
/// Errors: those of the cursor; CANCELLED, DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED of the context;
/// INTERNAL when the SQL's columns are not the answer's.
absl::StatusOr<AnswerComparison> CompareAnswers(QueryContext& context, ResultCursor& ours,
                                                std::span<const FloatBound> bounds,
                                                std::span<const SourceRow> sql);

}  // namespace sextant
