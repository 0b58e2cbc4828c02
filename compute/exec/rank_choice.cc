#include "compute/exec/rank_choice.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "compute/column/table.h"
#include "compute/exec/text_ranking.h"

namespace sextant {
namespace {

/// Ranks for one row whose text would be interned and sorted. Measured: about 1 ns a rank (marked,
/// and given a place among those in use), 100 ns a text. Memory, 5 bytes a rank, is then not much
/// more than that of the texts.
constexpr double kRanksPerRow = 16;
/// Morsels whose rows are estimated, of all ranges.
constexpr uint32_t kNumSampled = 8;

double EstimateRows(const Scan& scan, const Filter& filter) {
  const uint32_t num_ranges = scan.num_ranges();
  const uint32_t num_sampled = std::min(kNumSampled, num_ranges);
  double num_seen = 0;
  double num_kept = 0;
  for (uint32_t i = 0; i < num_sampled; ++i) {
    const uint32_t range = static_cast<uint32_t>(uint64_t{i} * num_ranges / num_sampled);
    const Morsel& morsel = scan.MorselsOf(range)[0];
    const double num_rows = morsel.end - morsel.begin;
    num_seen += num_rows;
    num_kept += num_rows * filter.EstimateKept(scan.table().chunk(morsel.chunk));
  }
  return num_seen == 0 ? 0 : static_cast<double>(scan.scope().num_rows()) * num_kept / num_seen;
}

}  // namespace

AxisTextRanks ChooseTextRanks(const BoundDataset& dataset, const Scan& scan, const Filter& filter) {
  const Table& table = scan.table();
  AxisTextRanks ranks(dataset.axes.size(), nullptr);
  std::optional<double> num_rows;
  for (size_t axis = 0; axis < ranks.size(); ++axis) {
    const BoundAxis& bound = dataset.axes[axis];
    if (bound.kind != GroupAxis::Kind::kColumn || bound.is_list) continue;
    if (!TextRanker::Fits(table, bound.column)) continue;
    if (!num_rows) num_rows = EstimateRows(scan, filter);
    const TextRanks* const found = table.text_ranks(bound.column);
    if (found == nullptr) {
      table.rank_demand().Note(bound.column, static_cast<uint64_t>(*num_rows));
    } else if (*num_rows * kRanksPerRow >= found->num_texts()) {
      ranks[axis] = found;
    }
  }
  return ranks;
}

}  // namespace sextant
