#include "compute/operators/first_rows.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <limits>
#include <utility>

#include "compute/kernels/checked_sort.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/column_order.h"

namespace sextant {
namespace {

/// Sorted at a time, of few wanted ones: less often is cheaper.
constexpr uint64_t kLeastSorted = 4096;

template <typename Visit>
absl::Status ForEachRow(Selection rows, Visit visit) {
  for (uint32_t word = rows.first; word < rows.last; ++word) {
    for (uint64_t bits = rows.words[word]; bits != 0; bits &= bits - 1) {
      SEXTANT_RETURN_IF_ERROR(visit(word * 64 + static_cast<uint32_t>(std::countr_zero(bits))));
    }
  }
  return absl::OkStatus();
}

}  // namespace

FirstRows::FirstRows(const Table& table, std::vector<BoundRowOrder> order_by, uint64_t limit,
                     MemoryBudget& budget)
    : table_(table), order_by_(std::move(order_by)), limit_(limit), budget_(budget), rows_(budget) {
  SEXTANT_CHECK(limit > 0);
}

absl::Status FirstRows::Add(uint32_t chunk, Selection rows) {
  return order_by_.empty() ? AddInRowOrder(chunk, rows) : AddByKey(chunk, rows);
}

absl::Status FirstRows::AddInRowOrder(uint32_t chunk, Selection rows) {
  return ForEachRow(rows, [&](uint32_t row) {
    return ++num_seen_ > limit_ ? absl::OkStatus() : rows_.Append({0, chunk, row});
  });
}

absl::Status FirstRows::AddByKey(uint32_t chunk, Selection rows) {
  const Column& column = table_.chunk(chunk).column(order_by_[0].column);
  Pace pace(AskToGoOn, /*work_per_question=*/size_t{1} << 14);
  return ForEachRow(rows, [&](uint32_t row) {
    SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
    ++num_seen_;
    const Row added = {KeyOf(column, row), chunk, row};
    if (is_cut_) {
      const Row& last = rows_[limit_ - 1];
      if (added.key > last.key || !IsBefore(added, last)) return absl::OkStatus();
    }
    SEXTANT_RETURN_IF_ERROR(rows_.Append(added));
    return rows_.size() >= 2 * limit_ + kLeastSorted ? Cut() : absl::OkStatus();
  });
}

int64_t FirstRows::KeyOf(const Column& column, uint32_t row) const {
  const BoundRowOrder& order = order_by_[0];
  if (column.IsNull(row)) {
    return order.descending ? std::numeric_limits<int64_t>::min()
                            : std::numeric_limits<int64_t>::max();
  }
  const int64_t key = LeadingKey(table_.facts(order.column), column, row);
  return order.descending ? ~key : key;
}

bool FirstRows::IsBefore(const Row& a, const Row& b) const {
  if (a.key != b.key) return a.key < b.key;
  for (const BoundRowOrder& order : order_by_) {
    const Column& a_column = table_.chunk(a.chunk).column(order.column);
    const Column& b_column = table_.chunk(b.chunk).column(order.column);
    const bool a_null = a_column.IsNull(a.row);
    const bool b_null = b_column.IsNull(b.row);
    if (a_null != b_null) return a_null == order.descending;
    if (a_null) continue;
    const std::strong_ordering compared =
        CompareInColumn(table_.facts(order.column), a_column, a.row, b_column, b.row);
    if (compared != 0) return order.descending ? compared > 0 : compared < 0;
  }
  return std::pair(a.chunk, a.row) < std::pair(b.chunk, b.row);
}

absl::Status FirstRows::Cut() {
  SEXTANT_RETURN_IF_ERROR(SortWithChecks(
      rows_.span(), [this](const Row& a, const Row& b) { return IsBefore(a, b); }, budget_,
      AskToGoOn));
  if (rows_.size() < limit_) return absl::OkStatus();
  is_cut_ = true;
  return rows_.Resize(limit_);
}

absl::Status FirstRows::Finish() { return order_by_.empty() ? absl::OkStatus() : Cut(); }

}  // namespace sextant
