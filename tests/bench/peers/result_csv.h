#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "compute/exec/result.h"
#include "tests/bench/peers/query_spec.h"

namespace sextant::peers {

/// The result of a query as CSV, for the comparison with expected/: keys and measures by the names
/// of the spec; of a big one the number of rows and the sum of each measure. A list counts as a row
/// per element. Not thread-safe.
class ResultCsv {
 public:
  explicit ResultCsv(const QuerySpec& spec);

  void Add(const ResultBatch& batch);
  /// Errors: INTERNAL when the file cannot be written.
  absl::Status WriteTo(const std::string& path) const;

 private:
  void AddSums(const ResultBatch& batch);
  void AddRows(const ResultBatch& batch);
  std::string DayOf(int64_t start_us) const;

  const QuerySpec& spec_;
  absl::TimeZone zone_;
  std::string unit_;        // of the time key, or empty
  size_t num_leading_ = 0;  // columns before the measures
  std::string rows_;
  uint64_t num_rows_ = 0;
  std::vector<double> sums_;
};

}  // namespace sextant::peers
