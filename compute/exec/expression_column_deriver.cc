#include "compute/exec/expression_column_deriver.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/column/chunk.h"
#include "compute/column/column_builder.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/value_reader.h"

namespace sextant {
namespace {

/// Calls `append(rows, valid)` for batch after batch of the chunk's rows; it reads them, fills the
/// validity and appends.
template <typename AppendBatch>
absl::Status ForEachBatch(uint32_t num_rows, AppendBatch append) {
  std::array<uint32_t, kBatchRows> rows;
  std::array<uint8_t, kBatchRows> valid;
  for (uint32_t begin = 0; begin < num_rows; begin += kBatchRows) {
    const uint32_t count = std::min(kBatchRows, num_rows - begin);
    std::iota(rows.begin(), rows.begin() + count, begin);
    SEXTANT_RETURN_IF_ERROR(append(std::span<const uint32_t>(rows.data(), count), valid.data()));
  }
  return absl::OkStatus();
}

std::array<uint64_t, BitmapWords(kBatchRows)> ValidWords(const uint8_t* valid, size_t count) {
  std::array<uint64_t, BitmapWords(kBatchRows)> words{};
  for (size_t k = 0; k < count; ++k) words[k / 64] |= uint64_t{valid[k]} << (k % 64);
  return words;
}

/// Reads the difference batch by batch and appends it to `builder`.
absl::Status AppendDifference(const ValueReader& reader, const Chunk& chunk,
                              ColumnBuilder& builder) {
  return ForEachBatch(chunk.num_rows(),
                      [&](std::span<const uint32_t> rows, uint8_t* valid) -> absl::Status {
                        if (reader.form() == ValueReader::Form::kFloat) {
                          std::array<double, kBatchRows> values;
                          reader.ReadFloats(chunk, rows, values.data(), valid);
                          return static_cast<FloatColumnBuilder&>(builder).Append(
                              {values.data(), rows.size()}, ValidWords(valid, rows.size()));
                        }
                        std::array<int64_t, kBatchRows> values;
                        reader.ReadIntegers(chunk, rows, values.data(), valid);
                        return static_cast<IntegerColumnBuilder&>(builder).Append(
                            {values.data(), rows.size()}, ValidWords(valid, rows.size()));
                      });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ColumnDeriver>> ExpressionColumnDeriver::Create(
    std::vector<BoundDerivedColumn> columns) {
  for (const BoundDerivedColumn& column : columns) {
    if (column.value.expression != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("derived column '", column.field.name,
                       "' is an expression; allowed: differences, and other names for a column"));
    }
    const TypeKind kind = column.field.type.kind;
    const bool may_have_dictionary =
        kind == TypeKind::kText || kind == TypeKind::kEnum || kind == TypeKind::kList;
    if (column.value.minus || !may_have_dictionary) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "derived column '", column.field.name, "' is another name for a column of ",
        TypeName(column.field.type), "; allowed: differences, and columns of other types"));
  }
  return std::shared_ptr<const ColumnDeriver>(new ExpressionColumnDeriver(std::move(columns)));
}

ExpressionColumnDeriver::ExpressionColumnDeriver(std::vector<BoundDerivedColumn> columns)
    : columns_(std::move(columns)) {
  for (const BoundDerivedColumn& column : columns_) fields_.push_back(column.field);
}

absl::StatusOr<std::vector<std::shared_ptr<const Column>>> ExpressionColumnDeriver::Derive(
    std::span<const std::shared_ptr<const Column>> sources, MemoryBudget& budget) const {
  const uint32_t num_rows = sources.empty() ? 0 : sources[0]->num_rows();
  const Chunk chunk(std::make_shared<const ChunkData>(
      num_rows, std::vector<std::shared_ptr<const Column>>(sources.begin(), sources.end())));
  std::vector<std::shared_ptr<const Column>> derived;
  for (const BoundDerivedColumn& column : columns_) {
    if (!column.value.minus) {
      derived.push_back(sources[column.value.column]);
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnBuilder> builder,
                             MakeColumnBuilder(column.field, budget));
    SEXTANT_RETURN_IF_ERROR(AppendDifference(ValueReader(column.value), chunk, *builder));
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
    derived.push_back(std::make_shared<const Column>(std::move(*parts)));
  }
  return derived;
}

}  // namespace sextant
