#include "service/verification/answer_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "service/verification/answer_text.h"
#include "service/verification/compared_value.h"

namespace sextant {
namespace {

constexpr size_t kBatchBytes = 1 << 20;
constexpr size_t kRowsPerCheck = 1024;

bool IsKey(const ResultColumn& column) { return column.role != ResultRole::kMetric; }

bool IsFloat(const DataType& type) {
  return IsFloat(type.kind) || type.kind == TypeKind::kDuration;
}

/// Of the sums of floats, in any order (rule 3).
constexpr double kSumError = 1e-15;

class Comparison {
 public:
  Comparison(QueryContext& context, const ResultHeader& header, std::span<const FloatBound> bounds,
             std::span<const SourceRow> sql)
      : context_(context),
        header_(header),
        bounds_(bounds),
        sql_(sql),
        is_settled_(sql.size()),
        index_reservation_(context.budget()) {
    while (first_metric_ < header.columns.size() && IsKey(header.columns[first_metric_])) {
      ++first_metric_;
    }
  }

  absl::Status IndexRows() {
    for (size_t row = 0; row < sql_.size(); ++row) {
      SEXTANT_RETURN_IF_ERROR(Check());
      if (sql_[row].size() != num_compared()) {
        return absl::InternalError(absl::StrCat("the equivalent SQL gives ", sql_[row].size(),
                                                " columns; the answer has ", num_compared()));
      }
      SEXTANT_RETURN_IF_ERROR(IndexRow(row));
    }
    return absl::OkStatus();
  }

  absl::Status Compare(const ResultBatch& batch) {
    for (uint32_t row = 0; row < batch.num_rows; ++row) {
      SEXTANT_RETURN_IF_ERROR(Check());
      CompareRow(batch, row);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<AnswerComparison> Finish() {
    for (size_t row = 0; row < sql_.size(); ++row) {
      SEXTANT_RETURN_IF_ERROR(Check());
      if (!is_settled_[row]) Note([&] { return OfCell(KeysOfSource(row), "no cell", "a cell"); });
    }
    return std::move(result_);
  }

 private:
  using Keys = std::vector<ComparedValue>;

  absl::Status Check() {
    if (++num_checked_ % kRowsPerCheck != 0) return absl::OkStatus();
    return context_.Check();
  }

  ComparedValue SourceValue(size_t row, size_t column) const {
    const ResultColumn& shown = header_.columns[column];
    // The series is named by the SQL.
    if (shown.role == ResultRole::kSeries) return ComparedValue::OfText(sql_[row][column]);
    return ComparedValue::OfSource(shown.type, sql_[row][column]);
  }

  ComparedValue OurValue(const ResultBatch& batch, uint32_t row, size_t column) const {
    const ResultColumn& shown = header_.columns[column];
    if (shown.role != ResultRole::kSeries) {
      return ComparedValue::OfResult(batch.columns[column], row);
    }
    const auto& indexes = std::get<std::vector<int64_t>>(batch.columns[column].values);
    return ComparedValue::OfText(header_.series[static_cast<size_t>(indexes[row])].name);
  }

  Keys KeysOfSource(size_t row) const {
    Keys keys;
    for (size_t column = 0; column < first_metric_; ++column) {
      keys.push_back(SourceValue(row, column));
    }
    return keys;
  }

  Keys KeysOfOurs(const ResultBatch& batch, uint32_t row) const {
    Keys keys;
    for (size_t column = 0; column < first_metric_; ++column) {
      keys.push_back(OurValue(batch, row, column));
    }
    return keys;
  }

  absl::Status IndexRow(size_t row) {
    const Keys keys = KeysOfSource(row);
    std::string identity = IdentityOf(keys);
    // A slot of a hash map that is half full.
    const size_t bytes = identity.capacity() + 2 * sizeof(std::pair<std::string, size_t>) + 2;
    SEXTANT_RETURN_IF_ERROR(index_reservation_.Resize(index_reservation_.bytes() + bytes));
    if (row_of_.emplace(std::move(identity), row).second) return absl::OkStatus();
    is_settled_[row] = true;
    Note([&] { return OfCell(keys, "one cell", "several"); });
    return absl::OkStatus();
  }

  void CompareRow(const ResultBatch& batch, uint32_t row) {
    const Keys keys = KeysOfOurs(batch, row);
    const auto found = row_of_.find(IdentityOf(keys));
    if (found == row_of_.end()) {
      return Note([&] { return OfCell(keys, "a cell", "no cell"); });
    }
    is_settled_[found->second] = true;
    ++result_.cells;
    for (size_t column = first_metric_; column < num_compared(); ++column) {
      if (!bounds_[column - first_metric_].has_sql) continue;
      const ComparedValue ours = OurValue(batch, row, column);
      const ComparedValue sql = SourceValue(found->second, column);
      if (ours == sql || IsWithinBound(batch, row, column, ours, sql)) continue;
      Note([&] {
        return CellDifference{CellText(keys), header_.columns[column].name, ours.Shown(),
                              sql.Shown()};
      });
    }
  }

  bool IsWithinBound(const ResultBatch& batch, uint32_t row, size_t column,
                     const ComparedValue& ours, const ComparedValue& sql) const {
    if (!ours.has_value() || !sql.has_value() || !IsFloat(header_.columns[column].type)) {
      return false;
    }
    const FloatBound& bound = bounds_[column - first_metric_];
    const double left = FloatOfText(ours.text());
    const double right = FloatOfText(sql.text());
    // No number is near an infinity.
    if (!std::isfinite(left) || !std::isfinite(right)) return false;
    double allowed = bound.relative * std::max(std::fabs(left), std::fabs(right));
    if (bound.magnitude_metric && bound.count_metric) {
      const auto value_of = [&](size_t metric) {
        return FloatOfText(TextOfResult(batch.columns[first_metric_ + metric], row).value_or("0"));
      };
      const double count = value_of(*bound.count_metric);
      // What each sample loses where it is scaled down.
      const double lost = count * std::numeric_limits<double>::denorm_min();
      const double magnitude = value_of(*bound.magnitude_metric) + lost;
      allowed += count * kSumError * magnitude * kMagnitudeScale;
    }
    return std::fabs(left - right) <= allowed;
  }

  std::string CellText(const Keys& keys) const {
    std::vector<std::string> texts;
    for (size_t column = 0; column < first_metric_; ++column) {
      texts.push_back(absl::StrCat(header_.columns[column].name, "=", keys[column].Shown()));
    }
    return CutText(absl::StrJoin(texts, ", "), kMaxShownBytes);
  }

  CellDifference OfCell(const Keys& keys, std::string ours, std::string sql) const {
    return {CellText(keys), "", std::move(ours), std::move(sql)};
  }

  size_t num_compared() const { return first_metric_ + bounds_.size(); }

  /// Only those that are shown are made.
  template <typename MakeDifference>
  void Note(MakeDifference make) {
    ++result_.differences;
    if (result_.first.size() < kMaxShownDifferences) result_.first.push_back(make());
  }

  QueryContext& context_;
  const ResultHeader& header_;
  const std::span<const FloatBound> bounds_;
  const std::span<const SourceRow> sql_;
  size_t first_metric_ = 0;
  size_t num_checked_ = 0;
  std::vector<bool> is_settled_;  // by row of the SQL: matched, or noted
  MemoryReservation index_reservation_;
  absl::flat_hash_map<std::string, size_t> row_of_;  // by identity of the keys; charged
  AnswerComparison result_;
};

}  // namespace

absl::StatusOr<AnswerComparison> CompareAnswers(QueryContext& context, ResultCursor& ours,
                                                std::span<const FloatBound> bounds,
                                                std::span<const SourceRow> sql) {
  SEXTANT_RETURN_IF_ERROR(context.Check());
  Comparison comparison(context, ours.header(), bounds, sql);
  SEXTANT_RETURN_IF_ERROR(comparison.IndexRows());
  for (;;) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, ours.Next(kBatchBytes));
    if (!batch) return comparison.Finish();
    SEXTANT_RETURN_IF_ERROR(comparison.Compare(*batch));
  }
}

}  // namespace sextant
