#include "compute/operators/fused_selection.h"

#include "compute/kernels/selected_sums.h"
#include "compute/kernels/vector_selection.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"

namespace sextant {

std::array<uint64_t, CellForm::kMaxWords> SumOfSelection(const FusedPlan& plan,
                                                         const SelectedRows& selected) {
  std::array<uint64_t, CellForm::kMaxWords> words{};
  const uint64_t num_rows = CountSelected(selected.rows);
  if (const auto& rows = plan.row_count()) words[rows->word] += num_rows << rows->shift;
  for (const FusedValue& value : plan.values()) {
    if (value.kind == FusedValue::Kind::kRows) continue;
    const Column& column = selected.chunk->column(value.reader->column());
    const uint64_t count =
        column.has_nulls() ? CountSelectedIn(selected.rows, column.validity().data()) : num_rows;
    if (value.counts_itself) words[value.count.word] += count << value.count.shift;
    if (value.kind != FusedValue::Kind::kIntegers) continue;
    SEXTANT_DCHECK(column.step() == 1);  // no time is added up
    const uint64_t of_slots = WithUnsignedSlots(column, [&](auto slots) {
      return SumSelected(slots.data(), column.num_rows(), selected.rows);
    });
    const uint64_t offset =
        static_cast<uint64_t>(column.base()) - static_cast<uint64_t>(value.least);
    words[value.sum.word] += (of_slots + offset * count) << value.sum.shift;
  }
  return words;
}

}  // namespace sextant
