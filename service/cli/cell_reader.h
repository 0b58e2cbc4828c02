#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sextant/v1/result.pb.h"

namespace sextant {

/// The values of a result as text, one batch at a time. Knows the header; holds no rows.
/// Not thread-safe.
class CellReader {
 public:
  explicit CellReader(v1::Header header);

  const v1::Header& header() const { return header_; }
  int num_columns() const { return header_.columns_size(); }
  const v1::ResultColumn& column(int index) const { return header_.columns(index); }
  bool has_time_axis() const { return start_column_.has_value(); }

  /// Whether `batch` has the header's columns, each with its number of rows and valid codes.
  /// Anything else is a broken stream. The other methods need a batch that passed.
  bool Fits(const v1::Batch& batch) const;

  /// The exact value: numbers in shortest round-trip form, starts and dates in RFC 3339, series by
  /// their interval
  /// ("week"), lists as PostgreSQL writes arrays. std::nullopt: a NULL group, or a metric without a
  /// value.
  std::optional<std::string> Text(const v1::Batch& batch, int column, uint32_t row) const;
  /// Whether a series is a calendar that has labels.
  bool has_labels() const { return has_labels_; }
  /// Whether a column is that of the starts, behind which labels stand.
  bool IsStart(int column) const { return column == start_column_; }
  /// Of the interval of a row, where its series is a calendar that has labels; else empty.
  std::string Label(const v1::Batch& batch, uint32_t row) const;
  /// The elements of a list, each as Text() writes a value of its type, std::nullopt where NULL.
  /// REQUIRES: the column has lists.
  std::vector<std::optional<std::string>> Elements(const v1::Batch& batch, int column,
                                                   uint32_t row) const;
  /// The value as a number where it is one.
  std::optional<double> Number(const v1::Batch& batch, int column, uint32_t row) const;
  /// Text() of this column is a number in JSON (NaN and infinities are not).
  bool IsNumeric(int column) const;
  static bool IsNumber(v1::DataType type);

 private:
  const v1::ResolvedSeries* SeriesOf(const v1::Batch& batch, uint32_t row) const;

  v1::Header header_;
  std::optional<int> series_column_;
  std::optional<int> start_column_;
  bool has_labels_ = false;
};

}  // namespace sextant
