#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/cli/result_format.h"

namespace sextant {

/// Rows of texts as aligned columns; the widths are those of the widest text. Columns named in
/// `right_aligned` put their blanks in front.
class AlignedTable {
 public:
  explicit AlignedTable(std::vector<std::string> titles, std::vector<bool> right_aligned);
  void AddRow(std::vector<std::string> texts);
  bool empty() const { return rows_.empty(); }
  void Write(std::ostream& out) const;

 private:
  std::vector<std::string> titles_;
  std::vector<bool> right_aligned_;
  std::vector<std::vector<std::string>> rows_;
};

/// A result for people: which version it is of, aligned cells with units, then trends.
class TableFormat final : public ResultFormat {
 public:
  explicit TableFormat(const CellReader& reader);
  void Begin(std::ostream& out) override;
  void Add(const v1::Batch& batch, std::ostream& out) override;
  void End(const v1::Summary& summary, std::ostream& out) override;

 private:
  /// Values of one metric in one group and series, in the order of its intervals.
  struct Trend {
    std::string group;
    std::string metric;
    std::vector<std::optional<double>> values;
  };

  std::string CellText(const v1::Batch& batch, int column, uint32_t row) const;
  void AddToTrends(const v1::Batch& batch, uint32_t row);
  Trend& TrendOf(const std::string& group, int metric_column, size_t num_intervals);
  void WriteTrends(std::ostream& out) const;

  const CellReader& reader_;
  AlignedTable table_;
  std::vector<Trend> trends_;
  std::map<std::pair<std::string, int>, size_t> trend_index_;
};

}  // namespace sextant
