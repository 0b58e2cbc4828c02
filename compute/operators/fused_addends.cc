#include "compute/operators/fused_addends.h"

#include <algorithm>
#include <span>

#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/kernels/word_addends.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

using Kind = FusedValue::Kind;
using Words = WordBatch::Words;

/// What a row that has the value adds to each word, besides its slot, which is above `base`.
Words ConstantsOf(const FusedValue& value, int64_t base) {
  Words constants{};
  if (value.counts_itself) constants[value.count.word] += uint64_t{1} << value.count.shift;
  if (value.has_integers()) {
    const uint64_t offset = static_cast<uint64_t>(base) - static_cast<uint64_t>(value.least);
    constants[value.sum.word] += offset << value.sum.shift;
  }
  return constants;
}

/// The column whose validity says which rows have the value; null: all do, or a reader knows.
const Column* SparseColumn(const FusedValue& value, const Chunk& chunk) {
  if (value.kind == Kind::kRows || value.kind == Kind::kComputed) return nullptr;
  const Column& column = chunk.column(value.reader->column());
  return column.has_nulls() ? &column : nullptr;
}

/// Of a column of integers; else 0.
int64_t BaseOf(const FusedValue& value, const Chunk& chunk) {
  if (value.kind != Kind::kIntegers) return 0;
  const Column& column = chunk.column(value.reader->column());
  SEXTANT_DCHECK(column.step() == 1);  // no time is added up
  return column.base();
}

/// What every row adds to each word.
Words RowConstants(const FusedPlan& plan, const Chunk& chunk) {
  Words constants{};
  if (const auto& rows = plan.row_count()) constants[rows->word] += uint64_t{1} << rows->shift;
  for (const FusedValue& value : plan.values()) {
    if (value.kind == Kind::kComputed || SparseColumn(value, chunk) != nullptr) continue;
    const Words own = ConstantsOf(value, BaseOf(value, chunk));
    for (size_t w = 0; w < constants.size(); ++w) constants[w] += own[w];
  }
  return constants;
}

}  // namespace

bool ReadByteAddends(const FusedPlan& plan, const Chunk& chunk, ByteCellAddends& addends) {
  const CellForm form = plan.form();
  if (form.num_words != 1 || form.num_floats > ByteCellAddends::kMaxFloats) return false;
  addends.num_rows = chunk.num_rows();
  addends.num_floats = form.num_floats;
  addends.slots = nullptr;
  for (const FusedValue& value : plan.values()) {
    if (value.kind == Kind::kRows) continue;
    if (value.kind != Kind::kIntegers && value.kind != Kind::kFloats) return false;
    const Column& column = chunk.column(value.reader->column());
    if (column.has_nulls()) return false;
    if (value.kind == Kind::kFloats) {
      if (column.width_bytes() != sizeof(double)) return false;
      addends.floats[value.float_index] = column.values<double>().data();
      continue;
    }
    if (column.width_bytes() != 1 || addends.slots != nullptr) return false;
    addends.slots = column.values<uint8_t>().data();
    const uint64_t constant = RowConstants(plan, chunk)[0];
    for (uint64_t slot = 0; slot < addends.word_of.size(); ++slot) {
      addends.word_of[slot] = (slot << value.sum.shift) + constant;
    }
  }
  return addends.slots != nullptr;
}

const CellAddends& FusedAddends::Read(const FusedPlan& plan, const SampleBatch& batch) {
  addends_.num_coming = 0;
  words_.Start(RowConstants(plan, *batch.chunk), batch.rows.size());
  for (const FusedValue& value : plan.values()) {
    switch (value.kind) {
      case Kind::kRows:
        continue;
      case Kind::kComputed:
        AddComputed(value, batch);
        continue;
      case Kind::kIntegers:
        AddIntegers(value, batch);
        break;
      case Kind::kDecimals:
        AddDecimals(value, batch);
        break;
      case Kind::kFloats:
        ReadFloats(value, batch);
        break;
      case Kind::kPresence:
        break;
    }
    if (const Column* column = SparseColumn(value, *batch.chunk)) {
      AddPresence(value, *column, batch);
    }
  }
  words_.Finish(plan.form().num_words, addends_);
  return addends_;
}

const CellAddends& FusedAddends::Unpack(const FusedPlan& plan, const FusedPlan& packed,
                                        std::span<const uint32_t> samples) {
  addends_.num_coming = 0;
  Words constants{};
  if (const auto& rows = plan.row_count()) constants[rows->word] += uint64_t{1} << rows->shift;
  words_.Start(constants, samples.size());
  const auto add = [&](const WordField& from, const WordField& to) {
    words_.AddFields(samples.data(), {from.shift, static_cast<uint32_t>(from.mask)}, to);
  };
  for (size_t i = 0; i < plan.values().size(); ++i) {
    const FusedValue& value = plan.values()[i];
    const FusedValue& one = packed.values()[i];
    if (value.counts_itself) add(one.count, value.count);
    if (value.has_integers()) add(one.sum, value.sum);
  }
  words_.Finish(plan.form().num_words, addends_);
  return addends_;
}

void FusedAddends::AddIntegers(const FusedValue& value, const SampleBatch& batch) {
  WithUnsignedSlots(batch.chunk->column(value.reader->column()),
                    [&](auto slots) { words_.AddSlots(slots.data(), batch.rows, value.sum); });
}

void FusedAddends::AddDecimals(const FusedValue& value, const SampleBatch& batch) {
  std::array<double, kBatchRows> room;
  const Column& column = batch.chunk->column(value.reader->column());
  const std::span<const double> slots = SlotsOfFloats(column, batch.rows, room.data());
  words_.AddDecimals(slots, kPowersOfDigits[value.digits], value.sum);
  if (slots.data() != room.data()) addends_.Expect(slots.data() + slots.size());
}

/// The slot of a row that lacks the value is zero; the rest of what rows add is added here.
void FusedAddends::AddPresence(const FusedValue& value, const Column& column,
                               const SampleBatch& batch) {
  const Words constants = ConstantsOf(value, BaseOf(value, *batch.chunk));
  for (size_t w = 0; w < constants.size(); ++w) {
    if (constants[w] == 0) continue;
    AddWhereValid(column.validity().data(), batch.rows, constants[w],
                  words_.Begun(static_cast<uint32_t>(w)));
  }
}

void FusedAddends::AddComputed(const FusedValue& value, const SampleBatch& batch) {
  std::array<int64_t, kBatchRows> integers;
  std::array<uint8_t, kBatchRows> valid;
  value.reader->ReadIntegers(*batch.chunk, batch.rows, integers.data(), valid.data());
  const Words constants = ConstantsOf(value, 0);
  const uint32_t sum_word = value.sum.word;
  AddReadValues({integers.data(), batch.rows.size()}, valid.data(), value.sum.shift,
                constants[sum_word], words_.Begun(sum_word));
  if (value.count.word == sum_word) return;
  uint64_t* __restrict counts = words_.Begun(value.count.word);
  for (size_t k = 0; k < batch.rows.size(); ++k)
    counts[k] += uint64_t{valid[k]} << value.count.shift;
}

/// Doubles of contiguous rows are used where they are.
void FusedAddends::ReadFloats(const FusedValue& value, const SampleBatch& batch) {
  double* const room = floats_[value.float_index].data();
  const std::span<const double> slots =
      SlotsOfFloats(batch.chunk->column(value.reader->column()), batch.rows, room);
  addends_.floats[value.float_index] = slots.data();
  if (slots.data() != room) addends_.Expect(slots.data() + slots.size());
}

}  // namespace sextant
