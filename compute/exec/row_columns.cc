#include "compute/exec/row_columns.h"

#include <cstddef>
#include <cstdint>

#include "compute/exec/query_parts.h"
#include "compute/kernels/exact_division.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
/// Between two questions whether to go on: a list counts its elements, a text its KiB.
constexpr size_t kValuesPerQuestion = size_t{1} << 14;

/// Appends values of one column, chunk by chunk.
class ColumnCopier {
 public:
  ColumnCopier(const Dictionary* dictionary, MetricValues& values)
      : dictionary_(dictionary), values_(values), pace_(AskToGoOn, kValuesPerQuestion) {}

  absl::Status Append(const Column& column, uint32_t row) { return Append(column, row, values_); }

 private:
  absl::Status Append(const Column& column, uint32_t row, MetricValues& values) {
    SEXTANT_RETURN_IF_ERROR(pace_.Spend(1));
    if (column.IsNull(row)) return values.AppendMissing();
    switch (column.layout()) {
      case Layout::kInteger:
        return AppendInteger(column.IntegerAt(row), values);
      case Layout::kFloat:
        return values.AppendFloat(column.FloatAt(row));
      case Layout::kWide:
        return values.AppendWide(column.WideAt(row));
      case Layout::kCode:
        return AppendText(dictionary_->Entry(column.CodeAt(row)), values);
      case Layout::kBytes:
        return AppendText(column.BytesAt(row), values);
      case Layout::kList:
        break;
    }
    for (uint32_t i = column.offsets()[row]; i < column.offsets()[row + 1]; ++i) {
      SEXTANT_RETURN_IF_ERROR(Append(column.elements(), i, *values.elements));
    }
    return values.AppendList();
  }

  static absl::Status AppendInteger(int64_t value, MetricValues& values) {
    if (values.form == MetricValues::Form::kInteger) return values.AppendInteger(value);
    return values.AppendFloat(DivideExactly(value, kMicrosPerSecond));  // a duration
  }

  absl::Status AppendText(std::string_view text, MetricValues& values) {
    SEXTANT_RETURN_IF_ERROR(pace_.Spend(text.size() / 1024));
    return values.AppendText(text);
  }

  const Dictionary* const dictionary_;
  MetricValues& values_;
  Pace pace_;
};

}  // namespace

absl::StatusOr<std::vector<MetricValues>> ReadColumns(QueryContext& context, const Table& table,
                                                      std::span<const ColumnIndex> columns,
                                                      std::span<const FirstRows::Row> rows) {
  std::vector<MetricValues> values;
  values.reserve(columns.size());
  for (const ColumnIndex column : columns) {
    values.emplace_back(table.schema().field(column).type, context.budget());
  }
  const auto read = [&](size_t i) -> absl::Status {
    const QueryScope scope(context);
    SEXTANT_RETURN_IF_ERROR(values[i].Reserve(rows.size()));
    ColumnCopier copier(table.facts(columns[i]).dictionary.get(), values[i]);
    for (const FirstRows::Row& row : rows) {
      SEXTANT_RETURN_IF_ERROR(copier.Append(table.chunk(row.chunk).column(columns[i]), row.row));
    }
    return absl::OkStatus();
  };
  SEXTANT_RETURN_IF_ERROR(RunParts(context, columns.size(), read));
  return values;
}

}  // namespace sextant
