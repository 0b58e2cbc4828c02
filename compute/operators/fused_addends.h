#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "compute/column/column.h"
#include "compute/kernels/byte_cells.h"
#include "compute/kernels/cell_words.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/fused_plan.h"
#include "compute/operators/morsel.h"
#include "compute/operators/word_batch.h"

namespace sextant {

/// What all rows of a chunk add to cells that are bytes, but for the cells: false where a column is
/// of another width, has NULL in this chunk, or is computed, or there are other columns than one of
/// integers and those of floats that ByteCellAddends has room for.
bool ReadByteAddends(const FusedPlan& plan, const Chunk& chunk, ByteCellAddends& addends);

/// What the rows of a batch add to their cells: columns are read one after another, by vectors, and
/// packed, so that the pass over the rows has one addition per word. 80 KiB, of which only what the
/// plan has is touched: for the stack.
class FusedAddends {
 public:
  /// The addends live as long as this does, and the batch.
  const CellAddends& Read(const FusedPlan& plan, const SampleBatch& batch);
  /// The same of samples as the only word of `packed` has them, which is plan.OfOneSample(). At
  /// most kBatchRows.
  const CellAddends& Unpack(const FusedPlan& plan, const FusedPlan& packed,
                            std::span<const uint32_t> samples);

 private:
  void AddIntegers(const FusedValue& value, const SampleBatch& batch);
  void AddDecimals(const FusedValue& value, const SampleBatch& batch);
  void AddPresence(const FusedValue& value, const Column& column, const SampleBatch& batch);
  void AddComputed(const FusedValue& value, const SampleBatch& batch);
  void ReadFloats(const FusedValue& value, const SampleBatch& batch);

  WordBatch words_;
  std::array<std::array<double, kBatchRows>, CellForm::kMaxFloats> floats_;
  CellAddends addends_;
};

}  // namespace sextant
