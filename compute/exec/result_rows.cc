#include "compute/exec/result_rows.h"

#include <algorithm>
#include <utility>

#include "compute/exec/axis_ranks.h"
#include "compute/exec/cell_sort.h"
#include "compute/exec/cell_source.h"
#include "compute/exec/partitioned_groups.h"
#include "compute/exec/slot_walk.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Of a dense result, between two questions whether to go on.
constexpr size_t kRowsPerQuestion = size_t{1} << 16;

class RowMaker {
 public:
  explicit RowMaker(const ResultRowsInput& input)
      : input_(input), budget_(input.context.budget()), rows_(budget_) {}

  absl::StatusOr<ResultRows> Make() {
    if (HasOneCell()) {
      SEXTANT_RETURN_IF_ERROR(MakeOneRow());
    } else {
      SEXTANT_RETURN_IF_ERROR(FindCells());
      SEXTANT_RETURN_IF_ERROR(RankAxes());
      SEXTANT_RETURN_IF_ERROR(MakeRows());
    }
    if (input_.is_dense && !HasOneCell()) SEXTANT_RETURN_IF_ERROR(FillIntervals());
    SEXTANT_RETURN_IF_ERROR(CheckSize(rows_.size()));
    return std::move(rows_);
  }

 private:
  size_t num_axes() const { return input_.query.axes().size(); }
  size_t num_datasets() const { return input_.query.datasets.size(); }

  absl::Status CheckSize(uint64_t num_rows) const {
    return CheckNumValues(num_rows, input_.query.metrics.size(), input_.query.limits.max_values);
  }

  /// Without axes, in one interval of one dataset: then nothing is ranked, sorted or filled in.
  bool HasOneCell() const {
    return num_axes() == 0 && input_.num_intervals == 1 && input_.passes.size() == 1 &&
           num_datasets() == 1;
  }
  absl::Status MakeOneRow() {
    const GroupAggregate::State& state = *input_.passes[0].states[0];
    const bool has_sample = state.cells.num_cells() == 1 &&
                            std::any_of(state.metrics.begin(), state.metrics.end(),
                                        [](const auto& metric) { return metric->HasSample(0); });
    const size_t num_rows = has_sample ? 1 : 0;
    rows_.pass_begins = {0, num_rows};
    SEXTANT_RETURN_IF_ERROR(rows_.intervals.Resize(num_rows));
    return rows_.cells.emplace_back(budget_).Resize(num_rows);
  }

  /// Of all passes and datasets: those of one pass next to each other.
  absl::Status FindCells() {
    for (const FinishedPass& pass : input_.passes) {
      for (size_t dataset = 0; dataset < pass.states.size(); ++dataset) {
        SEXTANT_ASSIGN_OR_RETURN(
            CellSource source, CellSource::Create(input_.context, *pass.groups[dataset],
                                                  *pass.states[dataset], pass.states.size() == 1));
        num_cells_ += source.num_cells();
        sources_.push_back(std::move(source));
      }
    }
    return absl::OkStatus();
  }
  std::span<const CellSource> SourcesOf(size_t pass) const {
    return std::span(sources_).subspan(pass * num_datasets(), num_datasets());
  }

  /// The codes in use on an axis. Passes of a dataset number its values alike where codes are of
  /// the table, and then are one source.
  struct UsedCodes {
    std::vector<AxisSource> sources;
    std::vector<TrackedVector<uint8_t>> used;  // per source
    std::vector<size_t> source_of;             // per pass and dataset
  };

  absl::Status RankAxes() {
    std::vector<UsedCodes> used(num_axes());
    for (size_t axis = 0; axis < num_axes(); ++axis) {
      SEXTANT_RETURN_IF_ERROR(MakeRoomForUsed(axis, used[axis]));
    }
    for (size_t i = 0; i < sources_.size(); ++i) {
      std::vector<uint8_t*> shown;
      for (const uint32_t axis : sources_[i].shown()) {
        shown.push_back(used[axis].used[used[axis].source_of[i]].data());
      }
      SEXTANT_RETURN_IF_ERROR(sources_[i].MarkUsed(input_.context, shown));
    }
    for (size_t axis = 0; axis < num_axes(); ++axis) {
      MarkSummedUp(axis, used[axis]);
      SEXTANT_ASSIGN_OR_RETURN(
          RankedAxis ranked,
          RankAxis(input_.context, input_.query.axes()[axis].type, used[axis].sources));
      rows_.axes.emplace_back(input_.query.axes()[axis].type, budget_);
      rows_.axes[axis].values = std::move(ranked.values);
      rank_of_code_.push_back(std::move(ranked.rank_of_code));
      source_of_.push_back(std::move(used[axis].source_of));
    }
    return absl::OkStatus();
  }

  absl::Status MakeRoomForUsed(size_t axis, UsedCodes& codes) const {
    for (size_t i = 0; i < sources_.size(); ++i) {
      const AxisCoder& coder = sources_[i].coders()[axis];
      if (coder.is_dense() && i >= num_datasets()) {
        codes.source_of.push_back(codes.source_of[i % num_datasets()]);
        continue;
      }
      const AxisState& state = sources_[i].state().axes.axes[axis];
      codes.source_of.push_back(codes.sources.size());
      TrackedVector<uint8_t>& used = codes.used.emplace_back(budget_);
      SEXTANT_RETURN_IF_ERROR(used.Resize(coder.NumCodes(state)));
      codes.sources.push_back({&coder, &state, used.span()});
    }
    return absl::OkStatus();
  }

  /// A summed up axis is NULL in the rows of its pass.
  void MarkSummedUp(size_t axis, UsedCodes& codes) const {
    for (size_t i = 0; i < sources_.size(); ++i) {
      const std::span<const uint32_t> shown = sources_[i].shown();
      const bool is_shown = std::find(shown.begin(), shown.end(), axis) != shown.end();
      if (!is_shown && sources_[i].num_cells() > 0) codes.used[codes.source_of[i]][0] = 1;
    }
  }

  std::span<const uint32_t> RankOfCode(size_t axis, size_t source) const {
    return rank_of_code_[axis][source_of_[axis][source]].span();
  }

  /// In the order of axes, series and interval, one pass after another.
  absl::Status MakeRows() {
    const size_t room = num_cells_ + 1;  // a walk writes one more than it keeps
    SEXTANT_RETURN_IF_ERROR(rows_.intervals.ResizeUninitialized(room));
    for (AxisColumn& axis : rows_.axes) {
      SEXTANT_RETURN_IF_ERROR(axis.ranks.ResizeUninitialized(room));
    }
    for (size_t dataset = 0; dataset < num_datasets(); ++dataset) {
      SEXTANT_RETURN_IF_ERROR(rows_.cells.emplace_back(budget_).ResizeUninitialized(room));
    }
    rows_.pass_begins = {0};
    for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      SEXTANT_ASSIGN_OR_RETURN(const size_t num_rows, SourcesOf(pass)[0].is_walked()
                                                          ? WalkCells(pass)
                                                          : SortCellsOf(pass));
      SEXTANT_RETURN_IF_ERROR(FillSummedUp(pass, num_rows));
      rows_.pass_begins.push_back(rows_.pass_begins.back() + num_rows);
    }
    rows_.may_lack_cells = num_datasets() > 1 || input_.is_dense;
    return ResizeRows(rows_.pass_begins.back());
  }

  absl::Status ResizeRows(size_t num_rows) {
    SEXTANT_RETURN_IF_ERROR(rows_.intervals.Resize(num_rows));
    for (AxisColumn& axis : rows_.axes) SEXTANT_RETURN_IF_ERROR(axis.ranks.Resize(num_rows));
    for (auto& cells : rows_.cells) SEXTANT_RETURN_IF_ERROR(cells.Resize(num_rows));
    return absl::OkStatus();
  }

  /// Behind the rows of the passes before.
  RowSlots SlotsOf(size_t pass) {
    const size_t first = rows_.pass_begins.back();
    RowSlots slots = {rows_.intervals.data() + first, {}, {}};
    for (const uint32_t axis : SourcesOf(pass)[0].shown()) {
      slots.ranks.push_back(rows_.axes[axis].ranks.data() + first);
    }
    for (auto& cells : rows_.cells) slots.cells.push_back(cells.data() + first);
    return slots;
  }

  /// Returns how many rows it has written. So does the next.
  absl::StatusOr<size_t> WalkCells(size_t pass) {
    const CellSource& source = sources_[pass];
    std::vector<TrackedVector<uint32_t>> code_of_rank;
    std::vector<std::span<const uint32_t>> code_spans;
    for (const uint32_t axis : source.shown()) {
      TrackedVector<uint32_t>& codes = code_of_rank.emplace_back(budget_);
      SEXTANT_RETURN_IF_ERROR(codes.ResizeUninitialized(rows_.axes[axis].values.size()));
      SEXTANT_RETURN_IF_ERROR(FillInBlocks(codes.span(), kNoCode, AskToGoOn));
      const std::span<const uint32_t> ranks = RankOfCode(axis, pass);
      for (uint32_t code = 0; code < ranks.size(); ++code) {
        if (ranks[code] != RankedAxis::kNoRank) codes[ranks[code]] = code;
      }
      code_spans.push_back(codes.span());
    }
    SEXTANT_RETURN_IF_ERROR(WalkSlots(input_.context, source.slots(), code_spans, SlotsOf(pass)));
    return source.num_cells();
  }

  absl::StatusOr<size_t> SortCellsOf(size_t pass) {
    const std::span<const CellSource> sources = SourcesOf(pass);
    std::vector<SortedAxis> axes;
    for (const uint32_t axis : sources[0].shown()) {
      SortedAxis& sorted = axes.emplace_back();
      sorted.num_ranks = rows_.axes[axis].values.size();
      for (size_t dataset = 0; dataset < sources.size(); ++dataset) {
        sorted.rank_of_code.push_back(RankOfCode(axis, pass * num_datasets() + dataset));
      }
    }
    return SortCells({input_.context, sources, axes, input_.num_intervals}, SlotsOf(pass));
  }

  /// The rows that are written next have NULL on axes that are summed up.
  absl::Status FillSummedUp(size_t pass, size_t num_rows) {
    const std::span<const uint32_t> shown = SourcesOf(pass)[0].shown();
    for (uint32_t axis = 0; axis < num_axes(); ++axis) {
      if (std::find(shown.begin(), shown.end(), axis) != shown.end()) continue;
      const auto null_rank = static_cast<uint32_t>(rows_.axes[axis].values.size()) - 1;
      const std::span<uint32_t> ranks =
          rows_.axes[axis].ranks.span().subspan(rows_.pass_begins.back(), num_rows);
      SEXTANT_RETURN_IF_ERROR(FillInBlocks(ranks, null_rank, AskToGoOn));
    }
    return absl::OkStatus();
  }

  static bool IsSameTuple(const std::vector<AxisColumn>& axes, size_t a, size_t b) {
    return std::all_of(axes.begin(), axes.end(),
                       [&](const AxisColumn& axis) { return axis.ranks[a] == axis.ranks[b]; });
  }

  /// Rows of tuple after tuple, each with all intervals; in `first_rows` the first of each.
  absl::Status FillIntervals() {
    TrackedVector<uint32_t> first_rows(budget_);
    absl::InlinedVector<size_t, 2> begins = rows_.pass_begins;
    Pace pace(AskToGoOn, kRowsPerQuestion);
    for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
      begins[pass] = first_rows.size() * input_.num_intervals;
      for (size_t row = rows_.pass_begins[pass]; row < rows_.pass_begins[pass + 1]; ++row) {
        SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
        const bool is_first =
            row == rows_.pass_begins[pass] || !IsSameTuple(rows_.axes, row - 1, row);
        if (is_first) SEXTANT_RETURN_IF_ERROR(first_rows.Append(static_cast<uint32_t>(row)));
      }
    }
    const uint64_t num_rows = uint64_t{first_rows.size()} * input_.num_intervals;
    SEXTANT_RETURN_IF_ERROR(CheckSize(num_rows));
    begins.back() = num_rows;
    ResultRows dense(budget_);
    SEXTANT_RETURN_IF_ERROR(dense.intervals.Resize(num_rows));
    SEXTANT_RETURN_IF_ERROR(ForBlocks(num_rows, AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        dense.intervals[row] = static_cast<uint32_t>(row % input_.num_intervals);
      }
    }));
    SEXTANT_RETURN_IF_ERROR(FillCells(first_rows.span(), dense));
    for (size_t axis = 0; axis < rows_.axes.size(); ++axis) {
      TrackedVector<uint32_t> ranks(budget_);
      SEXTANT_RETURN_IF_ERROR(ranks.ResizeUninitialized(num_rows));
      for (size_t tuple = 0; tuple < first_rows.size(); ++tuple) {
        SEXTANT_RETURN_IF_ERROR(pace.Spend(input_.num_intervals));
        std::fill_n(ranks.data() + tuple * input_.num_intervals, input_.num_intervals,
                    rows_.axes[axis].ranks[first_rows[tuple]]);
      }
      rows_.axes[axis].ranks = std::move(ranks);
    }
    rows_.intervals = std::move(dense.intervals);
    rows_.cells = std::move(dense.cells);
    rows_.pass_begins = std::move(begins);
    return absl::OkStatus();
  }

  absl::Status FillCells(std::span<const uint32_t> first_rows, ResultRows& dense) const {
    for (const TrackedVector<uint32_t>& sparse : rows_.cells) {
      Pace pace(AskToGoOn, kRowsPerQuestion);
      TrackedVector<uint32_t>& cells = dense.cells.emplace_back(budget_);
      SEXTANT_RETURN_IF_ERROR(cells.ResizeUninitialized(dense.size()));
      for (size_t tuple = 0; tuple < first_rows.size(); ++tuple) {
        SEXTANT_RETURN_IF_ERROR(pace.Spend(input_.num_intervals));
        std::fill_n(cells.data() + tuple * input_.num_intervals, input_.num_intervals,
                    ResultRows::kNoCell);
        const size_t end = tuple + 1 < first_rows.size() ? first_rows[tuple + 1] : rows_.size();
        for (size_t row = first_rows[tuple]; row < end; ++row) {
          cells[tuple * input_.num_intervals + rows_.intervals[row]] = sparse[row];
        }
      }
    }
    return absl::OkStatus();
  }

  const ResultRowsInput& input_;
  MemoryBudget& budget_;
  std::vector<CellSource> sources_;  // per pass and dataset
  size_t num_cells_ = 0;             // of all of them
  // Per axis.
  std::vector<std::vector<TrackedVector<uint32_t>>> rank_of_code_;  // per numbering of its values
  std::vector<std::vector<size_t>> source_of_;  // the numbering, per pass and dataset
  ResultRows rows_;
};

}  // namespace

absl::StatusOr<ResultRows> MakeResultRows(const ResultRowsInput& input) {
  if (PartitionedGroups* const groups = input.passes[0].partitioned) return groups->TakeRows();
  return RowMaker(input).Make();
}

}  // namespace sextant
