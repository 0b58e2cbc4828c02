#include "service/verification/answer_comparison.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "service/verification/answer_text.h"

namespace sextant {
namespace {

constexpr size_t kBatchBytes = 1 << 20;
constexpr char kNull[] = "NULL";

bool IsKey(const ResultColumn& column) { return column.role != ResultRole::kMetric; }

bool IsFloat(const DataType& type) {
  return IsFloat(type.kind) || type.kind == TypeKind::kDuration;
}

/// Of the sums of floats, in any order (rule 3).
constexpr double kSumError = 1e-15;

class Comparison {
 public:
  Comparison(const ResultHeader& header, std::span<const FloatBound> bounds,
             std::span<const SourceRow> sql)
      : header_(header), bounds_(bounds), sql_(sql), is_matched_(sql.size()) {
    while (first_metric_ < header.columns.size() && IsKey(header.columns[first_metric_])) {
      ++first_metric_;
    }
  }

  absl::Status IndexRows() {
    for (size_t row = 0; row < sql_.size(); ++row) {
      if (sql_[row].size() != num_compared()) {
        return absl::InternalError(absl::StrCat("the equivalent SQL gives ", sql_[row].size(),
                                                " columns; the answer has ", num_compared()));
      }
      std::vector<std::string> keys;
      for (size_t column = 0; column < first_metric_; ++column) {
        SEXTANT_ASSIGN_OR_RETURN(const std::optional<std::string> key, SourceText(row, column));
        keys.push_back(KeyText(column, key));
      }
      if (!row_of_.emplace(absl::StrJoin(keys, ", "), row).second) {
        Note({absl::StrJoin(keys, ", "), "", "one cell", "several"});
      }
    }
    return absl::OkStatus();
  }

  absl::Status Compare(const ResultBatch& batch) {
    for (uint32_t row = 0; row < batch.num_rows; ++row) {
      SEXTANT_RETURN_IF_ERROR(CompareRow(batch, row));
    }
    return absl::OkStatus();
  }

  AnswerComparison Finish() {
    std::vector<std::pair<size_t, const std::string*>> left;
    for (const auto& [keys, row] : row_of_) {
      if (!is_matched_[row]) left.emplace_back(row, &keys);
    }
    std::sort(left.begin(), left.end());
    for (const auto& [row, keys] : left) Note({*keys, "", "no cell", "a cell"});
    return std::move(result_);
  }

 private:
  absl::StatusOr<std::optional<std::string>> SourceText(size_t row, size_t column) const {
    const std::optional<std::string>& text = sql_[row][column];
    if (!text) return std::nullopt;
    // The series is named by the SQL.
    if (header_.columns[column].role == ResultRole::kSeries) return *text;
    SEXTANT_ASSIGN_OR_RETURN(std::string canonical,
                             TextOfSource(header_.columns[column].type, *text));
    return canonical;
  }

  std::optional<std::string> OurText(const ResultBatch& batch, uint32_t row, size_t column) const {
    if (header_.columns[column].role != ResultRole::kSeries) {
      return TextOfResult(batch.columns[column], row);
    }
    const auto& indexes = std::get<std::vector<int64_t>>(batch.columns[column].values);
    return header_.series[static_cast<size_t>(indexes[row])].name;
  }

  std::string KeyText(size_t column, const std::optional<std::string>& text) const {
    return absl::StrCat(header_.columns[column].name, "=", text.value_or(kNull));
  }

  absl::Status CompareRow(const ResultBatch& batch, uint32_t row) {
    std::vector<std::string> keys;
    for (size_t column = 0; column < first_metric_; ++column) {
      keys.push_back(KeyText(column, OurText(batch, row, column)));
    }
    const std::string cell = absl::StrJoin(keys, ", ");
    const auto found = row_of_.find(cell);
    if (found == row_of_.end()) {
      Note({cell, "", "a cell", "no cell"});
      return absl::OkStatus();
    }
    is_matched_[found->second] = true;
    ++result_.cells;
    for (size_t column = first_metric_; column < num_compared(); ++column) {
      const std::optional<std::string> ours = OurText(batch, row, column);
      SEXTANT_ASSIGN_OR_RETURN(const std::optional<std::string> sql,
                               SourceText(found->second, column));
      if (ours == sql || IsWithinBound(batch, row, column, ours, sql)) continue;
      Note({cell, header_.columns[column].name, ours.value_or(kNull), sql.value_or(kNull)});
    }
    return absl::OkStatus();
  }

  bool IsWithinBound(const ResultBatch& batch, uint32_t row, size_t column,
                     const std::optional<std::string>& ours,
                     const std::optional<std::string>& sql) const {
    if (!ours || !sql || !IsFloat(header_.columns[column].type)) return false;
    const FloatBound& bound = bounds_[column - first_metric_];
    const double left = FloatOfText(*ours);
    const double right = FloatOfText(*sql);
    double allowed = bound.relative * std::max(std::fabs(left), std::fabs(right));
    if (bound.magnitude_metric && bound.count_metric) {
      const auto value_of = [&](size_t metric) {
        return FloatOfText(TextOfResult(batch.columns[first_metric_ + metric], row).value_or("0"));
      };
      allowed += value_of(*bound.count_metric) * kSumError * value_of(*bound.magnitude_metric);
    }
    return std::fabs(left - right) <= allowed;
  }

  size_t num_compared() const { return first_metric_ + bounds_.size(); }

  void Note(CellDifference difference) {
    ++result_.differences;
    if (result_.first.size() < kMaxShownDifferences) result_.first.push_back(std::move(difference));
  }

  const ResultHeader& header_;
  const std::span<const FloatBound> bounds_;
  const std::span<const SourceRow> sql_;
  size_t first_metric_ = 0;
  std::vector<bool> is_matched_;
  absl::flat_hash_map<std::string, size_t> row_of_;
  AnswerComparison result_;
};

}  // namespace

absl::StatusOr<AnswerComparison> CompareAnswers(ResultCursor& ours,
                                                std::span<const FloatBound> bounds,
                                                std::span<const SourceRow> sql) {
  Comparison comparison(ours.header(), bounds, sql);
  SEXTANT_RETURN_IF_ERROR(comparison.IndexRows());
  for (;;) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, ours.Next(kBatchBytes));
    if (!batch) return comparison.Finish();
    SEXTANT_RETURN_IF_ERROR(comparison.Compare(*batch));
  }
}

}  // namespace sextant
