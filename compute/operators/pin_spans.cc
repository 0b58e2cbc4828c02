#include "compute/operators/pin_spans.h"

#include <algorithm>
#include <cstring>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Reads integers of rows, and 1 or 0 to `failed`: what could not be computed from operands that
/// are there. Returns how many failed.
uint64_t ReadWithFailures(const ValueReader& reader, const Chunk& chunk,
                          std::span<const uint32_t> rows, int64_t* values, uint8_t* valid,
                          uint8_t* failed) {
  std::memset(failed, 0, rows.size());
  const uint64_t num_failed = reader.ReadIntegers(chunk, rows, values, valid).excluded;
  if (num_failed == 0) return 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (valid[k] != 0) continue;
    int64_t value = 0;
    uint8_t is_valid = 0;
    const ReadOutcome outcome = reader.ReadIntegers(chunk, rows.subspan(k, 1), &value, &is_valid);
    failed[k] = outcome.excluded != 0 ? 1 : 0;
  }
  return num_failed;
}

DayMidnights MidnightsOf(const BoundValue& value, const Table& table,
                         std::span<const ResolvedSeries> all_series, const absl::TimeZone& zone) {
  if (value.IsColumn()) {
    const ColumnFacts& facts = table.facts(value.column);
    if (!facts.has_bounds) return DayMidnights(zone, 1, 0);
    return DayMidnights(zone, facts.min_integer, facts.max_integer);
  }
  int64_t first_us = kOpenEndUs;
  int64_t last_us = -kOpenEndUs;
  for (const ResolvedSeries& series : all_series) {
    if (series.intervals.empty()) continue;
    first_us = std::min(first_us, series.intervals.front().start_us);
    last_us = std::max(last_us, series.intervals.back().end_us);
  }
  if (first_us > last_us) return DayMidnights(zone, 1, 0);
  return DayMidnights(zone, FirstDayNotBefore(zone, first_us), FirstDayNotBefore(zone, last_us));
}

}  // namespace

absl::StatusOr<PinSpans::Instant> PinSpans::MakeInstant(const BoundValue& value,
                                                        const Context& context) {
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader,
                           ValueReader::Create(value, context.table, context.budget));
  Instant instant = {std::move(reader), std::nullopt};
  if (value.type.kind == TypeKind::kDate) {
    instant.midnights.emplace(MidnightsOf(value, context.table, context.series, context.zone));
  }
  return instant;
}

absl::StatusOr<PinSpans> PinSpans::Create(const BoundPin& pin, const Context& context) {
  SEXTANT_CHECK(pin.kind == TimePin::Kind::kDuring || pin.kind == TimePin::Kind::kAsOfEnd);
  SEXTANT_ASSIGN_OR_RETURN(Instant start, MakeInstant(pin.start, context));
  SEXTANT_ASSIGN_OR_RETURN(Instant end, MakeInstant(pin.end, context));
  return PinSpans(pin.kind, std::move(start), std::move(end));
}

size_t PinSpans::size_bytes() const {
  return (start_.midnights ? start_.midnights->size_bytes() : 0) +
         (end_.midnights ? end_.midnights->size_bytes() : 0);
}

void PinSpans::Read(const Chunk& chunk, std::span<const uint32_t> rows, Batch& batch) const {
  std::array<uint8_t, kBatchRows> has_end;
  std::array<uint8_t, kBatchRows> failed;
  std::array<uint8_t, kBatchRows> end_failed;
  batch.num_rows = rows.size();
  ReadWithFailures(start_.reader, chunk, rows, batch.starts_us.data(), batch.valid.data(),
                   failed.data());
  ReadWithFailures(end_.reader, chunk, rows, batch.ends_us.data(), has_end.data(),
                   end_failed.data());
  batch.num_excluded = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    int64_t& start_us = batch.starts_us[k];
    int64_t& end_us = batch.ends_us[k];
    if (batch.valid[k] == 0) {
      batch.num_excluded += failed[k];
      start_us = end_us = 0;
      continue;
    }
    if (start_.midnights) start_us = start_.midnights->At(start_us);
    if (has_end[k] == 0) {
      end_us = kOpenEndUs;
    } else if (end_.midnights) {
      end_us = end_.midnights->At(end_us);
    }
    if (start_us > end_us || end_failed[k] != 0) {
      ++batch.num_excluded;
      batch.valid[k] = 0;
      start_us = end_us = 0;
    }
  }
}

void PinSpans::Find(const TimeCodes& series, Batch& batch) const {
  const TimeCodes::Spans spans = {{batch.starts_us.data(), batch.num_rows},
                                  batch.ends_us.data(),
                                  batch.firsts.data(),
                                  batch.lasts.data()};
  if (kind_ == TimePin::Kind::kDuring) {
    series.FindOverlapped(spans);
  } else {
    series.FindEndsWithin(spans);
  }
}

}  // namespace sextant
