#include "compute/exec/top_tuples.h"

#include <algorithm>
#include <utility>

#include "compute/exec/axis_ranks.h"
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

/// What the codes of the datasets are in each other's: of all values that their states know, of
/// which cells may lack some.
class SharedCodes {
 public:
  explicit SharedCodes(MemoryBudget& budget) : budget_(budget) {}

  absl::Status Find(QueryContext& context, const BoundQuery& query, const FinishedPass& pass) {
    for (size_t axis = 0; axis < query.axes().size(); ++axis) {
      std::vector<AxisSource> sources;
      std::vector<TrackedVector<uint8_t>> used;
      for (size_t dataset = 0; dataset < pass.states.size(); ++dataset) {
        const AxisCoder& coder = pass.groups[dataset]->axes().coders()[axis];
        const AxisState& state = pass.states[dataset]->axes.axes[axis];
        TrackedVector<uint8_t>& all = used.emplace_back(budget_);
        SEXTANT_RETURN_IF_ERROR(all.Resize(coder.NumCodes(state)));
        SEXTANT_RETURN_IF_ERROR(FillInBlocks(all.span(), uint8_t{1}, AskToGoOn));
        sources.push_back({&coder, &state, all.span()});
      }
      SEXTANT_ASSIGN_OR_RETURN(RankedAxis ranked,
                               RankAxis(context, query.axes()[axis].type, sources));
      SEXTANT_RETURN_IF_ERROR(Invert(ranked));
      rank_of_code_.push_back(std::move(ranked.rank_of_code));
    }
    return absl::OkStatus();
  }

  /// Whether dataset `to` has all values of a tuple of `from`: then `codes` become its codes.
  bool Translate(size_t from, size_t to, std::span<uint32_t> codes) const {
    for (size_t axis = 0; axis < codes.size(); ++axis) {
      codes[axis] = code_of_rank_[axis][to][rank_of_code_[axis][from][codes[axis]]];
      if (codes[axis] == kNoCode) return false;
    }
    return true;
  }

 private:
  static constexpr uint32_t kNoCode = 0xFFFFFFFF;

  absl::Status Invert(const RankedAxis& ranked) {
    std::vector<TrackedVector<uint32_t>>& inverse = code_of_rank_.emplace_back();
    for (const TrackedVector<uint32_t>& ranks : ranked.rank_of_code) {
      TrackedVector<uint32_t>& codes = inverse.emplace_back(budget_);
      SEXTANT_RETURN_IF_ERROR(codes.ResizeUninitialized(ranked.values.size()));
      SEXTANT_RETURN_IF_ERROR(FillInBlocks(codes.span(), kNoCode, AskToGoOn));
      SEXTANT_RETURN_IF_ERROR(ForBlocks(ranks.size(), AskToGoOn, [&](size_t begin, size_t end) {
        for (size_t code = begin; code < end; ++code) {
          codes[ranks[code]] = static_cast<uint32_t>(code);
        }
      }));
    }
    return absl::OkStatus();
  }

  MemoryBudget& budget_;
  std::vector<std::vector<TrackedVector<uint32_t>>> rank_of_code_;  // per axis and dataset
  std::vector<std::vector<TrackedVector<uint32_t>>> code_of_rank_;
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
  /// gives a sample in another; with `shared` all whose values it has, for the tiles of a clip have
  /// samples that are in no cell.
  absl::StatusOr<KeptTuples> KeptIn(size_t dataset, const SharedCodes* shared) const {
    const GroupAggregate::State& state = *pass_.states[dataset];
    const std::span<const AxisCoder> coders = pass_.groups[dataset]->axes().coders();
    SEXTANT_ASSIGN_OR_RETURN(KeptTuples kept, KeptTuples::Create(coders, context_.budget()));
    std::vector<uint32_t> codes(coders.size());
    Pace pace(AskToGoOn, kTuplesPerQuestion);
    for (const Tuple& tuple : tuples_.span()) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
      const bool is_found = Decode(tuple, dataset, codes) ||
                            (shared != nullptr && DecodeElsewhere(tuple, dataset, *shared, codes));
      if (!is_found) continue;
      SEXTANT_RETURN_IF_ERROR(kept.Add(coders, state.axes.axes, codes.data()));
    }
    return kept;
  }

 private:
  /// Whether the dataset has a cell of the tuple, whose codes it then writes.
  bool Decode(const Tuple& tuple, size_t dataset, std::span<uint32_t> codes) const {
    const TrackedVector<uint32_t>& cells = rows_.cells[dataset];
    uint32_t row = tuple.first_row;
    while (row < tuple.end_row && cells[row] == ResultRows::kNoCell) ++row;
    if (row == tuple.end_row) return false;
    pass_.states[dataset]->cells.Decode(cells[row], codes.data());
    return true;
  }

  /// The same of a tuple that only other datasets have a cell of.
  bool DecodeElsewhere(const Tuple& tuple, size_t dataset, const SharedCodes& shared,
                       std::span<uint32_t> codes) const {
    for (size_t other = 0; other < rows_.cells.size(); ++other) {
      if (Decode(tuple, other, codes)) return shared.Translate(other, dataset, codes);
    }
    return false;
  }

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
  SharedCodes shared(context.budget());
  const bool has_more_samples =
      query.datasets.size() > 1 && query.top_n->others &&
      std::any_of(query.aggregates.begin(), query.aggregates.end(),
                  [](const BoundAggregate& aggregate) { return aggregate.clip != nullptr; });
  if (has_more_samples) SEXTANT_RETURN_IF_ERROR(shared.Find(context, query, pass));
  std::vector<KeptTuples> kept;
  for (size_t dataset = 0; dataset < query.datasets.size(); ++dataset) {
    SEXTANT_ASSIGN_OR_RETURN(KeptTuples one,
                             chooser.KeptIn(dataset, has_more_samples ? &shared : nullptr));
    kept.push_back(std::move(one));
  }
  return kept;
}

}  // namespace sextant
