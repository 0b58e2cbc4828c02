#include "compute/operators/excluded_samples.h"

#include <array>
#include <utility>

#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

bool HasSecond(AggregateKind kind) {
  return kind == AggregateKind::kCorr || kind == AggregateKind::kRegrSlope ||
         kind == AggregateKind::kRegrR2 || kind == AggregateKind::kTopValues;
}

}  // namespace

absl::StatusOr<std::optional<ExcludedSamples>> ExcludedSamples::Create(
    const BoundAggregate& aggregate, const Table& table, MemoryBudget& budget) {
  if (!HasValue(aggregate.kind)) return std::nullopt;
  const bool has_second = HasSecond(aggregate.kind);
  if (aggregate.value.IsColumn() && (!has_second || aggregate.second.IsColumn())) {
    return std::nullopt;
  }
  SEXTANT_ASSIGN_OR_RETURN(ValueReader value, ValueReader::Create(aggregate.value, table, budget));
  if (!has_second) {
    if (!value.may_exclude()) return std::nullopt;
    return ExcludedSamples(std::move(value), aggregate.num_uses);
  }
  SEXTANT_ASSIGN_OR_RETURN(ValueReader second,
                           ValueReader::Create(aggregate.second, table, budget));
  // The rows whose order key is NULL are no samples of the best ones; their value may be NULL.
  if (aggregate.kind == AggregateKind::kTopValues) {
    ExcludedSamples samples(std::move(second), aggregate.num_uses);
    if (value.may_exclude()) samples.second_.emplace(std::move(value));
    return samples;
  }
  ExcludedSamples samples(std::move(value), aggregate.num_uses);
  if (second.may_exclude()) samples.second_.emplace(std::move(second));
  return samples;
}

absl::StatusOr<ExcludedSamples> ExcludedSamples::CreateOutside(const BoundAggregate& aggregate,
                                                               const Table& table,
                                                               MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValueReader value, ValueReader::Create(aggregate.value, table, budget));
  ExcludedSamples samples(std::move(value), aggregate.num_uses);
  samples.counts_values_ = true;
  return samples;
}

uint64_t ExcludedSamples::Count(const Chunk& chunk, std::span<const uint32_t> rows) const {
  std::array<uint8_t, kBatchRows> valid;
  uint64_t num_excluded = first_.ReadValidity(chunk, rows, valid.data()).excluded;
  if (counts_values_) {
    for (size_t k = 0; k < rows.size(); ++k) num_excluded += valid[k];
  }
  if (!second_) return num_excluded * num_uses_;
  std::array<uint32_t, kBatchRows> kept;
  size_t num_kept = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    kept[num_kept] = rows[k];
    num_kept += valid[k];
  }
  const uint64_t more =
      second_->ReadValidity(chunk, {kept.data(), num_kept}, valid.data()).excluded;
  return (num_excluded + more) * num_uses_;
}

}  // namespace sextant
