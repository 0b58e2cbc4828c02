#include "compute/operators/axis_codes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/clip_cuts.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// Moves to the next combination, the last axis first; false after the last one.
bool Advance(std::vector<AxisCodes::State::Reel>& reels) {
  for (size_t axis = reels.size(); axis-- > 0;) {
    if (++reels[axis].at < reels[axis].end) return true;
    reels[axis].at = reels[axis].begin;
  }
  return false;
}

}  // namespace

absl::StatusOr<AxisCodes> AxisCodes::Create(std::span<const BoundAxis> axes, const Table& table,
                                            std::span<const TextRanks* const> ranks,
                                            const Grouping& grouping, MemoryBudget& budget) {
  AxisCodes codes;
  codes.grouping_ = grouping;
  const bool is_others = grouping.rows == Grouping::Rows::kOthers;
  for (uint32_t axis = 0; axis < axes.size(); ++axis) {
    SEXTANT_ASSIGN_OR_RETURN(
        AxisCoder coder,
        AxisCoder::Create(axes[axis], table, ranks.empty() ? nullptr : ranks[axis], budget));
    const bool is_shown = !is_others && (grouping.summed >> axis & 1) == 0;
    if (is_shown) codes.shown_.push_back(axis);
    if (is_shown || is_others) {
      if (coder.is_multiple()) {
        codes.multiple_.push_back(static_cast<uint32_t>(codes.expanded_.size()));
      }
      codes.expanded_.push_back(axis);
    }
    codes.may_miss_ = codes.may_miss_ || coder.may_miss();
    codes.coders_.push_back(std::move(coder));
  }
  return codes;
}

absl::StatusOr<AxisCodes::State> AxisCodes::MakeState(MemoryBudget& budget) const {
  State state(budget);
  SEXTANT_RETURN_IF_ERROR(BeginState(state, budget));
  return state;
}

absl::Status AxisCodes::BeginState(State& state, MemoryBudget& budget) const {
  for (size_t axis = 0; axis < coders_.size(); ++axis) {
    SEXTANT_ASSIGN_OR_RETURN(AxisState one, coders_[axis].MakeState(budget));
    if (grouping_.cuts != nullptr) {  // they began with what is kept
      SEXTANT_RETURN_IF_ERROR(grouping_.cuts->SeedState(coders_[axis], axis, one, budget));
    } else if (grouping_.kept != nullptr) {
      SEXTANT_RETURN_IF_ERROR(grouping_.kept->SeedState(coders_[axis], axis, one, budget));
    }
    state.axes.push_back(std::move(one));
  }
  if (may_miss_) SEXTANT_RETURN_IF_ERROR(state.members.ResizeUninitialized(kBatchRows));
  const size_t num_codes = expanded_.size() * kBatchRows;
  SEXTANT_RETURN_IF_ERROR(state.codes.ResizeUninitialized(num_codes));
  if (!multiple_.empty()) {
    SEXTANT_RETURN_IF_ERROR(state.rows.ResizeUninitialized(kBatchRows));
    SEXTANT_RETURN_IF_ERROR(state.expanded.ResizeUninitialized(num_codes));
  }
  state.reels.resize(multiple_.size());
  state.columns.resize(expanded_.size());
  return absl::OkStatus();
}

void AxisCodes::BeginChunk(State& state, const Chunk& chunk, Selection selection) const {
  for (size_t axis = 0; axis < coders_.size(); ++axis) {
    coders_[axis].BeginChunk(state.axes[axis], chunk, selection);
  }
}

absl::StatusOr<std::span<const uint32_t>> AxisCodes::FindMembers(
    State& state, const Chunk& chunk, std::span<const uint32_t> rows) const {
  if (!may_miss_) return rows;
  std::array<uint8_t, kBatchRows> has;
  std::fill_n(has.data(), rows.size(), uint8_t{1});
  for (size_t axis = 0; axis < coders_.size(); ++axis) {
    coders_[axis].KeepMembers(state.axes[axis], chunk, rows, has.data());
  }
  size_t kept = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    state.members[kept] = rows[k];
    kept += has[k];
  }
  return std::span<const uint32_t>(state.members.data(), kept);
}

absl::Status AxisCodes::Expand(State& state, const Chunk& chunk, std::span<const uint32_t> rows,
                               const Check& check, Sink sink) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  SEXTANT_ASSIGN_OR_RETURN(const std::span<const uint32_t> members,
                           FindMembers(state, chunk, rows));
  if (members.empty()) return absl::OkStatus();
  switch (grouping_.rows) {
    case Grouping::Rows::kAll:
      return ExpandMembers(state, chunk, members, check, sink);
    case Grouping::Rows::kTuples:
      return ExpandMembers(
          state, chunk, members, check,
          [&](std::span<const uint32_t> expanded, std::span<const uint32_t* const> codes) {
            return KeepTuples(expanded, codes, sink);
          });
    case Grouping::Rows::kOthers:
      return ExpandOthers(state, chunk, members, check, sink);
  }
  return absl::OkStatus();
}

absl::Status AxisCodes::LoadReels(State& state, const Chunk& chunk, uint32_t row, size_t k) const {
  state.distinct.Clear();
  for (size_t i = 0; i < multiple_.size(); ++i) {
    const uint32_t axis = expanded_[multiple_[i]];
    const size_t first = state.distinct.size();
    SEXTANT_RETURN_IF_ERROR(
        coders_[axis].AppendCodes(state.axes[axis], chunk, row, k, state.distinct));
    state.reels[i] = {first, state.distinct.size(), first};
  }
  return absl::OkStatus();
}

absl::Status AxisCodes::ExpandMembers(State& state, const Chunk& chunk,
                                      std::span<const uint32_t> rows, const Check& check,
                                      Sink sink) const {
  for (size_t i = 0; i < expanded_.size(); ++i) {
    const AxisCoder& coder = coders_[expanded_[i]];
    AxisState& axis = state.axes[expanded_[i]];
    uint32_t* codes = state.codes.data() + i * kBatchRows;
    state.columns[i] = codes;
    SEXTANT_RETURN_IF_ERROR(coder.is_multiple() ? coder.BeginBatch(axis, rows)
                                                : coder.Encode(axis, chunk, rows, codes));
  }
  if (multiple_.empty()) return sink(rows, state.columns);
  if (expanded_.size() == 1 && coders_[expanded_[0]].is_sets()) {
    return ExpandSets(state, rows, check, sink);
  }
  for (size_t i = 0; i < expanded_.size(); ++i) {
    state.columns[i] = state.expanded.data() + i * kBatchRows;
  }
  uint32_t count = 0;
  const auto hand_on = [&]() -> absl::Status {
    SEXTANT_RETURN_IF_ERROR(check());
    return sink({state.rows.data(), std::exchange(count, 0)}, state.columns);
  };
  for (size_t k = 0; k < rows.size(); ++k) {
    SEXTANT_RETURN_IF_ERROR(LoadReels(state, chunk, rows[k], k));
    do {
      state.rows[count] = rows[k];
      for (size_t i = 0; i < expanded_.size(); ++i) {
        state.expanded[i * kBatchRows + count] = state.codes[i * kBatchRows + k];
      }
      for (size_t i = 0; i < multiple_.size(); ++i) {
        state.expanded[multiple_[i] * kBatchRows + count] = state.distinct[state.reels[i].at];
      }
      if (++count == kBatchRows) SEXTANT_RETURN_IF_ERROR(hand_on());
    } while (Advance(state.reels));
  }
  return count == 0 ? absl::OkStatus() : hand_on();
}

/// The codes of the batch lie side by side: they are handed on where they are.
absl::Status AxisCodes::ExpandSets(State& state, std::span<const uint32_t> rows, const Check& check,
                                   Sink sink) const {
  const AxisState& axis = state.axes[expanded_[0]];
  const uint32_t* const starts = axis.starts.data();
  const uint32_t end = starts[rows.size()];
  size_t k = 0;
  for (uint32_t begin = 0; begin < end; begin += kBatchRows) {
    const uint32_t count = std::min(end - begin, kBatchRows);
    uint32_t filled = 0;
    while (filled < count) {
      while (starts[k + 1] <= begin + filled) ++k;
      const uint32_t last = std::min(starts[k + 1] - begin, count);
      std::fill(state.rows.data() + filled, state.rows.data() + last, rows[k]);
      filled = last;
    }
    state.columns[0] = axis.members.data() + begin;
    SEXTANT_RETURN_IF_ERROR(check());
    SEXTANT_RETURN_IF_ERROR(sink({state.rows.data(), count}, state.columns));
  }
  return absl::OkStatus();
}

absl::Status AxisCodes::KeepTuples(std::span<const uint32_t> rows,
                                   std::span<const uint32_t* const> codes, Sink sink) const {
  std::array<uint32_t, kBatchRows> kept_rows;
  std::vector<std::array<uint32_t, kBatchRows>> kept_codes(codes.size());
  std::vector<const uint32_t*> columns;
  for (const auto& column : kept_codes) columns.push_back(column.data());
  size_t kept = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (!grouping_.kept->Contains(codes, k)) continue;
    kept_rows[kept] = rows[k];
    for (size_t axis = 0; axis < codes.size(); ++axis) kept_codes[axis][kept] = codes[axis][k];
    ++kept;
  }
  return kept == 0 ? absl::OkStatus() : sink({kept_rows.data(), kept}, columns);
}

absl::Status AxisCodes::ExpandOthers(State& state, const Chunk& chunk,
                                     std::span<const uint32_t> rows, const Check& check,
                                     Sink sink) const {
  std::array<uint32_t, kBatchRows> others;
  std::copy(rows.begin(), rows.end(), others.begin());
  std::array<uint8_t, kBatchRows> is_kept{};
  size_t at = 0;
  SEXTANT_RETURN_IF_ERROR(ExpandMembers(
      state, chunk, rows, check,
      [&](std::span<const uint32_t> expanded, std::span<const uint32_t* const> codes) {
        for (size_t k = 0; k < expanded.size(); ++k) {
          while (others[at] != expanded[k]) ++at;  // both ascend
          is_kept[at] |= grouping_.kept->Contains(codes, k) ? 1 : 0;
        }
        return absl::OkStatus();
      }));
  size_t count = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    others[count] = others[k];
    count += 1 - is_kept[k];
  }
  return count == 0 ? absl::OkStatus() : sink({others.data(), count}, {});
}

}  // namespace sextant
