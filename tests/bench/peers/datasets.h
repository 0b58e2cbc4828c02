#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/schema.h"
#include "tests/bench/peers/row_sink.h"

namespace sextant::peers {

/// A data set of the benchmark: the same rows on every machine, for every engine.
///
/// "pr": facts of pull requests, 43 columns, created roughly ascending over three years.
/// "h2o": the group-by questions of db-benchmark, K = 100.
/// "t" and "f": 1,000 and 100 rows for the fixed cost of a query.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual const std::vector<Field>& fields() const = 0;
  /// What tells rows apart, for the aggregates that need it.
  virtual std::vector<ColumnIndex> key_columns() const = 0;
  virtual uint64_t default_rows() const = 0;
  /// Sends `num_rows` rows to `sink`. Errors: those of the sink.
  virtual absl::Status Generate(uint64_t num_rows, RowSink& sink) const = 0;
};

/// Fields and key of `dataset`.
Schema SchemaOf(const Dataset& dataset);

/// Null for another name.
const Dataset* FindDataset(std::string_view name);

/// The data sets, each in a file of its own.
const Dataset& PullRequests();
const Dataset& GroupingRows();
const Dataset& MicroRows();   // "t"
const Dataset& FilterRows();  // "f"

}  // namespace sextant::peers
