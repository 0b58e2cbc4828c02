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
constexpr double kUsPerDay = 86'400'000'000.0;

/// The part of a chunk's rows that have samples in the query's range of time, as if the instants
/// were spread evenly; all of them where a metric counts rows by no such column.
double PartInRange(const BoundQuery& query, const BoundDataset& dataset, const Chunk& chunk) {
  if (!query.from_us || !query.to_us) return 1;
  double most = 0;
  for (const uint32_t index : dataset.aggregates) {
    const BoundPin& pin = query.aggregates[index].pin;
    const TypeKind type = pin.start.type.kind;
    const bool is_column = pin.kind == TimePin::Kind::kAt && pin.start.IsColumn();
    if (!is_column || type == TypeKind::kList) return 1;
    const ZoneMap& zone = chunk.column(pin.start.column).zone_map();
    if (!zone.has_bounds) continue;
    const double unit_us = type == TypeKind::kDate ? kUsPerDay : 1;
    const double first_us = static_cast<double>(zone.min_integer) * unit_us;
    const double end_us = (static_cast<double>(zone.max_integer) + 1) * unit_us;
    const double within_us = std::min(end_us, static_cast<double>(*query.to_us)) -
                             std::max(first_us, static_cast<double>(*query.from_us));
    most = std::max(most, within_us / (end_us - first_us));
  }
  return most;
}

/// Of the rows that pass the filter and have samples in the query's range.
double EstimateRows(const BoundQuery& query, const BoundDataset& dataset, const Scan& scan,
                    const Filter& filter) {
  const uint32_t num_ranges = scan.num_ranges();
  const uint32_t num_sampled = std::min(kNumSampled, num_ranges);
  double num_seen = 0;
  double num_kept = 0;
  for (uint32_t i = 0; i < num_sampled; ++i) {
    const uint32_t range = static_cast<uint32_t>(uint64_t{i} * num_ranges / num_sampled);
    const Morsel& morsel = scan.MorselsOf(range)[0];
    const Chunk& chunk = scan.table().chunk(morsel.chunk);
    const double num_rows = morsel.end - morsel.begin;
    num_seen += num_rows;
    num_kept += num_rows * filter.EstimateKept(chunk) * PartInRange(query, dataset, chunk);
  }
  return num_seen == 0 ? 0 : static_cast<double>(scan.scope().num_rows()) * num_kept / num_seen;
}

}  // namespace

AxisTextRanks ChooseTextRanks(const BoundQuery& query, size_t dataset, const Scan& scan,
                              const Filter& filter) {
  const BoundDataset& of = query.datasets[dataset];
  const Table& table = scan.table();
  AxisTextRanks ranks(of.axes.size(), nullptr);
  std::optional<double> num_rows;
  for (size_t axis = 0; axis < ranks.size(); ++axis) {
    const BoundAxis& bound = of.axes[axis];
    if (bound.kind != GroupAxis::Kind::kColumn || bound.is_list) continue;
    const TextRanks* const found = table.text_ranks(bound.column);
    if (found == nullptr && !TextRanker::Fits(table, bound.column)) continue;
    if (!num_rows) num_rows = EstimateRows(query, of, scan, filter);
    const uint64_t most_texts = found != nullptr
                                    ? found->num_texts()
                                    : table.num_rows() - table.facts(bound.column).null_count;
    if (*num_rows * kRanksPerRow < static_cast<double>(most_texts)) continue;
    if (found != nullptr) {
      ranks[axis] = found;
    } else {
      table.rank_demand().Note(bound.column, static_cast<uint64_t>(*num_rows));
    }
  }
  return ranks;
}

}  // namespace sextant
