#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compute/column/tenant_scope.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The value of a metric in a cell, as ValueText writes it; of a float within `tolerance`.
struct ReferenceValue {
  std::string text;
  bool is_float = false;
  double value = 0;
  double tolerance = 0;
};

/// A cell: axes, series and start as ValueText writes them, joined with '|', then metrics.
struct ReferenceRow {
  std::string key;
  std::vector<ReferenceValue> values;
};

struct ReferenceResult {
  std::vector<ReferenceRow> rows;
  uint64_t excluded = 0;
  uint64_t rows_selected = 0;
  /// A sum of integers does not fit in bigint: the query must fail.
  bool sum_overflows = false;
};

/// Answers `query` row by row in the most obvious way: every sample of a cell is kept in a list and
/// aggregated at the end. Shares nothing with the engine but columns and the plan's calendar.
ReferenceResult RunReference(const BoundQuery& query, const TenantScope& scope);

}  // namespace sextant
