#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sextant::peers {

/// A condition of a spec; README.md lists the operators.
struct FilterSpec {
  std::string column = {};
  std::string op = {};
  std::vector<std::string> values = {};  // in, any_of, none_of, eq, is, lt, ge: one or several
  std::string low = {};                  // between, range
  std::string high = {};
  bool is_number = false;  // of values, low and high
};

struct KeySpec {
  std::string column = {};
  std::string name = {};  // of the result column
  std::string unit = {};  // "week", "month1", "day" of `zone`; empty: the column's values
  std::string zone = {};
};

struct MeasureSpec {
  std::string name = {};
  std::string function = {};
  std::string argument = {};           // an expression over columns; of "corr2" the first
  std::string second = {};             // of "corr2", "range" and "sum_ratio"
  std::vector<FilterSpec> where = {};  // of "ratio"
};

/// A query of the benchmark: a conjunction of filters, keys and measures, for every engine.
struct QuerySpec {
  std::string id = {};
  std::string dataset = {};
  std::vector<FilterSpec> filters = {};
  std::vector<KeySpec> keys = {};
  std::vector<MeasureSpec> measures = {};
  bool is_big = false;  // compared by its number of rows and the sum of each measure
};

/// The specs of a JSON file, or the one whose id is `only`. Errors: NOT_FOUND; INVALID_ARGUMENT
/// when it does not have the form, or not that spec.
absl::StatusOr<std::vector<QuerySpec>> ReadSpecs(const std::string& path,
                                                 const std::string& only = {});

/// `spec` with other literals of nearly the same selectivity: "range" begins `variation` seconds
/// later, "between" ends up to 6 later, and the last of several values is one of the 7 after it. 0
/// is the spec itself, and so is all that has none of these.
QuerySpec Varied(QuerySpec spec, int variation);

}  // namespace sextant::peers
