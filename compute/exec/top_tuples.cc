#include "compute/exec/top_tuples.h"

#include <algorithm>
#include <utility>

#include "compute/exec/checked_sort.h"
#include "compute/exec/metric_columns.h"
#include "compute/exec/metric_order.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Tuples, each of which is looked up, between two questions whether to go on.
constexpr size_t kTuplesPerQuestion = size_t{1} << 13;

/// Of a tuple that has no row in the whole range.
constexpr uint32_t kNoValue = 0xFFFFFFFF;

/// Rows of the pass that are of one tuple, in the order of intervals, and which of the values is
/// that of the whole range.
struct Tuple {
  uint32_t first_row = 0;
  uint32_t end_row = 0;
  uint32_t value = kNoValue;
};

class TupleChooser {
 public:
  TupleChooser(QueryContext& context, const BoundQuery& query, const FinishedPass& pass,
               const ResultRows& rows)
      : context_(context), query_(query), pass_(pass), rows_(rows), tuples_(context.budget()) {}

  absl::Status Choose() {
    SEXTANT_RETURN_IF_ERROR(FindTuples());
    SEXTANT_ASSIGN_OR_RETURN(const ResultRows ranked, RankedRows());
    const BoundTopN& top = *query_.top_n;
    const uint32_t metrics[] = {top.metric};
    SEXTANT_ASSIGN_OR_RETURN(const MetricColumns columns,
                             FinishMetrics({context_, query_, {&pass_, 1}, ranked}, metrics));
    const MetricValues& values = columns.values[columns.of_metric[0]];
    const MetricOrder order = OrderOf(query_, top.metric, values, !top.smallest);
    const auto has_value = [&](const Tuple& tuple) {
      return tuple.value != kNoValue && values.valid[tuple.value] != 0;
    };
    const auto less = [&](const Tuple& a, const Tuple& b) {
      const bool has_a = has_value(a);
      if (has_a != has_value(b)) return has_a;
      const int compared = has_a ? order.Compare(a.value, b.value) : 0;
      return compared != 0 ? compared < 0 : a.first_row < b.first_row;
    };
    SEXTANT_RETURN_IF_ERROR(SortWithChecks(context_, tuples_.span(), less));
    return tuples_.Resize(std::min<uint64_t>(tuples_.size(), top.count));
  }

  /// The chosen tuples in the codes of `dataset`: those of which it has a cell, for no row of it
  /// gives a sample in another.
  absl::StatusOr<KeptTuples> KeptIn(size_t dataset) const {
    const GroupAggregate::State& state = *pass_.states[dataset];
    const std::span<const AxisCoder> coders = pass_.groups[dataset]->axes().coders();
    SEXTANT_ASSIGN_OR_RETURN(KeptTuples kept, KeptTuples::Create(coders, context_.budget()));
    std::vector<uint32_t> codes(coders.size());
    const TrackedVector<uint32_t>& cells = rows_.cells[dataset];
    Pace pace(AskToGoOn, kTuplesPerQuestion);
    for (const Tuple& tuple : tuples_.span()) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
      uint32_t row = tuple.first_row;
      while (row < tuple.end_row && cells[row] == ResultRows::kNoCell) ++row;
      if (row == tuple.end_row) continue;
      state.cells.Decode(cells[row], codes.data());
      SEXTANT_RETURN_IF_ERROR(kept.Add(coders, state.axes.axes, codes.data()));
    }
    return kept;
  }

 private:
  absl::Status FindTuples() {
    Pace pace(AskToGoOn, kTuplesPerQuestion);
    for (uint32_t row = 0; row < rows_.size(); ++row) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
      const bool is_same =
          row > 0 && std::all_of(rows_.axes.begin(), rows_.axes.end(), [&](const auto& axis) {
            return axis.ranks[row - 1] == axis.ranks[row];
          });
      if (!is_same) SEXTANT_RETURN_IF_ERROR(tuples_.Append({row, row}));
      tuples_.back().end_row = row + 1;
    }
    return absl::OkStatus();
  }

  /// The rows of the whole range alone: a sum that does not fit elsewhere may be of a cell that is
  /// never told.
  absl::StatusOr<ResultRows> RankedRows() {
    ResultRows ranked(context_.budget());
    ranked.may_lack_cells = rows_.may_lack_cells;
    ranked.cells.reserve(rows_.cells.size());
    for (size_t i = 0; i < rows_.cells.size(); ++i) ranked.cells.emplace_back(context_.budget());
    Pace pace(AskToGoOn, kTuplesPerQuestion);
    for (Tuple& tuple : tuples_.span()) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
      if (rows_.intervals[tuple.first_row] != 0) continue;
      tuple.value = static_cast<uint32_t>(ranked.size());
      SEXTANT_RETURN_IF_ERROR(ranked.intervals.Append(0));
      for (size_t dataset = 0; dataset < rows_.cells.size(); ++dataset) {
        const uint32_t cell = rows_.cells[dataset][tuple.first_row];
        SEXTANT_RETURN_IF_ERROR(ranked.cells[dataset].Append(cell));
      }
    }
    ranked.pass_begins = {0, ranked.size()};
    return ranked;
  }

  QueryContext& context_;
  const BoundQuery& query_;
  const FinishedPass& pass_;
  const ResultRows& rows_;
  TrackedVector<Tuple> tuples_;
};

}  // namespace

absl::StatusOr<std::vector<KeptTuples>> ChooseTopTuples(QueryContext& context,
                                                        const BoundQuery& query,
                                                        const FinishedPass& pass,
                                                        uint32_t num_intervals) {
  SEXTANT_ASSIGN_OR_RETURN(const ResultRows rows, MakeResultRows({.context = context,
                                                                  .query = query,
                                                                  .passes = {&pass, 1},
                                                                  .num_intervals = num_intervals,
                                                                  .is_dense = false}));
  TupleChooser chooser(context, query, pass, rows);
  SEXTANT_RETURN_IF_ERROR(chooser.Choose());
  std::vector<KeptTuples> kept;
  for (size_t dataset = 0; dataset < query.datasets.size(); ++dataset) {
    SEXTANT_ASSIGN_OR_RETURN(KeptTuples one, chooser.KeptIn(dataset));
    kept.push_back(std::move(one));
  }
  return kept;
}

}  // namespace sextant
