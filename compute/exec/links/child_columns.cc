#include "compute/exec/links/child_columns.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/column_builder.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"
#include "compute/exec/links/code_column.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint32_t kRows = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<ChildColumns>> ChildColumns::Create(const BoundChildColumn& child,
                                                                   const LinkRows& rows,
                                                                   const Table& target,
                                                                   MemoryBudget& budget) {
  auto columns = std::unique_ptr<ChildColumns>(new ChildColumns(child, rows, target, budget));
  if (child.filter) {
    SEXTANT_ASSIGN_OR_RETURN(columns->filtered_,
                             LinkedRows::Create(*child.filter, target, rows.to(), budget));
    columns->kept_ = columns->filtered_->Find({0, target.num_chunks()});
  }
  return columns;
}

ColumnFacts ChildColumns::facts() const {
  ColumnFacts facts;
  facts.layout = PlainLayout(child_.field.type);
  if (facts.layout == Layout::kCode) {
    facts.dictionary = target_.facts(child_.column).dictionary;
    facts.dictionary_size = target_.facts(child_.column).dictionary_size;
  }
  return facts;
}

/// Calls `visit(linked)` with the number of each linked row that passes the filter.
template <typename Visit>
void ChildColumns::ForEachLinked(uint32_t number, Visit visit) {
  for (const uint32_t linked : rows_.RowsOf(number)) {
    const bool is_kept = kept_ == nullptr || ((kept_[linked / 64] >> (linked % 64)) & 1) != 0;
    if (is_kept) visit(linked);
  }
}

const Column* ChildColumns::ColumnOf(uint32_t number, uint32_t& row) {
  if (number < begin_ || number >= end_) {
    const uint32_t chunk = rows_.to().ChunkOf(number);
    begin_ = rows_.to().first(chunk);
    end_ = rows_.to().first(chunk + 1);
    current_ = &target_.chunk(chunk).column(child_.column);
  }
  row = number - begin_;
  return current_;
}

int64_t ChildColumns::Count(uint32_t number) {
  int64_t count = 0;
  ForEachLinked(number, [&](uint32_t linked) {
    uint32_t row = 0;
    const bool counts =
        child_.kind == AggregateKind::kCountRows || !ColumnOf(linked, row)->IsNull(row);
    count += counts ? 1 : 0;
  });
  return count;
}

/// Whether there is a value; the least, or the greatest.
template <typename T, typename Read, typename Less>
bool ChildColumns::Find(uint32_t number, Read read, Less less, T& found) {
  bool is_found = false;
  ForEachLinked(number, [&](uint32_t linked) {
    uint32_t row = 0;
    const Column* const column = ColumnOf(linked, row);
    if (column->IsNull(row)) return;
    const T value = read(*column, row);
    const bool is_better =
        child_.kind == AggregateKind::kMin ? less(value, found) : less(found, value);
    if (!is_found || is_better) found = value;
    is_found = true;
  });
  return is_found;
}

template <typename Builder, typename T, typename Read, typename Less>
absl::Status ChildColumns::AppendExtremes(uint32_t first, uint32_t num_rows, Read read, Less less,
                                          Builder& builder) {
  for (uint32_t begin = 0; begin < num_rows; begin += kRows) {
    const uint32_t count = std::min(kRows, num_rows - begin);
    std::array<T, kRows> values{};
    std::array<uint64_t, BitmapWords(kRows)> valid{};
    for (uint32_t k = 0; k < count; ++k) {
      if (Find(first + begin + k, read, less, values[k])) SetBit(valid, k);
    }
    SEXTANT_RETURN_IF_ERROR(builder.Append({values.data(), count}, valid));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Column>> ChildColumns::Compute(uint32_t chunk,
                                                                    uint32_t num_rows) {
  const uint32_t first = rows_.from().first(chunk);
  if (PlainLayout(child_.field.type) == Layout::kCode) return ComputeCodes(first, num_rows);
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ColumnBuilder> builder,
                           MakeColumnBuilder(child_.field, budget_));
  if (child_.kind == AggregateKind::kCountRows || child_.kind == AggregateKind::kCount) {
    auto& integers = static_cast<IntegerColumnBuilder&>(*builder);
    for (uint32_t row = 0; row < num_rows; ++row) {
      const int64_t count = Count(first + row);
      SEXTANT_RETURN_IF_ERROR(integers.Append({&count, 1}, {}));
    }
  } else if (PlainLayout(child_.field.type) == Layout::kFloat) {
    const auto less = [](double a, double b) { return FloatKey(a) < FloatKey(b); };
    SEXTANT_RETURN_IF_ERROR((AppendExtremes<FloatColumnBuilder, double>(
        first, num_rows, [](const Column& column, uint32_t row) { return column.FloatAt(row); },
        less, static_cast<FloatColumnBuilder&>(*builder))));
  } else {
    SEXTANT_RETURN_IF_ERROR((AppendExtremes<IntegerColumnBuilder, int64_t>(
        first, num_rows, [](const Column& column, uint32_t row) { return column.IntegerAt(row); },
        std::less<int64_t>(), static_cast<IntegerColumnBuilder&>(*builder))));
  }
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
  parts->Settle();
  return std::make_shared<const Column>(std::move(*parts));
}

/// Labels in their declared order are codes in theirs (rule 8).
absl::StatusOr<std::shared_ptr<const Column>> ChildColumns::ComputeCodes(uint32_t first,
                                                                         uint32_t num_rows) {
  CodeStore codes(budget_);
  ValidityBuilder validity(budget_);
  SEXTANT_ASSIGN_OR_RETURN(const std::span<uint32_t> found, codes.Extend(num_rows));
  for (uint32_t row = 0; row < num_rows; ++row) {
    found[row] = 0;
    const uint64_t is_valid = Find(
        first + row, [](const Column& column, uint32_t at) { return column.CodeAt(at); },
        std::less<uint32_t>(), found[row]);
    SEXTANT_RETURN_IF_ERROR(validity.Append(1, {&is_valid, 1}));
  }
  return SealCodes(child_.field.type, num_rows, codes, validity);
}

}  // namespace sextant
