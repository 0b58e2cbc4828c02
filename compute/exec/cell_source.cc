#include "compute/exec/cell_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Cells between two questions whether to go on.
constexpr size_t kCellsPerCheck = size_t{1} << 16;

}  // namespace

CellSource::CellSource(QueryContext& context, const GroupAggregate& groups,
                       const GroupAggregate::State& state)
    : groups_(&groups),
      state_(&state),
      ids_(context.budget()),
      slots_(context.budget()),
      intervals_(context.budget()) {}

absl::StatusOr<CellSource> CellSource::Create(QueryContext& context, const GroupAggregate& groups,
                                              const GroupAggregate::State& state,
                                              bool may_be_walked) {
  CellSource source(context, groups, state);
  SEXTANT_RETURN_IF_ERROR(source.FindSamples(context));
  source.is_walked_ = may_be_walked && IsWorthAWalk(state.cells.shape(), source.num_cells_);
  SEXTANT_RETURN_IF_ERROR(source.is_walked_ ? source.PrepareWalk(context) : source.Decode(context));
  return source;
}

CellSlots CellSource::slots() const {
  return {state_->cells.shape(), slots_.empty() ? state_->cells.slots() : slots_.span(),
          num_cells_};
}

absl::Status CellSource::FindSamples(QueryContext& context) {
  num_cells_ = state_->cells.num_cells();
  TrackedVector<uint8_t> has_sample(context.budget());
  SEXTANT_RETURN_IF_ERROR(has_sample.Resize(num_cells_));
  bool have_all = num_cells_ == 0;
  for (const auto& metric : state_->metrics) {
    if (have_all) break;
    SEXTANT_RETURN_IF_ERROR(context.Check());
    metric->MarkSamples(has_sample.span());
    have_all = std::memchr(has_sample.data(), 0, num_cells_) == nullptr;
  }
  if (have_all) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(ids_.Reserve(num_cells_));
  SEXTANT_RETURN_IF_ERROR(ForBlocks(has_sample.size(), AskToGoOn, [&](size_t begin, size_t end) {
    for (size_t cell = begin; cell < end; ++cell) {
      if (has_sample[cell] != 0) ids_.AppendUnchecked(static_cast<uint32_t>(cell));
    }
  }));
  num_cells_ = ids_.size();
  return absl::OkStatus();
}

/// Makes a table where cells are slots, and one without the cells that lack a sample.
absl::Status CellSource::PrepareWalk(QueryContext& context) {
  const CellIndex& cells = state_->cells;
  if (!cells.is_direct() && num_cells_ == cells.num_cells()) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(context.Check());
  TrackedVector<uint32_t> kept(context.budget());
  SEXTANT_RETURN_IF_ERROR(kept.Resize(cells.num_cells()));
  for (size_t at = 0; at < num_cells_; ++at) kept[Id(at)] = Id(at) + 1;
  if (cells.is_direct()) {
    slots_ = std::move(kept);
    return absl::OkStatus();
  }
  const std::span<const uint32_t> all = cells.slots();
  SEXTANT_RETURN_IF_ERROR(slots_.Resize(all.size()));
  for (size_t slot = 0; slot < all.size(); ++slot) {
    if (all[slot] != 0) slots_[slot] = kept[all[slot] - 1];
  }
  return absl::OkStatus();
}

/// All cells, then those without a sample are left out.
absl::Status CellSource::Decode(QueryContext& context) {
  const uint32_t num_all = state_->cells.num_cells();
  std::vector<uint32_t*> codes;
  for (size_t i = 0; i < shown().size(); ++i) {
    SEXTANT_RETURN_IF_ERROR(codes_.emplace_back(context.budget()).ResizeUninitialized(num_all));
    codes.push_back(codes_[i].data());
  }
  SEXTANT_RETURN_IF_ERROR(intervals_.ResizeUninitialized(num_all));
  for (uint32_t first = 0; first < num_all; first += kCellsPerCheck) {
    SEXTANT_RETURN_IF_ERROR(context.Check());
    const uint32_t count = std::min<uint32_t>(kCellsPerCheck, num_all - first);
    state_->cells.DecodeMany(first, count, codes, intervals_.data() + first);
    for (uint32_t*& column : codes) column += count;
  }
  if (num_cells_ == num_all) return absl::OkStatus();
  const auto keep = [this](TrackedVector<uint32_t>& column) {
    SEXTANT_RETURN_IF_ERROR(ForBlocks(num_cells_, AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t at = begin; at < end; ++at) column[at] = column[ids_[at]];
    }));
    return column.Resize(num_cells_);
  };
  for (TrackedVector<uint32_t>& column : codes_) SEXTANT_RETURN_IF_ERROR(keep(column));
  return keep(intervals_);
}

absl::Status CellSource::MarkUsed(QueryContext& context, std::span<uint8_t* const> used) const {
  if (is_walked_) return MarkUsedBySlots(context, slots(), used);
  for (size_t i = 0; i < codes_.size(); ++i) {
    uint8_t* __restrict used_codes = used[i];
    const uint32_t* __restrict codes = codes_[i].data();
    SEXTANT_RETURN_IF_ERROR(ForBlocks(codes_[i].size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t at = begin; at < end; ++at) used_codes[codes[at]] = 1;
    }));
  }
  return absl::OkStatus();
}

}  // namespace sextant
