#include "service/cli/table_format.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/cli/counted_noun.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

constexpr size_t kMaxTrends = 40;

std::vector<std::string> Titles(const CellReader& reader) {
  std::vector<std::string> titles;
  for (int column = 0; column < reader.num_columns(); ++column) {
    const v1::ResultColumn& described = reader.column(column);
    std::string title = Printable(described.name());
    // Durations show their own units.
    if (!described.unit().empty() && described.unit() != "seconds") {
      absl::StrAppend(&title, " [", Printable(described.unit()), "]");
    }
    titles.push_back(std::move(title));
  }
  return titles;
}

std::vector<bool> RightAligned(const CellReader& reader) {
  std::vector<bool> right;
  for (int column = 0; column < reader.num_columns(); ++column)
    right.push_back(reader.IsNumeric(column));
  return right;
}

size_t NumIntervals(const v1::ResolvedSeries& series) {
  return series.borders_size() > 1 ? static_cast<size_t>(series.borders_size() - 1) : 1;
}

std::string Milliseconds(int64_t microseconds) {
  return HumanDuration(static_cast<double>(microseconds) / 1e6);
}

}  // namespace

AlignedTable::AlignedTable(std::vector<std::string> titles, std::vector<bool> right_aligned)
    : titles_(std::move(titles)), right_aligned_(std::move(right_aligned)) {}

void AlignedTable::AddRow(std::vector<std::string> texts) { rows_.push_back(std::move(texts)); }

void AlignedTable::Write(std::ostream& out) const {
  std::vector<size_t> widths;
  for (const std::string& title : titles_) widths.push_back(DisplayWidth(title));
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  const auto write_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - DisplayWidth(row[i]), ' ');
      absl::StrAppend(&line, i > 0 ? "  " : "", right_aligned_[i] ? blanks : "", row[i],
                      right_aligned_[i] ? "" : blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  write_row(titles_);
  std::vector<std::string> rules;
  for (const size_t width : widths) rules.emplace_back(width, '-');
  write_row(rules);
  for (const std::vector<std::string>& row : rows_) write_row(row);
}

TableFormat::TableFormat(const CellReader& reader)
    : reader_(reader), table_(Titles(reader), RightAligned(reader)) {}

void TableFormat::Begin(std::ostream& out) {
  for (const v1::DatasetVersion& dataset : reader_.header().datasets()) {
    out << Printable(dataset.dataset()) << " version " << dataset.version() << " as of "
        << dataset.as_of() << ", zone " << Printable(reader_.header().time_zone()) << "\n\n";
  }
}

void TableFormat::Add(const v1::Batch& batch, std::ostream&) {
  for (uint32_t row = 0; row < batch.row_count(); ++row) {
    std::vector<std::string> texts;
    for (int column = 0; column < reader_.num_columns(); ++column)
      texts.push_back(CellText(batch, column, row));
    table_.AddRow(std::move(texts));
    if (reader_.has_time_axis()) AddToTrends(batch, row);
  }
}

std::string TableFormat::CellText(const v1::Batch& batch, int column, uint32_t row) const {
  const std::optional<std::string> text = reader_.Text(batch, column, row);
  const v1::ResultColumn& described = reader_.column(column);
  const bool is_axis = described.role() == v1::COLUMN_ROLE_AXIS;
  if (!text.has_value()) return is_axis ? "(null)" : "-";
  if (described.role() == v1::COLUMN_ROLE_START) {
    const std::string label = reader_.Label(batch, row);
    return label.empty() ? *text : absl::StrCat(*text, " ", Printable(label));
  }
  const std::optional<double> number = is_axis ? std::nullopt : reader_.Number(batch, column, row);
  if (!number.has_value() || described.role() != v1::COLUMN_ROLE_METRIC) return Printable(*text);
  if (described.unit() == "seconds") return HumanDuration(*number);
  if (described.type() == v1::DATA_TYPE_INT64) {
    return HumanInteger(batch.columns(column).ints().values(static_cast<int>(row)));
  }
  return described.type() == v1::DATA_TYPE_FLOAT64 ? HumanNumber(*number) : *text;
}

void TableFormat::AddToTrends(const v1::Batch& batch, uint32_t row) {
  std::vector<std::string> group;
  size_t interval = 0;
  const v1::ResolvedSeries* series =
      reader_.header().series_size() > 0 ? &reader_.header().series(0) : nullptr;
  for (int column = 0; column < reader_.num_columns(); ++column) {
    const v1::ColumnRole role = reader_.column(column).role();
    if (role == v1::COLUMN_ROLE_AXIS) group.push_back(CellText(batch, column, row));
    if (role == v1::COLUMN_ROLE_GROUPING) {
      const int64_t grouping = batch.columns(column).ints().values(static_cast<int>(row));
      if (grouping != 0) group.emplace_back(grouping < 0 ? "others" : "total");
    }
    if (role == v1::COLUMN_ROLE_SERIES) {
      group.push_back(CellText(batch, column, row));
      series = &reader_.header().series(
          static_cast<int>(batch.columns(column).ints().values(static_cast<int>(row))));
    }
    if (role == v1::COLUMN_ROLE_START) {
      interval = static_cast<size_t>(batch.columns(column).ints().values(static_cast<int>(row)));
    }
  }
  if (series == nullptr || interval >= NumIntervals(*series)) return;
  const std::string label = absl::StrJoin(group, " / ");
  for (int column = 0; column < reader_.num_columns(); ++column) {
    if (reader_.column(column).role() != v1::COLUMN_ROLE_METRIC) continue;
    if (reader_.column(column).statistic() != v1::METRIC_STATISTIC_UNSPECIFIED) continue;
    TrendOf(label, column, NumIntervals(*series)).values[interval] =
        reader_.Number(batch, column, row);
  }
}

TableFormat::Trend& TableFormat::TrendOf(const std::string& group, int metric_column,
                                         size_t num_intervals) {
  const auto [entry, is_new] =
      trend_index_.emplace(std::pair(group, metric_column), trends_.size());
  if (is_new) {
    trends_.push_back({group, Printable(reader_.column(metric_column).name()), {}});
    trends_.back().values.resize(num_intervals);
  }
  return trends_[entry->second];
}

void TableFormat::WriteTrends(std::ostream& out) const {
  AlignedTable table({"group", "metric", "trend"}, {false, false, false});
  for (const Trend& trend : trends_) {
    if (trend.values.size() < 2) continue;
    table.AddRow(
        {trend.group.empty() ? "all" : trend.group, trend.metric, Sparkline(trend.values)});
  }
  if (table.empty() || trends_.size() > kMaxTrends) return;
  out << '\n';
  table.Write(out);
}

void TableFormat::End(const v1::Summary& summary, std::ostream& out) {
  const bool has_cells =
      reader_.num_columns() == 0 || reader_.column(0).role() != v1::COLUMN_ROLE_COLUMN;
  if (table_.empty()) {
    out << (has_cells
                ? "no cells: no row with a value for a metric passed the filter in this range\n"
                : "no rows: none gives the cell a sample\n");
  } else {
    table_.Write(out);
    WriteTrends(out);
  }
  out << '\n'
      << Counted(summary.cells(), has_cells ? "cell" : "row") << " from "
      << Counted(summary.rows_scanned(), "row") << "; queued " << Milliseconds(summary.queued_us())
      << ", run " << Milliseconds(summary.run_us());
  if (summary.from_result_cache()) out << "; kept from an equal query";
  if (summary.excluded_samples() > 0)
    out << "; " << Counted(summary.excluded_samples(), "sample") << " excluded";
  if (summary.bootstrap_draws() > 0)
    out << "; " << Counted(summary.bootstrap_draws(), "draw") << " of bootstraps";
  out << '\n';
}

}  // namespace sextant
