#include "compute/exec/result_table.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/table_builder.h"
#include "compute/exec/duration_values.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint32_t kBlockRows = 1024;

/// The form in which a column is appended: that of its values, but for durations.
MetricValues::Form FormOf(const DataType& type) {
  if (type.kind == TypeKind::kDuration) return MetricValues::Form::kInteger;
  return MetricValues::FormOf(type);
}

/// Copies a column block by block into its builder.
class ColumnCopier {
 public:
  ColumnCopier(const Field& field, const ResultTableColumn& column, size_t begin,
               ColumnBuilder& builder)
      : type_(field.type), column_(column), begin_(begin), builder_(builder) {}

  absl::Status Copy(uint32_t num_rows) {
    for (uint32_t done = 0; done < num_rows; done += kBlockRows) {
      SEXTANT_RETURN_IF_ERROR(CopyBlock(done, std::min(kBlockRows, num_rows - done)));
    }
    return absl::OkStatus();
  }

 private:
  size_t PositionOf(size_t row) const {
    return column_.positions == nullptr ? begin_ + row : column_.positions[begin_ + row];
  }

  absl::Status CopyBlock(uint32_t first, uint32_t count) {
    const auto value_of = [&](auto read) {
      return [this, first, read](uint32_t i) { return read(PositionOf(first + i)); };
    };
    switch (FormOf(type_)) {
      case MetricValues::Form::kInteger:
        if (type_.kind == TypeKind::kDuration) {
          return AppendDurations(first, count);
        }
        return Append<IntegerColumnBuilder, int64_t>(
            first, count, value_of([this](size_t at) { return column_.values->integers[at]; }));
      case MetricValues::Form::kFloat:
        return Append<FloatColumnBuilder, double>(
            first, count, value_of([this](size_t at) { return column_.values->floats[at]; }));
      case MetricValues::Form::kWide:
        return Append<WideColumnBuilder, Wide>(
            first, count, value_of([this](size_t at) { return column_.values->wides[at]; }));
      case MetricValues::Form::kText:
        return Append<StringColumnBuilder, std::string_view>(
            first, count, value_of([this](size_t at) { return column_.values->Text(at); }));
      case MetricValues::Form::kList:
        break;
    }
    SEXTANT_CHECK(false) << "a list in a table of a result";
    return absl::OkStatus();
  }

  absl::Status AppendDurations(uint32_t first, uint32_t count) {
    std::array<int64_t, kBlockRows> micros{};
    for (uint32_t i = 0; i < count && column_.values != nullptr; ++i) {
      const size_t at = PositionOf(first + i);
      if (column_.values->valid[at] == 0) continue;
      SEXTANT_ASSIGN_OR_RETURN(micros[i], MicrosOfSeconds(column_.values->floats[at]));
    }
    return Append<IntegerColumnBuilder, int64_t>(first, count,
                                                 [&micros](uint32_t i) { return micros[i]; });
  }

  template <typename Builder, typename T, typename Read>
  absl::Status Append(uint32_t first, uint32_t count, Read read) {
    std::array<T, kBlockRows> values{};
    std::array<uint64_t, kBlockRows / 64> valid{};
    for (uint32_t i = 0; i < count && column_.values != nullptr; ++i) {
      if (column_.values->valid[PositionOf(first + i)] == 0) continue;
      valid[i / 64] |= uint64_t{1} << (i % 64);
      values[i] = read(i);
    }
    return static_cast<Builder&>(builder_).Append({values.data(), count},
                                                  std::span(valid).first(BitmapWords(count)));
  }

  const DataType& type_;
  const ResultTableColumn& column_;
  const size_t begin_;
  ColumnBuilder& builder_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Table>> MakeResultTable(
    const Schema& schema, const std::vector<ResultTableColumn>& columns, size_t begin,
    uint32_t num_rows, MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<TableBuilder> builder,
                           TableBuilder::Create(schema, budget));
  SEXTANT_RETURN_IF_ERROR(AppendResultRows(schema, columns, {begin, num_rows}, *builder));
  return builder->Finish({});
}

absl::Status AppendResultRows(const Schema& schema, const std::vector<ResultTableColumn>& columns,
                              const ResultRowRange& rows, TableBuilder& builder) {
  SEXTANT_CHECK(columns.size() == schema.num_fields());
  for (ColumnIndex i = 0; i < schema.num_fields(); ++i) {
    ColumnCopier copier(schema.field(i), columns[i], rows.begin, builder.column(i));
    SEXTANT_RETURN_IF_ERROR(copier.Copy(rows.num_rows));
  }
  return builder.FinishRows(rows.num_rows);
}

}  // namespace sextant
