#include "compute/exec/links/linked_columns.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/column_builder.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"
#include "compute/exec/links/code_column.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint32_t kRows = 1024;

/// Where the linked rows of a batch lie, and which there are with a value.
struct FoundRows {
  std::array<const Column*, kRows> columns;
  std::array<uint32_t, kRows> rows;
  std::array<uint64_t, BitmapWords(kRows)> valid;
};

class AttributeGatherer {
 public:
  AttributeGatherer(const LinkRows& links, const Table& target, ColumnIndex column)
      : links_(links), target_(target), column_(column) {}

  /// Calls `take(found, count)` for each batch of the rows [first, first + num_rows).
  template <typename Take>
  absl::Status ForEachBatch(uint32_t first, uint32_t num_rows, Take take) {
    for (uint32_t begin = 0; begin < num_rows; begin += kRows) {
      const uint32_t count = std::min(kRows, num_rows - begin);
      Find(first + begin, count);
      SEXTANT_RETURN_IF_ERROR(take(found_, count));
    }
    return absl::OkStatus();
  }

 private:
  void Find(uint32_t first, uint32_t count) {
    found_.valid.fill(0);
    for (uint32_t k = 0; k < count; ++k) {
      const uint32_t number = links_.rows()[first + k];
      if (number == links_.to().size()) continue;
      if (number < begin_ || number >= end_) Enter(links_.to().ChunkOf(number));
      const uint32_t row = number - begin_;
      if (current_->IsNull(row)) continue;
      found_.columns[k] = current_;
      found_.rows[k] = row;
      SetBit(found_.valid, k);
    }
  }

  void Enter(uint32_t chunk) {
    begin_ = links_.to().first(chunk);
    end_ = links_.to().first(chunk + 1);
    current_ = &target_.chunk(chunk).column(column_);
  }

  const LinkRows& links_;
  const Table& target_;
  const ColumnIndex column_;
  uint32_t begin_ = 0;  // numbers of the rows of current_
  uint32_t end_ = 0;
  const Column* current_ = nullptr;
  FoundRows found_;
};

template <typename Builder, typename T, typename Read>
absl::Status AppendRead(const FoundRows& found, uint32_t count, ColumnBuilder& builder, Read read) {
  std::array<T, kRows> values{};
  for (uint32_t k = 0; k < count; ++k) {
    if (TestBit(found.valid, k)) values[k] = read(*found.columns[k], found.rows[k]);
  }
  return static_cast<Builder&>(builder).Append({values.data(), count}, found.valid);
}

absl::Status Append(Layout layout, const FoundRows& found, uint32_t count, ColumnBuilder& builder) {
  switch (layout) {
    case Layout::kInteger:
      return AppendRead<IntegerColumnBuilder, int64_t>(
          found, count, builder, [](const Column& c, uint32_t row) { return c.IntegerAt(row); });
    case Layout::kFloat:
      return AppendRead<FloatColumnBuilder, double>(
          found, count, builder, [](const Column& c, uint32_t row) { return c.FloatAt(row); });
    case Layout::kWide:
      return AppendRead<WideColumnBuilder, Wide>(
          found, count, builder, [](const Column& c, uint32_t row) { return c.WideAt(row); });
    default:
      return AppendRead<StringColumnBuilder, std::string_view>(
          found, count, builder, [](const Column& c, uint32_t row) { return c.BytesAt(row); });
  }
}

/// Codes keep their dictionary, which no builder takes.
absl::StatusOr<std::shared_ptr<const Column>> GatherCodes(AttributeGatherer& gatherer,
                                                          uint32_t first, uint32_t num_rows,
                                                          const DataType& type,
                                                          MemoryBudget& budget) {
  CodeStore codes(budget);
  ValidityBuilder validity(budget);
  SEXTANT_RETURN_IF_ERROR(gatherer.ForEachBatch(
      first, num_rows, [&](const FoundRows& found, uint32_t count) -> absl::Status {
        SEXTANT_RETURN_IF_ERROR(validity.Append(count, found.valid));
        SEXTANT_ASSIGN_OR_RETURN(const std::span<uint32_t> added, codes.Extend(count));
        for (uint32_t k = 0; k < count; ++k) {
          added[k] = TestBit(found.valid, k) ? found.columns[k]->CodeAt(found.rows[k]) : 0;
        }
        return absl::OkStatus();
      }));
  return SealCodes(type, num_rows, codes, validity);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Column>> GatherAttribute(const LinkRows& rows, uint32_t chunk,
                                                              uint32_t num_rows,
                                                              const Table& target,
                                                              ColumnIndex column,
                                                              MemoryBudget& budget) {
  AttributeGatherer gatherer(rows, target, column);
  const uint32_t first = rows.from().first(chunk);
  const Field& field = target.schema().field(column);
  const Layout layout = target.facts(column).layout;
  if (layout == Layout::kCode) return GatherCodes(gatherer, first, num_rows, field.type, budget);
  std::unique_ptr<ColumnBuilder> builder;
  if (layout == Layout::kBytes) {
    // Of texts too: whether they are codes has been decided where they were loaded.
    builder = MakeBytesColumnBuilder(field.type, budget);
  } else {
    SEXTANT_ASSIGN_OR_RETURN(builder, MakeColumnBuilder(field, budget));
  }
  SEXTANT_RETURN_IF_ERROR(gatherer.ForEachBatch(
      first, num_rows, [&](const FoundRows& found, uint32_t count) -> absl::Status {
        return Append(layout, found, count, *builder);
      }));
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
  parts->Settle();
  return std::make_shared<const Column>(std::move(*parts));
}

}  // namespace sextant
