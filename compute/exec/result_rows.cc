#include "compute/exec/result_rows.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "compute/exec/axis_ranks.h"
#include "compute/exec/checked_sort.h"
#include "compute/kernels/bin_sort.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Cells between two questions whether to go on.
constexpr size_t kCellsPerCheck = size_t{1} << 16;

/// A cell with the ranks of its leading axes packed into one number.
struct SortItem {
  uint64_t key = 0;
  uint32_t cell = 0;
};

/// What cells are ordered by, of each cell, and how many values it has.
struct Digit {
  std::span<const uint32_t> ranks;
  uint64_t radix = 1;
};

class RowMaker {
 public:
  explicit RowMaker(const ResultRowsInput& input)
      : input_(input),
        budget_(input.context.budget()),
        passes_(budget_),
        datasets_(budget_),
        ids_(budget_),
        intervals_(budget_),
        items_(budget_),
        rows_(budget_) {}

  absl::StatusOr<ResultRows> Make() {
    SEXTANT_RETURN_IF_ERROR(FindCells());
    SEXTANT_RETURN_IF_ERROR(RankAxes());
    SEXTANT_RETURN_IF_ERROR(SortCells());
    SEXTANT_RETURN_IF_ERROR(JoinCells());
    if (input_.is_dense) SEXTANT_RETURN_IF_ERROR(FillIntervals());
    SEXTANT_RETURN_IF_ERROR(CheckSize(rows_.size()));
    return std::move(rows_);
  }

 private:
  absl::Status CheckSize(uint64_t num_rows) const {
    return CheckNumValues(num_rows, input_.query.metrics.size(), input_.query.limits.max_values);
  }

  /// Of all passes and datasets. A cell that rows fell in may still lack a sample: all their values
  /// were NULL.
  absl::Status FindCells() {
    for (size_t axis = 0; axis < input_.query.axes().size(); ++axis) codes_.emplace_back(budget_);
    for (uint8_t pass = 0; pass < input_.passes.size(); ++pass) {
      for (size_t dataset = 0; dataset < input_.passes[pass].states.size(); ++dataset) {
        SEXTANT_RETURN_IF_ERROR(AddCells(pass, dataset));
        source_ends_.push_back(ids_.size());
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddCells(uint8_t pass, size_t dataset) {
    const GroupAggregate::State& state = *input_.passes[pass].states[dataset];
    const std::span<const uint32_t> shown = input_.passes[pass].groups[dataset]->axes().shown();
    std::vector<uint32_t> shown_codes(shown.size());
    std::vector<uint32_t> codes(codes_.size());
    for (uint32_t cell = 0; cell < state.cells.num_cells(); ++cell) {
      if (cell % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      const bool has_sample =
          std::any_of(state.metrics.begin(), state.metrics.end(),
                      [&](const auto& metric) { return metric->HasSample(cell); });
      if (!has_sample) continue;
      SEXTANT_RETURN_IF_ERROR(passes_.Append(pass));
      SEXTANT_RETURN_IF_ERROR(datasets_.Append(static_cast<uint16_t>(dataset)));
      SEXTANT_RETURN_IF_ERROR(ids_.Append(cell));
      SEXTANT_RETURN_IF_ERROR(intervals_.Append(state.cells.Decode(cell, shown_codes.data())));
      for (size_t i = 0; i < shown.size(); ++i) codes[shown[i]] = shown_codes[i];
      for (size_t axis = 0; axis < codes.size(); ++axis) {
        SEXTANT_RETURN_IF_ERROR(codes_[axis].Append(codes[axis]));
      }
    }
    return absl::OkStatus();
  }

  absl::Status RankAxes() {
    for (size_t axis = 0; axis < codes_.size(); ++axis) {
      std::vector<AxisSource> sources;
      size_t begin = 0;
      for (const FinishedPass& pass : input_.passes) {
        for (size_t dataset = 0; dataset < pass.states.size(); ++dataset) {
          const size_t end = source_ends_[sources.size()];
          sources.push_back({&pass.groups[dataset]->axes().coders()[axis],
                             &pass.states[dataset]->axes.axes[axis],
                             codes_[axis].span().subspan(begin, end - begin)});
          begin = end;
        }
      }
      SEXTANT_ASSIGN_OR_RETURN(AxisColumn column,
                               RankAxis(input_.context, input_.query.axes()[axis].type, sources));
      rows_.axes.push_back(std::move(column));
      codes_[axis] = TrackedVector<uint32_t>(budget_);
    }
    return absl::OkStatus();
  }

  bool IsSameRow(uint32_t a, uint32_t b) const {
    if (passes_[a] != passes_[b] || intervals_[a] != intervals_[b]) return false;
    return IsSameTuple(rows_.axes, a, b);
  }
  static bool IsSameTuple(const std::vector<AxisColumn>& axes, size_t a, size_t b) {
    return std::all_of(axes.begin(), axes.end(),
                       [&](const AxisColumn& axis) { return axis.ranks[a] == axis.ranks[b]; });
  }

  /// By pass, axes, series, interval.
  absl::Status SortCells() {
    SEXTANT_RETURN_IF_ERROR(items_.Resize(ids_.size()));
    std::vector<Digit> digits;
    for (const AxisColumn& axis : rows_.axes) {
      digits.push_back({axis.ranks.span(), std::max<uint64_t>(axis.values.size(), 1)});
    }
    digits.push_back({intervals_.span(), std::max<uint64_t>(input_.num_intervals, 1)});
    const int cell_bits = std::bit_width(ids_.size());
    int bits = std::bit_width(input_.passes.size() - 1) + cell_bits;
    for (const Digit& digit : digits) bits += std::bit_width(digit.radix - 1);
    return bits < 64 ? SortNumbers(digits, cell_bits) : SortItems(digits);
  }

  /// Where all that orders a cell, and last the cell itself, fits in one number: usually.
  absl::Status SortNumbers(std::span<const Digit> digits, int cell_bits) {
    TrackedVector<int64_t> numbers(budget_);
    SEXTANT_RETURN_IF_ERROR(numbers.Resize(ids_.size()));
    for (size_t cell = 0; cell < numbers.size(); ++cell) numbers[cell] = passes_[cell];
    for (const Digit& digit : digits) {
      const auto radix = static_cast<int64_t>(digit.radix);
      for (size_t cell = 0; cell < numbers.size(); ++cell) {
        numbers[cell] = numbers[cell] * radix + digit.ranks[cell];
      }
    }
    for (size_t cell = 0; cell < numbers.size(); ++cell) {
      numbers[cell] = numbers[cell] << cell_bits | static_cast<int64_t>(cell);
    }
    SEXTANT_RETURN_IF_ERROR(
        SortManyKeys(numbers.span(), budget_, [this] { return input_.context.Check(); }));
    const int64_t cells = (int64_t{1} << cell_bits) - 1;
    for (size_t i = 0; i < numbers.size(); ++i) {
      items_[i].cell = static_cast<uint32_t>(numbers[i] & cells);
    }
    return absl::OkStatus();
  }

  /// As many digits as fit are packed into one 64-bit key.
  absl::Status SortItems(std::span<const Digit> digits) {
    for (uint32_t cell = 0; cell < items_.size(); ++cell) {
      items_[cell] = {.key = passes_[cell], .cell = cell};
    }
    int bits = std::bit_width(input_.passes.size() - 1);
    size_t num_packed = 0;
    for (; num_packed < digits.size(); ++num_packed) {
      bits += std::bit_width(digits[num_packed].radix - 1);
      if (bits > 64) break;
      for (SortItem& item : items_.span()) {
        item.key = item.key * digits[num_packed].radix + digits[num_packed].ranks[item.cell];
      }
    }
    const auto less = [&](const SortItem& a, const SortItem& b) {
      if (a.key != b.key) return a.key < b.key;
      for (size_t digit = num_packed; digit < digits.size(); ++digit) {
        const uint32_t left = digits[digit].ranks[a.cell];
        const uint32_t right = digits[digit].ranks[b.cell];
        if (left != right) return left < right;
      }
      return a.cell < b.cell;  // of several datasets
    };
    return SortWithChecks(input_.context, items_.span(), less);
  }

  /// Makes one row of the cells of all datasets that are at the same place.
  absl::Status JoinCells() {
    const size_t num_datasets = input_.query.datasets.size();
    std::vector<TrackedVector<uint32_t>> ranks;
    for (size_t axis = 0; axis < rows_.axes.size(); ++axis) ranks.emplace_back(budget_);
    for (size_t dataset = 0; dataset < num_datasets; ++dataset) rows_.cells.emplace_back(budget_);
    rows_.pass_begins.assign(input_.passes.size() + 1, 0);
    for (size_t i = 0; i < items_.size(); ++i) {
      if (i % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      const uint32_t cell = items_[i].cell;
      if (i == 0 || !IsSameRow(items_[i - 1].cell, cell)) {
        SEXTANT_RETURN_IF_ERROR(rows_.intervals.Append(intervals_[cell]));
        for (size_t axis = 0; axis < ranks.size(); ++axis) {
          SEXTANT_RETURN_IF_ERROR(ranks[axis].Append(rows_.axes[axis].ranks[cell]));
        }
        for (TrackedVector<uint32_t>& cells : rows_.cells) {
          SEXTANT_RETURN_IF_ERROR(cells.Append(ResultRows::kNoCell));
        }
        ++rows_.pass_begins[passes_[cell] + 1];
      }
      rows_.cells[datasets_[cell]].back() = ids_[cell];
    }
    for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
      rows_.pass_begins[pass + 1] += rows_.pass_begins[pass];
    }
    for (size_t axis = 0; axis < ranks.size(); ++axis) {
      rows_.axes[axis].ranks = std::move(ranks[axis]);
    }
    return absl::OkStatus();
  }

  /// Rows of tuple after tuple, each with all intervals; in `first_rows` the first of each.
  absl::Status FillIntervals() {
    TrackedVector<uint32_t> first_rows(budget_);
    std::vector<size_t> begins = rows_.pass_begins;
    for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
      begins[pass] = first_rows.size() * input_.num_intervals;
      for (size_t row = rows_.pass_begins[pass]; row < rows_.pass_begins[pass + 1]; ++row) {
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
    for (uint64_t row = 0; row < num_rows; ++row) {
      dense.intervals[row] = static_cast<uint32_t>(row % input_.num_intervals);
    }
    SEXTANT_RETURN_IF_ERROR(FillCells(first_rows.span(), dense));
    for (size_t axis = 0; axis < rows_.axes.size(); ++axis) {
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      TrackedVector<uint32_t> ranks(budget_);
      SEXTANT_RETURN_IF_ERROR(ranks.Resize(num_rows));
      for (size_t tuple = 0; tuple < first_rows.size(); ++tuple) {
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
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      TrackedVector<uint32_t>& cells = dense.cells.emplace_back(budget_);
      SEXTANT_RETURN_IF_ERROR(cells.Resize(dense.size()));
      std::fill_n(cells.data(), cells.size(), ResultRows::kNoCell);
      for (size_t tuple = 0; tuple < first_rows.size(); ++tuple) {
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
  // By cell of any pass and dataset.
  TrackedVector<uint8_t> passes_;
  TrackedVector<uint16_t> datasets_;
  TrackedVector<uint32_t> ids_;
  TrackedVector<uint32_t> intervals_;
  std::vector<TrackedVector<uint32_t>> codes_;  // per axis
  std::vector<size_t> source_ends_;             // per pass and dataset
  TrackedVector<SortItem> items_;
  ResultRows rows_;  // its ranks are by cell until cells are joined
};

}  // namespace

absl::StatusOr<ResultRows> MakeResultRows(const ResultRowsInput& input) {
  return RowMaker(input).Make();
}

}  // namespace sextant
