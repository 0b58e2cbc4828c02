#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/schema.h"
#include "tests/bench/peers/random_numbers.h"
#include "tests/bench/peers/row_sink.h"
#include "tests/bench/peers/row_variant.h"

namespace sextant::peers {

/// Which row, of how many.
struct RowNumber {
  uint64_t row = 0;
  uint64_t num_rows = 0;
};

/// A data set of the benchmark: the same rows on every machine, for every engine. Const and
/// thread-safe.
struct Dataset {
  std::string name = {};
  std::vector<Field> fields = {};
  /// What tells rows apart, for the aggregates that need it.
  std::vector<ColumnIndex> key_columns = {};
  uint64_t default_rows = 0;
  uint64_t seed = 0;  // of the numbers that rows are drawn of, one row after the other
  void (*write_row)(const RowNumber& number, RandomNumbers& random, RowSink& sink) = nullptr;
  RowVariant variant = RowVariant::kPlain;

  /// Sends `num_rows` rows to `sink`, 0: as many as the data set has. Errors: those of the sink.
  absl::Status Generate(uint64_t num_rows, RowSink& sink) const;
};

/// Columns of one type, side by side.
struct TypedColumns {
  DataType type;
  std::vector<std::string> names = {};
};

std::vector<Field> FieldsOf(const std::vector<TypedColumns>& columns);

/// Fields and key of `dataset`.
Schema SchemaOf(const Dataset& dataset);

/// Every data set:
/// "pr": facts of pull requests, 43 columns, created roughly ascending over three years.
/// "h2o": the group-by questions of db-benchmark, K = 100.
/// "t" and "f": 1,000 and 100 rows for the fixed cost of a query.
const std::vector<Dataset>& Datasets();

/// Null for another name.
const Dataset* FindDataset(std::string_view name);

/// "pr" and "h2o", each in a file of its own.
Dataset MakePullRequests();
Dataset MakeGroupingRows();

}  // namespace sextant::peers
